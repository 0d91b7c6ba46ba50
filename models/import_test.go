package models_test

import (
	"errors"
	"fmt"
	"strings"
	"testing"

	"maitred/models"
	"maitred/models/change"
	"maitred/models/graph"
	"maitred/models/importer"
	"maitred/models/problem"
	"maitred/models/sheet"
)

// reading is a file as a test writes it: the cells of a line are parted by "|".
func (w *world) reading(k *graph.Kind, lines ...string) *models.Import {
	w.t.Helper()
	t := &sheet.Table{Header: strings.Split(lines[0], "|"), Line: 1}
	for i, l := range lines[1:] {
		t.Rows = append(t.Rows, sheet.Row{Line: i + 2, Cells: strings.Split(l, "|")})
	}
	columns := importer.Recognise(k, t.Header)
	w.must(importer.Unfit(k, columns))
	return models.NewImport(w.Store, k, "file.csv", t, columns)
}

// comesTo expects what a dry run says of each line.
func (w *world) comesTo(i *models.Import, want ...string) *change.Plan {
	w.t.Helper()
	plan, err := change.Preview(ctx, w.Store, i)
	if !errors.Is(err, importer.ErrProblems) {
		w.must(err)
	}
	var got []string
	for _, l := range i.Outcome.Lines {
		s := fmt.Sprintf("%d %s", l.Number, l.Group)
		if l.Key != 0 {
			s += fmt.Sprintf(" #%d", l.Key)
		}
		s += " " + l.Label
		for _, d := range l.Diffs {
			s += fmt.Sprintf(" [%s: %s → %s]", d.Name, d.Before, d.After)
		}
		for _, t := range l.Twins {
			s += fmt.Sprintf(" ~#%d", t.Key)
		}
		for _, n := range l.Earlier {
			s += fmt.Sprintf(" =%d", n)
		}
		got = append(got, strings.TrimSpace(s+" "+strings.Join(l.Reasons, " ")))
	}
	if strings.Join(got, "\n") != strings.Join(want, "\n") {
		w.t.Errorf("the file comes to\n%s\nwant\n%s", strings.Join(got, "\n"), strings.Join(want, "\n"))
	}
	return plan
}

func TestAFileOfPlacesIsReadByKeyOrByNameAndAddress(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	i := w.reading(w.places, "No.|Place Name|ADDRESS",
		"1|Demon Dogs|944 W. Fullerton",
		"|Ace Hardware|1013 N. Ashland",
		"2| Ace  Hardware |1013 N. Ashland",
		"|Taco Hut|12 Main",
		"99|Ghost|Nowhere",
		"x|Ghost|Nowhere",
		"||1 Road",
		"|TACO hut|12 main",
		"|Cafe\u0301|"+strings.Repeat("é", 81),
	)
	plan := w.comesTo(i,
		"2 same #1 Demon Dogs",
		"3 same #2 Ace Hardware",
		"4 problem #2 Ace  Hardware [name: Ace Hardware → Ace  Hardware] Line 3 is about the same place. Keep one of the two.",
		"5 new Taco Hut",
		"6 problem  There is no place with the number 99. For a new one, leave id empty.",
		"7 problem  “x” is not the number of a place. Numbers have digits only.",
		"8 problem  The name is missing. Please type it.",
		"9 twin TACO hut =5",
		"10 problem  The address has 81 characters; it can have 80 at most.",
	)
	if _, err := w.commit(i, plan); !errors.Is(err, importer.ErrProblems) {
		t.Errorf("a file with problems is imported: %v", err)
	}
	i.LeaveOut = true
	done := w.do(i)
	if done.Sentence != "imported “file.csv”: added 1 place" || done.RowCount != 1 || done.Kind != "places" || done.Key != 3 {
		t.Errorf("history says %q of place %d, with %d rows", done.Sentence, done.Key, done.RowCount)
	}
}

func TestAFileWithPartOfTheColumnsChangesThoseAlone(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	i := w.reading(w.places, "id|name", "1|Demon Cats", "2|Ace Hardware")
	w.comesTo(i, "2 changed #1 Demon Cats [name: Demon Dogs → Demon Cats]", "3 same #2 Ace Hardware")
	done := w.do(i)
	p := w.place(demonDogs)
	if p.Name != "Demon Cats" || p.NameNorm != "demon cats" || p.Address != "944 W. Fullerton" || p.Version != done.ID || !strings.HasSuffix(done.Sentence, ": changed 1 place") {
		t.Errorf("%q left %+v", done.Sentence, p)
	}
}

func TestAFileOfRestaurantsBringsTheirPlacesAlong(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.addPlace("Twin", "1 Road")
	w.addPlace("Twin", "1 Road")
	i := w.reading(w.restaurants, "place_id|place|address|hot dogs|serves pizza|waiters",
		"1|Demon Dogs|944 W. Fullerton|yes|no|1",
		"|DEMON dogs|944 w. fullerton||x|",
		"|Ace Hardware|1013 N. Ashland|0|TRUE|0",
		"|Taco Hut|12 Main|true|false|7",
		"|Taco Hut|12 Main|no|no|",
		"2|Demon Dogs|||yes|",
		"77|Ghost|Nowhere||yes|",
		"|Twin|1 Road||yes|",
		"|Somewhere|||yes|",
		"|||yes|yes|",
		"|Burger Hut|13 Main|perhaps|no|",
		"3||||yes|",
	)
	w.comesTo(i,
		"2 same #1 Demon Dogs",
		"3 problem #1 Demon Dogs [serves pizza: no → yes] Line 2 is about the same restaurant. Keep one of the two.",
		"4 new Ace Hardware",
		"5 new Taco Hut",
		"6 problem Taco Hut Line 5 opens a restaurant at the same new place. Keep one of the two.",
		"7 problem  The place with the number 2 is “Ace Hardware, 1013 N. Ashland”, and the row says “Demon Dogs”. Correct one of the two; to rename it, import places.",
		"8 problem  There is no place with the number 77. For a new one, leave place id empty.",
		"9 problem  There are 2 places like “Twin, 1 Road”. Say which one by its number, in place id.",
		"10 problem  There is no place like “Somewhere”. To add it too, fill in place address.",
		"11 problem  Nothing says which place it is. Fill in place id, or place name and place address.",
		"12 problem  “perhaps” is neither yes nor no, at serves hot dogs.",
		"13 new Twin",
	)
	i.LeaveOut = true
	done := w.do(i)
	if want := "imported “file.csv”: added 1 place and 3 restaurants"; done.Sentence != want {
		t.Errorf("history says %q, want %q", done.Sentence, want)
	}
	r := w.restaurant(5)
	if r.Place.Name != "Taco Hut" || r.Place.Address != "12 Main" || !r.ServesHotDogs || r.ServesPizza || r.Identity == 0 || r.Place.RestaurantCount != 1 {
		t.Errorf("the restaurant at the new place is %+v at %+v", r, r.Place)
	}
}

func TestAFileOfWaitersNamesTheirRestaurantByKeyOrByPlace(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	tacoHut := w.addRestaurant("Taco Hut", "12 Main")
	w.hire(tacoHut, "Ann", "Zoë")
	i := w.reading(w.waiters, "id|name|restaurant_id|place_name|place_address",
		"1|Joe|1|Demon Dogs|944 W. Fullerton",
		"|Joe||Demon Dogs|944 W. Fullerton",
		"2|Ann|1||",
		"|Bea|3||",
		"|Bea||Taco Hut|",
		"|Cy||Ace Hardware|1013 N. Ashland",
		"|Cy||Nowhere|1 Road",
		"|Cy|2||",
		"|ZOE||taco hut|12 MAIN",
		"|Cy|||",
		"3|||Taco Hut|12 Main",
	)
	w.comesTo(i,
		"2 same #1 Joe",
		"3 same #1 Joe",
		"4 changed #2 Ann [restaurant: Taco Hut → Demon Dogs]",
		"5 new Bea",
		"6 twin Bea =5",
		"7 problem  At “Ace Hardware, 1013 N. Ashland” there is no restaurant.",
		"8 problem  There is no place like “Nowhere, 1 Road”. Add it first, or correct the row.",
		"9 problem  There is no restaurant with the number 2.",
		"10 twin ZOE ~#3",
		"11 problem  Nothing says which restaurant it is. Fill in restaurant id, or place name and place address.",
		"12 problem #3 Zoë The name is missing. Please type it.",
	)
	i.LeaveOut = true
	i.Choices = map[int]importer.Choice{6: {Add: true}, 10: {Use: 3}}
	done := w.do(i)
	if want := "imported “file.csv”: added 2 waiters and changed 2 waiters"; done.Sentence != want {
		t.Errorf("history says %q, want %q", done.Sentence, want)
	}
	for key, count := range map[int64]int64{demonDogs: 2, tacoHut: 3} {
		if n := w.restaurant(key).WaiterCount; n != count {
			t.Errorf("the restaurant %d has %d waiters, want %d", key, n, count)
		}
	}
	zoe := w.waiter(3)
	if zoe.Name != "ZOE" || zoe.RestaurantID != tacoHut {
		t.Errorf("the likely duplicate that was taken for the same is %+v", zoe)
	}
}

func TestAnImportIsUndoneButForWhatPeopleEditedSince(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	before := withoutVersions(w.tables())
	w.undo(w.do(w.reading(w.restaurants, "place_name|place_address|serves_pizza",
		"Demon Dogs|944 W. Fullerton|yes", "Taco Hut|12 Main|no", "Burger Hut|13 Main|no")))
	w.same("the database after the undo", withoutVersions(w.tables()), before)

	done := w.do(w.reading(w.places, "id|name|address", "1|Demon Cats|944 W. Fullerton", "|Taco Hut|12 Main", "|Burger Hut|13 Main"))
	taco, burger := done.Key, done.Key+1
	w.rename(taco, "Taco Palace")
	w.do(change.Undo{Change: done.ID})
	if kept, dogs := w.place(taco), w.place(demonDogs); kept.Name != "Taco Palace" || dogs.Name != "Demon Dogs" {
		t.Errorf("after the undo there are %+v and %+v", kept, dogs)
	}
	_, err := models.Places.Find(ctx, w.Store, burger)
	w.refused(err, problem.NotFound)
}

func TestAnImportThatNoLongerFitsIsShownAnewAndWritesNothing(t *testing.T) {
	t.Parallel()
	for what, meanwhile := range map[string]func(w *world){
		"a record that the file changes is changed": func(w *world) { w.rename(demonDogs, "Other") },
		"a record that the file names is deleted":   func(w *world) { w.delete(w.places, aceHardware) },
		"a record that the file adds is added":      func(w *world) { w.addPlace("Taco Hut", "12 Main") },
		"a name that the file leaves is changed":    func(w *world) { w.rename(aceHardware, "Other") },
		"a record that the file repeats is deleted": func(w *world) { w.delete(w.places, 3) },
	} {
		t.Run(what, func(t *testing.T) {
			t.Parallel()
			w := newWorld(t)
			w.addPlace("Burger Hut", "13 Main")
			i := w.reading(w.places, "id|name|address", "1|Demon Cats|944 W. Fullerton", "2|Ace Hardware|1013 N. Ashland", "|Taco Hut|12 Main", "|Burger Hut|13 Main")
			plan := w.preview(i)
			meanwhile(w)
			before, changes := w.tables(), w.changes()
			_, err := w.commit(i, plan)
			var stale *change.Stale
			if !errors.As(err, &stale) || len(stale.Since) != 1 {
				t.Errorf("got %v: %+v", err, stale)
			}
			w.mustBeAsBefore(before, changes)
		})
	}
	w := newWorld(t)
	i := w.reading(w.places, "id|name|address", "1|Demon Cats|944 W. Fullerton")
	plan := w.preview(i)
	w.addPlace("Unrelated", "9 Road")
	if _, err := w.commit(i, plan); err != nil {
		t.Errorf("what has nothing to do with the file keeps it from being imported: %v", err)
	}
}
