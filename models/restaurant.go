package models

import (
	"context"

	"github.com/uptrace/bun"

	"maitred/models/change"
	"maitred/models/graph"
	"maitred/models/kind"
	"maitred/models/problem"
)

// Restaurant is at exactly one place: its primary key is the place's. It can move, so it also has
// an identity, by which its history follows it.
type Restaurant struct {
	bun.BaseModel `bun:"table:restaurants,alias:restaurant"`

	PlaceID       int64 `bun:",pk"`
	Identity      int64
	ServesHotDogs bool
	ServesPizza   bool
	Version       int64
	WaiterCount   int64

	Place   *Place    `bun:"rel:belongs-to,join:place_id=id"`
	Waiters []*Waiter `bun:"rel:has-many,join:place_id=restaurant_id"`
}

// Restaurants is the kind of all restaurants.
var Restaurants kind.Of[Restaurant]

// Describe implements graph.Describer. A restaurant is called by its place.
func (*Restaurant) Describe() graph.Description {
	return graph.Description{
		Label:  "place__name",
		Search: []string{"place__name", "place__address"},
		Sorts: []graph.Sort{
			{Name: "name", Path: "place__name"}, {Name: "address", Path: "place__address"},
			{Name: "serves_hot_dogs", Path: "serves_hot_dogs"}, {Name: "serves_pizza", Path: "serves_pizza"},
			{Name: "waiters", Path: "waiter__count"},
		},
	}
}

// Check implements kind.Checker.
func (r *Restaurant) Check(c *problem.Check) {
	if r.PlaceID == 0 {
		c.Add("place_id", "Choose the place where the restaurant is.")
	}
}

// OpenAtNewPlace saves a place and a restaurant at it as one change: both or neither.
// Errors: Invalid, with a sentence at each field of the place.
func OpenAtNewPlace(ctx context.Context, s *Store, token string, p *Place, r *Restaurant) (*change.Change, error) {
	if err := kind.Check(s, p); err != nil {
		return nil, err
	}
	r.PlaceID = 0
	op := change.Create{
		Records: []change.Record{
			{Model: p},
			{Model: r, Bind: func() { r.PlaceID = p.ID }},
		},
		About:    1,
		Sentence: "added the place " + change.Isolate(p.Name) + " and a restaurant at it",
	}
	return change.Commit(ctx, s, op, change.Form{Token: token})
}
