// Package lookup is the language of questions across relations, as it stands in an address:
// [exclude__]path[__operator]=value. A path walks the relation graph in both directions;
// all conditions must hold, and each exclude__ removes exactly what it would find alone.
//
// Conditions through the same relation speak of the same related row. A missing relation is a row
// of NULLs, as in a left join. No word of an address reaches SQL: words are looked up in the
// graph, and values travel as arguments.
package lookup

import (
	"fmt"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"

	"maitred/models/graph"
	"maitred/models/problem"
)

// Filter is the conditions of one list. The zero Filter lets everything pass.
type Filter struct {
	kind       *graph.Kind
	conditions []condition
}

type condition struct {
	name    string // as in the address, like its value
	value   string
	exclude bool
	path    []*graph.Relation
	column  *graph.Column   // what is compared …
	count   *graph.Relation // … or the number of related rows
	op      operator
	values  []any // one, or several for in
}

type operator string

const (
	exact       operator = "exact"
	iexact      operator = "iexact"
	contains    operator = "contains"
	icontains   operator = "icontains"
	startswith  operator = "startswith"
	istartswith operator = "istartswith"
	endswith    operator = "endswith"
	iendswith   operator = "iendswith"
	in          operator = "in"
	gt          operator = "gt"
	gte         operator = "gte"
	lt          operator = "lt"
	lte         operator = "lte"
	isnull      operator = "isnull"
)

// operators are what can be asked of each type.
var operators = map[graph.Type][]operator{
	graph.Text:    {exact, iexact, contains, icontains, startswith, istartswith, endswith, iendswith, in, isnull},
	graph.Integer: {exact, in, gt, gte, lt, lte, isnull},
	graph.Boolean: {exact, in, isnull},
}

// These bound what one address can make the database do; at about a hundred relations SQLite
// would refuse the nested condition.
const (
	maxConditions = 50
	maxRelations  = 10   // in one condition
	maxValues     = 1000 // of one condition with in
)

// Parse reads the conditions of an address about records of kind k; names that are in ignore are
// not conditions. Errors: BadRequest, with a sentence that says what is known.
func Parse(k *graph.Kind, query url.Values, ignore ...string) (Filter, error) {
	f := Filter{kind: k}
	names := make([]string, 0, len(query))
	for name := range query {
		if !slices.Contains(ignore, name) {
			names = append(names, name)
		}
	}
	slices.Sort(names)
	for _, name := range names {
		for _, value := range query[name] {
			c, err := parse(k, name, value)
			if err != nil {
				return Filter{}, err
			}
			if f.conditions = append(f.conditions, c); len(f.conditions) > maxConditions {
				return Filter{}, problem.New(problem.BadRequest, "An address can hold %d conditions at most.", maxConditions)
			}
		}
	}
	return f, nil
}

// Empty says that there is no condition.
func (f Filter) Empty() bool { return len(f.conditions) == 0 }

func parse(k *graph.Kind, name, value string) (condition, error) {
	rest, exclude := strings.CutPrefix(name, "exclude__")
	c := condition{name: name, value: value, exclude: exclude, op: exact}
	words := strings.Split(rest, "__")
	words, err := c.walk(k, name, words)
	if err != nil {
		return c, err
	}
	if len(c.path) > maxRelations {
		return c, problem.New(problem.BadRequest, "The address asks for “%s”, which follows more than %d relations.", printable(name), maxRelations)
	}
	if len(words) > 0 {
		c.op = operator(words[0])
	}
	known := c.operators()
	if len(words) > 1 || !slices.Contains(known, c.op) {
		return c, problem.New(problem.BadRequest, "The address asks for “%s”, but after “%s” only these can follow: %s.",
			printable(name), printable(strings.TrimSuffix(name, "__"+strings.Join(words, "__"))), list(known))
	}
	return c, c.parseValues(name, value)
}

// operators are what can be asked here.
func (c *condition) operators() []operator {
	known := operators[c.typ()]
	switch {
	case c.count != nil:
		return known[:len(known)-1] // a number of rows is never NULL
	case c.column.Type == graph.Text && c.column.Norm == nil:
		return []operator{exact, contains, startswith, endswith, in, isnull}
	}
	return known
}

// walk follows words along relations to a column, and returns the words that are left.
func (c *condition) walk(k *graph.Kind, name string, words []string) ([]string, error) {
	for i, w := range words {
		rest := words[i+1:]
		if w == "pk" {
			c.column = k.Key
			return rest, nil
		}
		if col := k.Column(w); col != nil && !col.Inside {
			c.column = col
			return rest, nil
		}
		r := k.Relation(w)
		if r == nil {
			return nil, problem.New(problem.BadRequest, "The address asks for “%s”, but %s have no “%s”. They have: %s.",
				printable(name), k.Plural(), printable(w), list(known(k)))
		}
		if len(rest) > 0 && rest[0] == "count" && !r.Parent {
			c.count = r
			return rest[1:], nil
		}
		if len(rest) == 0 || r.To.Relation(rest[0]) == nil && r.To.Column(rest[0]) == nil && rest[0] != "pk" && isOperator(rest[0]) {
			// A path that ends in a relation means its key. For a parent that is the foreign key here.
			if c.column = r.Column; !r.Parent {
				c.path, c.column = append(c.path, r), r.To.Key
			}
			return rest, nil
		}
		c.path = append(c.path, r)
		k = r.To
	}
	return nil, problem.New(problem.BadRequest, "The address has a condition without a name.")
}

func (c *condition) typ() graph.Type {
	if c.count != nil {
		return graph.Integer
	}
	return c.column.Type
}

func (c *condition) parseValues(name, value string) error {
	if !utf8.ValidString(value) || strings.ContainsRune(value, 0) {
		return problem.New(problem.BadRequest, "The value of “%s” contains characters that cannot be read.", printable(name))
	}
	texts := []string{value}
	if c.op == in {
		texts = strings.Split(value, ",")
	}
	if len(texts) > maxValues {
		return problem.New(problem.BadRequest, "“%s” is compared with %s values; it can be %s at most.",
			printable(name), graph.Number(int64(len(texts))), graph.Number(maxValues))
	}
	t := c.typ()
	if c.op == isnull {
		t = graph.Boolean
	}
	for _, text := range texts {
		v, ok := parseValue(t, text)
		if !ok {
			return problem.New(problem.BadRequest, "“%s” is compared with “%s”, which is no %s.", printable(name), printable(text), typeWords[t])
		}
		c.values = append(c.values, v)
	}
	return nil
}

var typeWords = map[graph.Type]string{
	graph.Integer: "whole number",
	graph.Boolean: "yes or no; write true, false, 1 or 0",
}

func parseValue(t graph.Type, text string) (any, bool) {
	switch t {
	case graph.Integer:
		n, err := strconv.ParseInt(text, 10, 64)
		return n, err == nil
	case graph.Boolean:
		return text == "true" || text == "1", slices.Contains([]string{"true", "false", "1", "0"}, text)
	default:
		return text, true
	}
}

func isOperator(w string) bool {
	for _, ops := range operators {
		if slices.Contains(ops, operator(w)) {
			return true
		}
	}
	return false
}

// known lists the words that can follow at a kind.
func known(k *graph.Kind) []string {
	words := []string{"pk"}
	for _, c := range k.Columns {
		if !c.Inside {
			words = append(words, c.Name)
		}
	}
	for _, rs := range [][]*graph.Relation{k.Parents, k.Children} {
		for _, r := range rs {
			words = append(words, r.Name)
			if !r.Parent {
				words = append(words, r.Name+"__count")
			}
		}
	}
	return words
}

func list[S ~string](words []S) string {
	var b strings.Builder
	for i, w := range words {
		if i > 0 {
			b.WriteString(", ")
		}
		b.WriteString(string(w))
	}
	return b.String()
}

// printable shortens what came from an address to something a sentence can hold.
func printable(s string) string {
	s = strings.ToValidUTF8(s, "\ufffd")
	if utf8.RuneCountInString(s) > 80 {
		s = string([]rune(s)[:80]) + "…"
	}
	return fmt.Sprint(strings.Map(func(r rune) rune {
		if r < ' ' {
			return ' '
		}
		return r
	}, s))
}
