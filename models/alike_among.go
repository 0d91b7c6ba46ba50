package models

import (
	"cmp"
	"context"
	"fmt"
	"slices"

	"github.com/uptrace/bun"

	"maitred/models/store"
	"maitred/models/text"
)

// Resemblance is what a new place looks like.
type Resemblance struct {
	Existing []*Twin // three at most: the most like first, then those at the same address, then by key
	Earlier  []int   // which earlier ones of the new places, by index; three at most, in the same order
	Partial  bool    // so much may be like it that not all was compared: there may be more
}

// Twin is an existing place that is probably meant by a new one.
type Twin struct {
	Key, Version  int64
	Name, Address string
}

// Bounds of what AlikeAmong does: what comparing one place costs at most, in glances; up to how many places it
// asks the indexes, and then of how many existing places that begin with no number it reads all.
const (
	alikeBound    = 10_000
	alikeByIndex  = 200
	alikeNameless = 20_000
)

// AlikeAmong returns of each of many new places, whose names and addresses are clean, which existing places are
// probably meant by it, and which earlier new ones: name and address are alike, as AlikePlaces has it. Of new
// places that differ in case and accents only, all but the first are told to be like the first alone.
//
// It reads the places once, or asks the indexes if the new ones are few. What it finds does not depend on how
// long that takes: a place that too many others may be like, of the same number and about as long a name, is
// compared with the first ones only, and its resemblance is partial; one that differs in case and accents only
// is found nevertheless. Two whose addresses have no number are found where a word of their names begins or ends alike.
func AlikeAmong(ctx context.Context, s *Store, tx bun.Tx, places []*Place) ([]Resemblance, error) {
	c := newCrowd(places, alikeBound)
	c.compareEarlier()
	compare := c.compareAll
	if len(places) <= alikeByIndex {
		compare = c.compareFound
	}
	if err := compare(ctx, s, tx); err != nil {
		return nil, fmt.Errorf("compare %d new places with those there are: %w", len(places), err)
	}
	of, err := c.resemblances(ctx, tx)
	if err != nil {
		return nil, fmt.Errorf("read what is like %d new places: %w", len(places), err)
	}
	return of, nil
}

// compareAll compares with all places there are.
func (c *crowd) compareAll(ctx context.Context, _ *Store, tx bun.Tx) error {
	_, err := c.compareThose(ctx, tx, "places AS place ORDER BY place.id")
	return err
}

// compareFound compares with the places that the indexes find: those whose address begins with a number of a
// new one, and all others or, if there are too many, those that AlikePlaces looks at.
func (c *crowd) compareFound(ctx context.Context, s *Store, tx bun.Tx) error {
	for _, n := range c.numbers() {
		from, args := "places AS place WHERE place.address_norm >= ? AND place.address_norm < ?", []any{n, n + "0"}
		if _, err := c.compareThose(ctx, tx, from+" ORDER BY place.id", args...); err != nil {
			return err
		}
		args[0] = n + ":"
		if after, ok := text.Successor(n); ok {
			args[1] = after
			if _, err := c.compareThose(ctx, tx, from+" ORDER BY place.id", args...); err != nil {
				return err
			}
		}
	}
	const others = "places AS place WHERE (place.address_norm < '0' OR place.address_norm >= ':')"
	var n int
	if err := tx.NewRaw(fmt.Sprintf("SELECT count(*) FROM (SELECT 1 FROM %s LIMIT %d) AS few", others, c.nameless+1)).Scan(ctx, &n); err != nil {
		return err
	}
	if n <= c.nameless {
		_, err := c.compareThose(ctx, tx, others+" ORDER BY place.id")
		return err
	}
	for i := range c.ones {
		if err := c.compareAsked(ctx, s, tx, &c.ones[i]); err != nil {
			return err
		}
	}
	return nil
}

// numbers are the first numbers of the addresses, each once, in the order of bytes.
func (c *crowd) numbers() (all []string) {
	for _, o := range c.ones {
		if n := o.look.Address.Numbers(); len(n) > 0 {
			all = append(all, n[0])
		}
	}
	slices.Sort(all)
	return slices.Compact(all)
}

// compareAsked compares with the places that AlikePlaces looks at for one.
func (c *crowd) compareAsked(ctx context.Context, s *Store, tx bun.Tx, o *one) error {
	texts := normalised(c.places[o.first])
	n, err := c.compareThose(ctx, tx, fmt.Sprintf("places AS place WHERE place.address_norm = ? ORDER BY place.id LIMIT %d", alikeSeen+1), texts[1])
	o.partial = o.partial || n > alikeSeen
	k := Places.Kind(s)
	question := alikeQuestion(k, &Place{Name: texts[0], Address: texts[1]})
	if err != nil || question == "" {
		return err
	}
	key := store.IndexOf(k) + ".rowid"
	n, err = c.compareThose(ctx, tx, fmt.Sprintf("%s %s places AS place ON place.id = %s WHERE %s ORDER BY %[3]s LIMIT %[5]d",
		store.IndexOf(k), k.SQL.JoinInOrder(), key, store.Matching(k), alikeSeen+1), question)
	o.partial = o.partial || n > alikeSeen
	return err
}

// compareThose compares with the places that a query finds and returns how many there are.
func (c *crowd) compareThose(ctx context.Context, tx bun.Tx, from string, args ...any) (n int, err error) {
	rows, err := tx.QueryContext(ctx, "SELECT place.id, place.name_norm, place.address_norm FROM "+from, args...)
	if err != nil {
		return 0, err
	}
	defer rows.Close()
	for ; rows.Next(); n++ {
		var key int64
		var texts [2]string
		if err := rows.Scan(&key, &texts[0], &texts[1]); err != nil {
			return n, err
		}
		c.read++
		c.meet(key, texts)
	}
	return n, rows.Err()
}

// resemblances tells of each place what was found.
func (c *crowd) resemblances(ctx context.Context, tx bun.Tx) ([]Resemblance, error) {
	twins, err := c.twins(ctx, tx)
	if err != nil {
		return nil, err
	}
	of := make([]Resemblance, len(c.places))
	for i, n := range c.of {
		o := &c.ones[n]
		if o.first != i {
			of[i] = Resemblance{Existing: of[o.first].Existing, Earlier: []int{o.first}, Partial: of[o.first].Partial}
			continue
		}
		of[i].Partial = o.partial
		if o.found == nil {
			continue
		}
		for _, l := range o.existing {
			at, _ := slices.BinarySearchFunc(twins, l.key, func(t *Twin, key int64) int { return cmp.Compare(t.Key, key) })
			of[i].Existing = append(of[i].Existing, twins[at])
		}
		for _, l := range o.earlier {
			of[i].Earlier = append(of[i].Earlier, int(l.key))
		}
	}
	return of, nil
}

// twins reads the existing places that were found, in the order of their keys.
func (c *crowd) twins(ctx context.Context, tx bun.Tx) (twins []*Twin, err error) {
	var keys []int64
	for i := range c.ones {
		if c.ones[i].found == nil {
			continue
		}
		for _, l := range c.ones[i].existing {
			keys = append(keys, l.key)
		}
	}
	slices.Sort(keys)
	for some := range slices.Chunk(slices.Compact(keys), 500) {
		var found []*Twin
		if err := tx.NewRaw("SELECT id AS key, version, name, address FROM places WHERE id IN (?) ORDER BY id", bun.List(some)).Scan(ctx, &found); err != nil {
			return nil, err
		}
		twins = append(twins, found...)
	}
	return twins, nil
}
