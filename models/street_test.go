package models_test

import (
	"context"
	"fmt"
	"path/filepath"
	"strings"
	"testing"

	"github.com/uptrace/bun"

	"maitred/migrations"
	"maitred/models/graph"
	"maitred/models/kind"
	"maitred/models/problem"
	"maitred/models/store"
)

// A second world, of kinds that no part of the program knows, with all the ways in which kinds can
// hang together: siblings (plots and trees of a street), a chain (street, plot, house, roof,
// tile), twice a child that shares the key of a child that shares the key (house, roof), and
// diamonds (a lamp stands in a street and before a plot, a chimney on a house and through a roof, a
// bell rings in a house and hangs at a lamp).

type street struct {
	bun.BaseModel `bun:"table:streets,alias:street"`

	ID        int64 `bun:",pk,autoincrement"`
	Name      string
	NameNorm  string
	Version   int64
	PlotCount int64

	Plots []*plot `bun:"rel:has-many,join:id=street_id"`
	Trees []*tree `bun:"rel:has-many,join:id=street_id"`
	Lamps []*lamp `bun:"rel:has-many,join:id=street_id"`
}

type tree struct {
	bun.BaseModel `bun:"table:trees,alias:tree"`

	ID       int64 `bun:",pk,autoincrement"`
	StreetID int64
	Name     string
	NameNorm string
	Species  string // a text that nobody searches
	Version  int64

	Street *street `bun:"rel:belongs-to,join:street_id=id"`
}

type plot struct {
	bun.BaseModel `bun:"table:plots,alias:plot"`

	ID         int64 `bun:",pk,autoincrement"`
	StreetID   int64
	Name       string
	NameNorm   string
	Version    int64
	HouseCount int64

	Street *street `bun:"rel:belongs-to,join:street_id=id"`
	House  *house  `bun:"rel:has-one,join:id=plot_id"`
	Lamps  []*lamp `bun:"rel:has-many,join:id=plot_id"`
}

type lamp struct {
	bun.BaseModel `bun:"table:lamps,alias:lamp"`

	ID       int64 `bun:",pk,autoincrement"`
	StreetID int64
	PlotID   int64
	Name     string
	NameNorm string
	Version  int64

	Street *street `bun:"rel:belongs-to,join:street_id=id"`
	Plot   *plot   `bun:"rel:belongs-to,join:plot_id=id"`
	Bells  []*bell `bun:"rel:has-many,join:id=lamp_id"`
}

type house struct {
	bun.BaseModel `bun:"table:houses,alias:house"`

	PlotID       int64 `bun:",pk"`
	Identity     int64
	Version      int64
	ChimneyCount int64

	Plot     *plot      `bun:"rel:belongs-to,join:plot_id=id"`
	Roof     *roof      `bun:"rel:has-one,join:plot_id=house_id"`
	Chimneys []*chimney `bun:"rel:has-many,join:plot_id=house_id"`
	Bells    []*bell    `bun:"rel:has-many,join:plot_id=house_id"`
}

type roof struct {
	bun.BaseModel `bun:"table:roofs,alias:roof"`

	HouseID   int64 `bun:",pk"`
	Identity  int64
	Version   int64
	TileCount int64

	House    *house     `bun:"rel:belongs-to,join:house_id=plot_id"`
	Tiles    []*tile    `bun:"rel:has-many,join:house_id=roof_id"`
	Chimneys []*chimney `bun:"rel:has-many,join:house_id=roof_id"`
}

type tile struct {
	bun.BaseModel `bun:"table:tiles,alias:tile"`

	ID       int64 `bun:",pk,autoincrement"`
	RoofID   int64
	Name     string
	NameNorm string
	Version  int64

	Roof *roof `bun:"rel:belongs-to,join:roof_id=house_id"`
}

type chimney struct {
	bun.BaseModel `bun:"table:chimneys,alias:chimney"`

	ID       int64 `bun:",pk,autoincrement"`
	HouseID  int64
	RoofID   int64
	Name     string
	NameNorm string
	Version  int64

	House *house `bun:"rel:belongs-to,join:house_id=plot_id"`
	Roof  *roof  `bun:"rel:belongs-to,join:roof_id=house_id"`
}

type bell struct {
	bun.BaseModel `bun:"table:bells,alias:bell"`

	ID       int64 `bun:",pk,autoincrement"`
	HouseID  int64
	LampID   int64
	Name     string
	NameNorm string
	Version  int64

	House *house `bun:"rel:belongs-to,join:house_id=plot_id"`
	Lamp  *lamp  `bun:"rel:belongs-to,join:lamp_id=id"`
}

func named(label string) graph.Description {
	return graph.Description{Label: label, Search: []string{label}, Sorts: []graph.Sort{{Name: "name", Path: label}}}
}

func (*street) Describe() graph.Description  { return named("name") }
func (*tree) Describe() graph.Description    { return named("name") }
func (*plot) Describe() graph.Description    { return named("name") }
func (*lamp) Describe() graph.Description    { return named("name") }
func (*tile) Describe() graph.Description    { return named("name") }
func (*chimney) Describe() graph.Description { return named("name") }
func (*bell) Describe() graph.Description    { return named("name") }
func (*house) Describe() graph.Description   { return named("plot__name") }
func (*roof) Describe() graph.Description    { return named("house__plot__name") }

func (s *street) Check(c *problem.Check) { c.Line("name", "The name", &s.Name, 50) }

// streetTables is the schema of these kinds: every table's own columns and its foreign keys.
var streetTables = []string{
	"streets: id, name, plot_count",
	"trees: id, name, species, street_id → streets.id",
	"plots: id, name, house_count, street_id → streets.id",
	"lamps: id, name, street_id → streets.id, plot_id → plots.id",
	"houses: plot_id → plots.id, chimney_count",
	"roofs: house_id → houses.plot_id, tile_count",
	"tiles: id, name, roof_id → roofs.house_id",
	"chimneys: id, name, house_id → houses.plot_id, roof_id → roofs.house_id",
	"bells: id, name, house_id → houses.plot_id, lamp_id → lamps.id",
}

func createStreetTables(ctx context.Context, db *bun.DB) error {
	if err := migrations.Apply(ctx, db); err != nil {
		return err
	}
	for _, table := range streetTables {
		name, columns, _ := strings.Cut(table, ": ")
		definitions := []string{"version INTEGER NOT NULL"}
		for i, column := range strings.Split(columns, ", ") {
			column, to, isForeign := strings.Cut(column, " → ")
			d := column + " INTEGER"
			switch {
			case column == "name":
				d = "name TEXT NOT NULL, name_norm TEXT NOT NULL"
			case column == "species":
				d = "species TEXT NOT NULL"
			case strings.HasSuffix(column, "_count"):
				d += " NOT NULL DEFAULT 0"
			case column == "id":
				d += " PRIMARY KEY AUTOINCREMENT"
			case i == 0:
				d += " PRIMARY KEY"
				definitions = append(definitions, "identity INTEGER NOT NULL")
			}
			if isForeign {
				table, key, _ := strings.Cut(to, ".")
				d += fmt.Sprintf(" REFERENCES %s (%s) ON DELETE CASCADE ON UPDATE CASCADE", table, key)
			}
			definitions = append(definitions, d)
		}
		if _, err := db.ExecContext(ctx, fmt.Sprintf("CREATE TABLE IF NOT EXISTS %s (%s)", name, strings.Join(definitions, ", "))); err != nil {
			return err
		}
	}
	return nil
}

// newStreet is the second world: First Street has two plots, Left and Right, each with a house, a
// roof, tiles, a chimney and a lamp, a free plot, and a tree; Second Street has a plot. There is
// no bell yet.
func newStreet(t testing.TB) *world {
	t.Helper()
	path := filepath.Join(t.TempDir(), "street.db")
	s, err := store.Open(ctx, path, createStreetTables, street{})
	if err != nil {
		t.Fatal(err)
	}
	w := &world{Store: s, t: t, path: path}
	t.Cleanup(func() {
		w.mustBeSound()
		s.Close()
	})
	add(w, &street{Name: "First"}, &street{Name: "Second"})
	add(w, &tree{Name: "Elm", Species: "Ulmus", StreetID: 1})
	add(w, &plot{Name: "Left", StreetID: 1}, &plot{Name: "Right", StreetID: 1}, &plot{Name: "Free", StreetID: 1}, &plot{Name: "Other", StreetID: 2})
	add(w, &lamp{Name: "Lantern", StreetID: 1, PlotID: 1}, &lamp{Name: "Torch", StreetID: 2, PlotID: 2})
	add(w, &house{PlotID: 1}, &house{PlotID: 2})
	add(w, &roof{HouseID: 1}, &roof{HouseID: 2})
	add(w, &tile{Name: "left tile", RoofID: 1}, &tile{Name: "left shingle", RoofID: 1}, &tile{Name: "right tile", RoofID: 2})
	add(w, &chimney{Name: "left chimney", HouseID: 1, RoofID: 1}, &chimney{Name: "right chimney", HouseID: 2, RoofID: 2})
	return w
}

func add[T any](w *world, records ...*T) {
	w.t.Helper()
	for _, r := range records {
		_, err := kind.Of[T]{}.Create(ctx, w.Store, "", r)
		w.must(err)
	}
}

func (w *world) kind(table string) *graph.Kind { return w.Graph.ByTable(table) }
