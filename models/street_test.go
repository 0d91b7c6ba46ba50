package models_test

import (
	"context"
	"fmt"
	"path/filepath"
	"strings"
	"testing"

	"github.com/uptrace/bun"

	"maitred/migrations"
	"maitred/models/change"
	"maitred/models/graph"
	"maitred/models/kind"
	"maitred/models/problem"
	"maitred/models/store"
)

// A second world, of kinds that no part of the program knows, with all the ways in which kinds can
// hang together: siblings (plots and trees of a street), a chain (street, plot, house, roof,
// tile), twice a child that shares the key of a child that shares the key (house, roof), and
// diamonds (a lamp stands in a street and before a plot, a chimney on a house and through a roof).

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

func named(label string) graph.Description {
	return graph.Description{Label: label, Search: []string{label}, Sorts: []graph.Sort{{Name: "name", Path: label}}}
}

func (*street) Describe() graph.Description  { return named("name") }
func (*tree) Describe() graph.Description    { return named("name") }
func (*plot) Describe() graph.Description    { return named("name") }
func (*lamp) Describe() graph.Description    { return named("name") }
func (*tile) Describe() graph.Description    { return named("name") }
func (*chimney) Describe() graph.Description { return named("name") }
func (*house) Describe() graph.Description   { return named("plot__name") }
func (*roof) Describe() graph.Description    { return named("house__plot__name") }

func (s *street) Check(c *problem.Check) { c.Line("name", "The name", &s.Name, 50) }

// streetTables is the schema of these kinds: every table's own columns and its foreign keys.
var streetTables = []string{
	"streets: id, name, plot_count",
	"trees: id, name, street_id → streets.id",
	"plots: id, name, house_count, street_id → streets.id",
	"lamps: id, name, street_id → streets.id, plot_id → plots.id",
	"houses: plot_id → plots.id, chimney_count",
	"roofs: house_id → houses.plot_id, tile_count",
	"tiles: id, name, roof_id → roofs.house_id",
	"chimneys: id, name, house_id → houses.plot_id, roof_id → roofs.house_id",
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
// roof, tiles, a chimney and a lamp, a free plot, and a tree; Second Street has a plot.
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
	add(w, &tree{Name: "Elm", StreetID: 1})
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

func TestADeletionReachesSiblingsChainsAndDiamondsOnce(t *testing.T) {
	t.Parallel()
	w := newStreet(t)
	p := w.preview(change.Delete{Kind: w.kind("plots"), Key: 1})
	w.same("what goes with a plot", told(p), []string{
		"deleted 1 plots: Left", "deleted 1 houses: Left", "deleted 1 roofs: Left", "deleted 2 tiles: left shingle left tile",
		"deleted 1 chimneys: left chimney", "deleted 1 lamps: Lantern", "stays: the street First",
	})
	p = w.preview(change.Delete{Kind: w.kind("streets"), Key: 1})
	counts := map[string]int64{}
	for _, s := range p.Steps {
		counts[s.Kind.Table] += s.Count
	}
	w.same("what goes with a street", counts, map[string]int64{
		"streets": 1, "trees": 1, "plots": 3, "lamps": 2, "houses": 2, "roofs": 2, "chimneys": 2, "tiles": 3,
	})

	w.delete(w.kind("streets"), 1)
	left := map[string]int{}
	for table, rows := range w.tables() {
		left[table] = len(rows)
	}
	w.same("what is left", left, map[string]int{
		"streets": 1, "trees": 0, "plots": 1, "lamps": 0, "houses": 0, "roofs": 0, "chimneys": 0, "tiles": 0,
	})
}

func TestWhateverSharesTheKeyOfWhatSharesTheKeyMovesAlong(t *testing.T) {
	t.Parallel()
	w := newStreet(t)
	const free = 3
	p := w.preview(change.Move{Kind: w.kind("houses"), Key: 1, To: free})
	w.same("the plan", told(p), []string{
		"changed 1 houses: Left", "changed 1 roofs: Left", "changed 2 tiles: left shingle left tile", "changed 1 chimneys: left chimney",
	})
	c := w.move(w.kind("houses"), 1, free)
	w.same("what was written", c.RowCount, int64(1+1+2+1)) // house, roof, tiles, chimney
	now := w.tables()
	for table, key := range map[string]string{"houses": "plot_id", "roofs": "house_id"} {
		if now[table][1] != nil || now[table][free] == nil || now[table][free][key] != int64(free) {
			t.Errorf("the %s are %v", table, now[table])
		}
	}
	for _, r := range []row{now["tiles"][1], now["tiles"][2], now["chimneys"][1]} {
		if r["roof_id"] != int64(free) || r["version"] != c.ID {
			t.Errorf("%s has the roof %v and the version %v", r["name"], r["roof_id"], r["version"])
		}
	}
	w.same("the chimney's house", now["chimneys"][1]["house_id"], int64(free))
	w.same("the lamp before the plot", now["lamps"][1]["plot_id"], int64(1))
	w.move(w.kind("houses"), free, 1)
}

func TestWhateverSharesTheKeyOfWhatSharesTheKeyIsSwappedAlong(t *testing.T) {
	t.Parallel()
	w := newStreet(t)
	w.do(change.Move{Kind: w.kind("houses"), Key: 1, To: 2, Swap: true})
	now := w.tables()
	for _, r := range now["tiles"] {
		want := int64(2)
		if strings.HasPrefix(r["name"].(string), "right") {
			want = 1
		}
		w.same(r["name"].(string), r["roof_id"], want)
	}
	w.same("the identities of the roofs", []any{now["roofs"][1]["identity"], now["roofs"][2]["identity"]}, []any{int64(2), int64(1)})
}

// One chimney stands on the left house and goes through the right one's roof.
func TestWhatPointsToBothOfASwapIsWrittenOnce(t *testing.T) {
	t.Parallel()
	w := newStreet(t)
	add(w, &chimney{Name: "crooked", HouseID: 1, RoofID: 2})
	p := w.preview(change.Move{Kind: w.kind("houses"), Key: 1, To: 2, Swap: true})
	w.same("the number of rows", p.Total(), int64(2+2+3+3))
	w.do(change.Move{Kind: w.kind("houses"), Key: 1, To: 2, Swap: true})
	crooked := w.tables()["chimneys"][3]
	w.same("the crooked chimney", []any{crooked["house_id"], crooked["roof_id"]}, []any{int64(2), int64(1)})

	w.move(w.kind("houses"), 2, 3)
	crooked = w.tables()["chimneys"][3]
	w.same("the crooked chimney", []any{crooked["house_id"], crooked["roof_id"]}, []any{int64(3), int64(1)})
}

// A move of a roof from house to house, between the levels of the chain.
func TestAMoveInTheMiddleOfAChainLeavesWhatIsAboveInPlace(t *testing.T) {
	t.Parallel()
	w := newStreet(t)
	add(w, &house{PlotID: 3})
	w.move(w.kind("roofs"), 1, 3)
	now := w.tables()
	w.same("the house that stays", now["houses"][1]["plot_id"], int64(1))
	w.same("the tile's roof", now["tiles"][1]["roof_id"], int64(3))
	w.same("the chimney", []any{now["chimneys"][1]["house_id"], now["chimneys"][1]["roof_id"]}, []any{int64(1), int64(3)})
}

func TestARecordWithTwoParentsMovesBetweenItsFirst(t *testing.T) {
	t.Parallel()
	w := newStreet(t)
	w.move(w.kind("lamps"), 1, 2)
	lamp := w.tables()["lamps"][1]
	w.same("the lamp", []any{lamp["street_id"], lamp["plot_id"]}, []any{int64(2), int64(1)})
}

func TestAKindNobodyNamedIsListedSearchedFilteredAndValidated(t *testing.T) {
	t.Parallel()
	w := newStreet(t)
	var streets kind.Of[street]
	_, err := streets.Create(ctx, w.Store, "", &street{Name: " "})
	w.refused(err, problem.Invalid, "name: The name is missing")
	_, err = streets.Create(ctx, w.Store, "", &street{Name: " École "})
	w.must(err)

	for address, want := range map[string][]string{
		"sort=-name": {"Second", "First", "École"},
		"q=ecole":    {"École"},
		"plot__house__roof__tile__name=left tile":                        {"First"},
		"plot__house__chimney__count=1&plot__house__roof__tile__count=2": {"First"},
		"tree__count=0":          {"École", "Second"},
		"lamp__plot__name=Right": {"Second"},
		"exclude__plot__house__isnull=true&plot__isnull=false": {},
	} {
		var names []string
		for _, s := range pages(w, streets, address) {
			names = append(names, s.Name)
		}
		w.same(address, append([]string{}, names...), want)
	}
}
