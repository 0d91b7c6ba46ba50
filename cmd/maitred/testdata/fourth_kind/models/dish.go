package models

import (
	"github.com/uptrace/bun"

	"maitred/models/graph"
	"maitred/models/kind"
	"maitred/models/problem"
)

// Dish is on the menu of one restaurant.
type Dish struct {
	bun.BaseModel `bun:"table:dishes,alias:dish"`

	ID           int64 `bun:",pk,autoincrement"`
	RestaurantID int64
	Name         string
	NameNorm     string
	Vegetarian   bool
	Version      int64

	Restaurant *Restaurant `bun:"rel:belongs-to,join:restaurant_id=place_id"`
}

// Dishes is the kind of all dishes.
var Dishes kind.Of[Dish]

// Describe implements graph.Describer.
func (*Dish) Describe() graph.Description {
	return graph.Description{
		Label:  "name",
		Search: []string{"name", "restaurant__place__name"},
		Sorts:  []graph.Sort{{Name: "name", Path: "name"}, {Name: "restaurant", Path: "restaurant__place__name"}},
	}
}

// Check implements kind.Checker.
func (d *Dish) Check(c *problem.Check) {
	c.Line("name", "The name", &d.Name, 40)
	if d.RestaurantID == 0 {
		c.Add("restaurant_id", "Choose the restaurant that serves the dish.")
	}
}
