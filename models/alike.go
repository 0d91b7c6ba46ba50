package models

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/uptrace/bun"

	"maitred/models/store"
	"maitred/models/text"
)

// Bounds of what is looked at for places that are alike: how many, how long, and how many are told.
const (
	alikeSeen     = 1000
	alikePatience = 100 * time.Millisecond
	alikeTold     = 3
)

// AlikePlaces returns up to three other places that are probably meant by p: name and address are alike,
// spelling slips included. What has no name or no address is like nothing. It is a hint: where there is
// too much to look at, there may be more.
func AlikePlaces(ctx context.Context, s *Store, p *Place) (alike []*Place, err error) {
	question := alikeQuestion(p)
	if question == "" {
		return nil, nil
	}
	err = s.View(ctx, func(ctx context.Context, tx bun.Tx) error {
		limited, cancel := context.WithTimeout(ctx, alikePatience)
		defer cancel()
		if alike, err = lookAlike(limited, s, tx, p, question); err != nil && ctx.Err() == nil && errors.Is(limited.Err(), context.DeadlineExceeded) {
			return nil
		}
		return err
	})
	if err != nil {
		return nil, fmt.Errorf("look for places like %d: %w", p.ID, err)
	}
	return alike[:min(len(alike), alikeTold)], nil
}

// alikeQuestion is what the search index is asked for: the first number of the address, which has no
// slips, and some piece of a name of the address and of the longest word of the name, which slips leave;
// "" when something is missing.
func alikeQuestion(p *Place) string {
	words := text.NameWords(p.Name)
	numbers, names := text.AddressWords(p.Address)
	if len(words) == 0 || len(numbers)+len(names) == 0 {
		return ""
	}
	longest := slices.MaxFunc(words, func(a, b string) int { return cmp.Compare(len(a), len(b)) })
	if len(longest) >= 5 { // what is left of a shorter one may be nothing
		words = []string{longest}
	}
	parts := [][]string{pieces(words)}
	if len(names) > 0 {
		parts = append(parts, pieces(names))
	}
	for _, n := range numbers[:min(len(numbers), 1)] { // others may be left out
		for _, piece := range text.Pieces(n) {
			parts = append([][]string{{piece}}, parts...)
		}
	}
	return store.AnyOfEach(parts...)
}

func pieces(words []string) (all []string) {
	for _, w := range words {
		all = append(all, text.Pieces(w)...)
	}
	return all
}

func lookAlike(ctx context.Context, s *Store, tx bun.Tx, p *Place, question string) (alike []*Place, err error) {
	k := Places.Kind(s)
	index := store.IndexOf(k)
	rows, err := tx.QueryContext(ctx, fmt.Sprintf("SELECT place.id, place.name, place.address FROM %[1]s %[2]s places AS place ON place.id = %[1]s.rowid WHERE %[3]s AND place.id <> ? ORDER BY %[1]s.rowid LIMIT %[4]d",
		index, store.JoinInOrder, store.Matching(k), alikeSeen), question, p.ID)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	for rows.Next() {
		var o Place
		if err := rows.Scan(&o.ID, &o.Name, &o.Address); err != nil {
			return nil, err
		}
		if text.AlikeAddresses(p.Address, o.Address) && text.AlikeNames(p.Name, o.Name) {
			alike = append(alike, &o)
		}
	}
	exactly := func(o *Place) int {
		n := 0
		for _, pair := range [][2]string{{p.Name, o.Name}, {p.Address, o.Address}} {
			if text.Normalise(pair[0]) == text.Normalise(pair[1]) {
				n++
			}
		}
		return n
	}
	slices.SortStableFunc(alike, func(a, b *Place) int { return cmp.Compare(exactly(b), exactly(a)) })
	return alike, rows.Err()
}
