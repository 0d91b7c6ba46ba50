package models

import (
	"context"
	"fmt"
	"net/url"
	"slices"
	"strings"

	"github.com/uptrace/bun"

	"maitred/models/change"
	"maitred/models/graph"
	"maitred/models/kind"
	"maitred/models/problem"
)

// samplePlace is one place of the sample data, with its restaurant if it has one.
type samplePlace struct {
	name, address  string
	restaurant     bool
	hotDogs, pizza bool
	waiters        []string
}

var sample = []samplePlace{
	{"Demon Dogs", "944 W. Fullerton", true, true, false, []string{"Joe"}},
	{"Ace Hardware", "1013 N. Ashland", false, false, false, nil},
	{"Lakeview Pizza Works", "3114 N. Broadway", true, false, true, []string{"Maria Alvarez", "Tom Becker", "Priya Nair"}},
	{"The Corner Oven", "1560 N. Damen", true, false, true, []string{"Luca Ferri", "Hannah Cole"}},
	{"Red Line Franks", "1234 W. Belmont", true, true, false, []string{"Darnell Hughes", "Sofía Ríos"}},
	{"Old Town Bakery", "219 W. North Avenue", false, false, false, nil},
	{"Pilsen Slice House", "1801 S. Ashland", true, false, true, []string{"Ana Mendoza", "Chris Novak", "Jelena Kovač", "Ben Ortiz"}},
	{"Bridgeport Hot Dog Stand", "3149 S. Halsted", true, true, false, []string{"Ed Kowalski"}},
	{"Harbor Books", "77 E. Wacker Drive", false, false, false, nil},
	{"Logan Square Grill", "2500 N. Milwaukee", true, true, true, []string{"Noah Kim", "Fatima Haddad", "Grace Lee"}},
	{"Café Brûlée", "1422 W. Taylor", true, false, true, []string{"Chloé Martin", "Owen Price"}},
	{"Uptown Theatre Lobby", "4816 N. Broadway", false, false, false, nil},
	{"Wrigley Franks", "3701 N. Clark", true, true, false, []string{"Sam O’Neil", "Tasha Green", "Victor Lund", "Yuki Tanaka", "Zoe Adams"}},
	{"Hyde Park Garden Centre", "5201 S. Harper", false, false, false, nil},
	{"Chinatown Gate", "2200 S. Wentworth", true, false, true, []string{"Mei Chen", "Daniel Wong"}},
	{"Andersonville Hall", "5211 N. Clark", true, true, true, []string{"Astrid Lindqvist", "Karl Holm"}},
	{"South Shore Boathouse", "7059 S. South Shore Drive", false, false, false, nil},
	{"Greektown Corner", "306 S. Halsted", true, false, true, []string{"Eleni Pappas", "Nikos Vasiliou", "Irene Stavrou"}},
	{"Navy Pier Kiosk 4", "600 E. Grand Avenue", true, true, false, []string{"Marcus Bell"}},
	{"Ravenswood Station", "1800 W. Lawrence", false, false, false, nil},
	{"Humboldt Park Pavilion", "1301 N. Humboldt Drive", true, true, true, nil},
	{"Little Italy Trattoria", "1015 W. Taylor", true, false, true, []string{"Paolo Conti", "Rosa Greco"}},
	{"Edgewater Flower Shop", "5555 N. Sheridan", false, false, false, nil},
	{"Garfield Dog House", "115 S. Pulaski", true, true, false, []string{"Lena Brooks", "Ivan Petrov"}},
}

// SampleSentence is what history says of the change that loaded the sample data.
const SampleSentence = "loaded the sample data"

// loadSample creates the sample data on a site that has no record yet.
type loadSample struct{ change.Create }

// Plan errors: Conflict when there is any record.
func (l loadSample) Plan(ctx context.Context, tx bun.Tx, g *graph.Graph) (*change.Plan, error) {
	for _, k := range g.Kinds() {
		some, err := tx.NewSelect().Table(k.Table).Exists(ctx)
		if err != nil {
			return nil, fmt.Errorf("see whether there are %s: %w", k.Table, err)
		}
		if some {
			return nil, problem.New(problem.Conflict, "There are %s here already, so the sample data was not loaded. Nothing was changed.", k.Plural())
		}
	}
	return l.Create.Plan(ctx, tx, g)
}

// LoadSample adds the sample data as one change. Errors: Conflict when the site is not empty.
func LoadSample(ctx context.Context, s *Store, token string) (*change.Change, error) {
	op := loadSample{change.Create{Sentence: SampleSentence}}
	for _, row := range sample {
		records, err := row.records(s)
		if err != nil {
			return nil, err
		}
		op.Records = append(op.Records, records...)
	}
	return change.Commit(ctx, s, op, change.Form{Token: token})
}

// records are a place as it is added, with its restaurant and the waiters there. Errors: Invalid.
func (row samplePlace) records(s *Store) ([]change.Record, error) {
	p := &Place{Name: row.name, Address: row.address}
	all := []change.Record{{Model: p}}
	if err := kind.Check(s, p); err != nil || !row.restaurant {
		return all, err
	}
	r := &Restaurant{ServesHotDogs: row.hotDogs, ServesPizza: row.pizza}
	all = append(all, change.Record{Model: r, Bind: func() { r.PlaceID = p.ID }})
	for _, name := range row.waiters {
		w := &Waiter{Name: name, RestaurantID: -1} // known when the place has its key
		if err := kind.Check(s, w); err != nil {
			return nil, err
		}
		all = append(all, change.Record{Model: w, Bind: func() { w.RestaurantID = p.ID }})
	}
	return all, nil
}

// SampleLeft returns the places of the sample data that are still called so and where they were, each
// with the restaurant that is there now, in the order of the sample.
func SampleLeft(ctx context.Context, s *Store) ([]*Place, error) {
	names := make([]string, 0, len(sample))
	for _, row := range sample {
		names = append(names, row.name)
	}
	q, err := kind.ParseQuery(Places.Kind(s), url.Values{"name__in": {strings.Join(names, ",")}})
	if err != nil {
		return nil, fmt.Errorf("ask for the sample data: %w", err)
	}
	found, _, err := Places.First(ctx, s, q, 2*len(sample)) // some may be there twice, by people's own hands
	if err != nil {
		return nil, fmt.Errorf("find the sample data: %w", err)
	}
	var left []*Place
	for _, row := range sample {
		at := slices.IndexFunc(found, func(p *Place) bool { return p.Name == row.name && p.Address == row.address })
		if at >= 0 {
			left = append(left, found[at])
		}
	}
	return left, nil
}
