package change

import (
	"context"
	"fmt"
	"time"

	"github.com/uptrace/bun"

	"maitred/models/store"
)

// Day is how many changes were made on a day in UTC.
type Day struct {
	Day   time.Time // its midnight
	Count int64     // DayLimit at most
	More  bool      // there were more
}

// DayLimit is how far the changes of one day are counted.
const DayLimit = 10_000

// Days counts the changes of the last n days, today among them, oldest first: those that the person
// with this number made or, for 0, everyone's.
func Days(ctx context.Context, s *store.Store, author int64, n int) (days []Day, err error) {
	today := s.Now().UTC().Truncate(24 * time.Hour)
	err = s.View(ctx, func(ctx context.Context, tx bun.Tx) error {
		for i := range n {
			day, err := count(ctx, s, tx, author, today.AddDate(0, 0, i-n+1))
			if err != nil {
				return err
			}
			days = append(days, day)
		}
		return nil
	})
	if err != nil {
		return nil, fmt.Errorf("count the changes of each day: %w", err)
	}
	return days, nil
}

func count(ctx context.Context, s *store.Store, tx bun.Tx, author int64, day time.Time) (Day, error) {
	found, args := "SELECT 1 FROM changes WHERE at >= ? AND at < ?", []any{day.Format(timeLayout), dayAfter(day), DayLimit + 1}
	if author != 0 {
		found, args = "SELECT 1 FROM authors WHERE user_id = ? AND at >= ? AND at < ?", append([]any{author}, args...)
	}
	d := Day{Day: day}
	rows, err := s.Query(ctx, tx, "SELECT count(*) FROM ("+found+" LIMIT ?) AS day", args...)
	if err != nil {
		return d, err
	}
	defer rows.Close()
	for rows.Next() {
		if err := rows.Scan(&d.Count); err != nil {
			return d, err
		}
	}
	if d.Count > DayLimit {
		d.Count, d.More = DayLimit, true
	}
	return d, rows.Err()
}
