package models_test

import (
	"net/url"
	"slices"
	"strings"
	"testing"

	"maitred/models"
	"maitred/models/problem"
)

// aNeighbourhood is the world of the article and two more restaurants: Zoë's Café, which serves
// pizza and has many waiters, and Ashland Grill, which has none.
func aNeighbourhood(t testing.TB) *world {
	t.Helper()
	w := newWorld(t)
	zoe := w.addPlace("Zoë's Café", `50% off_C:\Erie "😀"`)
	w.open(&models.Restaurant{PlaceID: zoe, ServesPizza: true})
	w.hire(zoe, "Ann", "Al Zoot", "Zora", "zoe", "Zoë")
	grill := w.addPlace("Ashland Grill", "1013 N. Ashland")
	w.open(&models.Restaurant{PlaceID: grill, ServesHotDogs: true, ServesPizza: true})
	return w
}

type questions map[string][]string

func (q questions) ask(t *testing.T, list func(string) []string) {
	t.Helper()
	for address, want := range q {
		slices.Sort(want)
		got := list(address)
		slices.Sort(got)
		same(t, address, got, want)
	}
}

// asked writes one condition as an address.
func asked(name, value string) string { return url.Values{name: {value}}.Encode() }

func TestEverySpellingOfAKeyFindsTheSame(t *testing.T) {
	t.Parallel()
	w := aNeighbourhood(t)
	for _, spelling := range []string{
		"place", "place__exact", "place__pk", "place__id", "place__id__exact", "place__pk__exact", "place_id", "pk", "pk__exact",
		"place__in", "place__id__in", "pk__in", "place__restaurant", "place__restaurant__place", "place__restaurant__pk",
	} {
		questions{asked(spelling, "1"): {"Demon Dogs"}}.ask(t, restaurantsOf(w))
	}
	for _, spelling := range []string{"restaurant", "restaurant__pk", "restaurant__place", "restaurant__place_id", "restaurant__place__id", "id", "pk"} {
		questions{asked(spelling, "1"): {"Demon Dogs"}, asked(spelling, "2"): nil}.ask(t, func(address string) []string {
			return placesOf(w)(address + "&restaurant__isnull=false")
		})
	}
	for _, spelling := range []string{"restaurant", "restaurant_id", "restaurant__pk", "restaurant__place", "restaurant__place__id", "restaurant__place__restaurant"} {
		questions{asked(spelling, "1"): {"Joe"}}.ask(t, waitersOf(w))
	}
}

func TestPlainOperatorsMindCaseAndAccentsAndTheOthersDoNot(t *testing.T) {
	t.Parallel()
	w := aNeighbourhood(t)
	questions{
		"name=Zoë":                           {"Zoë"},
		"name__exact=zoe":                    {"zoe"},
		"name=ZOE":                           nil,
		"name__iexact=ZOE":                   {"zoe", "Zoë"},
		"name__iexact=zO%C3%8B":              {"zoe", "Zoë"},
		"name__startswith=Zo":                {"Zora", "Zoë"},
		"name__startswith=zo":                {"zoe"},
		"name__istartswith=ZO":               {"zoe", "Zora", "Zoë"},
		"name__contains=Zo":                  {"Al Zoot", "Zora", "Zoë"},
		"name__contains=o":                   {"Al Zoot", "Joe", "Zora", "zoe", "Zoë"},
		"name__icontains=OE":                 {"Joe", "zoe", "Zoë"},
		"name__contains=OE":                  nil,
		"name__endswith=oe":                  {"Joe", "zoe"},
		"name__endswith=E":                   nil,
		"name__iendswith=O%C3%8B":            {"Joe", "zoe", "Zoë"},
		"name__in=Ann,Joe,nobody":            {"Ann", "Joe"},
		"name__in=ann":                       nil,
		"name__startswith=Zoo":               nil,
		"name__istartswith=Al%20Zo":          {"Al Zoot"},
		"name__istartswith=%CC%81":           {"Al Zoot", "Ann", "Joe", "Zora", "zoe", "Zoë"}, // an accent alone is nothing
		"name__isnull=true":                  nil,
		"name__startswith=":                  {"Al Zoot", "Ann", "Joe", "Zora", "zoe", "Zoë"},
		"name__contains=":                    {"Al Zoot", "Ann", "Joe", "Zora", "zoe", "Zoë"},
		"name__endswith=":                    {"Al Zoot", "Ann", "Joe", "Zora", "zoe", "Zoë"},
		"name=":                              nil,
		"name__in=":                          nil,
		"name=Zora&name=Joe":                 nil,
		"name__contains=Z&name__contains=oo": {"Al Zoot"},
	}.ask(t, waitersOf(w))
}

func TestIgnoringCaseAndAccentsFoldsAllOfALetterOnBothSides(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.addPlace("Straße ﬃ", "İzmir Ⅷ")
	w.addPlace("STRASSE FFI", "izmir viii")
	w.addPlace("Łódź", "Ｗｉｄｅ がくえん")
	both := []string{"STRASSE FFI", "Straße ﬃ"}
	questions{
		"name__iexact=STRASSE ffi": both, "name__iexact=straße ﬃ": both, "name__icontains=ASSE F": both, "name__icontains=ß": both, "name__icontains=ﬃ": both,
		"name__istartswith=strass": both, "name__iendswith=FI": both, "address__iexact=IZMIR VIII": both, "address__icontains=i\u0307zm": both,
		"name=straße ﬃ": nil, "name__contains=ss": nil, "name__contains=ß": {"Straße ﬃ"}, "name__contains=ff": nil, "address__startswith=I": nil, "address__in=izmir viii": {"STRASSE FFI"},
		"name__icontains=łodz": {"Łódź"}, "name__icontains=lodz": nil, // the stroke is no accent
		"address__icontains=wide": {"Łódź"}, "address__icontains=かく": {"Łódź"}, "address__contains=wide": nil, "exclude__name__icontains=SS&exclude__restaurant__isnull=false": {"Ace Hardware", "Łódź"},
	}.ask(t, placesOf(w))
}

func TestValuesMeanThemselvesWhateverTheyContain(t *testing.T) {
	t.Parallel()
	w := aNeighbourhood(t)
	for value, want := range map[string][]string{
		"%": {"Zoë's Café"}, "_": {"Zoë's Café"}, `\`: {"Zoë's Café"}, `"`: {"Zoë's Café"}, "😀": {"Zoë's Café"},
		"50%": {"Zoë's Café"}, "off_C": {"Zoë's Café"}, `C:\E`: {"Zoë's Café"}, `"😀"`: {"Zoë's Café"},
		"5_%": nil, "%off": nil, "'": nil, "?": nil, "?0": nil, `\\`: nil, "*": nil, "[A-Z]": nil, "' OR '1'='1": nil, "😁": nil,
	} {
		questions{
			asked("address__contains", value): want, asked("address__icontains", value): want,
			asked("restaurant__place__address__contains", value): want,
		}.ask(t, placesOf(w))
		questions{asked("address", value): nil, asked("address__iexact", value): nil, asked("name__in", value): nil}.ask(t, placesOf(w))
	}
	questions{
		asked("address__startswith", "50%"): {"Zoë's Café"}, asked("address__startswith", "5_%"): nil, asked("address__startswith", "%"): nil,
		asked("address__endswith", `😀"`): {"Zoë's Café"}, asked("address__endswith", "%"): nil, asked("address__iendswith", "_"): nil,
		asked("name__contains", "'s"): {"Zoë's Café"}, asked("name", "Zoë's Café"): {"Zoë's Café"}, asked("name__in", "Zoë's Café,x"): {"Zoë's Café"},
	}.ask(t, placesOf(w))
}

func TestValuesAreNotTrimmed(t *testing.T) {
	t.Parallel()
	w := aNeighbourhood(t)
	questions{
		asked("name", " Joe"): nil, asked("name", "Joe "): nil, asked("name__in", "Ann, Joe"): {"Ann"},
		asked("name__contains", " "): {"Al Zoot"}, asked("name__startswith", " "): nil,
	}.ask(t, waitersOf(w))
}

func TestExcludeRemovesExactlyWhatTheConditionFindsAlone(t *testing.T) {
	t.Parallel()
	w := aNeighbourhood(t)
	everyone := placesOf(w)("")
	for _, x := range []string{
		"name__startswith=Demon", "restaurant=1", "restaurant__isnull=true", "restaurant__isnull=false", "restaurant__serves_pizza=true",
		"restaurant__serves_pizza=false", "restaurant__serves_pizza__isnull=true", "restaurant__waiter__name=Joe", "restaurant__waiter__isnull=true",
		"restaurant__waiter__name__startswith=Z", "restaurant__waiter__count=0", "restaurant__count=1", "address__contains=Ashland", "name=",
		"restaurant__waiter__id__gt=2", "restaurant__waiter__name__isnull=false", "restaurant__place__name__icontains=ZOE",
	} {
		found, rest := placesOf(w)(x), placesOf(w)("exclude__"+x)
		both := append(slices.Clone(found), rest...)
		slices.Sort(both)
		same(t, "what "+x+" finds and leaves", both, everyone)
	}
	questions{
		"exclude__restaurant__waiter__name=Joe":                                       {"Ace Hardware", "Ashland Grill", "Zoë's Café"}, // those without waiters stay
		"exclude__restaurant__serves_pizza=true":                                      {"Ace Hardware", "Demon Dogs"},                  // NULL is not yes
		"exclude__name=Demon Dogs&exclude__restaurant__isnull=true":                   {"Ashland Grill", "Zoë's Café"},
		"exclude__restaurant__waiter__name=Ann&exclude__restaurant__waiter__name=Joe": {"Ace Hardware", "Ashland Grill"},
		"address=1013 N. Ashland&exclude__restaurant__isnull=true":                    {"Ashland Grill"},
	}.ask(t, placesOf(w))
	// Each works alone: no waiter is both, and yet both remove.
	questions{
		"exclude__waiter__name__startswith=A&exclude__waiter__name__contains=Zora": {"Ashland Grill", "Demon Dogs"},
	}.ask(t, restaurantsOf(w))
}

func TestConditionsThroughOneRelationSpeakOfOneRow(t *testing.T) {
	t.Parallel()
	w := aNeighbourhood(t)
	questions{
		"waiter__name__startswith=A&waiter__name__contains=Zo":   {"Zoë's Café"}, // Al Zoot
		"waiter__name__startswith=A&waiter__name__contains=Zora": nil,            // Ann or Al, and Zora
		"waiter__name=Joe&waiter__id=1":                          {"Demon Dogs"},
		"waiter__name=Joe&waiter__id=2":                          nil,
		"waiter__name=Joe&waiter=1&waiter__pk=1":                 {"Demon Dogs"},
		"waiter__name=Joe&waiter__isnull=true":                   nil,
	}.ask(t, restaurantsOf(w))
	questions{
		"restaurant__waiter__name__startswith=A&restaurant__waiter__name__contains=Zora": nil,
		"restaurant__waiter__name=Joe&restaurant__serves_hot_dogs=true":                  {"Demon Dogs"},
		"restaurant__waiter__name=Joe&restaurant__serves_pizza=true":                     nil,
	}.ask(t, placesOf(w))
}

func TestAMissingRelationIsARowOfNULLs(t *testing.T) {
	t.Parallel()
	w := aNeighbourhood(t)
	questions{
		"restaurant__isnull=true":                                         {"Ace Hardware"},
		"restaurant__isnull=1":                                            {"Ace Hardware"},
		"restaurant__isnull=false":                                        {"Ashland Grill", "Demon Dogs", "Zoë's Café"},
		"restaurant__serves_pizza__isnull=true":                           {"Ace Hardware"},
		"restaurant__place__name__isnull=true":                            {"Ace Hardware"},
		"restaurant__waiter__isnull=true":                                 {"Ace Hardware", "Ashland Grill"},
		"restaurant__waiter__name__isnull=true":                           {"Ace Hardware", "Ashland Grill"},
		"restaurant__waiter__name__isnull=true&restaurant__isnull=false":  {"Ashland Grill"},
		"restaurant__waiter__name__isnull=false":                          {"Demon Dogs", "Zoë's Café"},
		"restaurant__serves_pizza=false":                                  {"Demon Dogs"},
		"restaurant__waiter__restaurant__isnull=true":                     {"Ace Hardware", "Ashland Grill"},
		"restaurant__serves_pizza__isnull=true&restaurant__waiter__name=": nil,
	}.ask(t, placesOf(w))
	questions{"waiter__isnull=true": {"Ashland Grill"}, "place__isnull=true": nil, "place__isnull=false": {"Ashland Grill", "Demon Dogs", "Zoë's Café"}}.ask(t, restaurantsOf(w))
}

func TestARecordIsListedOnceHoweverManyRelatedRowsMatch(t *testing.T) {
	t.Parallel()
	w := aNeighbourhood(t)
	questions{
		"waiter__name__contains=o":                  {"Demon Dogs", "Zoë's Café"},
		"waiter__isnull=false":                      {"Demon Dogs", "Zoë's Café"},
		"waiter__id__gt=0&waiter__name__contains=Z": {"Zoë's Café"},
	}.ask(t, restaurantsOf(w))
	questions{"restaurant__waiter__id__gte=2": {"Zoë's Café"}}.ask(t, placesOf(w))
}

func TestNumbersAndYesAndNoAreCompared(t *testing.T) {
	t.Parallel()
	w := aNeighbourhood(t)
	questions{
		"waiter__count=0":                  {"Ashland Grill"},
		"waiter__count__gte=1":             {"Demon Dogs", "Zoë's Café"},
		"waiter__count__gt=1":              {"Zoë's Café"},
		"waiter__count__lt=5":              {"Ashland Grill", "Demon Dogs"},
		"waiter__count__lte=5":             {"Ashland Grill", "Demon Dogs", "Zoë's Café"},
		"waiter__count__in=0,5":            {"Ashland Grill", "Zoë's Café"},
		"place__gt=1":                      {"Ashland Grill", "Zoë's Café"},
		"place__lte=1":                     {"Demon Dogs"},
		"place_id__in=1,2,3":               {"Demon Dogs", "Zoë's Café"},
		"serves_pizza=true":                {"Ashland Grill", "Zoë's Café"},
		"serves_pizza=1":                   {"Ashland Grill", "Zoë's Café"},
		"serves_pizza=false":               {"Demon Dogs"},
		"serves_pizza=0":                   {"Demon Dogs"},
		"serves_pizza__in=true,false":      {"Ashland Grill", "Demon Dogs", "Zoë's Café"},
		"serves_pizza=1&serves_hot_dogs=1": {"Ashland Grill"},
		"pk=-1":                            nil,
		"pk=9223372036854775807":           nil,
		"place__restaurant__count=1":       {"Ashland Grill", "Demon Dogs", "Zoë's Café"},
	}.ask(t, restaurantsOf(w))
	questions{"restaurant__count=0": {"Ace Hardware"}, "restaurant__waiter__count=0": {"Ashland Grill"}}.ask(t, placesOf(w))
}

func TestAQuestionThatMakesNoSenseIsABadRequestThatNamesWhatIsKnown(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	for address, words := range map[string]string{
		"color=red":                   "restaurants have no “color”. They have: pk, place_id, serves_hot_dogs, serves_pizza, place, waiter, waiter__count.",
		"place__color=red":            "places have no “color”. They have: pk, id, name, address, restaurant, restaurant__count.",
		"waiter__color=red":           "waiters have no “color”. They have: pk, id, restaurant_id, name, restaurant.",
		"place__name__like=x":         "after “place__name” only these can follow: exact, iexact, contains, icontains, startswith, istartswith, endswith, iendswith, in, isnull.",
		"serves_pizza__gt=0":          "after “serves_pizza” only these can follow: exact, in, isnull.",
		"place__contains=1":           "only these can follow: exact, in, gt, gte, lt, lte, isnull.",
		"waiter__count__isnull=true":  "only these can follow: exact, in, gt, gte, lt, lte.",
		"place__count=1":              "places have no “count”",
		"place__name__gt=x":           "only these can follow",
		"place__name__exact__exact=x": "only these can follow",
		"place__name__=x":             "only these can follow",
		"place__=1":                   "places have no “”",
		"__place=1":                   "restaurants have no “”",
		"=1":                          "restaurants have no “”",
		"exclude__=1":                 "restaurants have no “”",
		"exclude__exclude__place=1":   "restaurants have no “exclude”",
		"version=1":                   "restaurants have no “version”",
		"identity=1":                  "restaurants have no “identity”",
		"waiter_count=1":              "restaurants have no “waiter_count”",
		"place__name_norm=x":          "places have no “name_norm”",
		"Place=1":                     "restaurants have no “Place”",
		"place.name=x":                "restaurants have no “place.name”",
		"place_id)--=1":               "restaurants have no “place_id)--”",
		"place=x":                     "“place” is compared with “x”, which is no whole number.",
		"place=":                      "no whole number",
		"place=1.5":                   "no whole number",
		"place= 1":                    "no whole number",
		"place=9223372036854775808":   "no whole number",
		"place__in=1,":                "no whole number",
		"place__in=1,x":               "“x”, which is no whole number",
		"serves_pizza=yes":            "no yes or no; write true, false, 1 or 0",
		"serves_pizza=TRUE":           "no yes or no",
		"serves_pizza=":               "no yes or no",
		"place__isnull=maybe":         "no yes or no",
		"place__name=%ff":             "characters that cannot be read",
		"place__name=a%00b":           "characters that cannot be read",
		"%ff=1":                       "restaurants have no “\ufffd”",
		"a%00b=1":                     "restaurants have no “a b”",
	} {
		_, err := list(w, models.Restaurants, address)
		w.refused(err, problem.BadRequest, words)
	}
}

func TestAnAddressHoldsSoManyConditionsRelationsAndValuesAndNoMore(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	for address, words := range map[string]string{
		strings.Repeat("name=Demon%20Dogs&", 50):                                   "",
		"id__in=" + strings.Repeat("1,", 1000) + "1":                               "compared with 1,001 values; it can be 1,000 at most",
		"id__in=1" + strings.Repeat(",1", 999):                                     "",
		"id__in=1" + strings.Repeat(",1", 1000):                                    "“id__in” is compared with 1,001 values; it can be 1,000 at most.",
		strings.Repeat("name=Demon%20Dogs&", 51):                                   "An address can hold 50 conditions at most",
		strings.Repeat("restaurant__place__", 5) + "name=Demon%20Dogs":             "",
		strings.Repeat("restaurant__place__", 5) + "restaurant__serves_pizza=true": "follows more than 10 relations",
	} {
		_, err := list(w, models.Places, address)
		if words == "" {
			w.must(err)
			w.same(address, placesOf(w)(address), []string{"Demon Dogs"})
			continue
		}
		w.refused(err, problem.BadRequest, words)
	}
}
