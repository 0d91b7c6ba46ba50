package account

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"time"

	"github.com/uptrace/bun"

	"maitred/models/store"
)

// Restored ends all sessions of the accounts beside the file at path, since people who come later may get
// the numbers of those who were there, and writes into their trail that the records were restored. The site
// must not be running.
func Restored(ctx context.Context, path string, migrate func(context.Context, *bun.DB) error) (err error) {
	side, err := store.OpenSide(ctx, Beside(path).Sessions, migrate)
	if err != nil {
		return err
	}
	a := &Accounts{Now: time.Now, Log: slog.New(slog.DiscardHandler), side: side}
	defer func() { err = errors.Join(err, a.Close()) }()
	err = side.Change(ctx, func(ctx context.Context, tx bun.Tx) error {
		for _, q := range []string{"DELETE FROM sessions", "DELETE FROM last_seen", "DELETE FROM used_steps"} {
			if _, err := tx.NewRaw(q).Exec(ctx); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		return fmt.Errorf("the sessions cannot be ended: %w", err)
	}
	a.note(ctx, Shell, 0, "restored the records from a backup; everyone was signed out")
	return nil
}
