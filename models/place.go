package models

import (
	"github.com/uptrace/bun"

	"maitred/models/graph"
	"maitred/models/kind"
	"maitred/models/problem"
)

// Place is somewhere with a name and an address. It is free, or has one restaurant.
type Place struct {
	bun.BaseModel `bun:"table:places,alias:place"`

	ID              int64 `bun:",pk,autoincrement"`
	Name            string
	NameNorm        string
	Address         string
	AddressNorm     string
	Version         int64
	RestaurantCount int64

	Restaurant *Restaurant `bun:"rel:has-one,join:id=place_id"`
}

// How many characters a name and an address have at most: the limits of the classic one-to-one example.
const (
	NameLimit    = 50
	AddressLimit = 80
)

// Places is the kind of all places.
var Places kind.Of[Place]

// Describe implements graph.Describer.
func (*Place) Describe() graph.Description {
	return graph.Description{
		Label:  "name",
		Search: []string{"name", "address"},
		Sorts:  []graph.Sort{{Name: "name", Path: "name"}, {Name: "address", Path: "address"}, {Name: "restaurant", Path: "restaurant__count"}},
	}
}

// Check implements kind.Checker.
func (p *Place) Check(c *problem.Check) {
	c.Line("name", "The name", &p.Name, NameLimit)
	c.Line("address", "The address", &p.Address, AddressLimit)
}

// Free says that no restaurant is at the place.
func (p *Place) Free() bool { return p.RestaurantCount == 0 }
