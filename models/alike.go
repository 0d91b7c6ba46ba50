package models

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"slices"

	"github.com/uptrace/bun"

	"maitred/models/graph"
	"maitred/models/store"
	"maitred/models/text"
)

// Bounds of what is looked at for places that are alike: how many, for which part of the store's Patience
// (90 ms of 450), and how many are told.
const (
	alikeSeen   = 1000
	alikePartOf = 5
	alikeTold   = 3
)

// AlikePlaces returns up to three other places that are probably meant by p: name and address are alike,
// spelling slips included. What is no name or no address is like nothing. It is a hint: where there is
// too much to look at, only those at the very same address are sure to be seen.
func AlikePlaces(ctx context.Context, s *Store, p *Place) (alike []*Place, err error) {
	name, flawOfName := text.Line(p.Name, NameLimit)
	address, flawOfAddress := text.Line(p.Address, AddressLimit)
	for _, flaw := range []text.Flaw{flawOfName, flawOfAddress} {
		if flaw != text.Sound && flaw != text.TooLong {
			return nil, nil
		}
	}
	p = &Place{ID: p.ID, Name: text.Normalise(name), Address: text.Normalise(address)}
	k := Places.Kind(s)
	err = s.View(ctx, func(ctx context.Context, tx bun.Tx) error {
		limited, cancel := ctx, context.CancelFunc(func() {})
		if s.Patience > 0 {
			limited, cancel = context.WithTimeout(ctx, s.Patience/alikePartOf)
		}
		defer cancel()
		err := store.Try(ctx, tx, func(context.Context) error {
			err := lookAlike(limited, tx, p, &alike, "places AS place WHERE place.address_norm = ?", p.Address, "place.id")
			if question := alikeQuestion(k, p); question != "" && err == nil {
				key := store.IndexOf(k) + ".rowid"
				from := fmt.Sprintf("%s %s places AS place ON place.id = %s WHERE %s", store.IndexOf(k), k.SQL.JoinInOrder(), key, store.Matching(k))
				err = lookAlike(limited, tx, p, &alike, from, question, key)
			}
			return err
		})
		if err != nil && ctx.Err() == nil && errors.Is(limited.Err(), context.DeadlineExceeded) {
			return nil
		}
		return err
	})
	if err != nil {
		return nil, fmt.Errorf("look for places like %d: %w", p.ID, err)
	}
	slices.SortStableFunc(alike, func(a, b *Place) int { return cmp.Compare(sameness(p, b), sameness(p, a)) })
	return alike[:min(len(alike), alikeTold)], nil
}

// sameness is how many of a place's texts, which are normalised, another one has too.
func sameness(p, o *Place) (n int) {
	for _, pair := range [][2]string{{p.Name, o.Name}, {p.Address, o.Address}} {
		if pair[0] == text.Normalise(pair[1]) {
			n++
		}
	}
	return n
}

// alikeQuestion is what the search index is asked for: the first number of the address, which has no
// slips, and some piece of a name of the address and of the longest word of the name, which slips leave;
// "" when something is missing.
func alikeQuestion(k *graph.Kind, p *Place) string {
	words := text.NameOf(p.Name).Words()
	address := text.AddressOf(p.Address)
	numbers, names := address.Numbers(), address.Names()
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
	return store.AnyOfEach(k, parts...)
}

func pieces(words []string) (all []string) {
	for _, w := range words {
		all = append(all, text.Pieces(w)...)
	}
	return all
}

// lookAlike adds the places that are like p among those that a query finds, in the order of a key.
func lookAlike(ctx context.Context, tx bun.Tx, p *Place, alike *[]*Place, from string, arg any, key string) error {
	rows, err := tx.QueryContext(ctx, fmt.Sprintf("SELECT place.id, place.name, place.address FROM %s AND place.id <> ? ORDER BY %s LIMIT %d", from, key, alikeSeen), arg, p.ID)
	if err != nil {
		return err
	}
	defer rows.Close()
	for rows.Next() {
		var o Place
		if err := rows.Scan(&o.ID, &o.Name, &o.Address); err != nil {
			return err
		}
		known := slices.ContainsFunc(*alike, func(a *Place) bool { return a.ID == o.ID })
		if !known && text.AlikeAddresses(p.Address, o.Address) && text.AlikeNames(p.Name, o.Name) {
			*alike = append(*alike, &o)
		}
	}
	return rows.Err()
}
