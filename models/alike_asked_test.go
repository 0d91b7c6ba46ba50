package models

import (
	"context"
	"fmt"
	"path/filepath"
	"testing"

	"github.com/uptrace/bun"

	"maitred/migrations"
)

// Where many addresses begin with no number, those that may be like a new place are asked for one by one.
func TestWhereMostAddressesBeginWithAStreetTheSearchIndexIsAsked(t *testing.T) {
	t.Parallel()
	ctx := context.Background()
	s, err := Open(ctx, filepath.Join(t.TempDir(), "maitred.db"), migrations.Apply)
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	for i := range 20 {
		if _, err := Places.Create(ctx, s, "", &Place{Name: "Konditorei", Address: fmt.Sprintf("Hauptstraße %d", i)}); err != nil {
			t.Fatal(err)
		}
	}
	c := newCrowd([]*Place{{Name: "Konditorie", Address: "Haupstrasse 7"}, {Name: "Konditorei", Address: "Hauptstraße 77"}, {Name: "Conditorei", Address: "7 Hauptstr."}}, alikeBound)
	c.nameless = 10
	if err := s.View(ctx, func(ctx context.Context, tx bun.Tx) error { return c.compareFound(ctx, s, tx) }); err != nil {
		t.Fatal(err)
	}
	for i, want := range []string{"[{8 0}]", "[]", "[]"} {
		if got := fmt.Sprint(c.ones[i].like().existing); got != want {
			t.Errorf("%s, %s is like %s, want %s", c.places[i].Name, c.places[i].Address, got, want)
		}
	}
	if c.read > 10 {
		t.Errorf("%d places were read", c.read)
	}
}
