package models

import (
	"github.com/uptrace/bun"

	"maitred/models/graph"
	"maitred/models/kind"
	"maitred/models/problem"
)

// Waiter works at one restaurant.
type Waiter struct {
	bun.BaseModel `bun:"table:waiters,alias:waiter"`

	ID           int64 `bun:",pk,autoincrement"`
	RestaurantID int64
	Name         string
	NameNorm     string
	Version      int64

	Restaurant *Restaurant `bun:"rel:belongs-to,join:restaurant_id=place_id"`
}

// Waiters is the kind of all waiters.
var Waiters kind.Of[Waiter]

// Describe implements graph.Describer.
func (*Waiter) Describe() graph.Description {
	return graph.Description{
		Label:  "name",
		Search: []string{"name", "restaurant__place__name", "restaurant__place__address"},
		Sorts:  []graph.Sort{{Name: "name", Path: "name"}, {Name: "restaurant", Path: "restaurant__place__name"}},
	}
}

// Check implements kind.Checker.
func (w *Waiter) Check(c *problem.Check) {
	c.Line("name", "The name", &w.Name, NameLimit)
	if w.RestaurantID == 0 {
		c.Add("restaurant_id", "Choose the restaurant where the waiter works.")
	}
}
