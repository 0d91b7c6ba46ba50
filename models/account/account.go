// Package account is who may come in and what they may do: people with a name, a password, a role
// and, if they like, a second step; their sessions; and the trail of what happened to all of these.
//
// People, their recovery codes and the links that invite them stand in the database of the records,
// because they are worth as much and are saved along with them. Sessions, tries and the trail are
// written all the time, also while a long change holds that database's only writer, and so have a
// file of their own; losing it means that everyone signs in once more.
package account

import (
	"context"
	"crypto/rand"
	"crypto/sha256"
	"encoding/binary"
	"encoding/hex"
	"errors"
	"fmt"
	"io/fs"
	"log/slog"
	"net/netip"
	"sync"
	"syscall"
	"time"

	"github.com/uptrace/bun"

	"maitred/models/problem"
	"maitred/models/store"
)

// Accounts are the people of a site. It may be used by many requests at once.
type Accounts struct {
	Now func() time.Time // the clock
	Log *slog.Logger

	records *store.Store // of the people
	side    *store.Store // of their sessions, tries and trail
	hasher  *hasher
	sealer  sealer
	meter   chan struct{} // who asks how good a password is

	unwritten sync.Map // number of a session → when it was seen last, where the disk did not take it
}

// Files are those of the accounts.
type Files struct {
	Sessions string // with SQLite; a server has them beside the records
	Secret   string
}

// Beside are the files of the accounts beside the file of a database.
func Beside(path string) Files { return Files{Sessions: path + "-sessions", Secret: path + "-secret"} }

// Open opens the accounts of the records. migrate brings the schema of sessions up to date. Where nothing can be
// written, sessions are in memory only, and a secret that is missing as well. Of a server, all instances must have
// the same secret, and one that has another is refused. Close it before the records.
func Open(ctx context.Context, records *store.Store, files Files, migrate func(context.Context, *bun.DB) error) (*Accounts, error) {
	secret, err := secretOf(records, files.Secret)
	if err != nil {
		return nil, err
	}
	beside := files.Sessions
	if records.ReadOnly {
		beside = ""
	}
	side, err := records.Side(ctx, beside, migrate)
	if err != nil {
		return nil, err
	}
	a := &Accounts{
		Now: time.Now, Log: slog.New(slog.DiscardHandler),
		records: records, side: side, hasher: newHasher(), sealer: newSealer(secret), meter: make(chan struct{}, strengthsAtOnce),
	}
	if err := a.sameSecret(ctx, files.Secret); err != nil {
		return nil, errors.Join(err, a.Close())
	}
	return a, nil
}

// secretMark is the setting that tells instances at one server whether they have the same secret.
const secretMark = "secret_mark"

// sameSecret notes which secret this database has, where several instances must have the same one. Errors: this is
// another one: what one instance sealed the others could not open, without a word.
func (a *Accounts) sameSecret(ctx context.Context, file string) error {
	if !a.records.OnServer() || a.records.ReadOnly {
		return nil
	}
	mark, known := hex.EncodeToString(a.sealer.mark("secret", nil)), ""
	find := func(ctx context.Context, tx bun.Tx) error {
		return tx.NewRaw("SELECT coalesce(max(value), '') FROM account_settings WHERE name = '"+secretMark+"'").Scan(ctx, &known)
	}
	err := a.records.View(ctx, find)
	if err == nil && known == "" {
		err = a.records.Change(ctx, func(ctx context.Context, tx bun.Tx) error {
			if err := find(ctx, tx); err != nil || known != "" {
				return err
			}
			known = mark
			_, err := tx.NewRaw("INSERT INTO account_settings (name, value) VALUES ('"+secretMark+"', ?)", mark).Exec(ctx)
			return err
		})
	}
	if err != nil {
		return wrap("compare the secret", err)
	}
	if known != mark {
		return fmt.Errorf("the secret %s is not the one that this database was used with before: copy that one from another instance, or from where the database was before. If it is lost, DELETE FROM account_settings WHERE name = '%s'; then no second step that was added before can be checked", file, secretMark)
	}
	return nil
}

// secretOf is the secret of the site. One that cannot be kept is good until the program ends.
func secretOf(records *store.Store, file string) (secret [32]byte, err error) {
	secret, err = readSecret(file)
	if records.ReadOnly && errors.Is(err, fs.ErrNotExist) || records.ReadOnly && errors.Is(err, syscall.EROFS) {
		_, _ = rand.Read(secret[:]) // never fails
		return secret, nil
	}
	return secret, err
}

// WatchSlow tells in the log of each statement about sessions and tries that takes longer; 0: of none.
func (a *Accounts) WatchSlow(after time.Duration) {
	a.side.Log = a.Log
	a.side.WatchSlow(after)
}

// Close closes the file of the sessions.
func (a *Accounts) Close() error { return a.side.Close() }

// By is who does something, for the trail, and from where.
type By struct {
	ID      int64 // 0: no person of this site
	Name    string
	Address netip.Addr
	Agent   string // what the browser calls itself
	Request string // its number in the log
}

// Shell is whoever may start programs on this machine.
var Shell = By{Name: "The command line"}

// TooMany says that it was tried too often, or that too many try at once. Nothing was looked at.
type TooMany struct {
	Wait time.Duration // after which it makes sense to try again
}

func (t *TooMany) Error() string { return "too many tries" }

func (t *TooMany) Unwrap() error {
	if t.Wait <= busyWait {
		return problem.New(problem.TooMany, "Too many people are signing in at this moment, so nothing was looked at. Please try again in a few seconds.")
	}
	minutes := "a minute"
	if t.Wait > time.Minute {
		minutes = "three minutes"
	}
	return problem.New(problem.TooMany, "There were too many wrong tries, so this one was not looked at. Please wait %s and try again.", minutes)
}

// busyWait is after how long a place in the queue of passwords may be free again.
const busyWait = 5 * time.Second

// busy turns a full queue into an answer for people.
func busy(err error) error {
	if errors.Is(err, errBusy) {
		return &TooMany{Wait: busyWait}
	}
	return err
}

// newWord is a word that nobody guesses: 130 bits.
func newWord() string { return rand.Text() }

// hashOf is what is kept of a word that nobody guesses. It needs no salt and no slowness.
func hashOf(word string) string {
	sum := sha256.Sum256([]byte(word))
	return hex.EncodeToString(sum[:])
}

// newEpoch is a number that no person's epoch was before, in this database or another one.
func newEpoch() int64 {
	var b [8]byte
	_, _ = rand.Read(b[:]) // never fails
	return int64(binary.BigEndian.Uint64(b[:]) >> 1)
}

// timeLayout is RFC 3339 in UTC with milliseconds.
const timeLayout = "2006-01-02T15:04:05.000Z"

func (a *Accounts) now() string { return a.Now().UTC().Format(timeLayout) }
