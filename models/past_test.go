package models_test

import (
	"errors"
	"maps"
	"slices"

	"pgregory.net/rapid"

	"maitred/models"
	"maitred/models/change"
	"maitred/models/problem"
)

// image is a record as it once was: what a person may still have on the screen.
type image struct {
	table string
	key   int64
	remembered
}

// keepPast adds the records that the last change wrote.
func (m *memory) keepPast() {
	for _, table := range []string{"places", "restaurants", "waiters"} {
		for _, key := range keysOf(m.rows(table)) {
			if r := m.rows(table)[key]; r.version == m.changes {
				m.past = append(m.past, image{table, key, *r})
			}
		}
	}
}

// was is the record that was at a key in a version; nil when none was.
func (m *memory) was(table string, key, version int64) *image {
	i := slices.IndexFunc(m.past, func(i image) bool { return i.table == table && i.key == key && i.version == version })
	if i < 0 {
		return nil
	}
	return &m.past[i]
}

// now is where that record is now; nil when it was deleted.
func (m *memory) now(i *image) *remembered {
	if i.table != "restaurants" {
		return m.rows(i.table)[i.key]
	}
	for _, r := range m.restaurantsByKey {
		if r.identity == i.identity {
			return r
		}
	}
	return nil
}

// typed is what a form can hold, by column.
type typed map[string]any

func (r *remembered) typed(table string) typed {
	return map[string]typed{
		"places":      {"name": r.name, "address": r.address},
		"restaurants": {"serves_hot_dogs": r.hot, "serves_pizza": r.pizza},
		"waiters":     {"name": r.name},
	}[table]
}

func (r *remembered) set(table string, values typed) {
	switch table {
	case "places":
		r.name, r.address = values["name"].(string), values["address"].(string)
	case "restaurants":
		r.hot, r.pizza = values["serves_hot_dogs"].(bool), values["serves_pizza"].(bool)
	case "waiters":
		r.name = values["name"].(string)
	}
}

// verdictOnEdit says what an edit should lead to: what is there afterwards, or which columns collide.
func verdictOnEdit(saw, now, form typed, theirs map[string]bool) (then typed, collide []string) {
	then = maps.Clone(now)
	for column, is := range now {
		was, wanted := saw[column], form[column]
		if s, ok := wanted.(string); ok {
			wanted = tidy(s)
		}
		taken, chosen := theirs[column]
		if taken {
			wanted = was
		}
		mine := chosen || wanted != was
		switch {
		case mine && is != was && wanted != is:
			collide = append(collide, column)
		case mine:
			then[column] = wanted
		}
	}
	slices.Sort(collide)
	return then, collide
}

func (d *day) editPlace(t *rapid.T)      { d.edit(t, "places") }
func (d *day) editRestaurant(t *rapid.T) { d.edit(t, "restaurants") }
func (d *day) editWaiter(t *rapid.T)     { d.edit(t, "waiters") }

// edit sends the form of a record: as it is, as it once was or, seldom, as it never was.
func (d *day) edit(t *rapid.T, table string) {
	at, version := d.seen(t, table)
	saw := d.was(table, at, version)
	form, theirs := d.fillIn(t, table, saw)
	token, choices := d.token(), choicesOf(theirs)
	send := func() (*change.Change, error) { return d.sendEdit(table, token, at, version, form, choices) }

	var now *remembered
	if saw != nil {
		now = d.now(saw)
	} else {
		now = d.rows(table)[at]
	}
	switch {
	case isWrongWhere(form, theirs):
		d.answer(t, send, problem.Invalid, nil)
	case now == nil:
		d.answer(t, send, problem.NotFound, nil)
	case saw == nil:
		d.collides(t, send, nil)
	default:
		then, collide := verdictOnEdit(saw.typed(table), now.typed(table), form, theirs)
		switch {
		case len(collide) > 0:
			d.collides(t, send, collide)
		case maps.Equal(then, now.typed(table)):
			if c, err := send(); c != nil || err != nil {
				t.Fatalf("an edit that leaves nothing to save was answered %v, %v", c, err)
			}
		default:
			d.answer(t, send, "", func() int64 { now.set(table, then); now.version = d.memory.changes; return 1 })
		}
	}
}

// seen draws what the person has on the screen.
func (d *day) seen(t *rapid.T, table string) (key, version int64) {
	var past []image
	for _, i := range d.past {
		if i.table == table {
			past = append(past, i)
		}
	}
	luck := rapid.IntRange(0, 9).Draw(t, "luck with the version")
	if luck == 0 || len(past) == 0 {
		return rapid.Int64Range(-1, 20).Draw(t, "any key"), rapid.Int64Range(-1, d.memory.changes+1).Draw(t, "any version")
	}
	i := rapid.SampledFrom(past).Draw(t, "the record as it once was")
	if now := d.rows(table)[i.key]; luck < 4 && now != nil {
		return i.key, now.version
	}
	return i.key, i.version
}

// fillIn draws what the person types and chooses; many fields they leave as they are.
func (d *day) fillIn(t *rapid.T, table string, saw *image) (form typed, theirs map[string]bool) {
	if saw == nil {
		saw = &image{table: table, remembered: remembered{name: "Name", address: "Street"}}
	}
	form, theirs = saw.typed(table), map[string]bool{}
	for _, column := range slices.Sorted(maps.Keys(form)) {
		if rapid.Bool().Draw(t, "change "+column) {
			if _, ok := form[column].(string); ok {
				form[column] = text.Draw(t, column)
			} else {
				form[column] = rapid.Bool().Draw(t, column)
			}
		}
		if rapid.IntRange(0, 3).Draw(t, "choose "+column) == 0 {
			theirs[column] = rapid.Bool().Draw(t, "theirs")
		}
	}
	return form, theirs
}

func choicesOf(theirs map[string]bool) (choices []change.Choice) {
	for _, column := range slices.Sorted(maps.Keys(theirs)) {
		choices = append(choices, change.Choice{Column: column, Theirs: theirs[column]})
	}
	return choices
}

func isWrongWhere(form typed, theirs map[string]bool) bool {
	for column, value := range form {
		if s, ok := value.(string); ok && !theirs[column] && isWrong(s) {
			return true
		}
	}
	return false
}

func (d *day) sendEdit(table, token string, key, version int64, form typed, choices []change.Choice) (*change.Change, error) {
	var r remembered
	r.set(table, form)
	switch table {
	case "places":
		return models.Places.Update(ctx, d.Store, token, key, version, &models.Place{Name: r.name, Address: r.address}, choices...)
	case "restaurants":
		return models.Restaurants.Update(ctx, d.Store, token, key, version, &models.Restaurant{PlaceID: 1, ServesHotDogs: r.hot, ServesPizza: r.pizza}, choices...)
	default:
		return models.Waiters.Update(ctx, d.Store, token, key, version, &models.Waiter{RestaurantID: 1, Name: r.name}, choices...)
	}
}

// collides expects an edit to be refused because of these columns, or, with none, because nobody
// knows what the person saw.
func (d *day) collides(t *rapid.T, send func() (*change.Change, error), columns []string) {
	t.Helper()
	c, err := send()
	var o *change.Outdated
	if !errors.As(err, &o) || o.Known != (columns != nil) {
		t.Fatalf("an edit that collides at %q was answered %v, %v", columns, c, err)
	}
	var got []string
	for _, f := range o.Fields {
		if f.By == nil || f.By.ID > o.Version {
			t.Errorf("%s was saved by %v, of version %d", f.Column.Name, f.By, o.Version)
		}
		if f.Collides {
			got = append(got, f.Column.Name)
		}
	}
	slices.Sort(got)
	if columns != nil && !slices.Equal(got, columns) {
		t.Errorf("the edit collides at %q, want %q", got, columns)
	}
}
