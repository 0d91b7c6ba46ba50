package store

import (
	"context"
	"crypto/rand"
	"database/sql"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"strings"
	"time"

	"github.com/uptrace/bun"

	"maitred/models/problem"
)

// What instances at one server know of each other's long changes, in the table works. Who writes one says every
// second how far it is. Of whom nothing was heard for a while another takes the form over and sends it again: what
// the first one wrote is gone with its connection, and if it did commit, the form's token finds that. So a change is
// done once, or not at all, whoever dies.

const (
	beat       = time.Second      // how often an instance says that it is there
	silent     = 10 * time.Second // of whom nothing was heard for so long has died
	look       = 2 * time.Second  // how often an instance looks for what another left
	maxTries   = 3                // of instances, one after the other: what ends each of them is not begun again
	keepTold   = 24 * time.Hour   // how long it is known why something failed
	tellWithin = 5 * time.Second  // how long telling may take
)

// instance is this program, while it runs.
var instance = rand.Text()

// clock is the time of the server, which is the same for all, in milliseconds since 1970.
const clock = "CAST(extract(epoch FROM clock_timestamp()) * 1000 AS BIGINT)"

// shared is where other instances see work of this one. All of it can be called without one.
type shared struct {
	store *Store
	stop  func() // ends the beat, and waits for that
}

// begin lets others know of work that goes on.
func (sh *shared) begin(w *Work) {
	if sh == nil {
		return
	}
	sh.tell("begin", `INSERT INTO works (id, user_id, actor, sentence, sent, total, done, doing, holder, tries, seen_at) VALUES (?, ?, ?, ?, ?, ?, 0, '', ?, 1, `+clock+`)
		ON CONFLICT (id) DO UPDATE SET actor = excluded.actor, sentence = excluded.sentence, total = excluded.total, done = 0, doing = '', holder = excluded.holder, seen_at = excluded.seen_at, failed = NULL`,
		w.ID, w.User, w.Actor, w.Sentence, w.sent, w.Total, instance)
	ctx, stop := context.WithCancel(context.Background())
	over := make(chan struct{})
	sh.stop = func() { stop(); <-over }
	go func() {
		defer close(over)
		for {
			select {
			case <-time.After(beat):
			case <-ctx.Done():
				return
			}
			rows, doing := w.Progress()
			sh.tell("go on", "UPDATE works SET done = ?, doing = ?, seen_at = "+clock+" WHERE id = ? AND holder = ?", rows, doing, w.ID, instance)
		}
	}()
}

// end lets others know how work ended that went on. What was done stands in history; what this instance could not end
// is left to others.
func (sh *shared) end(w *Work, err error) {
	if sh == nil || sh.stop == nil {
		return
	}
	sh.stop()
	switch {
	case err == nil:
		sh.tell("end", "DELETE FROM works WHERE id = ?", w.ID)
	case sh.store.works.ctx.Err() != nil || IsLost(err) || errors.As(err, new(*Unconfirmed)):
		sh.tell("let go", "UPDATE works SET seen_at = 0, doing = ? WHERE id = ? AND holder = ?", "It was interrupted. It is begun again in a moment.", w.ID, instance)
	default:
		sh.tell("fail", "UPDATE works SET failed = ? WHERE id = ? AND holder = ?", written(err), w.ID, instance)
		sh.tell("forget", "DELETE FROM works WHERE failed IS NOT NULL AND seen_at < "+clock+" - ?", keepTold.Milliseconds())
	}
}

// tell writes to the table. That it cannot be written to is no reason to end the work: it is then not seen elsewhere.
func (sh *shared) tell(what, text string, args ...any) {
	ctx, stop := context.WithTimeout(context.Background(), tellWithin)
	defer stop()
	if _, err := sh.store.write.NewRaw(text, args...).Exec(ctx); err != nil {
		sh.store.Log.Warn("other instances were not told of a long change", slog.String("what", what), slog.Any("error", err))
	}
}

// written is a failure as it is kept: with words for people, if it has some.
func written(err error) string {
	p := &problem.Error{}
	if !errors.As(err, &p) {
		return "{}"
	}
	b, _ := json.Marshal(kept{string(p.Code), p.Message}) // two texts
	return string(b)
}

type kept struct{ Code, Message string }

// failure is the error that was written. One without words went to the log of its instance.
func failure(text string) error {
	var k kept
	if err := json.Unmarshal([]byte(text), &k); err != nil || k.Message == "" {
		return errors.New("a long change failed at another instance, whose log says why")
	}
	return &problem.Error{Code: problem.Code(k.Code), Message: k.Message}
}

// workElsewhere is the work with this ID, as the table of works tells; nil for none.
func (s *Store) workElsewhere(ctx context.Context, id string) (w *Work, err error) {
	if !s.onServer || strings.Contains(id, "\x00") || s.works.ctx.Err() != nil { // which no token has
		return nil, nil
	}
	rows, err := s.rowsOf(ctx, "SELECT user_id, actor, sentence, total, done, doing, failed FROM works WHERE id = ?", id)
	if err != nil || len(rows) == 0 {
		return nil, err
	}
	return rows[0].work(id), nil
}

// goesOnElsewhere is work with this ID that another instance has begun and not ended; nil for none. What nobody
// holds any more is nobody's, and whoever sends the form begins it again.
func (s *Store) goesOnElsewhere(ctx context.Context, id string) (w *Work, err error) {
	if !s.onServer || strings.Contains(id, "\x00") || s.works.here(id) != nil || s.works.ctx.Err() != nil {
		return nil, nil
	}
	rows, err := s.rowsOf(ctx, "SELECT user_id, actor, sentence, total, done, doing, failed FROM works WHERE id = ? AND failed IS NULL AND holder <> ? AND seen_at > "+clock+" - ?", id, instance, silent.Milliseconds())
	if err != nil || len(rows) == 0 {
		return nil, err
	}
	return rows[0].work(id), nil
}

// sharedWork is a row of the table of works.
type sharedWork struct {
	UserID          int64
	Actor, Sentence string
	Total, Done     int64
	Doing           string
	Failed          sql.NullString
}

func (s *Store) rowsOf(ctx context.Context, query string, args ...any) (rows []sharedWork, err error) {
	err = s.View(ctx, func(ctx context.Context, tx bun.Tx) error { return tx.NewRaw(query, args...).Scan(ctx, &rows) })
	if err != nil {
		return nil, fmt.Errorf("look for a long change elsewhere: %w", err)
	}
	return rows, nil
}

func (r sharedWork) work(id string) *Work {
	w := &Work{ID: id, User: r.UserID, Actor: r.Actor, Sentence: r.Sentence, Total: r.Total, goesOn: true, decided: make(chan struct{}), ended: make(chan struct{})}
	close(w.decided)
	w.done.Store(r.Done)
	w.doing.Store(&r.Doing)
	if r.Failed.Valid {
		w.err = failure(r.Failed.String)
		close(w.ended)
	}
	return w
}

// Left is a long change that another instance began and cannot end.
type Left struct {
	ID   string
	User int64  // who sent it; 0 where nobody signs in
	Sent string // the form
}

// TakeOver looks for long changes that other instances left, until the store closes, and lets send send each form
// again. It must return as soon as the change goes on here. An error of it is why nothing is done; one that is
// problem.Busy leaves the change for another time.
func (s *Store) TakeOver(send func(ctx context.Context, l Left) error) {
	if !s.onServer || s.ReadOnly {
		return
	}
	s.works.wait.Go(func() {
		for {
			select {
			case <-time.After(look):
			case <-s.works.ctx.Done():
				return
			}
			if err := s.takeOver(send); err != nil && s.works.ctx.Err() == nil && !IsLost(err) {
				s.Log.Warn("what other instances left could not be looked for", slog.Any("error", err))
			}
		}
	})
}

func (s *Store) takeOver(send func(ctx context.Context, l Left) error) error {
	ctx, stop := context.WithTimeout(s.works.ctx, maxRead)
	defer stop()
	var left []struct {
		ID     string
		UserID int64
		Sent   string
		Tries  int64
	}
	err := s.write.NewRaw("UPDATE works SET holder = ?, seen_at = "+clock+", tries = tries + 1 WHERE failed IS NULL AND seen_at < "+clock+" - ? RETURNING id, user_id, sent, tries",
		instance, silent.Milliseconds()).Scan(ctx, &left)
	if err != nil {
		return err
	}
	for _, l := range left {
		s.Log.Warn("a long change that another instance left is begun again", slog.String("work", l.ID), slog.Int64("times", l.Tries))
		err := error(problem.New(problem.Conflict, "It was begun several times and never came to its end, so it was given up. Nothing of it was done. Please tell your administrator."))
		switch {
		case l.Sent == "": // it has no token, so that nobody could tell whether it was done after all
			err = problem.New(problem.Conflict, "It was cut off before its end, and nothing of it was done. Please begin it again.")
		case l.Tries <= maxTries:
			err = send(ctx, Left{ID: l.ID, User: l.UserID, Sent: l.Sent})
		}
		sh := &shared{store: s}
		switch {
		case s.works.here(l.ID) != nil: // it goes on here
		case err == nil:
			sh.tell("end", "DELETE FROM works WHERE id = ?", l.ID)
		case problem.Is(err, problem.Busy):
			sh.tell("let go", "UPDATE works SET seen_at = 0, tries = tries - 1 WHERE id = ? AND holder = ?", l.ID, instance)
		default:
			sh.tell("fail", "UPDATE works SET failed = ? WHERE id = ? AND holder = ?", written(err), l.ID, instance)
		}
	}
	return nil
}
