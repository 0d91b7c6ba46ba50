package saved

import (
	"context"
	"database/sql"
	"fmt"
	"slices"
	"strings"

	"github.com/uptrace/bun"

	"maitred/models/graph"
	"maitred/models/problem"
	"maitred/models/store"
)

// Sizes are the numbers of rows that a page can have.
var Sizes = []int{25, 50, 100, 200}

// Setting is what a person chose for the lists of one kind.
type Setting struct {
	Kind    string   // its table
	Columns []string // the names of those that are shown; nil for never chosen
	Rows    int      // of a page; 0 for never chosen
	Start   *View    // the view to start with; nil for all there is
}

// settings are those of one person. A view that is no longer shared with them is none to start with.
const settings = `SELECT s.kind, s.columns, s.page_rows, v.id, v.name, v.query, v.owner = s.person, v.owner_name, v.shared
	FROM list_settings AS s LEFT JOIN saved_views AS v ON v.id = s.start AND v.kind = s.kind AND (v.owner = s.person OR v.shared)
	WHERE s.person = ? ORDER BY s.kind`

// Settings returns what the person chose, for all kinds.
func Settings(ctx context.Context, s *store.Store) (all []Setting, err error) {
	if s.Person == "" {
		return nil, nil
	}
	err = s.View(ctx, func(ctx context.Context, tx bun.Tx) error {
		rows, err := s.Query(ctx, tx, settings, s.Person)
		if err != nil {
			return err
		}
		defer rows.Close()
		for rows.Next() {
			one, err := scan(rows)
			if err != nil {
				return err
			}
			all = append(all, one)
		}
		return rows.Err()
	})
	if err != nil {
		return nil, fmt.Errorf("settings of a person: %w", err)
	}
	return all, nil
}

func scan(rows *sql.Rows) (one Setting, err error) {
	var columns, name, query, by sql.NullString
	var id sql.NullInt64
	var mine, shared sql.NullBool
	if err := rows.Scan(&one.Kind, &columns, &one.Rows, &id, &name, &query, &mine, &by, &shared); err != nil {
		return one, err
	}
	if columns.Valid {
		one.Columns = []string{}
		if columns.String != "" {
			one.Columns = strings.Split(columns.String, ",")
		}
	}
	if id.Valid {
		one.Start = &View{id.Int64, name.String, query.String, mine.Bool, by.String, shared.Bool}
	}
	return one, nil
}

// Choose keeps which columns of the kind's lists the person wants to see, nil for those that
// everybody sees, and how many rows a page has. Errors: Invalid for a number that is none of Sizes.
func Choose(ctx context.Context, s *store.Store, k *graph.Kind, columns []string, rows int) error {
	if !slices.Contains(Sizes, rows) {
		return problem.New(problem.Invalid, "A page can have 25, 50, 100 or 200 rows. Nothing was changed.")
	}
	var names *string
	if columns != nil {
		joined := strings.Join(columns, ",")
		names = &joined
	}
	return s.Change(ctx, func(ctx context.Context, tx bun.Tx) error {
		_, err := tx.NewRaw(`INSERT INTO list_settings (person, kind, columns, page_rows) VALUES (?, ?, ?, ?)
			ON CONFLICT (person, kind) DO UPDATE SET columns = excluded.columns, page_rows = excluded.page_rows`,
			s.Person, k.Table, names, rows).Exec(ctx)
		return err
	})
}

// Start says whether the person starts with a view, their own or one that is shared. Errors: NotFound.
func Start(ctx context.Context, s *store.Store, k *graph.Kind, id int64, yes bool) error {
	return s.Change(ctx, func(ctx context.Context, tx bun.Tx) error {
		if _, err := find(ctx, tx, s.Person, k, id); err != nil {
			return err
		}
		return startOrNot(ctx, tx, s.Person, k, id, yes)
	})
}

func startOrNot(ctx context.Context, tx bun.Tx, person string, k *graph.Kind, id int64, yes bool) error {
	if yes {
		return start(ctx, tx, person, k, id)
	}
	_, err := tx.NewRaw("UPDATE list_settings SET start = NULL WHERE person = ? AND kind = ? AND start = ?", person, k.Table, id).Exec(ctx)
	return err
}

func start(ctx context.Context, tx bun.Tx, person string, k *graph.Kind, id int64) error {
	_, err := tx.NewRaw(`INSERT INTO list_settings (person, kind, start) VALUES (?, ?, ?)
		ON CONFLICT (person, kind) DO UPDATE SET start = excluded.start`, person, k.Table, id).Exec(ctx)
	return err
}
