package importer

import (
	"bytes"
	"compress/flate"
	"context"
	"crypto/rand"
	"database/sql"
	"encoding/gob"
	"errors"
	"fmt"
	"time"

	"github.com/uptrace/bun"

	"maitred/models/graph"
	"maitred/models/problem"
	"maitred/models/sheet"
	"maitred/models/store"
)

// Upload is a file that somebody brought, as it was read. It is kept beside the records, so that whichever
// process answers finds it, and is no part of history.
type Upload struct {
	bun.BaseModel `bun:"table:uploads,alias:upload"`

	ID      string `bun:",pk"`
	Kind    string
	Name    string
	UserID  int64
	At      string
	Content []byte

	Book *sheet.Book `bun:"-"`
}

// Bounds of what is kept: for how long, how many files of one person, and how many bytes of all, packed.
const (
	keptFor   = 24 * time.Hour
	keptEach  = 5
	keptBytes = 256 << 20
)

// at is how the time of an upload is written: as text it sorts by time.
const atLayout = "2006-01-02T15:04:05.000Z"

// Keep keeps a file for a day, and lets go of those that were kept for longer or are too many.
func Keep(ctx context.Context, s *store.Store, k *graph.Kind, name string, book *sheet.Book) (*Upload, error) {
	now := s.Now().UTC()
	u := &Upload{ID: rand.Text(), Kind: k.Table, Name: name, UserID: s.User, At: now.Format(atLayout), Book: book}
	var packed bytes.Buffer
	w, err := flate.NewWriter(&packed, flate.BestSpeed)
	if err == nil {
		err = gob.NewEncoder(w).Encode(book)
	}
	if err == nil {
		err = w.Close()
	}
	if err != nil {
		return nil, fmt.Errorf("pack a file: %w", err)
	}
	u.Content = packed.Bytes()
	err = s.Change(ctx, func(ctx context.Context, tx bun.Tx) error {
		if _, err := tx.NewInsert().Model(u).Exec(ctx); err != nil {
			return err
		}
		for _, old := range []struct {
			which string
			args  []any
		}{
			{"at < ?", []any{now.Add(-keptFor).Format(atLayout)}},
			{"user_id = ? AND id NOT IN (SELECT id FROM uploads WHERE user_id = ? ORDER BY at DESC, id LIMIT ?)", []any{s.User, s.User, keptEach}},
			{"id IN (SELECT id FROM (SELECT id, sum(length(content)) OVER (ORDER BY at DESC, id) AS up_to FROM uploads) AS kept WHERE up_to > ?) AND id <> ?", []any{keptBytes, u.ID}},
		} {
			if _, err := tx.NewDelete().Model((*Upload)(nil)).Where(old.which, old.args...).Exec(ctx); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		return nil, fmt.Errorf("keep a file: %w", err)
	}
	u.Content = nil
	return u, nil
}

// Find returns a file that the store's person brought for this kind. Errors: NotFound.
func Find(ctx context.Context, s *store.Store, k *graph.Kind, id string) (*Upload, error) {
	u := new(Upload)
	err := s.View(ctx, func(ctx context.Context, tx bun.Tx) error {
		return tx.NewSelect().Model(u).Where("id = ? AND kind = ? AND user_id = ?", id, k.Table, s.User).Scan(ctx)
	})
	if errors.Is(err, sql.ErrNoRows) {
		return nil, problem.New(problem.NotFound, "The file is no longer here: files are kept for a day. Nothing was imported; please upload it again.")
	}
	if err != nil {
		return nil, fmt.Errorf("find a file: %w", err)
	}
	r := flate.NewReader(bytes.NewReader(u.Content))
	u.Book = new(sheet.Book)
	if err := errors.Join(gob.NewDecoder(r).Decode(u.Book), r.Close()); err != nil {
		return nil, fmt.Errorf("unpack a file: %w", err)
	}
	u.Content = nil
	return u, nil
}
