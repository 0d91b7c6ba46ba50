package kind

import (
	"context"
	"fmt"
	"strings"

	"github.com/uptrace/bun"

	"maitred/models/graph"
	"maitred/models/store"
)

// Names are what the records with these keys are called, by their keys. Those that do not exist are
// left out.
func Names(ctx context.Context, s *store.Store, k *graph.Kind, keys []int64) (map[int64]string, error) {
	names := make(map[int64]string, len(keys))
	if len(keys) == 0 {
		return names, nil
	}
	args := make([]any, len(keys))
	for i, key := range keys {
		args[i] = key
	}
	err := s.View(ctx, func(ctx context.Context, tx bun.Tx) error {
		rows, err := tx.QueryContext(ctx, fmt.Sprintf("SELECT %s, %s FROM %s WHERE %s IN (%s)",
			k.Key.Name, k.Must(k.Label).SQL(k.Table), k.Table, k.Key.Name, strings.TrimSuffix(strings.Repeat("?, ", len(keys)), ", ")), args...)
		if err != nil {
			return err
		}
		defer rows.Close()
		for rows.Next() {
			var key int64
			var name string
			if err := rows.Scan(&key, &name); err != nil {
				return err
			}
			names[key] = name
		}
		return rows.Err()
	})
	if err != nil {
		return nil, fmt.Errorf("names of %s: %w", k.Table, err)
	}
	return names, nil
}
