package models_test

import (
	"strings"
	"testing"

	"maitred/models/change"
	"maitred/models/kind"
	"maitred/models/problem"
)

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
		"streets": 1, "trees": 0, "plots": 1, "lamps": 0, "houses": 0, "roofs": 0, "chimneys": 0, "tiles": 0, "bells": 0,
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

func TestATextThatIsKeptAsItIsCannotBeAskedWithoutItsCase(t *testing.T) {
	t.Parallel()
	w := newStreet(t)
	var trees kind.Of[tree]
	for address, want := range map[string]int{"species=Ulmus": 1, "species__contains=lm": 1, "species__startswith=ulm": 0, "species__endswith=us": 1, "species__in=Ulmus,Acer": 1} {
		w.same(address, len(pages(w, trees, address)), want)
	}
	_, err := list(w, trees, "species__icontains=ULM")
	w.refused(err, problem.BadRequest, "after “species” only these can follow: exact, contains, startswith, endswith, in, isnull.")
}
