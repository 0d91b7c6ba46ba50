package account

import (
	"context"
	"database/sql"
	"errors"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/uptrace/bun"
)

// How long a session may last, as OWASP advises for sites that hold a business's records.
const (
	Idle     = 30 * time.Minute // without a request
	Lifetime = 12 * time.Hour   // in any case
)

const (
	seenEvery   = time.Minute        // how exactly it is known when a session was seen last
	keepEnded   = 3 * 24 * time.Hour // how long it is known whose a session was that has ended
	maxSessions = 50                 // of one person; the oldest ends when there are more
	maxAgent    = 200                // bytes kept of what a browser calls itself
)

// Session is one browser in which a person is signed in.
type Session struct {
	ID      int64
	User    *User
	Began   time.Time
	Seen    time.Time // to the minute
	Address string
	Agent   string

	// MustAddStep says that the person has no second step and a manager requires one: until they have,
	// they may do nothing else.
	MustAddStep bool

	epoch int64
}

const sessionColumns = "id, user_id, epoch, began_at, seen_at, address, agent"

// begin starts a session and returns the word for its cookie.
func (a *Accounts) begin(ctx context.Context, u *User, by By) (word string, err error) {
	word = newWord()
	now := a.Now()
	err = a.side.Change(ctx, func(ctx context.Context, tx bun.Tx) error {
		_, err := tx.NewRaw("INSERT INTO sessions (hash, user_id, epoch, began_at, seen_at, address, agent) VALUES (?, ?, ?, ?, ?, ?, ?)",
			hashOf(word), u.ID, u.epoch, now.UnixMilli(), now.UnixMilli(), addressOf(by), cut(by.Agent, maxAgent)).Exec(ctx)
		if err != nil {
			return err
		}
		_, err = tx.NewRaw("UPDATE sessions SET ended_at = ? WHERE ended_at IS NULL AND user_id = ? AND id NOT IN"+
			" (SELECT id FROM sessions WHERE ended_at IS NULL AND user_id = ? ORDER BY began_at DESC, id DESC LIMIT ?)",
			now.UnixMilli(), u.ID, u.ID, maxSessions).Exec(ctx)
		if err != nil {
			return err
		}
		_, err = tx.NewRaw("DELETE FROM sessions WHERE began_at < ?", now.Add(-keepEnded).UnixMilli()).Exec(ctx)
		if err != nil {
			return err
		}
		return noteSeen(ctx, tx, u.ID, now)
	})
	return word, wrap("begin a session", err)
}

// Session is the session of a cookie, with the person as they are now; nil when there is none that is
// still good.
func (a *Accounts) Session(ctx context.Context, word string) (*Session, error) {
	if word == "" {
		return nil, nil
	}
	s, user, err := a.find(ctx, word)
	if err != nil || s == nil || !a.inTime(s) {
		return nil, err
	}
	if err := a.meet(ctx, s, user); err != nil || s.User == nil {
		return nil, err
	}
	a.see(ctx, s)
	return s, nil
}

// find is the session of a cookie that nobody ended, and the number of its person.
func (a *Accounts) find(ctx context.Context, word string) (s *Session, user int64, err error) {
	err = a.side.View(ctx, func(ctx context.Context, tx bun.Tx) error {
		rows, err := a.side.Query(ctx, tx, "SELECT "+sessionColumns+" FROM sessions WHERE hash = ? AND ended_at IS NULL", hashOf(word))
		if err != nil {
			return err
		}
		defer rows.Close()
		if rows.Next() {
			s, user, err = readSession(rows)
		}
		return errors.Join(err, rows.Err())
	})
	return s, user, wrap("find a session", err)
}

func readSession(rows *sql.Rows) (s *Session, user int64, err error) {
	var began, seen int64
	s = new(Session)
	err = rows.Scan(&s.ID, &user, &s.epoch, &began, &seen, &s.Address, &s.Agent)
	s.Began, s.Seen = time.UnixMilli(began), time.UnixMilli(seen)
	return s, user, err
}

// SignedIn is how many sessions are good at this moment, those among them whose person may not sign in any
// more and did not come since.
func (a *Accounts) SignedIn(ctx context.Context) (n int64, err error) {
	now := a.Now()
	err = a.side.View(ctx, func(ctx context.Context, tx bun.Tx) error {
		return tx.NewRaw("SELECT count(*) FROM sessions WHERE ended_at IS NULL AND began_at > ? AND seen_at > ?",
			now.Add(-Lifetime).UnixMilli(), now.Add(-Idle).UnixMilli()).Scan(ctx, &n)
	})
	return n, wrap("count sessions", err)
}

func (a *Accounts) inTime(s *Session) bool {
	if seen, ok := a.unwritten.Load(s.ID); ok && seen.(time.Time).After(s.Seen) {
		s.Seen = seen.(time.Time)
	}
	now := a.Now()
	return now.Sub(s.Began) < Lifetime && now.Sub(s.Seen) < Idle
}

// meet looks at the person of a session as they are now. User stays nil when they were switched off
// since, or their password or role is another.
func (a *Accounts) meet(ctx context.Context, s *Session, id int64) error {
	err := a.records.View(ctx, func(ctx context.Context, tx bun.Tx) error {
		rows, err := a.records.Query(ctx, tx, "SELECT name, role, epoch, secret IS NOT NULL, EXISTS (SELECT 1 FROM account_settings WHERE name = '"+stepSetting+"') FROM users WHERE id = ? AND NOT disabled", id)
		if err != nil {
			return err
		}
		defer rows.Close()
		u, required := &User{ID: id}, false
		if !rows.Next() {
			return rows.Err()
		}
		if err := rows.Scan(&u.Name, &u.Role, &u.epoch, &u.SecondStep, &required); err != nil {
			return err
		}
		if u.epoch == s.epoch {
			s.User, s.MustAddStep = u, required && !u.SecondStep
		}
		return rows.Close()
	})
	return wrap("the person of a session", err)
}

// see notes, about once a minute, that a session is in use. Where the disk does not take it, it is
// remembered: whoever reads must not be sent away by a full disk.
func (a *Accounts) see(ctx context.Context, s *Session) {
	now := a.Now()
	if now.Sub(s.Seen) < seenEvery {
		return
	}
	err := a.side.Change(ctx, func(ctx context.Context, tx bun.Tx) error {
		_, err := tx.NewRaw("UPDATE sessions SET seen_at = ? WHERE id = ?", now.UnixMilli(), s.ID).Exec(ctx)
		if err != nil {
			return err
		}
		return noteSeen(ctx, tx, s.User.ID, now)
	})
	if err == nil {
		a.unwritten.Delete(s.ID)
		return
	}
	a.unwritten.Store(s.ID, now)
	a.Log.Warn("a session's last use was not written", "error", err)
}

func noteSeen(ctx context.Context, tx bun.Tx, user int64, now time.Time) error {
	_, err := tx.NewRaw("INSERT INTO last_seen (user_id, at) VALUES (?, ?) ON CONFLICT (user_id) DO UPDATE SET at = excluded.at", user, now.UnixMilli()).Exec(ctx)
	return err
}

// LastSeen is when people used the site last, to the minute, by their numbers; who never did is not
// among them.
func (a *Accounts) LastSeen(ctx context.Context) (seen map[int64]time.Time, err error) {
	seen = map[int64]time.Time{}
	err = a.side.View(ctx, func(ctx context.Context, tx bun.Tx) error {
		var rows []struct{ UserID, At int64 }
		if err := tx.NewRaw("SELECT user_id, at FROM last_seen ORDER BY user_id").Scan(ctx, &rows); err != nil {
			return err
		}
		for _, r := range rows {
			seen[r.UserID] = time.UnixMilli(r.At)
		}
		return nil
	})
	return seen, wrap("when people were seen last", err)
}

// Whose is the number of the person whose session the cookie was, also when it has ended some days
// ago at most; 0 for nobody.
func (a *Accounts) Whose(ctx context.Context, word string) (user int64, err error) {
	if word == "" {
		return 0, nil
	}
	err = a.side.View(ctx, func(ctx context.Context, tx bun.Tx) error {
		return tx.NewRaw("SELECT coalesce(max(user_id), 0) FROM sessions WHERE hash = ?", hashOf(word)).Scan(ctx, &user)
	})
	return user, wrap("whose a session was", err)
}

// Sessions are those of a person that are still good, the one seen last first.
func (a *Accounts) Sessions(ctx context.Context, user int64) (sessions []*Session, err error) {
	var all []*Session
	err = a.side.View(ctx, func(ctx context.Context, tx bun.Tx) error {
		rows, err := tx.Tx.QueryContext(ctx, "SELECT "+sessionColumns+" FROM sessions WHERE user_id = ? AND ended_at IS NULL ORDER BY seen_at DESC, id DESC", user)
		if err != nil {
			return err
		}
		defer rows.Close()
		for rows.Next() {
			s, _, err := readSession(rows)
			if err != nil {
				return err
			}
			all = append(all, s)
		}
		return rows.Err()
	})
	for _, s := range all {
		if err == nil && a.inTime(s) {
			err = a.meet(ctx, s, user)
		}
		if s.User != nil {
			sessions = append(sessions, s)
		}
	}
	return sessions, wrap("sessions", err)
}

// cut is a text of so many bytes at most, without half a character.
func cut(s string, n int) string {
	s = strings.ToValidUTF8(s, "\ufffd")
	if len(s) <= n {
		return s
	}
	for !utf8.RuneStart(s[n]) {
		n--
	}
	return s[:n]
}
