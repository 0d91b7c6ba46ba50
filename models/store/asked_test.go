package store_test

import (
	"net/url"
	"slices"
	"strings"
	"unicode/utf8"

	"maitred/models"
	"maitred/models/change"
	"maitred/models/graph"
	"maitred/models/keyset"
	"maitred/models/kind"
	"maitred/models/lookup"
	"maitred/models/saved"
	"maitred/models/text"
)

// This file is what plans_test.go asks of lists: everything that an address can say, one after the
// other, up to two relations away.

// looks are the ways to look at a list, by table. The first record of each kind has the key 1.
var looks = map[string]map[string]func(*world, kind.Query) error{
	"places": looksAt(models.Places), "restaurants": looksAt(models.Restaurants), "waiters": looksAt(models.Waiters),
}

func looksAt[T any](of kind.Of[T]) map[string]func(*world, kind.Query) error {
	return map[string]func(*world, kind.Query) error{
		"list":   func(w *world, q kind.Query) error { _, err := of.List(ctx, w.Store, q); return err },
		"first":  func(w *world, q kind.Query) error { _, _, err := of.First(ctx, w.Store, q, 20); return err },
		"around": func(w *world, q kind.Query) error { _, err := of.Around(ctx, w.Store, q, 1); return err },
		"found":  func(w *world, q kind.Query) error { _, _, err := of.Found(ctx, w.Store, q); return err },
		"record": func(w *world, _ kind.Query) error { _, err := of.Find(ctx, w.Store, 1); return err },
		"names": func(w *world, _ kind.Query) error {
			_, err := kind.Names(ctx, w.Store, of.Kind(w.Store), []int64{1, 2})
			return err
		},
	}
}

// lists looks at all pages of all that there is, and of the records that belong to one.
func (p *plans) lists() {
	p.t.Helper()
	all := []url.Values{{}}
	for _, r := range p.kind.Parents {
		all = append(all, url.Values{r.Name: {"1"}})
	}
	for _, about := range all {
		for _, along := range []bool{false, true} {
			p.pages(about, along)
		}
	}
	p.ask("record", false, nil)
	p.ask("names", false, nil)
}

// searches looks at what words find: one, two, one that is in no index, and one with conditions besides.
func (p *plans) searches() {
	p.t.Helper()
	conditions := p.conditions()
	for i, words := range []string{"demon", "demon dogs", "o", "o'n demon"} {
		for _, about := range []url.Values{{}, conditions[i].address(false), conditions[len(conditions)-i-1].address(false), conditions[i].address(true)} {
			about.Set("q", words)
			p.ask("list", false, about)
			p.ask("list", false, with(about, "before", keyset.End))
			p.ask("around", false, about)
			p.ask("first", false, about)
			p.pages(about, false)
			p.pages(about, true)
		}
	}
}

// pages looks at the pages of a list, in every order.
func (p *plans) pages(about url.Values, along bool) {
	p.t.Helper()
	for _, sort := range p.sorts() {
		sorted := with(about, "sort", sort)
		p.ask("list", along, sorted)
		p.ask("list", along, with(sorted, "before", keyset.End))
		p.ask("list", along, with(sorted, "after", p.mark(sort)))
		p.ask("list", along, with(sorted, "before", p.mark(sort)))
		p.ask("list", along, with(with(sorted, "after", p.mark(sort)), "count", "exact"))
		p.ask("around", along, sorted)
		p.ask("first", along, sorted)
		p.ask("found", along, sorted)
	}
}

// lookups asks every question, read in both ways. What is few is sorted from its keys, whatever it was
// found by, so there one order stands for all.
func (p *plans) lookups() {
	p.t.Helper()
	sorts := p.sorts()
	for i, c := range p.conditions() {
		if raceDetector() && i%20 != 0 {
			continue
		}
		for _, exclude := range []bool{false, true} {
			about, sort := c.address(exclude), sorts[i%len(sorts)]
			p.ask("list", false, with(about, "sort", sort))
			p.ask("list", false, with(with(about, "sort", sort), "after", p.mark(sort)))
			for j, sort := range sorts {
				sorted := with(about, "sort", sort)
				switch (i + j) % 3 {
				case 0:
					p.ask("list", true, sorted)
				case 1:
					p.ask("list", true, with(sorted, "after", p.mark(sort)))
				default:
					p.ask("around", true, sorted)
				}
			}
		}
	}
}

// histories looks at history in all its narrowings.
func (p *plans) histories() {
	for _, of := range []url.Values{
		{}, {"actor": {"Someone"}}, {"kind": {"places"}}, {"day": {"2026-11-23"}}, {"actor": {"Someone"}, "kind": {"places"}},
		{"actor": {"Someone"}, "day": {"2026-11-23"}}, {"kind": {"places"}, "day": {"2026-11-23"}},
		{"actor": {"Someone"}, "kind": {"places"}, "day": {"2026-11-23"}}, {"record": {"places-1"}},
	} {
		for _, before := range []string{"", "3"} {
			of.Set("before", before)
			q, err := change.ParseQuery(p.Graph, of)
			must(p.t, err)
			p.inspect(asked{what: "/history?" + of.Encode()}, func() error {
				_, _, err := change.List(ctx, p.Store, q, 50)
				return err
			})
			if q.Author = 7; q.Actor != "" || q.Of != nil { // one's own changes are not narrowed by person, those of a record by nothing
				continue
			}
			p.inspect(asked{what: "one's own /history?" + of.Encode()}, func() error {
				_, _, err := change.List(ctx, p.Store, q, 50)
				return err
			})
		}
	}
	p.inspect(asked{what: "persons"}, func() error { _, err := change.Actors(ctx, p.Store); return err })
}

func (p *plans) savedViews() {
	s, k := p.Store.For("me"), p.Graph.ByTable("places")
	p.inspect(asked{what: "views"}, func() error { _, _, err := saved.List(ctx, s, k, 30); return err })
	p.inspect(asked{what: "settings"}, func() error { _, err := saved.Settings(ctx, s); return err })
}

func with(address url.Values, name, value string) url.Values {
	more := url.Values{name: {value}}
	for n, values := range address {
		more[n] = values
	}
	return more
}

func (p *plans) sorts() (all []string) {
	for _, s := range p.kind.Sorts {
		all = append(all, s.Name, "-"+s.Name)
	}
	return all
}

// mark is somewhere in the order.
func (p *plans) mark(sort string) string {
	i := slices.IndexFunc(p.kind.Sorts, func(s graph.Sort) bool { return s.Name == strings.TrimPrefix(sort, "-") })
	value := map[graph.Type]any{graph.Text: "d", graph.Integer: int64(1), graph.Boolean: true}[p.kind.Must(p.kind.Sorts[i].Path).Column.Type]
	return keyset.Mark{Value: value, Key: 2}.String()
}

// condition is a question as an address asks it.
type condition struct{ name, value string }

func (c condition) address(exclude bool) url.Values {
	if exclude {
		return url.Values{"exclude__" + c.name: {c.value}}
	}
	return url.Values{c.name: {c.value}}
}

// conditions are every column, relation and number of related rows, up to two relations away, with
// every operator.
func (p *plans) conditions() (all []condition) {
	var from func(k *graph.Kind, prefix string, away int)
	from = func(k *graph.Kind, prefix string, away int) {
		for _, c := range k.Columns {
			if !c.Inside {
				all = append(all, ofColumn(prefix+c.Name, c.Type)...)
			}
		}
		for _, r := range slices.Concat(k.Parents, k.Children) {
			to := prefix + r.Name
			all = append(all, ofColumn(to, graph.Integer)...)
			if !r.Parent {
				all = append(all, ofNumber(to+"__count")...)
			}
			if away < 2 {
				from(r.To, to+"__", away+1)
			}
		}
	}
	from(p.kind, "", 0)
	return all
}

func ofColumn(name string, t graph.Type) []condition {
	all := []condition{{name + "__isnull", "true"}, {name + "__isnull", "false"}}
	switch t {
	case graph.Integer:
		return append(all, ofNumber(name)...)
	case graph.Boolean:
		return append(all, condition{name, "true"}, condition{name, "false"}, condition{name + "__in", "true,false"})
	}
	for _, op := range []string{"exact", "iexact", "contains", "icontains", "startswith", "istartswith", "endswith", "iendswith", "in"} {
		all = append(all, condition{name + "__" + op, "Demon"})
	}
	return append(all, condition{name + "__icontains", "o"}, condition{name + "__endswith", "gs"}, condition{name + "__exact", melting}, condition{name + "__in", melting})
}

func ofNumber(name string) (all []condition) {
	for _, op := range []string{"exact", "gt", "gte", "lt", "lte"} {
		all = append(all, condition{name + "__" + op, "2"})
	}
	return append(all, condition{name + "__in", "1,2"})
}

// question is a condition as a list understood it.
type question lookup.Condition

// asks says that everything that was asked is as the reason says.
func (a asked) asks(is func(question) bool) bool {
	all := a.query.Conditions()
	return a.query.Search == "" && len(all) > 0 &&
		!slices.ContainsFunc(all, func(c lookup.Condition) bool { return !is(question(c)) })
}

func (q question) isOfFewLetters() bool {
	value, ok := q.Values[0].(string)
	inside := strings.HasSuffix(q.Operator, "contains") || strings.HasSuffix(q.Operator, "endswith")
	return ok && inside && utf8.RuneCountInString(text.Normalise(value)) < 3
}

// melting is a Hangul tone mark, which changes places with marks beside it when it is normalised.
const melting = "\u302e"

func (q question) melts() bool {
	value, ok := q.Values[0].(string)
	return ok && (q.Operator == "in" || !strings.HasPrefix(q.Operator, "i")) && !text.Separable(value)
}

// isAboutNothing says that it asks whether a column holds something, and not whether there is a
// related record.
func (q question) isAboutNothing() bool { return q.Operator == "isnull" && !q.isAboutRelated() }

// isAboutMissing says that it asks for what is missing more than one relation away, or by a key that
// leads back from there.
func (q question) isAboutMissing() bool {
	back := strings.Count(q.Name, "__") > 2
	return q.Operator == "isnull" && q.isAboutRelated() && (back || q.Values[0] == true && len(q.Path) > 1)
}

func (q question) isAboutRelated() bool {
	last := len(q.Path) - 1
	return last >= 0 && !q.Path[last].Parent && q.Column == q.Path[last].To.Key
}
