package kind

import (
	"context"
	"fmt"

	"github.com/uptrace/bun"

	"maitred/models/change"
	"maitred/models/store"
)

// Tally counts what each of these queries finds: exactly, all as of one moment. It is for the few
// questions that a page asks on every visit: their numbers are kept until a change writes a row that
// the question looks at.
func Tally(ctx context.Context, s *store.Store, questions ...Query) (numbers []int64, err error) {
	err = s.Moment(ctx, func(ctx context.Context) error {
		newest, err := change.Newest(ctx, s)
		if err != nil {
			return err
		}
		return s.View(ctx, func(ctx context.Context, tx bun.Tx) error {
			for _, q := range questions {
				n, err := q.tally(ctx, s, tx, newest)
				if err != nil {
					return fmt.Errorf("count %s: %w", q.kind.Table, err)
				}
				numbers = append(numbers, n)
			}
			return nil
		})
	})
	return numbers, err
}

func (q Query) tally(ctx context.Context, s *store.Store, tx bun.Tx, newest int64) (n int64, err error) {
	if !q.words.Empty() {
		return 0, fmt.Errorf("of a search, as for “%s”, no number is kept", q.Search)
	}
	if n, known, err := q.countOfHalf(ctx, s, tx, newest); known || err != nil {
		return n, err
	}
	where, args := q.where()
	name := fmt.Sprintln(q.kind.Table, where, args)
	if note, ok := s.Noted(name, newest); ok {
		wrote, err := change.Wrote(ctx, tx, note.AsOf, newest, q.filter.Kinds())
		if err != nil {
			return 0, err
		}
		if !wrote {
			s.Take(name, store.Note{Number: note.Number, AsOf: newest})
			return note.Number, nil
		}
	}
	count := fmt.Sprintf("SELECT count(*) FROM %s AS %s%s", q.kind.Table, q.kind.Name, whereOf(where))
	if err := store.AskOne(ctx, tx, count, args, &n); err != nil {
		return 0, err
	}
	s.Take(name, store.Note{Number: n, AsOf: newest})
	return n, nil
}

// countOfHalf counts the rows with or without the one record that shares their key: there are as many
// with it as there are such records. To count all rows of a table costs next to nothing.
func (q Query) countOfHalf(ctx context.Context, s *store.Store, tx bun.Tx, newest int64) (n int64, known bool, err error) {
	half, there, known := q.filter.OfHalf()
	if !known || half.Column != half.To.Key {
		return 0, false, nil
	}
	with, err := countAsOf(ctx, s, tx, half.To, newest)
	if err != nil || there {
		return with, true, err
	}
	all, err := countAsOf(ctx, s, tx, q.kind, newest)
	return all - with, true, err
}
