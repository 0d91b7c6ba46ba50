package account

import (
	"context"
	"time"

	"github.com/uptrace/bun"

	"maitred/models/problem"
)

// How long a one-time link works. The first manager's works until there is one, or until the program
// starts again.
const (
	LinkFor   = 3 * 24 * time.Hour
	firstLink = 365 * 24 * time.Hour
)

// Invite makes a person without a password, and the word of the link with which they choose one.
// Errors: Invalid.
func (a *Accounts) Invite(ctx context.Context, by By, name string, role Role) (u *User, word string, err error) {
	var c problem.Check
	c.Line("name", "The name", &name, maxName)
	if !role.Known() {
		c.Add("role", "Choose what this person may do: viewer, editor or manager.")
	}
	if err := c.Err(); err != nil {
		return nil, "", err
	}
	err = a.records.Change(ctx, func(ctx context.Context, tx bun.Tx) error {
		if u, err = a.insert(ctx, tx, name, "", role); err != nil {
			return err
		}
		word, err = a.insertLink(ctx, tx, u.ID)
		return err
	})
	if err != nil {
		return nil, "", wrap("invite a person", err)
	}
	a.note(ctx, by, u.ID, "invited %s as %s", u.Name, u.Role)
	return u, word, nil
}

// NewLink makes the word of a link with which a person chooses another password. Links they had before
// no longer work; their sessions and their password stay until they use it. Errors: NotFound; Invalid
// for someone who is switched off.
func (a *Accounts) NewLink(ctx context.Context, by By, id int64) (u *User, word string, err error) {
	err = a.records.Change(ctx, func(ctx context.Context, tx bun.Tx) error {
		if u, err = oneUser(ctx, tx, "id = ?", id); err != nil {
			return err
		}
		if u.Disabled {
			return problem.New(problem.Invalid, "%s is switched off, so no link was made. Switch them on again first.", u.Name)
		}
		word, err = a.insertLink(ctx, tx, id)
		return err
	})
	if err != nil {
		return nil, "", wrap("make a link", err)
	}
	a.note(ctx, by, id, "made a link with which %s can choose a password", u.Name)
	return u, word, nil
}

func (a *Accounts) insertLink(ctx context.Context, tx bun.Tx, user int64) (word string, err error) {
	word = newWord()
	if _, err := tx.NewRaw("DELETE FROM links WHERE user_id = ? OR expires_at < ?", user, a.now()).Exec(ctx); err != nil {
		return "", err
	}
	_, err = tx.NewRaw("INSERT INTO links (hash, user_id, expires_at) VALUES (?, ?, ?)", hashOf(word), user, a.Now().Add(LinkFor).UTC().Format(timeLayout)).Exec(ctx)
	return word, err
}

// FirstLink makes the word of the link that makes the first manager; "" when there is one, or nothing
// can be written. It takes the place of the one before.
func (a *Accounts) FirstLink(ctx context.Context) (word string, err error) {
	if a.records.ReadOnly {
		return "", nil
	}
	err = a.records.Change(ctx, func(ctx context.Context, tx bun.Tx) error {
		word = ""
		if n, err := countManagers(ctx, tx, 0); err != nil || n > 0 {
			return err
		}
		word = newWord()
		if _, err := tx.NewRaw("DELETE FROM links WHERE user_id IS NULL").Exec(ctx); err != nil {
			return err
		}
		_, err := tx.NewRaw("INSERT INTO links (hash, expires_at) VALUES (?, ?)", hashOf(word), a.Now().Add(firstLink).UTC().Format(timeLayout)).Exec(ctx)
		return err
	})
	return word, wrap("make the first link", err)
}

// Linked is whom a link is for; nil when it makes the first manager. Errors: NotFound for one that was
// used, replaced or made too long ago.
func (a *Accounts) Linked(ctx context.Context, word string) (u *User, err error) {
	err = a.records.View(ctx, func(ctx context.Context, tx bun.Tx) error {
		u, err = a.linked(ctx, tx, word)
		return err
	})
	return u, wrap("a link", err)
}

func (a *Accounts) linked(ctx context.Context, tx bun.Tx, word string) (*User, error) {
	none := problem.New(problem.NotFound, "This link does not work, or no longer: each works once and for three days. Ask a manager for a new one; if there is none yet, start maitred again and take the link that it prints.")
	var ids []int64 // 0: the first manager's
	if err := tx.NewRaw("SELECT coalesce(user_id, 0) FROM links WHERE hash = ? AND expires_at > ?", hashOf(word), a.now()).Scan(ctx, &ids); err != nil {
		return nil, err
	}
	if len(ids) == 0 {
		return nil, none
	}
	if ids[0] != 0 {
		u, err := oneUser(ctx, tx, "id = ?", ids[0])
		if err == nil && u.Disabled {
			return nil, none
		}
		return u, err
	}
	if n, err := countManagers(ctx, tx, 0); err != nil || n > 0 {
		return nil, join(err, none)
	}
	return nil, nil
}

// Redeem uses a link: whom it is for gets this password and loses their sessions, or the first manager
// gets this name too. Errors: NotFound as for Linked; Invalid.
func (a *Accounts) Redeem(ctx context.Context, word, name, password string, by By) (u *User, err error) {
	if u, err = a.Linked(ctx, word); err != nil {
		return nil, err
	}
	if u != nil {
		name = u.Name
	}
	if name, err = checkPerson(name, password, Manager); err != nil {
		return nil, err
	}
	hash, err := a.hasher.hash(ctx, password)
	if err != nil {
		return nil, busy(err)
	}
	err = a.records.Change(ctx, func(ctx context.Context, tx bun.Tx) error {
		if u, err = a.linked(ctx, tx, word); err != nil { // used meanwhile
			return err
		}
		if u == nil {
			u, err = a.insert(ctx, tx, name, hash, Manager)
		} else if err = set(ctx, tx, u.ID, "password = ?", hash); err == nil {
			u, err = oneUser(ctx, tx, "id = ?", u.ID)
		}
		if err != nil {
			return err
		}
		_, err = tx.NewRaw("DELETE FROM links WHERE hash = ? OR user_id = ?", hashOf(word), u.ID).Exec(ctx)
		return err
	})
	if err != nil {
		return nil, wrap("use a link", err)
	}
	a.endBefore(ctx, u.ID)
	by.ID, by.Name = u.ID, u.Name
	a.note(ctx, by, u.ID, "chose a password with a link")
	return u, nil
}
