package change

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"iter"
	"slices"
	"strings"

	"github.com/uptrace/bun"

	"maitred/models/graph"
	"maitred/models/store"
)

// Load adds more new records than memory holds. It is a change like any other, but written the other
// way round: the rows first, in the order of their keys, and from them what history keeps and what a
// search reads, so that every tree of the file grows at its end.
type Load struct {
	Operation string
	Sentence  func(counted string) string // from "1,000 places and 2 waiters" to what history says

	// Batches makes the records, parents before their children. next is the first identity of a kind
	// that was never given out. The change is about the first record of the first batch, whose
	// kind has keys of its own.
	Batches func(next func(*graph.Kind) (int64, error)) ([]Batch, error)

	Tell Tell // may be nil
}

// Batch is new records of one kind, made one after another: pointers to models that were checked,
// with keys, identities and kept counts, each key and identity higher than the one before. The next
// record may be made in the memory of the last.
type Batch struct {
	Kind    *graph.Kind
	Count   int64
	Records iter.Seq2[any, error]
}

// Tell hears what is being done and which part of all is done, from 0 to 1.
type Tell func(doing string, part float64)

// Commit writes all in one transaction: all of it or nothing. It may take minutes. With any error
// nothing was written, but for *store.Unconfirmed.
func (l Load) Commit(ctx context.Context, s *store.Store) (done *Change, err error) {
	token := rand.Text()
	err = s.Change(ctx, func(ctx context.Context, tx bun.Tx) error {
		batches, err := l.Batches(func(k *graph.Kind) (int64, error) { return nextIdentity(ctx, tx, k) })
		if err != nil {
			return err
		}
		w := &loading{tx: tx, tell: l.Tell}
		if done, err = w.begin(ctx, s, l, batches, token); err != nil {
			return err
		}
		return w.run(ctx)
	})
	var unconfirmed *store.Unconfirmed
	if errors.As(err, &unconfirmed) {
		done, err = settle(ctx, s, token, unconfirmed)
	}
	if err != nil {
		return nil, err
	}
	if l.Tell != nil {
		l.Tell("", 1)
	}
	return done, nil
}

// loading is one load while it is written.
type loading struct {
	tx      bun.Tx
	change  int64
	batches []*loaded
	tell    Tell

	doing       string
	done, total float64 // in costs
}

// loaded is a batch with the keys that its rows have.
type loaded struct {
	Batch
	first, last int64
	later       []store.Index
}

// What it costs to do each thing with a row, as parts of the time that all of it takes.
const (
	costOfWriting   = 3.0
	costOfRecording = 2.5
	costOfSorting   = 1.3
	costOfSearch    = 3.5
	costOfSaving    = 2.0
)

// begin writes the change itself.
func (w *loading) begin(ctx context.Context, s *store.Store, l Load, batches []Batch, token string) (*Change, error) {
	var steps []*Step
	for _, b := range batches {
		w.batches = append(w.batches, &loaded{Batch: b})
		steps = append(steps, &Step{Rows: Rows{Kind: b.Kind, Count: b.Count}, Effect: Created})
		w.total += float64(b.Count) * (costOfWriting + costOfRecording + costOfSaving)
		if len(b.Kind.Searched) > 0 {
			w.total += float64(b.Count) * costOfSearch
		}
	}
	plan := &Plan{Operation: l.Operation, Sentence: l.Sentence(Counts(steps)), Steps: steps}
	about := batches[0].Kind
	first, err := nextIdentity(ctx, w.tx, about)
	if err != nil {
		return nil, err
	}
	c := newChange(s, plan, token)
	c.Kind, c.Identity, c.Key = about.Table, first, first
	if err := enter(ctx, w.tx, s, c); err != nil {
		return nil, err
	}
	w.change = c.ID
	return c, nil
}

// run writes the rows and all that follows from them.
func (w *loading) run(ctx context.Context) error {
	for _, b := range w.batches {
		if err := w.putOff(ctx, b); err != nil {
			return err
		}
	}
	for _, b := range w.batches {
		if err := w.write(ctx, b); err != nil {
			return fmt.Errorf("write %s: %w", b.Kind.Table, err)
		}
	}
	for _, b := range slices.SortedFunc(slices.Values(w.batches), inHistory) {
		if err := w.record(ctx, b); err != nil {
			return fmt.Errorf("record %s: %w", b.Kind.Table, err)
		}
	}
	for _, b := range w.batches {
		if err := w.sort(ctx, b); err != nil {
			return err
		}
	}
	if err := w.compareCounts(ctx); err != nil {
		return err
	}
	for _, b := range w.batches {
		if err := w.index(ctx, b); err != nil {
			return fmt.Errorf("index %s: %w", b.Kind.Table, err)
		}
	}
	w.says("Saving for good")
	return nil
}

// putOff puts off the indexes that are better made when all rows are there.
func (w *loading) putOff(ctx context.Context, b *loaded) (err error) {
	b.later, err = store.PutOffIndexes(ctx, w.tx, b.Kind, b.Count)
	w.total += float64(len(b.later)) * float64(b.Count) * costOfSorting
	return err
}

// inHistory is the order in which history keeps the rows of a change.
func inHistory(a, b *loaded) int { return strings.Compare(a.Kind.Table, b.Kind.Table) }

// record writes the rows into history, as they are.
func (w *loading) record(ctx context.Context, b *loaded) error {
	w.says("Recording the %s", b.Kind.Plural())
	k := b.Kind
	q := fmt.Sprintf(`INSERT INTO change_rows (change_id, kind, identity, after_key, label, after)
		SELECT ?0, ?1, %[1]s.%[2]s, %[1]s.%[3]s, %[4]s, %[5]s FROM %[1]s WHERE %[1]s.version = ?0 AND %[1]s.%[3]s BETWEEN ?2 AND ?3 ORDER BY %[1]s.%[3]s`,
		k.Table, k.Identity.Name, k.Key.Name, labelOf(k), k.Image(func(c *graph.Column) string { return k.Table + "." + c.Name }))
	var recorded int64
	err := b.inParts(func(first, last int64) error {
		n, err := execRows(ctx, w.tx, q, w.change, k.Table, first, last)
		recorded += n
		w.did(n, costOfRecording)
		return err
	})
	if err != nil {
		return err
	}
	return equal("record "+k.Table, b.Count, recorded)
}

// sort makes the indexes that were put off.
func (w *loading) sort(ctx context.Context, b *loaded) error {
	for _, index := range b.later {
		w.says("Sorting the %s", b.Kind.Plural())
		if err := store.MakeIndex(ctx, w.tx, index); err != nil {
			return err
		}
		w.did(b.Count, costOfSorting)
	}
	return nil
}

// index adds the rows to what a search reads.
func (w *loading) index(ctx context.Context, b *loaded) error {
	if len(b.Kind.Searched) == 0 {
		return nil
	}
	w.says("Making the %s easy to find", b.Kind.Plural())
	if err := store.BeginBulk(ctx, w.tx, b.Kind); err != nil {
		return err
	}
	err := b.inParts(func(first, last int64) error {
		n, err := store.IndexRows(ctx, w.tx, b.Kind, first, last)
		w.did(n, costOfSearch)
		return err
	})
	if err != nil {
		return err
	}
	return store.EndBulk(ctx, w.tx, b.Kind)
}

// portionOfKeys is how many keys one statement goes through: it cannot tell how far it is.
const portionOfKeys = 20_000

func (b *loaded) inParts(do func(first, last int64) error) error {
	for first := b.first; first <= b.last; first += portionOfKeys {
		if err := do(first, min(b.last, first+portionOfKeys-1)); err != nil {
			return err
		}
	}
	return nil
}

// compareCounts makes sure that the kept counts of the new rows are what is there.
func (w *loading) compareCounts(ctx context.Context) error {
	for _, b := range w.batches {
		k := b.Kind
		for _, down := range k.Children {
			if down.Count == nil {
				continue
			}
			q := fmt.Sprintf("SELECT count(*) FROM %[1]s WHERE %[1]s.%[2]s BETWEEN ? AND ? AND %[1]s.%[3]s <> (SELECT count(*) FROM %[4]s WHERE %[4]s.%[5]s = %[1]s.%[2]s)",
				k.Table, k.Key.Name, down.Count.Name, down.To.Table, down.Column.Name)
			var wrong int64
			if err := w.tx.NewRaw(q, b.first, b.last).Scan(ctx, &wrong); err != nil {
				return fmt.Errorf("count the %s of %s: %w", down.To.Table, k.Table, err)
			}
			if wrong > 0 {
				return fmt.Errorf("%d %s were given another %s than they have", wrong, k.Table, down.Count.Name)
			}
		}
	}
	return nil
}

func (w *loading) says(format string, args ...any) {
	w.doing = fmt.Sprintf(format, args...)
	w.did(0, 0)
}

func (w *loading) did(rows int64, cost float64) {
	w.done += float64(rows) * cost
	if w.tell != nil {
		w.tell(w.doing, min(1, w.done/w.total))
	}
}
