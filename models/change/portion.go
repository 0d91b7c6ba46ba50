package change

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"math"
)

// portion is how many rows one statement writes, so that a long change can say how far it is and
// can be stopped.
//
// The rows of a portion are written in the order of their names, since the indexes by name are what
// a large change scatters its writes over: in the order of their keys each row needs pages of those
// indexes that are in memory no more. It makes a million rows two to three times as fast. A much
// smaller portion would scatter again.
const portion = 50_000

// ofPortion is the condition for the rows r of a portion, with the arguments of inPortions.
const ofPortion = "r.change_id = ?0 AND r.kind = ?1 AND r.identity > ?2 AND r.identity <= ?3"

// byName orders rows by the name in their image.
func (w *writing) byName(image string) string {
	if c := w.kind.Column(w.kind.Label); c != nil && c.Norm != nil {
		return c.Norm.FromImage(image) + ", r.identity"
	}
	return "r.identity"
}

// inPortions runs the statement for each portion of the recorded rows of the kind and returns how
// many rows it wrote.
func (w *writing) inPortions(ctx context.Context, statement string) (written int64, err error) {
	err = w.eachPortion(ctx, func(after, end int64) error {
		n, err := execRows(ctx, w.tx, statement, w.change, w.kind.Table, after, end)
		written += n
		w.work.Did(n)
		return err
	})
	return written, err
}

// eachPortion calls do for each portion: the recorded rows of the kind whose identity is greater
// than after, up to end.
func (w *writing) eachPortion(ctx context.Context, do func(after, end int64) error) (err error) {
	recorded := w.planned[Created] + w.planned[Changed] + w.planned[Deleted]
	for after, end := int64(math.MinInt64), int64(0); end < math.MaxInt64; after = end {
		end = math.MaxInt64
		if recorded > portion {
			if end, err = w.endOfPortion(ctx, after); err != nil {
				return err
			}
		}
		if err := do(after, end); err != nil {
			return err
		}
	}
	return nil
}

// endOfPortion returns the last identity of the portion that begins after another.
func (w *writing) endOfPortion(ctx context.Context, after int64) (end int64, err error) {
	err = w.tx.NewRaw("SELECT identity FROM change_rows WHERE change_id = ? AND kind = ? AND identity > ? ORDER BY identity LIMIT 1 OFFSET ?",
		w.change, w.kind.Table, after, portion-1).Scan(ctx, &end)
	if errors.Is(err, sql.ErrNoRows) {
		return math.MaxInt64, nil
	}
	if err != nil {
		return 0, fmt.Errorf("find the end of a portion: %w", err)
	}
	return end, nil
}

// leaving is the condition for the recorded rows r that leave their keys, with the change and the
// table as ?0 and ?1.
const leaving = "r.change_id = ?0 AND r.kind = ?1 AND r.before_key IS NOT NULL AND (r.after_key IS NULL OR r.after_key <> r.before_key)"

// removeAll deletes the rows that leave their keys to nobody.
//
// Where that scatters writes over the indexes, more than a portion of them are listed by name first: a DELETE has an
// order of its own, by key, so that a portion must be rows whose names are neighbours.
func (w *writing) removeAll(ctx context.Context, planned int64) (removed int64, err error) {
	where := fmt.Sprintf("DELETE FROM %s WHERE version <> ?0 AND %s IN ", w.kind.Table, w.kind.Key.Name)
	if planned <= portion {
		removed, err = execRows(ctx, w.tx, where+"(SELECT r.before_key FROM change_rows AS r WHERE "+leaving+")", w.change, w.kind.Table)
		w.work.Did(min(removed, w.planned[Deleted]))
		return removed, err
	}
	did := func(n int64) {
		w.work.Did(min(n, w.planned[Deleted]-min(removed, w.planned[Deleted])))
		removed += n
	}
	if !w.kind.SQL.DeletesScatter() {
		err := w.eachPortion(ctx, func(after, end int64) error {
			n, err := execRows(ctx, w.tx, where+"(SELECT r.before_key FROM change_rows AS r WHERE "+leaving+" AND r.identity > ?2 AND r.identity <= ?3)", w.change, w.kind.Table, after, end)
			did(n)
			return err
		})
		return removed, err
	}
	if _, err := execRows(ctx, w.tx, "CREATE TEMPORARY TABLE leaving (n INTEGER PRIMARY KEY, key BIGINT NOT NULL)"); err != nil {
		return 0, err
	}
	listed, err := execRows(ctx, w.tx, fmt.Sprintf("INSERT INTO leaving (n, key) SELECT row_number() OVER (ORDER BY %s), r.before_key FROM change_rows AS r WHERE %s", w.byName("r.before"), leaving),
		w.change, w.kind.Table)
	if err != nil {
		return 0, err
	}
	for from := int64(0); from < listed; from += portion {
		n, err := execRows(ctx, w.tx, where+"(SELECT key FROM leaving WHERE n > ?1 AND n <= ?2)", w.change, from, from+portion)
		if err != nil {
			return removed, err
		}
		did(n)
	}
	_, err = execRows(ctx, w.tx, "DROP TABLE leaving")
	return removed, err
}
