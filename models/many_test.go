package models_test

import (
	"errors"
	"fmt"
	"math/rand/v2"
	"net/url"
	"slices"
	"strings"
	"testing"

	"maitred/models"
	"maitred/models/change"
	"maitred/models/graph"
	"maitred/models/kind"
	"maitred/models/problem"
)

// In these stories Zoë's Café has the waiters Ann, Al Zoot, Zora, zoe and Zoë, Demon Dogs has Joe,
// and Ashland Grill has none.
const (
	zoesCafe     = 3
	ashlandGrill = 4
)

// all selects what the list with this address shows.
func (w *world) all(k *graph.Kind, address string) *change.Selection {
	w.t.Helper()
	values, err := url.ParseQuery(address)
	w.must(err)
	q, err := kind.ParseQuery(k, values)
	w.must(err)
	return q.Selection()
}

// ticked selects records by their keys.
func ticked(k *graph.Kind, keys ...int64) *change.Selection { return change.Keys(k, keys) }

func (w *world) deletion(k *graph.Kind, of *change.Selection) change.Operation {
	return change.Delete{Kind: k, Of: of}
}

func (w *world) gathering(of *change.Selection, to int64) change.Operation {
	return change.MoveMany{Kind: w.waiters, Of: of, To: to}
}

// setting answers for restaurants: "pizza", "no pizza", "hot dogs", "no hot dogs".
func (w *world) setting(of *change.Selection, answers ...string) change.Operation {
	op := change.SetMany{Kind: w.restaurants, Of: of}
	for _, a := range answers {
		what, no := strings.CutPrefix(a, "no ")
		column := w.restaurants.Column("serves_" + strings.ReplaceAll(what, " ", "_"))
		op.To = append(op.To, change.Answer{Column: column, Yes: !no})
	}
	return op
}

func TestWhatIsDoneToManyIsOneChangeWithASentence(t *testing.T) {
	t.Parallel()
	for sentence, op := range map[string]func(*world) change.Operation{
		"deleted 2 places with 2 restaurants and 6 waiters": func(w *world) change.Operation {
			return w.deletion(w.places, ticked(w.places, demonDogs, zoesCafe, nowhere))
		},
		"deleted 4 places with 3 restaurants and 6 waiters": func(w *world) change.Operation { return w.deletion(w.places, w.all(w.places, "")) },
		"deleted 2 restaurants": func(w *world) change.Operation {
			w.delete(w.waiters, joe)
			return w.deletion(w.restaurants, w.all(w.restaurants, "waiter__isnull=true"))
		},
		"deleted the waiter Zora":                            func(w *world) change.Operation { return w.deletion(w.waiters, w.all(w.waiters, "name=Zora")) },
		"deleted the restaurant at Demon Dogs with 1 waiter": func(w *world) change.Operation { return w.deletion(w.restaurants, ticked(w.restaurants, demonDogs)) },
		"moved 5 waiters to Ashland Grill":                   func(w *world) change.Operation { return w.gathering(w.all(w.waiters, "restaurant=3"), ashlandGrill) },
		"moved the waiter Joe to Zoë's Café":                 func(w *world) change.Operation { return w.gathering(w.all(w.waiters, ""), zoesCafe) },
		"set 2 restaurants: serves pizza no":                 func(w *world) change.Operation { return w.setting(w.all(w.restaurants, ""), "no pizza") },
		"set 3 restaurants: serves hot dogs no and serves pizza yes": func(w *world) change.Operation {
			w.do(w.setting(ticked(w.restaurants, zoesCafe), "hot dogs"))
			return w.setting(w.all(w.restaurants, ""), "no hot dogs", "pizza")
		},
		"set the restaurant at Demon Dogs: serves pizza yes": func(w *world) change.Operation { return w.setting(w.all(w.restaurants, ""), "pizza") },
	} {
		t.Run(sentence, func(t *testing.T) {
			t.Parallel()
			w := aNeighbourhood(t)
			done := op(w)
			before := w.changes()
			plan := w.preview(done)
			c, err := w.commit(done, plan)
			w.must(err)
			w.same("the sentence", c.Sentence, sentence)
			w.same("the number of changes", w.changes(), before+1)
			w.same("the rows of the change", c.RowCount, plan.Total())
		})
	}
}

func TestAllThatMatchIsWhatTheListShows(t *testing.T) {
	t.Parallel()
	random := rand.New(rand.NewPCG(3, 7))
	w := aRandomWorld(t, random)
	all := w.tables()
	for range 300 {
		table := anyOf(random, []string{"places", "restaurants", "waiters"})
		k := w.kind(table)
		address := url.Values{}
		for range 1 + random.IntN(2) {
			q := randomQuestion(random, table, all)
			address.Add(q.name, q.value)
		}
		switch random.IntN(4) {
		case 0:
			address.Set("q", anyOf(random, []string{"demon", "zoe d", "e", "100%", "?"}))
		case 1, 2: // of several words, too, and with no condition beside
			if address.Set("q", strings.TrimSpace(randomSearch(random, all, table))); random.IntN(2) == 0 && address.Get("q") != "" {
				address = url.Values{"q": address["q"]}
			}
		}
		want := w.keysOfList(table, address.Encode(), false)
		plan, err := change.Preview(ctx, w.Store, w.deletion(k, w.all(k, address.Encode())))
		if len(want) == 0 {
			w.refused(err, problem.Invalid, "No "+k.Singular()+" is chosen")
			continue
		}
		w.must(err)
		w.same("how many match "+address.Encode(), plan.Of.Count, int64(len(want)))
		shown := plan.Of.First
		for _, item := range shown {
			if !slices.Contains(want, item.Key) {
				t.Errorf("/%s?%s does not list %d", table, address.Encode(), item.Key)
			}
		}
	}
}

func TestThoseThatAreSoAlreadyAreNotWritten(t *testing.T) {
	t.Parallel()
	w := aNeighbourhood(t)
	version := w.restaurant(zoesCafe).Version
	plan := w.preview(w.setting(w.all(w.restaurants, ""), "pizza"))
	w.same("those that match and those that change", []int64{plan.Of.Count, plan.Total()}, []int64{3, 1})
	w.do(w.setting(w.all(w.restaurants, ""), "pizza"))
	w.same("the version of one that served pizza already", w.restaurant(zoesCafe).Version, version)
	w.same("what Demon Dogs serves", []bool{w.restaurant(demonDogs).ServesHotDogs, w.restaurant(demonDogs).ServesPizza}, []bool{true, true})

	version = w.waiter(joe).Version
	plan = w.preview(w.gathering(w.all(w.waiters, ""), demonDogs))
	w.same("those that match and those that change", []int64{plan.Of.Count, plan.Total()}, []int64{6, 5})
	w.do(w.gathering(w.all(w.waiters, ""), demonDogs))
	w.same("the version of the one who was there already", w.waiter(joe).Version, version)
	w.same("the numbers of waiters", []int64{w.restaurant(demonDogs).WaiterCount, w.restaurant(zoesCafe).WaiterCount}, []int64{6, 0})
}

func TestWhereNothingIsToBeDoneNothingIsRecorded(t *testing.T) {
	t.Parallel()
	w := aNeighbourhood(t)
	before, changes := w.tables(), w.changes()
	for _, op := range []change.Operation{
		w.setting(w.all(w.restaurants, "serves_pizza=true"), "pizza"),
		w.gathering(w.all(w.waiters, "restaurant=3"), zoesCafe),
	} {
		plan := w.preview(op)
		w.same("the rows to be written", plan.Total(), int64(0))
		if c, err := w.commit(op, plan); c != nil || err != nil {
			t.Errorf("%+v was answered %v, %v", op, c, err)
		}
	}
	w.mustBeAsBefore(before, changes)
}

func TestTheFirstFiveByNameAreShownBeforeAndAfter(t *testing.T) {
	t.Parallel()
	w := aNeighbourhood(t)
	plan := w.preview(w.gathering(w.all(w.waiters, ""), ashlandGrill))
	w.same("who would move", examples(plan), []string{
		"Al Zoot: Zoë's Café → Ashland Grill", "Ann: Zoë's Café → Ashland Grill", "Joe: Demon Dogs → Ashland Grill",
		"zoe: Zoë's Café → Ashland Grill", "Zoë: Zoë's Café → Ashland Grill",
	})
	plan = w.preview(w.setting(w.all(w.restaurants, ""), "no hot dogs", "pizza"))
	w.same("what would be set", examples(plan), []string{
		"Ashland Grill: serves hot dogs: yes, serves pizza: yes → serves hot dogs: no, serves pizza: yes",
		"Demon Dogs: serves hot dogs: yes, serves pizza: no → serves hot dogs: no, serves pizza: yes",
	})
	plan = w.preview(w.deletion(w.restaurants, w.all(w.restaurants, "")))
	w.same("what would go", told(plan), []string{
		"deleted 3 restaurants: Ashland Grill Demon Dogs Zoë's Café", "deleted 6 waiters: Al Zoot Ann Joe zoe Zoë Zora",
	})
}

func examples(p *change.Plan) (lines []string) {
	for _, e := range p.Examples {
		lines = append(lines, fmt.Sprintf("%s: %s → %s", e.Label, strings.Join(e.Now, ", "), strings.Join(e.Then, ", ")))
	}
	return lines
}

func TestWhatMakesNoSenseForManyIsRefused(t *testing.T) {
	t.Parallel()
	w := aNeighbourhood(t)
	before, changes := w.tables(), w.changes()
	column := func(k *graph.Kind, name string) change.Operation {
		return change.SetMany{Kind: k, Of: w.all(k, ""), To: []change.Answer{{Column: k.Column(name), Yes: true}}}
	}
	for _, story := range []struct {
		op   change.Operation
		code problem.Code
		says string
	}{
		{w.deletion(w.places, ticked(w.places)), problem.Invalid, "No place is chosen"},
		{w.deletion(w.places, ticked(w.places, nowhere, -1)), problem.Invalid, "No place is chosen"},
		{w.gathering(w.all(w.waiters, "name=Nobody"), zoesCafe), problem.Invalid, "No waiter is chosen"},
		{w.setting(ticked(w.restaurants, aceHardware), "pizza"), problem.Invalid, "No restaurant is chosen"},
		{w.gathering(w.all(w.waiters, ""), aceHardware), problem.Invalid, "restaurant_id: That restaurant does not exist"},
		{w.gathering(w.all(w.waiters, ""), 0), problem.Invalid, "restaurant_id: That restaurant does not exist"},
		{w.setting(w.all(w.restaurants, "")), problem.Invalid, "Choose yes or no"},
		{column(w.restaurants, "waiter_count"), problem.BadRequest, "no question"},
		{column(w.places, "name"), problem.BadRequest, "no question"},
		{change.MoveMany{Kind: w.restaurants, Of: w.all(w.restaurants, ""), To: aceHardware}, problem.BadRequest, "Several restaurants cannot be moved together"},
		{change.MoveMany{Kind: w.places, Of: w.all(w.places, ""), To: 1}, problem.BadRequest, "Several places cannot be moved together"},
	} {
		_, err := change.Preview(ctx, w.Store, story.op)
		w.refused(err, story.code, story.says)
		if _, err = change.Commit(ctx, w.Store, story.op, change.Form{Fingerprint: "x.1"}); err == nil {
			t.Errorf("%+v was done", story.op)
		}
	}
	w.mustBeAsBefore(before, changes)
}

func TestWhatIsDoneToManyMustBeShownFirst(t *testing.T) {
	t.Parallel()
	w := aNeighbourhood(t)
	before, changes := w.tables(), w.changes()
	for _, op := range []change.Operation{
		w.deletion(w.waiters, w.all(w.waiters, "")), w.gathering(w.all(w.waiters, ""), demonDogs), w.setting(w.all(w.restaurants, ""), "pizza"),
	} {
		if _, err := change.Commit(ctx, w.Store, op, change.Form{Token: "any"}); !errors.Is(err, change.ErrUnseen) {
			t.Errorf("%T without a fingerprint answered %v", op, err)
		}
	}
	w.mustBeAsBefore(before, changes)
}

func TestAFingerprintOfManyIsGoodForWhatWasShownOnly(t *testing.T) {
	t.Parallel()
	w := aNeighbourhood(t)
	everyone := w.all(w.waiters, "")
	everywhere := w.all(w.restaurants, "")
	ops := []change.Operation{
		w.gathering(everyone, demonDogs), w.gathering(everyone, ashlandGrill), w.gathering(w.all(w.waiters, "q=z"), ashlandGrill), w.gathering(ticked(w.waiters, joe), ashlandGrill),
		w.setting(everywhere, "pizza"), w.setting(everywhere, "no pizza"), w.setting(everywhere, "hot dogs"), w.setting(everywhere, "hot dogs", "pizza"),
		w.setting(w.all(w.restaurants, "serves_pizza=false"), "pizza"), w.setting(w.all(w.restaurants, "serves_hot_dogs=true"), "pizza"),
		w.setting(ticked(w.restaurants, demonDogs), "no hot dogs", "pizza"), w.setting(ticked(w.restaurants, demonDogs), "no hot dogs"),
		w.deletion(w.waiters, everyone), w.deletion(w.waiters, ticked(w.waiters, joe)), w.deletion(w.restaurants, everywhere), w.deletion(w.places, w.all(w.places, "")),
		change.Move{Kind: w.waiters, Key: joe, To: ashlandGrill},
	}
	before, changes := w.tables(), w.changes()
	for i, shown := range ops {
		plan := w.preview(shown)
		for j, op := range ops {
			if i == j {
				continue
			}
			var stale *change.Stale
			if _, err := w.commit(op, plan); !errors.As(err, &stale) {
				t.Fatalf("%T %+v with the fingerprint of %T %+v answered %v", op, op, shown, shown, err)
			}
		}
	}
	w.mustBeAsBefore(before, changes)
}

func TestAFormAboutManySentTwentyTimesAtOnceWritesOnce(t *testing.T) {
	t.Parallel()
	w := aNeighbourhood(t)
	for _, op := range []change.Operation{
		w.gathering(w.all(w.waiters, "restaurant=3"), ashlandGrill), w.setting(w.all(w.restaurants, "serves_pizza=false"), "pizza"), w.deletion(w.waiters, w.all(w.waiters, "")),
	} {
		before := w.changes()
		form := change.Form{Token: fmt.Sprintf("%T", op), Fingerprint: w.preview(op).Fingerprint()}
		var answers [20]*change.Change
		var errs [20]error
		atOnce(len(answers), func(i int) { answers[i], errs[i] = change.Commit(ctx, w.Store, op, form) })
		for i := range answers {
			w.must(errs[i])
			w.same("an answer", answers[i], answers[0])
		}
		w.same("the number of changes", w.changes(), before+1)
	}
}

// More keys than a statement can have parameters, and more rows than anybody would write one by one.
func TestThousandsAreMovedSetAndDeletedTogether(t *testing.T) {
	repeats(t)
	t.Parallel()
	w := newWorld(t)
	op := change.Create{}
	const many = 2_000
	for i := range many {
		hired := &models.Waiter{RestaurantID: demonDogs, Name: fmt.Sprintf("Waiter %05d", i)}
		w.must(kind.Check(w.Store, hired))
		op.Records = append(op.Records, change.Record{Model: hired})
	}
	_, err := change.Commit(ctx, w.Store, op, change.Form{})
	w.must(err)
	tacoHut := w.addRestaurant("Taco Hut", "7 W. Erie")
	keys := make([]int64, 50_000)
	for i := range keys {
		keys[i] = int64(i)
	}
	c := w.do(w.gathering(ticked(w.waiters, keys...), tacoHut))
	w.same("what was done", c.Sentence, "moved 2,001 waiters to Taco Hut")
	c = w.do(w.deletion(w.waiters, w.all(w.waiters, "name__startswith=Waiter")))
	w.same("what was done", c.Sentence, "deleted 2,000 waiters")
	w.same("who is left", waitersOf(w)(""), []string{"Joe"})
}

func TestManyOfAnyKindAreDeletedAndMovedTogether(t *testing.T) {
	t.Parallel()
	w := newStreet(t)
	lamps := w.kind("lamps")
	plan := w.preview(change.MoveMany{Kind: lamps, Of: w.all(lamps, ""), To: 2})
	w.same("who would move", examples(plan), []string{"Lantern: First → Second"})
	w.do(change.MoveMany{Kind: lamps, Of: w.all(lamps, ""), To: 2})
	for key, lamp := range w.tables()["lamps"] {
		w.same("the plot of a lamp", []any{lamp["street_id"], lamp["plot_id"]}, []any{int64(2), key})
	}
	c := w.do(w.deletion(w.kind("plots"), w.all(w.kind("plots"), "house__isnull=false")))
	w.same("what was done", c.Sentence, "deleted 2 plots with 2 houses, 2 roofs, 3 tiles, 2 chimneys and 2 lamps")
}
