package change

import (
	"context"
	"fmt"
	"slices"

	"github.com/uptrace/bun"

	"maitred/models/dialect"
	"maitred/models/store"
)

// undone says that one change takes back another.
type undone struct {
	bun.BaseModel `bun:"table:undos,alias:undone"`

	ChangeID int64 `bun:",pk"`
	Undoes   int64
	Rest     int64 // how many rows of that change it left as they are
	Author   int64 `bun:",scanonly"` // of the undo
}

// undos are the undos of some changes, and the undos of those, and so on.
type undos map[int64][]undone // by what they undo, oldest first

func undosOf(ctx context.Context, tx bun.Tx, changes []int64) (undos, error) {
	var found []undone
	err := tx.NewRaw(`WITH RECURSIVE found AS (
			SELECT change_id, undoes, rest FROM undos WHERE `+dialect.Of(tx).In("undoes")+`
			UNION SELECT u.change_id, u.undoes, u.rest FROM undos AS u JOIN found AS f ON u.undoes = f.change_id
		) SELECT change_id, undoes, rest, coalesce((SELECT user_id FROM authors WHERE change_id = found.change_id), 0) AS author FROM found ORDER BY change_id`, dialect.ListOf(changes)).Scan(ctx, &found)
	if err != nil {
		return nil, fmt.Errorf("find the undos: %w", err)
	}
	all := undos{}
	for _, u := range found {
		all[u.Undoes] = append(all[u.Undoes], u)
	}
	return all, nil
}

// inForce returns the newest undo of a change that was not taken back as a whole itself; nil when
// the change is in force.
func (all undos) inForce(change int64) *undone {
	for _, u := range slices.Backward(all[change]) {
		if again := all.inForce(u.ChangeID); again == nil || again.Rest > 0 {
			return &u
		}
	}
	return nil
}

// Press is the token of all presses of one Undo button until there is one more undo: whoever presses
// at the same time does the same.
func Press(ctx context.Context, s *store.Store, change int64) (token string, err error) {
	var n int64
	err = s.View(ctx, func(ctx context.Context, tx bun.Tx) error {
		return tx.NewRaw("SELECT count(*) FROM undos WHERE undoes = ?", change).Scan(ctx, &n)
	})
	return fmt.Sprintf("undo-%d-%d", change, n), err
}

// mark tells of each change what it undoes and what undid it.
func mark(ctx context.Context, tx bun.Tx, changes []*Change) error {
	byID := make(map[int64]*Change, len(changes))
	for _, c := range changes {
		byID[c.ID] = c
	}
	var made []undone
	err := tx.NewSelect().Model(&made).Where(dialect.Of(tx).In("change_id"), dialect.ListOf(idsOf(changes))).Order("change_id").Scan(ctx)
	if err != nil {
		return fmt.Errorf("see what was undone: %w", err)
	}
	for _, u := range made {
		byID[u.ChangeID].Undoes = u.Undoes
	}
	return markUndone(ctx, tx, changes)
}

// markUndone tells of each change what undid it.
func markUndone(ctx context.Context, tx bun.Tx, changes []*Change) error {
	all, err := undosOf(ctx, tx, idsOf(changes))
	if err != nil {
		return err
	}
	for _, c := range changes {
		if u := all.inForce(c.ID); u != nil {
			c.UndoneBy, c.Undoer, c.Rest = u.ChangeID, u.Author, u.Rest
		}
	}
	return nil
}

func idsOf(changes []*Change) []int64 {
	ids := make([]int64, len(changes))
	for i, c := range changes {
		ids[i] = c.ID
	}
	return ids
}
