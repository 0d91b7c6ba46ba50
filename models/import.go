package models

import (
	"context"
	"reflect"

	"github.com/uptrace/bun"

	"maitred/models/graph"
	"maitred/models/importer"
	"maitred/models/sheet"
)

// Import is a file of records of one kind on its way into the database.
type Import = importer.Import

// NewImport reads a table, whose columns fill these fields, as records of a kind. New places that look like
// others are found, also those that come along with their restaurants.
func NewImport(s *Store, k *graph.Kind, file string, table *sheet.Table, columns []string) *Import {
	i := &Import{Graph: s.Graph, Kind: k, File: file, Table: table, Columns: columns}
	fresh := k
	if at := k.OneToOne(); at != nil {
		fresh = at.To
	}
	if fresh.Model() == reflect.TypeFor[Place]() {
		i.Alike = func(ctx context.Context, tx bun.Tx, records []any) ([]importer.Resembling, error) {
			return alikeNew(ctx, s, tx, records)
		}
	}
	return i
}

func alikeNew(ctx context.Context, s *Store, tx bun.Tx, records []any) ([]importer.Resembling, error) {
	places := make([]*Place, len(records))
	for i, r := range records {
		places[i] = r.(*Place)
	}
	found, err := AlikeAmong(ctx, s, tx, places)
	if err != nil {
		return nil, err
	}
	resembling := make([]importer.Resembling, len(found))
	for i, f := range found {
		resembling[i] = importer.Resembling{Earlier: f.Earlier, Cut: f.Partial}
		for _, t := range f.Existing {
			resembling[i].Existing = append(resembling[i].Existing, importer.Existing{Key: t.Key, Label: t.Name + ", " + t.Address})
		}
	}
	return resembling, nil
}
