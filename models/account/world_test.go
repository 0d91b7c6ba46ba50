package account_test

import (
	"context"
	"errors"
	"net/netip"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/pquerna/otp/totp"

	"maitred/migrations"
	"maitred/models"
	"maitred/models/account"
	"maitred/models/databasetest"
	"maitred/models/dialect/postgrestest"
	"maitred/models/problem"
)

func TestMain(m *testing.M) { postgrestest.Main(m) }

// password is that of everyone in these tests, another one what they choose next.
const (
	password = "nine green bottles"
	another  = "seven swans a-swimming"
)

var (
	ctx    = context.Background()
	noon   = time.Date(2026, 11, 23, 12, 0, 0, 0, time.UTC)
	office = account.By{Address: netip.MustParseAddr("192.0.2.7"), Agent: "Firefox"}
)

// world is a site where Anna manages, Ben edits and Cleo looks. Its clock stands still.
type world struct {
	*account.Accounts
	t               testing.TB
	store           *models.Store
	file            string
	at              time.Time
	anna, ben, cleo *account.User
}

func newWorld(t testing.TB) *world {
	t.Helper()
	w := emptyWorld(t)
	for _, one := range []struct {
		u    **account.User
		name string
		role account.Role
	}{{&w.anna, "Anna", account.Manager}, {&w.ben, "Ben", account.Editor}, {&w.cleo, "Cleo", account.Viewer}} {
		var err error
		*one.u, err = w.Add(ctx, account.Shell, one.name, password, one.role)
		w.must(err)
	}
	return w
}

func emptyWorld(t testing.TB) *world {
	t.Helper()
	account.Cheaply()
	w := &world{t: t, file: filepath.Join(t.TempDir(), "maitred.db"), at: noon}
	store, err := models.Open(ctx, databasetest.At(t, w.file, migrated), migrations.Apply)
	w.must(err)
	w.open(store)
	t.Cleanup(w.close)
	return w
}

// beside is what another program sees of the same site, and does there.
func (w *world) beside(do func(*world)) {
	w.t.Helper()
	shell := &world{t: w.t, file: w.file, at: w.at}
	store, err := models.OpenBeside(ctx, databasetest.At(w.t, w.file, migrated), migrations.Apply)
	w.must(err)
	shell.open(store)
	defer shell.close()
	do(shell)
}

func (w *world) open(store *models.Store) {
	w.t.Helper()
	var err error
	w.store = store
	w.Accounts, err = account.Open(ctx, w.store, account.Beside(w.file), migrations.ApplySessions)
	w.must(err)
	w.Now = func() time.Time { return w.at }
}

func (w *world) close() {
	w.t.Helper()
	w.must(errors.Join(w.Accounts.Close(), w.store.Close()))
}

func (w *world) must(err error) {
	w.t.Helper()
	if err != nil {
		w.t.Fatal(err)
	}
}

// refused expects a problem of this code whose sentences hold the words.
func (w *world) refused(err error, code problem.Code, words string) {
	w.t.Helper()
	var p *problem.Error
	if !errors.As(err, &p) || p.Code != code {
		w.t.Fatalf("the answer is %v, want a problem: %s", err, code)
	}
	said := p.Message
	for _, f := range p.Fields {
		said += " " + f.Message
	}
	if !strings.Contains(said, words) {
		w.t.Errorf("it is said %q, without %q", said, words)
	}
}

// from is somebody at an address.
func from(address string) account.By { return account.By{Address: netip.MustParseAddr(address)} }

// signIn lets a person in from the office.
func (w *world) signIn(u *account.User) *account.Entered {
	w.t.Helper()
	e, err := w.SignIn(ctx, account.Try{Name: u.Name, Password: password, By: office})
	w.must(err)
	return e
}

// guess is one wrong password.
func (w *world) guess(name, device string, by account.By) error {
	w.t.Helper()
	_, err := w.SignIn(ctx, account.Try{Name: name, Password: "a wrong guess", Device: device, By: by})
	return err
}

func (w *world) wrong(err error) {
	w.t.Helper()
	w.refused(err, problem.Invalid, "name or the password is not right")
}

// tooMany expects that a try was not looked at.
func (w *world) tooMany(err error) {
	w.t.Helper()
	before := w.Hashed()
	w.refused(err, problem.TooMany, "was not looked at")
	if w.Hashed() != before {
		w.t.Error("it was looked at")
	}
	var many *account.TooMany
	if !errors.As(err, &many) || many.Wait <= 0 || many.Wait > account.TryWindow {
		w.t.Errorf("one has to wait %v", many)
	}
}

func (w *world) session(e *account.Entered) *account.Session {
	w.t.Helper()
	s, err := w.Session(ctx, e.Word)
	w.must(err)
	return s
}

func (w *world) now(u *account.User) *account.User {
	w.t.Helper()
	now, err := w.User(ctx, u.ID)
	w.must(err)
	return now
}

// addStep gives a person a second step; its code is used.
func (w *world) addStep(u *account.User) (codes []string) {
	w.t.Helper()
	secret, draft, err := w.NewStep(u)
	w.must(err)
	codes, err = w.AddStep(ctx, by(u), u.ID, account.Proof{Password: password}, draft, codeOf(secret, w.at))
	w.must(err)
	return codes
}

func by(u *account.User) account.By {
	return account.By{ID: u.ID, Name: u.Name, Address: office.Address, Agent: office.Agent}
}

// codeOf is what an app shows that was given the secret as it is spelled.
func codeOf(secret []byte, at time.Time) string {
	code, err := totp.GenerateCode(strings.ReplaceAll(account.Spelled(secret), " ", ""), at)
	if err != nil {
		panic(err)
	}
	return code
}

// migrated makes an empty database one without a record.
func migrated(address string) error {
	s, err := models.Open(ctx, address, migrations.Apply)
	if err != nil {
		return err
	}
	return s.Close()
}
