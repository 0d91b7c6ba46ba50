package account

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"time"

	"github.com/uptrace/bun"

	"maitred/models/problem"
	"maitred/models/store"
)

// maxName is how long the name of a person may be, in characters.
const maxName = 50

// User is a person who may come in.
type User struct {
	ID         int64
	Name       string
	Role       Role
	Disabled   bool
	SecondStep bool // they type a code after the password
	Invited    bool // they have chosen no password yet
	Since      time.Time

	password string
	secret   []byte
	epoch    int64
}

// Who is the person as a request carries them.
func (u *User) Who() Who { return Who{ID: u.ID, Name: u.Name, Role: u.Role} }

// ComesIn says whether and how the person can come in.
func (u *User) ComesIn() string {
	switch {
	case u.Disabled:
		return "no, switched off"
	case u.Invited:
		return "not yet, invited"
	case u.SecondStep:
		return "with a second step"
	default:
		return "with a password"
	}
}

const userColumns = "id, name, role, password, secret, disabled, epoch, created_at"

// Users are all people, by name.
func (a *Accounts) Users(ctx context.Context) (users []*User, err error) {
	err = a.records.View(ctx, func(ctx context.Context, tx bun.Tx) error {
		users, err = readUsers(tx.Tx.QueryContext(ctx, "SELECT "+userColumns+" FROM users ORDER BY name_norm, id"))
		return err
	})
	return users, wrap("people", err)
}

// User is one person. Errors: NotFound.
func (a *Accounts) User(ctx context.Context, id int64) (u *User, err error) {
	err = a.records.View(ctx, func(ctx context.Context, tx bun.Tx) error {
		u, err = oneUser(ctx, tx, "id = ?", id)
		return err
	})
	return u, wrap("a person", err)
}

// Named is the person of this name, whatever its capital letters and accents. Errors: NotFound.
func (a *Accounts) Named(ctx context.Context, name string) (u *User, err error) {
	err = a.records.View(ctx, func(ctx context.Context, tx bun.Tx) error {
		u, err = oneUser(ctx, tx, "name_norm = ?", nameKey(name))
		return err
	})
	return u, wrap("a person", err)
}

func oneUser(ctx context.Context, tx bun.Tx, where string, arg any) (*User, error) {
	users, err := readUsers(tx.Tx.QueryContext(ctx, "SELECT "+userColumns+" FROM users WHERE "+where, arg))
	if err != nil {
		return nil, err
	}
	if len(users) == 0 {
		return nil, problem.New(problem.NotFound, "There is no such person.")
	}
	return users[0], nil
}

func readUsers(rows *sql.Rows, err error) (users []*User, _ error) {
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	for rows.Next() {
		u, since := new(User), ""
		if err := rows.Scan(&u.ID, &u.Name, &u.Role, &u.password, &u.secret, &u.Disabled, &u.epoch, &since); err != nil {
			return nil, err
		}
		u.SecondStep, u.Invited = u.secret != nil, u.password == ""
		u.Since, _ = time.Parse(timeLayout, since)
		users = append(users, u)
	}
	return users, errors.Join(rows.Err(), rows.Close())
}

// Add makes a person who can sign in at once. Errors: Invalid.
func (a *Accounts) Add(ctx context.Context, by By, name, password string, role Role) (*User, error) {
	name, err := checkPerson(name, password, role)
	if err != nil {
		return nil, err
	}
	hash, err := a.hasher.hash(ctx, password)
	if err != nil {
		return nil, busy(err)
	}
	var u *User
	err = a.records.Change(ctx, func(ctx context.Context, tx bun.Tx) error {
		u, err = a.insert(ctx, tx, name, hash, role)
		return err
	})
	if err != nil {
		return nil, wrap("add a person", err)
	}
	a.note(ctx, by, u.ID, "added %s as %s", u.Name, u.Role)
	return u, nil
}

// checkPerson returns the name as it is kept. Errors: Invalid, with a sentence at each field.
func checkPerson(name, password string, role Role) (string, error) {
	var c problem.Check
	c.Line("name", "The name", &name, maxName)
	if !role.Known() {
		c.Add("role", "Choose what this person may do: viewer, editor or manager.")
	}
	return name, join(c.Err(), CheckPassword(name, password))
}

// join is what is wrong with several fields as one problem.
func join(errs ...error) error {
	var all *problem.Error
	for _, err := range errs {
		var p *problem.Error
		switch {
		case err == nil:
		case !errors.As(err, &p):
			return err
		case all == nil:
			all = p
		default:
			all.Fields = append(all.Fields, p.Fields...)
		}
	}
	if all == nil {
		return nil
	}
	return all
}

// insert adds a person whose name and role were checked. Errors: Invalid for a name that is taken.
func (a *Accounts) insert(ctx context.Context, tx bun.Tx, name, hash string, role Role) (*User, error) {
	for _, other := range []string{Shell.Name, store.Nobody} {
		if nameKey(name) == nameKey(other) {
			return nil, problem.At("name", "The history means someone else by this name. Choose another one.")
		}
	}
	if nameKey(name) == "" {
		return nil, problem.At("name", "Nothing in this name can be seen. Type one that others can read.")
	}
	_, err := oneUser(ctx, tx, "name_norm = ?", nameKey(name))
	if err == nil {
		return nil, problem.At("name", "There is a person of this name already. Choose another name, with a surname perhaps.")
	}
	if !problem.Is(err, problem.NotFound) {
		return nil, err
	}
	var id int64
	err = tx.NewRaw("INSERT INTO users (name, name_norm, role, password, epoch, created_at) VALUES (?, ?, ?, ?, ?, ?) RETURNING id",
		name, nameKey(name), role, hash, newEpoch(), a.now()).Scan(ctx, &id)
	if err != nil {
		return nil, err
	}
	return oneUser(ctx, tx, "id = ?", id)
}

// SetRole lets a person do more or less from now on, and ends their sessions. Errors: NotFound;
// Invalid for a role there is not, and for the last manager.
func (a *Accounts) SetRole(ctx context.Context, by By, id int64, role Role) error {
	if !role.Known() {
		return problem.At("role", "Choose what this person may do: viewer, editor or manager.")
	}
	var was Role
	u, err := a.change(ctx, id, func(ctx context.Context, tx bun.Tx, u *User) error {
		if was = u.Role; was == role {
			return errUnchanged
		}
		if err := notTheLast(ctx, tx, u, role == Manager); err != nil {
			return err
		}
		return set(ctx, tx, id, "role = ?", role)
	})
	if err != nil || u == nil {
		return err
	}
	a.note(ctx, by, id, "made %s, who was %s, %s", u.Name, was, role)
	return nil
}

// SetDisabled switches a person off, which ends their sessions, or on again. Errors: NotFound; Invalid
// for the last manager.
func (a *Accounts) SetDisabled(ctx context.Context, by By, id int64, disabled bool) error {
	u, err := a.change(ctx, id, func(ctx context.Context, tx bun.Tx, u *User) error {
		if u.Disabled == disabled {
			return errUnchanged
		}
		if err := notTheLast(ctx, tx, u, !disabled); err != nil {
			return err
		}
		return set(ctx, tx, id, "disabled = ?", disabled)
	})
	if err != nil || u == nil {
		return err
	}
	if disabled {
		a.note(ctx, by, id, "switched %s off", u.Name)
	} else {
		a.note(ctx, by, id, "switched %s on again", u.Name)
	}
	return nil
}

// EndSessions signs a person out everywhere. Errors: NotFound.
func (a *Accounts) EndSessions(ctx context.Context, by By, id int64) error {
	u, err := a.change(ctx, id, func(ctx context.Context, tx bun.Tx, u *User) error {
		return set(ctx, tx, id, "name = name")
	})
	if err != nil || u == nil {
		return err
	}
	a.note(ctx, by, id, "signed %s out everywhere", u.Name)
	return nil
}

// errUnchanged says that a person is already what they were to become.
var errUnchanged = errors.New("unchanged")

// change does something to a person in one transaction and returns them as they were before; nil
// when nothing had to be done. Errors: NotFound.
func (a *Accounts) change(ctx context.Context, id int64, do func(context.Context, bun.Tx, *User) error) (u *User, err error) {
	err = a.records.Change(ctx, func(ctx context.Context, tx bun.Tx) error {
		if u, err = oneUser(ctx, tx, "id = ?", id); err != nil {
			return err
		}
		return do(ctx, tx, u)
	})
	if errors.Is(err, errUnchanged) {
		return nil, nil
	}
	if err != nil {
		return nil, wrap("change a person", err)
	}
	a.endBefore(ctx, id)
	return u, nil
}

// set writes a person's columns and ends their sessions.
func set(ctx context.Context, tx bun.Tx, id int64, columns string, values ...any) error {
	_, err := tx.NewRaw("UPDATE users SET epoch = ?, "+columns+" WHERE id = ?", append(append([]any{newEpoch()}, values...), id)...).Exec(ctx)
	return err
}

// notTheLast refuses to take away the last manager who can sign in.
func notTheLast(ctx context.Context, tx bun.Tx, u *User, stays bool) error {
	if stays || u.Role != Manager || u.Disabled || u.Invited {
		return nil
	}
	n, err := countManagers(ctx, tx, u.ID)
	if err == nil && n == 0 {
		return problem.New(problem.Invalid, "%s is the only manager who can sign in, so nothing was changed. Make someone else a manager first.", u.Name)
	}
	return err
}

// countManagers counts the managers who can sign in, but for one.
func countManagers(ctx context.Context, tx bun.Tx, but int64) (n int64, err error) {
	err = tx.NewRaw("SELECT count(*) FROM users WHERE role = ? AND NOT disabled AND password <> '' AND id <> ?", Manager, but).Scan(ctx, &n)
	return n, err
}

// wrap adds to an error, if there is one, what was tried.
func wrap(what string, err error) error {
	if err == nil {
		return nil
	}
	return fmt.Errorf("%s: %w", what, err)
}
