package models_test

import (
	"cmp"
	"errors"
	"os"
	"path/filepath"
	"slices"
	"testing"

	"pgregory.net/rapid"

	"maitred/models"
	"maitred/models/change"
	"maitred/models/databasetest"
	"maitred/models/graph"
	"maitred/models/problem"
)

// A morning of any changes, undos of any of them among them, taken back from the last to the first:
// each undo must bring back exactly what was before, and none may need to be asked twice.
func TestWhateverPeopleDoIsTakenBackInReverse(t *testing.T) {
	repeats(t)
	t.Parallel()
	template := filepath.Join(t.TempDir(), "template.db")
	w := openWorld(t, template)
	w.fill()
	w.must(w.Close())
	rapid.Check(t, func(t *rapid.T) {
		m := newMorning(t, template)
		defer m.end()
		n := rapid.IntRange(1, 25).Draw(t, "changes")
		for range n {
			m.doSomething(t)
		}
		m.mustBeSound()
		for len(m.done) > 0 {
			last := len(m.done) - 1
			c, err := change.Commit(ctx, m.Store, change.Undo{Change: m.done[last].ID}, change.Form{})
			if err != nil {
				t.Fatalf("the undo of “%s” was answered %v", m.done[last].Sentence, err)
			}
			if c.RowCount != m.done[last].RowCount {
				t.Errorf("“%s” wrote %d rows, its undo %d", m.done[last].Sentence, m.done[last].RowCount, c.RowCount)
			}
			if m.before[last] != nil {
				m.same("the tables before “"+m.done[last].Sentence+"”", withoutVersions(m.tables()), m.before[last])
			}
			m.done, m.before = m.done[:last], m.before[:last]
			if rapid.IntRange(0, 9).Draw(t, "restart") == 0 {
				m.restart()
			}
		}
		m.mustBeSound()
	})
}

// fill makes four places, two of them with a restaurant and its waiters.
func (w *world) fill() {
	w.addPlace("Demon Dogs", "944 W. Fullerton")
	w.addPlace("Ace Hardware", "1013 N. Ashland")
	w.open(&models.Restaurant{PlaceID: demonDogs, ServesHotDogs: true})
	w.hire(demonDogs, "Joe", "Ann")
	w.hire(w.addRestaurant("Taco Hut", "7 W. Erie"), "Tim")
	w.addPlace("Free", "Street")
}

// morning is a database with what was done in it, and how it was before each change; nil where
// nobody looked, because several were done at once.
type morning struct {
	*world
	done   []*change.Change
	before []tables
	forms  []func(name string) (*change.Change, error) // opened and not yet saved
}

func newMorning(t *rapid.T, template string) *morning {
	dir, err := os.MkdirTemp("", "maitred")
	if err != nil {
		t.Fatal(err)
	}
	file := filepath.Join(dir, "maitred.db")
	if onServer {
		databasetest.CopyOf(t, databaseAt(t, template), file)
		return &morning{world: openWorld(t, file)}
	}
	content, err := os.ReadFile(template)
	if err == nil {
		err = os.WriteFile(file, content, 0o600)
	}
	if err != nil {
		t.Fatal(err)
	}
	return &morning{world: openWorld(t, file)}
}

func (m *morning) end() {
	m.must(m.Close())
	m.must(os.RemoveAll(filepath.Dir(m.path)))
}

func (m *morning) restart() {
	m.must(m.Close())
	m.world = openWorld(m.t, m.path)
}

// doSomething does one thing that people can do, or is refused.
func (m *morning) doSomething(t *rapid.T) {
	before := withoutVersions(m.tables())
	place := rapid.Int64Range(1, 6).Draw(t, "place")
	other := rapid.Int64Range(1, 6).Draw(t, "other place")
	waiter := rapid.Int64Range(1, 5).Draw(t, "waiter")
	name := rapid.SampledFrom([]string{"Zoë", "Joe", "JOE", "Ann"}).Draw(t, "name")
	var c *change.Change
	var err error
	shown := func(op change.Operation) {
		var plan *change.Plan
		if plan, err = change.Preview(ctx, m.Store, op); err == nil {
			c, err = m.commit(op, plan)
		}
	}
	what := rapid.SampledFrom([]string{
		"add", "open", "hire", "rename", "serve", "call", "open a form", "save a form", "delete", "delete and keep", "delete many",
		"move", "swap", "copy", "transfer", "bring", "set", "undo", "undo", "undo", "undo", "undo at once",
	}).Draw(t, "what")
	switch what {
	case "add":
		c, err = models.Places.Create(ctx, m.Store, "", &models.Place{Name: name, Address: "Street"})
	case "open":
		c, err = models.Restaurants.Create(ctx, m.Store, "", &models.Restaurant{PlaceID: place})
	case "hire":
		c, err = models.Waiters.Create(ctx, m.Store, "", &models.Waiter{RestaurantID: place, Name: name})
	case "rename":
		var p *models.Place
		if p, err = models.Places.Find(ctx, m.Store, place); err == nil {
			p.Name = name
			c, err = models.Places.Update(ctx, m.Store, "", place, p.Version, p)
		}
	case "serve":
		var r *models.Restaurant
		if r, err = models.Restaurants.Find(ctx, m.Store, place); err == nil {
			r.ServesPizza = !r.ServesPizza
			c, err = models.Restaurants.Update(ctx, m.Store, "", place, r.Version, r)
		}
	case "call":
		var p *models.Waiter
		if p, err = models.Waiters.Find(ctx, m.Store, waiter); err == nil {
			p.Name = name
			c, err = models.Waiters.Update(ctx, m.Store, "", waiter, p.Version, p)
		}
	case "open a form":
		m.openForm(t, place, waiter)
	case "save a form":
		if len(m.forms) > 0 {
			i := rapid.IntRange(0, len(m.forms)-1).Draw(t, "form")
			c, err = m.forms[i](name)
			m.forms = slices.Delete(m.forms, i, i+1)
		}
	case "delete and keep":
		shown(m.sparing(t, place, other))
	case "bring":
		keys := rapid.SliceOfN(rapid.Int64Range(1, 6), 1, 4).Draw(t, "keys")
		shown(change.MoveMany{Kind: m.waiters, Of: change.Keys(m.waiters, keys), To: place})
	case "set":
		of := change.Keys(m.restaurants, rapid.SliceOfN(rapid.Int64Range(1, 6), 1, 4).Draw(t, "keys"))
		shown(m.setting(of, rapid.SampledFrom([]string{"pizza", "no pizza", "hot dogs", "no hot dogs"}).Draw(t, "answer")))
	case "delete":
		k := rapid.SampledFrom([]*graph.Kind{m.places, m.restaurants, m.waiters}).Draw(t, "kind")
		shown(change.Delete{Kind: k, Key: rapid.Int64Range(1, 6).Draw(t, "key")})
	case "delete many":
		k := rapid.SampledFrom([]*graph.Kind{m.places, m.restaurants, m.waiters}).Draw(t, "kind")
		shown(change.Delete{Kind: k, Of: change.Keys(k, rapid.SliceOfN(rapid.Int64Range(1, 6), 1, 4).Draw(t, "keys"))})
	case "move", "swap":
		shown(change.Move{Kind: m.restaurants, Key: place, To: other, Swap: what == "swap"})
	case "copy":
		shown(change.Copy{Kind: m.restaurants, Key: place, To: other})
	case "transfer":
		shown(change.Move{Kind: m.waiters, Key: waiter, To: place})
	case "undo":
		of := rapid.Int64Range(max(1, m.newestID()-12), m.newestID()).Draw(t, "change")
		op := change.Undo{Change: of, Swap: rapid.Bool().Draw(t, "swap")}
		if rapid.IntRange(0, 4).Draw(t, "elsewhere") == 0 {
			op.Elsewhere = map[string]map[int64]int64{"restaurants": {rapid.Int64Range(1, 4).Draw(t, "who"): other}}
		}
		shown(op)
	case "undo at once":
		m.undoAtOnce(t, before)
		return
	}
	var undone *change.Undone
	var outdated *change.Outdated
	switch {
	case err == nil && c != nil:
		m.done, m.before = append(m.done, c), append(m.before, before)
	case err == nil, problem.Is(err, problem.NotFound), problem.Is(err, problem.Invalid), errors.As(err, &undone), errors.As(err, &outdated):
		m.same("the tables after a refusal", withoutVersions(m.tables()), before)
	default:
		t.Fatalf("it was answered %v", err)
	}
}

// openForm opens the form of a record, to be saved over whatever happens until then.
func (m *morning) openForm(t *rapid.T, place, waiter int64) {
	if p, err := models.Places.Find(ctx, m.Store, place); err == nil && rapid.Bool().Draw(t, "of a place") {
		m.forms = append(m.forms, func(name string) (*change.Change, error) {
			p.Name = name
			return models.Places.Update(ctx, m.Store, "", place, p.Version, p)
		}, func(name string) (*change.Change, error) {
			return models.Places.Update(ctx, m.Store, "", place, p.Version, &models.Place{Name: p.Name, Address: name + " Street"})
		})
	} else if r, err := models.Restaurants.Find(ctx, m.Store, place); err == nil {
		m.forms = append(m.forms, func(string) (*change.Change, error) {
			r.ServesHotDogs = !r.ServesHotDogs
			return models.Restaurants.Update(ctx, m.Store, "", place, r.Version, r)
		})
	}
	if w, err := models.Waiters.Find(ctx, m.Store, waiter); err == nil {
		m.forms = append(m.forms, func(name string) (*change.Change, error) {
			w.Name = name
			return models.Waiters.Update(ctx, m.Store, "", waiter, w.Version, w)
		})
	}
}

// sparing is a deletion of a place or a restaurant that lets some of what belongs to it move.
func (m *morning) sparing(t *rapid.T, key, to int64) change.Operation {
	k := rapid.SampledFrom([]*graph.Kind{m.places, m.restaurants}).Draw(t, "kind")
	d := change.Delete{Kind: k, Key: key, Spare: map[*graph.Kind]change.Spare{}}
	if rapid.Bool().Draw(t, "many") {
		d.Key, d.Of = 0, change.Keys(k, []int64{key, rapid.Int64Range(1, 6).Draw(t, "another")})
	}
	spare := func(kind *graph.Kind) {
		switch rapid.IntRange(0, 2).Draw(t, kind.Table+" spared") {
		case 1:
			d.Spare[kind] = change.Spare{To: to}
		case 2:
			of := rapid.Int64Range(1, 6)
			d.Spare[kind] = change.Spare{Each: rapid.MapOfN(of, of, 1, 3).Draw(t, "one by one")}
		}
	}
	spare(m.waiters)
	if k == m.places {
		spare(m.restaurants)
	}
	return d
}

// undoAtOnce lets several people press Undo beside any of the last changes at the same time.
func (m *morning) undoAtOnce(t *rapid.T, before tables) {
	newest := m.newestID()
	of := rapid.SliceOfN(rapid.Int64Range(max(1, newest-5), newest), 2, 4).Draw(t, "changes")
	answers, errs := make([]*change.Change, len(of)), make([]error, len(of))
	atOnce(len(of), func(i int) {
		answers[i], errs[i] = change.Commit(ctx, m.Store, change.Undo{Change: of[i]}, change.Form{})
	})
	var done []*change.Change
	for i, err := range errs {
		var undone *change.Undone
		switch {
		case err == nil && answers[i] != nil:
			done = append(done, answers[i])
		case !errors.Is(err, change.ErrUnseen) && !errors.As(err, &undone):
			t.Fatalf("the undo of change %d was answered %v, %v", of[i], answers[i], err)
		}
	}
	if len(done) == 0 {
		m.same("the tables after refusals", withoutVersions(m.tables()), before)
		return
	}
	slices.SortFunc(done, func(a, b *change.Change) int { return cmp.Compare(a.ID, b.ID) })
	m.done, m.before = append(m.done, done...), append(m.before, before)
	m.before = append(m.before, make([]tables, len(done)-1)...)
	m.same("the newest change", m.newestID(), newest+int64(len(done)))
}

func (m *morning) newestID() int64 { return m.newest().ID }
