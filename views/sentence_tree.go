package views

import (
	"slices"

	"maitred/models/graph"
	"maitred/models/lookup"
)

// spoken is a row that conditions speak of, and the related rows that they speak of from there, as
// the lookups group them: conditions through the same relation speak of the same row.
type spoken struct {
	kind  *graph.Kind
	own   []lookup.Condition
	lacks []*graph.Relation // those of which there must be no row
	ways  []*graph.Relation
	to    []*spoken
	there bool // it must be there, whatever else is asked of it
	names Names
}

// clause is one thing that is said of a row.
type clause struct {
	subject string // "place's name"; "" for the row itself
	one     Phrase // "starts with “Demon”", "serves pizza", "has no waiters"
	many    Phrase // of several rows themselves: "serve pizza", "with no waiters"
	with    bool   // many begins with "with" or "without", and not after "that"
	negates bool   // one and many say that something is not done, which could seem to go on with what follows
	nested  bool   // it speaks of another row at its end, to which what follows would seem to belong
}

// add takes up a condition that is way from here. Whether a related row is missing is told where it
// would be, which is the last relation that leads to a child: parents are always there.
func (n *spoken) add(c lookup.Condition, way []*graph.Relation) {
	if c.Operator == "isnull" {
		if down := lastDown(way); down >= 0 {
			n.addMissing(way[:down+1], c.Values[0] == true)
			return
		}
	}
	if len(way) == 0 {
		n.own = append(n.own, c)
		return
	}
	n.next(way[0]).add(c, way[1:])
}

func (n *spoken) addMissing(way []*graph.Relation, missing bool) {
	switch {
	case len(way) == 0:
		n.there = true
	case len(way) == 1 && missing:
		if !slices.Contains(n.lacks, way[0]) {
			n.lacks = append(n.lacks, way[0])
		}
	default:
		n.next(way[0]).addMissing(way[1:], missing)
	}
}

func (n *spoken) next(r *graph.Relation) *spoken {
	if i := slices.Index(n.ways, r); i >= 0 {
		return n.to[i]
	}
	next := &spoken{kind: r.To, names: n.names}
	n.ways, n.to = append(n.ways, r), append(n.to, next)
	return next
}

// lastDown is where a way last leads to a child; -1 where it never does.
func lastDown(way []*graph.Relation) int {
	for i := len(way) - 1; i >= 0; i-- {
		if !way[i].Parent {
			return i
		}
	}
	return -1
}

// holdsForNone says that all that is asked of the row is that others be missing, which is also so
// when it is missing itself.
func (n *spoken) holdsForNone() bool {
	return !n.there && len(n.own) == 0 && len(n.lacks)+len(n.to) > 0 &&
		!slices.ContainsFunc(n.to, func(next *spoken) bool { return !next.holdsForNone() })
}

// clauses are what is said of the row, which is called subject from where the sentence begins.
func (n *spoken) clauses(subject string) (all []clause) {
	for _, c := range n.own {
		all = append(all, n.names.tell(c, subject, false))
	}
	slices.SortStableFunc(all, doneFirst)
	for _, r := range n.lacks {
		all = append(all, none(r, subject))
	}
	for i, r := range n.ways {
		if r.Parent {
			all = append(all, n.to[i].clauses(possess(subject, words(r.Name)))...)
			continue
		}
		all = append(all, n.to[i].some(r, subject))
	}
	return all
}

// doneFirst puts what is done before what is not: "serve pizza and do not serve hot dogs".
func doneFirst(a, b clause) int {
	switch {
	case a.negates == b.negates:
		return 0
	case b.negates:
		return -1
	}
	return 1
}

// none says that there is no related row: "has no restaurant", "without waiters".
func none(r *graph.Relation, subject string) clause {
	if r.Many {
		return clause{subject: subject, one: say("has no " + r.To.Plural()), many: say("without " + r.To.Plural()), with: true}
	}
	return clause{subject: subject, one: say("has no " + r.To.Singular()), many: say("without " + aOne(r.To)), with: true}
}

// some says that there is a related row of which all this is so: "has a waiter whose name is “Joe”".
func (n *spoken) some(r *graph.Relation, subject string) clause {
	what, nested := n.noun(r, aOne(r.To)+" ")
	c := clause{subject: subject, one: say("has ").then(what), many: say("with ").then(what), with: true, nested: nested}
	if n.holdsForNone() {
		no := none(r, "")
		c.one = say("either ").then(no.one, say(" or "), c.one)
		c.many = say("either ").then(no.many, say(" or "), c.many)
	}
	return c
}

// notAny says that there is no related row of which all this is so.
func (n *spoken) notAny(r *graph.Relation, subject string) clause {
	if n.nothing() {
		return none(r, subject)
	}
	if record, ok := n.record(r, "any"); ok {
		return clause{subject: subject, one: say("does not have ").then(record), many: say("without ").then(record), with: true}
	}
	if n.holdsForNone() {
		c := n.some(r, subject)
		return clause{subject: subject, one: say("is not one that ").then(c.one), many: say("are not those ").then(c.many), nested: true}
	}
	one, _ := n.noun(r, r.To.Singular()+" ")
	many, _ := n.noun(r, aOne(r.To)+" ")
	return clause{subject: subject, one: say("has no ").then(one), many: say("without ").then(many), with: true, nested: true}
}

// nothing says that nothing is asked of the row but to be there.
func (n *spoken) nothing() bool { return len(n.own)+len(n.lacks)+len(n.to) == 0 }

// noun is a related row with what is said of it: "a waiter whose name is “Joe”", or by its name alone.
func (n *spoken) noun(r *graph.Relation, article string) (what Phrase, nested bool) {
	if n.nothing() && r.Many {
		return say(r.To.Plural()), false
	}
	if n.nothing() {
		return say(aOne(r.To)), false
	}
	if record, ok := n.record(r, "one"); ok {
		return record, false
	}
	return say(article).then(relative(n.clauses(""))), true
}

// record is the related row by its name, where that is all that is said of it: "the waiter Joe".
func (n *spoken) record(r *graph.Relation, some string) (Phrase, bool) {
	if len(n.own) != 1 || len(n.lacks)+len(n.to) > 0 || n.own[0].Keys() == nil {
		return nil, false
	}
	if k, by := n.own[0].Record(); k != r.To || by != nil {
		return nil, false
	}
	return n.names.oneOf(r.To, n.own[0].Keys(), some), true
}

// relative is what is said of one row, after its noun: "that serves pizza and whose …".
func relative(all []clause) Phrase {
	var parts []Phrase
	for _, nested := range []bool{false, true} {
		var that []Phrase
		for _, c := range all {
			if c.subject == "" && c.nested == nested {
				that = append(that, c.one)
			}
		}
		if that != nil {
			parts = append(parts, say("that ").then(joined(that, " and ")))
		}
		if !nested {
			parts = append(parts, whose(all)...)
		}
	}
	return joined(parts, " and ")
}

// whose are the clauses about what belongs to the rows, those of one subject together, and those
// that end in another row last.
func whose(all []clause) (parts []Phrase) {
	var subjects []string
	said := map[string][2][]Phrase{}
	nested := map[string]bool{}
	for _, c := range all {
		if c.subject == "" {
			continue
		}
		if !slices.Contains(subjects, c.subject) {
			subjects = append(subjects, c.subject)
		}
		both := said[c.subject]
		if c.nested {
			nested[c.subject] = true
			both[1] = append(both[1], c.one)
		} else {
			both[0] = append(both[0], c.one)
		}
		said[c.subject] = both
	}
	for _, late := range []bool{false, true} {
		for _, s := range subjects {
			if nested[s] == late {
				parts = append(parts, say("whose "+s+" ").then(joined(slices.Concat(said[s][0], said[s][1]), " and ")))
			}
		}
	}
	return parts
}
