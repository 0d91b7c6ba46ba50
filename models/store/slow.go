package store

import (
	"context"
	"database/sql"
	"errors"
	"log/slog"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"github.com/uptrace/bun"
)

const (
	tellAgain   = time.Minute // after which a statement that is slow again is told of again
	maxSlow     = 200         // statements that are remembered for that
	explainWait = 2 * time.Second
)

// How a database is asked how it goes about a statement.
const (
	explaining         = "EXPLAIN QUERY PLAN "
	explainingOnServer = "EXPLAIN "
)

// slow tells in the log which statements of a pool take long, and how the database goes about them. What
// people typed stands in no text: all values are left out.
type slow struct {
	after atomic.Int64 // nanoseconds; 0: nothing is told
	log   atomic.Pointer[slog.Logger]
	how   string // one of the above

	by   atomic.Pointer[sql.DB] // who is asked how: those who read, as there is room among them
	busy atomic.Bool            // one at a time is asked
	asks sync.WaitGroup

	mu    sync.Mutex
	known map[string]*known // by text without values
}

// known is a statement that was slow.
type known struct {
	told  time.Time
	since int // how often it was slow since then
}

// WatchSlow tells in the log of each statement that takes longer, with how the database goes about it; 0:
// of none. One that is slow again and again is told of once a minute.
func (s *Store) WatchSlow(after time.Duration) {
	for _, db := range []*bun.DB{s.read, s.write} {
		w := watchOf(db)
		w.log.Store(s.Log)
		w.by.Store(s.read.DB)
		w.after.Store(int64(after))
	}
}

// timed is told when each statement ends that began at a time, and how many values it was given beside its
// text.
func (s *slow) timed(text string, values int, began time.Time) {
	after, took := s.after.Load(), time.Since(began)
	if after <= 0 || int64(took) < after || strings.HasPrefix(text, s.how) {
		return
	}
	said := withoutValues(text)
	times := s.tell(said)
	if times == 0 {
		return
	}
	what := []any{slog.Float64("ms", float64(took.Microseconds())/1000), slog.String("statement", said), slog.Int("times", times)}
	if !s.busy.CompareAndSwap(false, true) {
		s.log.Load().Warn("a statement was slow", what...)
		return
	}
	s.asks.Go(func() { // nobody waits for it
		defer s.busy.Store(false)
		plan, err := s.explain(text, values)
		if err != nil {
			plan = []string{"not known"}
		}
		s.log.Load().Warn("a statement was slow", append(what, slog.Any("plan", plan))...)
	})
}

// tell is how often the statement was slow since it was told of, this time among them; 0 when it was told
// of a short while ago.
func (s *slow) tell(said string) int {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.known == nil || len(s.known) >= maxSlow && s.known[said] == nil {
		s.known = map[string]*known{}
	}
	k := s.known[said]
	if k == nil {
		k = new(known)
		s.known[said] = k
	}
	k.since++
	if time.Since(k.told) < tellAgain {
		return 0
	}
	times := k.since
	k.told, k.since = time.Now(), 0
	return times
}

// explainable are the words that a statement begins with which can be asked about.
var explainable = []string{"SELECT", "WITH", "INSERT", "UPDATE", "DELETE"}

// explain asks the database how it goes about a statement, which it does not run. A value that is not in
// the text is taken for NULL. Errors: it cannot be asked about, as one about tables that only the
// connection has which ran it.
func (s *slow) explain(text string, values int) (plan []string, err error) {
	first, _, _ := strings.Cut(strings.TrimSpace(text), " ")
	if !slices.Contains(explainable, strings.ToUpper(first)) || strings.Contains(withoutValues(text), ";") { // of several the others would run
		return nil, errors.New("it cannot be asked about")
	}
	ctx, cancel := context.WithTimeout(context.Background(), explainWait)
	defer cancel()
	rows, err := s.by.Load().QueryContext(ctx, s.how+text, make([]any, values)...)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	columns, err := rows.Columns()
	if err != nil {
		return nil, err
	}
	into := make([]any, len(columns))
	for i := range into {
		into[i] = new(any)
	}
	var step string
	into[len(into)-1] = &step // before it SQLite has numbers
	for rows.Next() {
		if err := rows.Scan(into...); err != nil {
			return nil, err
		}
		plan = append(plan, strings.TrimSpace(step))
	}
	return plan, rows.Err()
}

// rest waits until nothing is asked any more: that would open the file behind whoever closed it.
func (s *slow) rest() {
	s.after.Store(0)
	s.asks.Wait()
}
