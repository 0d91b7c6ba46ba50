package models_test

import (
	"fmt"
	"strings"
	"testing"

	"maitred/models"
	"maitred/models/problem"
)

func TestNamesAndAddressesAreTrimmedAndComposed(t *testing.T) {
	t.Parallel()
	w := emptyWorld(t)
	p := w.place(w.addPlace(" \t Cafe\u0301 \u00a0", "  1 Rue de l'E\u0301glise \n"))
	w.same("the place", []string{p.Name, p.Address}, []string{"Caf\u00e9", "1 Rue de l'\u00c9glise"})
	w.same("what search reads", []string{p.NameNorm, p.AddressNorm}, []string{"cafe", "1 rue de l'eglise"})
}

func TestLimitsCountCharactersAndNotBytes(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	for _, character := range []string{"x", "é", "e\u0301", "漢", "😀"} {
		key := w.addPlace(strings.Repeat(character, 50), strings.Repeat(character, 80))
		w.open(&models.Restaurant{PlaceID: key})
		w.hire(key, strings.Repeat(character, 50))

		_, err := models.Places.Create(ctx, w.Store, "", &models.Place{Name: strings.Repeat(character, 51), Address: strings.Repeat(character, 81)})
		w.refused(err, problem.Invalid, "name: The name has 51 characters; it can have 50 at most.", "address: The address has 81 characters; it can have 80 at most.")
		_, err = models.Waiters.Create(ctx, w.Store, "", &models.Waiter{RestaurantID: key, Name: strings.Repeat(character, 51)})
		w.refused(err, problem.Invalid, "name: The name has 51 characters")
	}
}

func TestWhatIsNoLineOfTextIsRefusedAtItsField(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	before, changes := w.tables(), w.changes()
	for typed, words := range map[string]string{
		"":                           "is missing",
		" \t\u00a0\u2003":            "is missing",
		"\u200b\u200d\ufeff":         "is missing",
		"\ufe0f":                     "is missing", // a variation selector varies nothing here
		"\u034f":                     "is missing", // combining grapheme joiner
		"\u3164":                     "is missing", // Hangul filler
		"\U000e0041":                 "is missing", // tag
		"Demon\nDogs":                "must be one line",
		"Demon\u2028Dogs":            "must be one line",
		"Demon\u0085Dogs":            "must be one line",
		"Demon\x00Dogs":              "must be one line without control characters",
		"Demon\x1b[31mDogs":          "must be one line without control characters",
		"Demon\u007f":                "must be one line without control characters",
		"Demon \xff Dogs":            "contains characters that cannot be read",
		"\xed\xa0\x80":               "contains characters that cannot be read", // a surrogate
		strings.Repeat("long ", 100): "has 499 characters",
	} {
		t.Run(fmt.Sprintf("%.20q", typed), func(t *testing.T) {
			_, err := models.Places.Create(ctx, w.Store, "", &models.Place{Name: typed, Address: "Street"})
			refused(t, err, problem.Invalid, "Nothing was saved", "name: The name "+words)
			_, err = models.Places.Create(ctx, w.Store, "", &models.Place{Name: "Name", Address: typed})
			refused(t, err, problem.Invalid, "address: The address "+words)
			_, err = models.Waiters.Create(ctx, w.Store, "", &models.Waiter{RestaurantID: demonDogs, Name: typed})
			refused(t, err, problem.Invalid, "name: The name "+words)

			edited := w.place(demonDogs)
			edited.Name = typed
			_, err = models.Places.Update(ctx, w.Store, "", demonDogs, edited.Version, edited)
			refused(t, err, problem.Invalid, "name: The name "+words)
			if edited.Name != typed {
				t.Errorf("what was typed became %q", edited.Name)
			}
		})
	}
	w.mustBeAsBefore(before, changes)
}

func TestEveryFieldThatIsWrongIsNamedAtOnce(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	_, err := models.Waiters.Create(ctx, w.Store, "", &models.Waiter{Name: " "})
	w.refused(err, problem.Invalid, "name: The name is missing", "restaurant_id: Choose the restaurant")
}

func TestUnusualTextIsKeptAsItIs(t *testing.T) {
	t.Parallel()
	w := emptyWorld(t)
	for _, name := range []string{
		`<script>alert("hi")</script>`, `O'Neil's "Best"`, `C:\new\table`, "100% _real_", "?0 ?1 ?", "'; DROP TABLE places; --",
		"\u202eright to left", "שלום", "👩\u200d🍳 Chef", "null", "007", "1e3", "true", `{"name":"x"}`, "a  b", "\ufffd",
	} {
		key := w.addPlace(name, name)
		p := w.place(key)
		w.same("the place", []string{p.Name, p.Address}, []string{name, name})
		w.rename(key, name+"!")
		w.same("the renamed place", w.place(key).Name, name+"!")
	}
}

func TestNamesThatTurnTheDirectionAreIsolatedInSentences(t *testing.T) {
	t.Parallel()
	w := emptyWorld(t)
	key := w.addPlace("שלום", "Street")
	w.same("what history says", history(w, models.Places, key), []string{"added the place \u2068שלום\u2069"})
}

func TestTheSampleDataIsOneChangeThatBeginsWithTheArticle(t *testing.T) {
	t.Parallel()
	w := emptyWorld(t)
	first, err := models.LoadSample(ctx, w.Store, "sample")
	w.must(err)
	w.same("the restaurant of the article", []any{w.restaurant(demonDogs).Place.Address, w.restaurant(demonDogs).ServesHotDogs, w.waiter(joe).Name},
		[]any{"944 W. Fullerton", true, "Joe"})
	w.same("the free place of the article", []any{w.place(aceHardware).Name, w.place(aceHardware).Free()}, []any{"Ace Hardware", true})
	if n := len(w.tables()["places"]); n < 20 {
		t.Errorf("there are only %d places", n)
	}
	again, err := models.LoadSample(ctx, w.Store, "sample")
	w.must(err)
	w.same("the answer to a second press", again, first)
	w.same("the number of changes", w.changes(), 1)
}

func TestTheSampleDataIsNotMixedWithWhatIsThere(t *testing.T) {
	t.Parallel()
	w := emptyWorld(t)
	w.addPlace("Mine", "Street")
	_, err := models.LoadSample(ctx, w.Store, "sample")
	w.refused(err, problem.Conflict, "the sample data was not loaded")
	w.same("the places", placesOf(w)(""), []string{"Mine"})
}
