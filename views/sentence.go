package views

import (
	"net/url"
	"slices"
	"strings"

	"github.com/a-h/templ"

	"maitred/models/graph"
	"maitred/models/lookup"
	"maitred/views/ui"
)

// Asked is what an address asks of a list, in words: as one sentence, and in parts that can be
// taken back one by one.
type Asked struct {
	Sentence Phrase // "Restaurants whose place's name starts with “Demon”"; nil when nothing is asked
	Chips    []Chip
	Add      templ.SafeURL // where a condition is added
}

// Chip is one thing that an address asks.
type Chip struct {
	Words   Phrase
	Exact   bool          // it minds case and accents
	Change  templ.SafeURL // the form with it filled in; "" where the form cannot say it
	Without ui.Address    // the list without it
	Asks    bool          // it is about which rows are shown, not about their order
}

// Names are what records that conditions name by key are called.
type Names map[*graph.Kind]map[int64]string

// NameLimit is how many records of one condition are called by name.
const NameLimit = shownValues

// Ask tells what the address asks of a list of the kind.
func Ask(k *graph.Kind, list ui.Address, search, sort string, conditions []lookup.Condition, names Names) Asked {
	list = list.Without("after", "before", "count")
	a := Asked{Add: formAt(k, list, nil)}
	if search != "" {
		a.Chips = append(a.Chips, Chip{Words: say("matches ").then(value(search)), Without: list.Without("q"), Asks: true})
	}
	for _, c := range conditions {
		chip := Chip{Words: names.alone(k, c), Exact: c.MindsCase(), Without: Dropped(list, c), Asks: true}
		if _, ok := choiceFor(k, c); ok {
			chip.Change = formAt(k, list, &c)
		}
		a.Chips = append(a.Chips, chip)
	}
	if a.Chips != nil {
		a.Sentence = say(Title(k.Plural()) + " ").then(names.sentence(k, search, conditions))
	}
	if sort != k.Sorts[0].Name && list.Query.Get("sort") != "" {
		a.Chips = append(a.Chips, Chip{Words: sorted(k, sort), Without: list.Without("sort")})
	}
	for i := range a.Chips {
		a.Chips[i].Words = a.Chips[i].Words.capital()
	}
	return a
}

// formAt is the form that adds a condition to a list or, with one, changes it.
func formAt(k *graph.Kind, list ui.Address, c *lookup.Condition) templ.SafeURL {
	query := url.Values{}
	if len(list.Query) > 0 {
		query.Set("list", list.Query.Encode())
	}
	if c != nil {
		query.Set("change", url.Values{c.Name: {c.Value}}.Encode())
	}
	return ui.Address{Path: "/" + k.Table + "/filter", Query: query}.URL()
}

// Dropped is a list without one condition; others of the same name stay.
func Dropped(list ui.Address, c lookup.Condition) ui.Address {
	left := slices.Clone(list.Query[c.Name])
	if i := slices.Index(left, c.Value); i >= 0 {
		left = slices.Delete(left, i, i+1)
	}
	out := list.Without(c.Name)
	if len(left) > 0 {
		out.Query[c.Name] = left
	}
	return out
}

// sorted says how a list is sorted: "sorted by waiters, most first".
func sorted(k *graph.Kind, sort string) Phrase {
	field, desc := strings.CutPrefix(sort, "-")
	ends := map[graph.Type][2]string{graph.Text: {"A to Z", "Z to A"}, graph.Integer: {"fewest first", "most first"}, graph.Boolean: {"no first", "yes first"}}
	end := 0
	if desc {
		end = 1
	}
	for _, s := range k.Sorts {
		if s.Name == field {
			return say("sorted by " + strings.ReplaceAll(field, "_", " ") + ", " + ends[k.Must(s.Path).Column.Type][end])
		}
	}
	return say("sorted by " + field)
}

// sentence is what follows the kind's plural: "that serve pizza and whose place's name is “Demon”".
// What ends in another row comes last, so that what follows does not seem to belong to that.
func (names Names) sentence(k *graph.Kind, search string, conditions []lookup.Condition) Phrase {
	var that, with, nested, parts []Phrase
	if search != "" {
		that = append(that, say("match ").then(value(search)))
	}
	all := names.clausesOf(k, conditions)
	for _, c := range all {
		switch {
		case c.subject != "":
		case c.with && c.nested:
			nested = append(nested, c.many)
		case c.with:
			with = append(with, c.many)
		default:
			that = append(that, c.many)
		}
	}
	if that != nil {
		parts = append(parts, say("that ").then(joined(that, " and ")))
	}
	return joined(slices.Concat(parts, whose(all), with, nested), " and ")
}

// alone is one condition by itself: "place's name starts with “Demon”", "serves pizza".
func (names Names) alone(k *graph.Kind, c lookup.Condition) Phrase {
	var parts []Phrase
	for _, c := range names.clausesOf(k, []lookup.Condition{c}) {
		if c.subject != "" {
			c.one = say(c.subject + " ").then(c.one)
		}
		parts = append(parts, c.one)
	}
	return joined(parts, " and ")
}

// clausesOf are the clauses of conditions on a kind: those that must hold as they belong together,
// and each exclusion alone.
func (names Names) clausesOf(k *graph.Kind, conditions []lookup.Condition) []clause {
	root := &spoken{kind: k, names: names}
	var not []clause
	for _, c := range conditions {
		switch {
		case !c.Exclude:
			root.add(c, c.Path)
		case c.Downwards() < 0:
			not = append(not, names.tell(c, subjectOf(c.Path), true))
		case c.Operator == "isnull" && c.Values[0] == true && !severalBetween(c.Path):
			c.Values = []any{false} // not to lack it is to have it
			root.add(c, c.Path)
		default:
			down := c.Downwards()
			above := &spoken{kind: c.Path[down].From, names: names}
			above.add(c, c.Path[down:])
			not = append(not, above.to[0].notAny(c.Path[down], subjectOf(c.Path[:down])))
		}
	}
	all := append(root.clauses(""), not...)
	slices.SortStableFunc(all, doneFirst)
	return all
}

// severalBetween says that a way to a missing row may lead over several that are there.
func severalBetween(way []*graph.Relation) bool {
	return slices.ContainsFunc(way[:lastDown(way)], func(r *graph.Relation) bool { return r.Many })
}

// subjectOf is what a way of parents leads to: "restaurant's place".
func subjectOf(way []*graph.Relation) (subject string) {
	for _, r := range way {
		subject = possess(subject, words(r.Name))
	}
	return subject
}

// tell is a condition on a row that is called subject, or its opposite.
func (names Names) tell(c lookup.Condition, subject string, not bool) clause {
	record, by := c.Record()
	if by != nil {
		subject = possess(subject, words(by.Name))
	}
	switch {
	case c.Count != nil:
		if there, ok := isThere(c, not); ok && there {
			return clause{subject: subject, one: say("has " + aOne(c.Count.To)), many: say("with " + aOne(c.Count.To)), with: true}
		} else if ok {
			return none(c.Count, subject)
		}
		n := howMany(c, not)
		return clause{subject: subject, one: say("has ").then(n), many: say("with ").then(n), with: true}
	case c.Keys() != nil:
		is, are := "is ", "are "
		if not {
			is, are = "is not ", "are not "
		}
		if len(c.Values) > 1 {
			is, are = is+"one of ", are+"one of "
		}
		who := names.list(record, c.Keys())
		return clause{subject: subject, one: say(is).then(who), many: say(are).then(who)}
	case c.Operator == "isnull":
		if record == nil && c.Column.Type == graph.Boolean {
			one, many := unanswered(c, not)
			return clause{subject: subject, one: one, many: many, negates: (c.Values[0] == true) != not}
		}
		if record == nil {
			subject = possess(subject, c.Column.Words())
		}
		one, many := missing(c, not)
		return clause{subject: subject, one: one, many: many}
	case record != nil:
		return clause{subject: possess(subject, "number"), one: compared(c, not)}
	case c.Column.Type == graph.Boolean:
		one, many := answered(c, not)
		return clause{subject: subject, one: one, many: many, negates: slices.Contains(c.Values, any(not))}
	}
	return clause{subject: possess(subject, c.Column.Words()), one: compared(c, not)}
}

func words(name string) string { return strings.ReplaceAll(name, "_", " ") }

// list is records by their names: "A, B and C", "number 77".
func (names Names) list(k *graph.Kind, keys []int64) Phrase {
	var parts []Phrase
	for _, key := range keys[:min(len(keys), shownValues)] {
		if n, ok := names[k][key]; ok {
			parts = append(parts, name(n))
		} else {
			parts = append(parts, say("number "+graph.Number(key)))
		}
	}
	return enumerated(parts, len(keys), " and ")
}

// oneOf is a record as somebody has it: "the waiter Joe", "one of the waiters Joe and Ann".
func (names Names) oneOf(k *graph.Kind, keys []int64, some string) Phrase {
	at := " "
	if k.BorrowsLabel() {
		at = " at "
	}
	if len(keys) > 1 {
		return say(some + " of the " + k.Plural() + at).then(names.list(k, keys))
	}
	if _, known := names[k][keys[0]]; !known {
		at = " "
	}
	return say("the " + k.Singular() + at).then(names.list(k, keys))
}
