package models_test

import (
	"path/filepath"
	"strings"
	"testing"

	"github.com/uptrace/bun"

	"maitred/migrations"
	"maitred/models/graph"
	"maitred/models/store"
)

// What follows are models that hang together in ways nobody could show or delete.

type lonelyParent struct {
	bun.BaseModel `bun:"table:parents,alias:parent"`

	ID      int64 `bun:",pk,autoincrement"`
	Version int64
}

type lonelyChild struct {
	bun.BaseModel `bun:"table:children,alias:child"`

	ID       int64 `bun:",pk,autoincrement"`
	ParentID int64
	Version  int64

	Parent *lonelyParent `bun:"rel:belongs-to,join:parent_id=id"`
}

type lonelyOwner struct {
	bun.BaseModel `bun:"table:owners,alias:owner"`

	ID      int64 `bun:",pk,autoincrement"`
	Version int64

	Things []*lonelyThing `bun:"rel:has-many,join:id=owner_id"`
}

type lonelyThing struct {
	bun.BaseModel `bun:"table:things,alias:thing"`

	ID      int64 `bun:",pk,autoincrement"`
	OwnerID int64
	Version int64
}

type hen struct {
	bun.BaseModel `bun:"table:hens,alias:hen"`

	ID      int64 `bun:",pk,autoincrement"`
	EggID   int64
	Version int64

	Egg  *egg   `bun:"rel:belongs-to,join:egg_id=id"`
	Eggs []*egg `bun:"rel:has-many,join:id=hen_id"`
}

type egg struct {
	bun.BaseModel `bun:"table:eggs,alias:egg"`

	ID      int64 `bun:",pk,autoincrement"`
	HenID   int64
	Version int64

	Hen  *hen   `bun:"rel:belongs-to,join:hen_id=id"`
	Hens []*hen `bun:"rel:has-many,join:id=egg_id"`
}

type unversioned struct {
	ID int64 `bun:",pk,autoincrement"`
}

type twoKeys struct {
	A, B    int64 `bun:",pk"`
	Version int64
}

type silent struct {
	ID      int64 `bun:",pk,autoincrement"`
	Version int64
}

func (*lonelyParent) Describe() graph.Description { return named("id") }
func (*lonelyChild) Describe() graph.Description  { return named("id") }
func (*lonelyOwner) Describe() graph.Description  { return named("id") }
func (*lonelyThing) Describe() graph.Description  { return named("id") }
func (*hen) Describe() graph.Description          { return named("id") }
func (*egg) Describe() graph.Description          { return named("id") }
func (*unversioned) Describe() graph.Description  { return named("id") }
func (*twoKeys) Describe() graph.Description      { return named("a") }

func TestModelsThatNobodyCouldShowOrDeleteRefuseToStart(t *testing.T) {
	t.Parallel()
	for name, m := range map[string]struct {
		model any
		said  string
	}{
		"a parent that does not know its children": {lonelyChild{}, "lonely_child.Parent has no counterpart in lonely_parent"},
		"a child that does not know its parent":    {lonelyOwner{}, "lonely_owner.Things has no counterpart in lonely_thing"},
		"a circle":                                 {hen{}, "circle"},
		"a record without a version":               {unversioned{}, "has no version"},
		"a key of two columns":                     {twoKeys{}, "primary key of one column"},
		"a model without description":              {silent{}, "does not describe itself"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s, err := store.Open(ctx, filepath.Join(t.TempDir(), "maitred.db"), migrations.Apply, m.model)
			if err == nil {
				s.Close()
				t.Fatal("it started")
			}
			if !strings.Contains(err.Error(), m.said) {
				t.Errorf("%q does not say %q", err, m.said)
			}
		})
	}
}
