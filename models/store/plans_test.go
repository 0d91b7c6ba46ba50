package store_test

import (
	"cmp"
	"fmt"
	"maps"
	"net/url"
	"regexp"
	"slices"
	"strings"
	"sync/atomic"
	"testing"

	"maitred/models/graph"
	"maitred/models/kind"
)

// The database does not say when it does more than it would have to: it only takes longer, and in a
// small world nobody sees that. So this file looks at how it means to read: at the plan of every
// statement that is sent for any list, in any order, and for any question. A plan depends on the
// schema and on the statement, not on how many rows there are.

// whatCosts are what a plan may say that takes the longer the more rows there are.
const (
	readsAll  = "reads all"       // rows of a table, or entries of an index
	readsEach = "reads all again" // and does so for each row of another one
	walks     = "walks"           // an index in the order of the list, up to LIMIT
	sorts     = "sorts"           // more than what a list of keys or a page holds
	sortsTies = "sorts ties"      // rows that are equal in the first terms of the order
	indexes   = "indexes"         // a table, for this one statement
)

// cost is one thing that a plan says.
type cost struct{ what, table string }

// asked is what a list was asked for.
type asked struct {
	what  string // in words, with the address
	kind  *graph.Kind
	query kind.Query
	along bool
}

// reason is why a statement may cost that much.
type reason struct {
	why     string
	excuses func(a asked, c cost, statement string) bool
}

var reasons = []reason{
	{"a page is what comes first in the order of the list, and no more is read", func(a asked, c cost, _ string) bool {
		return c.what == walks && !a.query.Filtered()
	}},
	{"where many match, a page is full soon; where it is not, that is given up after a quarter of the time, for what matches", func(a asked, c cost, _ string) bool {
		return c.what == walks && a.along && a.query.Filtered()
	}},
	{"few places have the same name, and of the records that belong to each of them a page at most is read", func(a asked, c cost, statement string) bool {
		return c.what == sortsTies && (a.kind.OneToOne() != nil || strings.Count(statement, " LIMIT ") == 2)
	}},
	{"all records of a kind are counted by the pages of its shortest index, without a look at the entries", func(_ asked, c cost, statement string) bool {
		return c.what == readsAll && statement == "SELECT count(*) FROM "+c.table
	}},
	{"the views of one person are few, and those of others are read in order up to a limit", func(a asked, c cost, _ string) bool {
		return c.what == sorts && a.what == "views"
	}},
	{"persons who ever acted are a thousand at most, of any number of changes", func(a asked, c cost, _ string) bool {
		return c.what == sorts && a.what == "persons"
	}},
	{"what is left when something is excluded is in no index", func(a asked, c cost, _ string) bool {
		return c.what == readsAll && a.asks(func(q question) bool { return q.Exclude })
	}},
	{"one or two letters inside a text are in no index, of a word only its first ones", func(a asked, c cost, _ string) bool {
		return c.what == readsAll && a.asks(question.isOfFewLetters)
	}},
	{"no index has texts with their case and accents; the one without them helps unless a letter melts into others", func(a asked, c cost, _ string) bool {
		return c.what == readsAll && a.asks(question.melts)
	}},
	{"a column holds nothing in no row or in all of them, which nobody asks", func(a asked, c cost, _ string) bool {
		return c.what == readsAll && a.asks(question.isAboutNothing)
	}},
	{"records for which something is missing further away are in no index", func(a asked, c cost, _ string) bool {
		return c.what == readsAll && a.asks(question.isAboutMissing)
	}},
}

func TestNoPlanReadsAllRowsWithoutAReason(t *testing.T) {
	if raceDetector() {
		t.Skip("a plan is the same with the race detector")
	}
	t.Parallel()
	used := make([]atomic.Bool, len(reasons))
	t.Run("each", func(t *testing.T) {
		for table, look := range looks {
			t.Run(table, func(t *testing.T) {
				t.Parallel()
				w := newWorld(t, false)
				w.Patience = 0 // a busy machine must not give up one way and take another
				p := plans{world: w, kind: w.Graph.ByTable(table), look: look, costs: map[string][]cost{}, used: used}
				p.lists()
				p.lookups()
				p.searches()
			})
		}
		t.Run("history and views", func(t *testing.T) {
			t.Parallel()
			p := plans{world: newWorld(t, false), costs: map[string][]cost{}, used: used}
			p.histories()
			p.savedViews()
		})
	})
	for i, r := range reasons {
		if !used[i].Load() {
			t.Errorf("nothing needs this reason any more: %s", r.why)
		}
	}
}

// plans looks at the statements that are sent for one kind.
type plans struct {
	*world
	kind  *graph.Kind
	look  map[string]func(*world, kind.Query) error
	costs map[string][]cost // by statement
	used  []atomic.Bool     // by reason
	wrong int
}

// ask asks for one view of a list, along its order or not.
func (p *plans) ask(how string, along bool, address url.Values) {
	p.t.Helper()
	q, err := kind.ParseQuery(p.kind, address)
	must(p.t, err)
	if q.Along = along; along {
		q.Rows = 1 // of few rows the database is the most tempted to read all and keep the first
	}
	a := asked{fmt.Sprintf("%s of /%s?%s, along its order: %v", how, p.kind.Table, address.Encode(), along), p.kind, q, along}
	p.inspect(a, func() error { return p.look[how](p.world, q) })
}

// inspect looks at the plans of all statements that are sent.
func (p *plans) inspect(a asked, send func() error) {
	p.t.Helper()
	p.arm(1<<62, failure{}, nil) // which only notes the calls
	must(p.t, send())
	p.mu.Lock()
	calls := slices.Clone(p.calls)
	p.mu.Unlock()
	sent := 0
	for _, call := range calls {
		statement, sends := strings.CutPrefix(call, "query ")
		if !sends {
			continue
		}
		statement = strings.TrimPrefix(statement, "prepared ")
		sent++
		for _, c := range p.costsOf(statement) {
			p.excuse(a, c, statement)
		}
	}
	if sent == 0 {
		p.t.Fatalf("%s sends no statement", a.what)
	}
}

func (p *plans) excuse(a asked, c cost, statement string) {
	p.t.Helper()
	for i, r := range reasons {
		if r.excuses(a, c, statement) {
			p.mu.Lock()
			p.used[i].Store(true)
			p.mu.Unlock()
			return
		}
	}
	if p.wrong++; p.wrong <= 10 {
		p.t.Errorf("%s %s %s, without a reason:\n%s\n%s", a.what, c.what, c.table, statement, p.planOf(statement))
	}
}

// step is a line of a plan.
type step struct {
	id, parent int
	does       string
}

func (p *plans) steps(statement string) (steps []step) {
	p.t.Helper()
	rows, err := p.clean.QueryContext(ctx, "EXPLAIN QUERY PLAN "+statement, make([]any, strings.Count(statement, "?"))...)
	must(p.t, err)
	defer rows.Close()
	for rows.Next() {
		var s step
		var unused int
		must(p.t, rows.Scan(&s.id, &s.parent, &unused, &s.does))
		steps = append(steps, s)
	}
	must(p.t, rows.Err())
	return steps
}

func (p *plans) planOf(statement string) (plan string) {
	for _, s := range p.steps(statement) {
		plan += fmt.Sprintf("%4d in %d: %s\n", s.id, s.parent, s.does)
	}
	return plan
}

func (p *plans) costsOf(statement string) []cost {
	p.t.Helper()
	if known, ok := p.costs[statement]; ok {
		return known
	}
	steps, called := p.steps(statement), p.tablesOf(statement)
	var all []cost
	for i, s := range steps {
		words := strings.Fields(s.does)
		table := called[words[min(1, len(words)-1)]]
		beside := slices.DeleteFunc(slices.Clone(steps), func(other step) bool { return other.parent != s.parent })
		switch {
		case strings.Contains(s.does, "AUTOMATIC"):
			all = append(all, cost{indexes, table})
		case strings.HasPrefix(s.does, "USE TEMP B-TREE FOR ORDER BY") && !isShort(beside[0].does):
			all = append(all, cost{sorts, called[strings.Fields(beside[0].does)[1]]})
		case strings.HasPrefix(s.does, "USE TEMP B-TREE FOR ") && strings.HasSuffix(s.does, " OF ORDER BY"):
			all = append(all, cost{sortsTies, called[strings.Fields(beside[0].does)[1]]})
		case words[0] == "SCAN" && table != "" && !strings.Contains(s.does, ":M"): // M: what MATCH finds
			all = append(all, cost{p.scan(statement, steps, i, beside), table})
		}
	}
	p.costs[statement] = all
	return all
}

// isShort says that a sort begins with a list of keys, or with the keys of a page.
func isShort(first string) bool {
	return strings.HasPrefix(first, "SCAN json_each ") || first == "SCAN p" || first == "CO-ROUTINE p"
}

// scan says what kind of scan a step is.
func (p *plans) scan(statement string, steps []step, i int, beside []step) string {
	s := steps[i]
	for parent := s.parent; parent != 0; {
		at := steps[slices.IndexFunc(steps, func(s step) bool { return s.id == parent })]
		if strings.HasPrefix(at.does, "CORRELATED") {
			return readsEach
		}
		parent = at.parent
	}
	inner := s.parent == 0 && beside[0].id != s.id
	sorted := slices.ContainsFunc(beside, func(s step) bool { return s.does == "USE TEMP B-TREE FOR ORDER BY" })
	switch {
	case inner:
		return readsEach
	case s.parent == 0 && !sorted && strings.Contains(statement, " ORDER BY ") && strings.Contains(statement, " LIMIT "):
		return walks
	}
	return readsAll
}

var (
	aliases = regexp.MustCompile(`\b(\w+) AS (\w+)\b`)
	stored  = []string{"changes", "change_rows", "undos", "authors", "saved_views", "list_settings"}
)

// tablesOf are the tables that a statement reads, by what it calls them. What it derives is none.
func (p *plans) tablesOf(statement string) map[string]string {
	called := map[string]string{}
	for _, table := range stored {
		called[table] = table
	}
	for _, k := range p.Graph.Kinds() {
		called[k.Table] = k.Table
		called[k.Table+"_search"] = k.Table + "_search"
	}
	known := slices.Collect(maps.Values(called))
	for _, found := range aliases.FindAllStringSubmatch(statement, -1) {
		if slices.Contains(known, found[1]) {
			called[found[2]] = cmp.Or(called[found[2]], found[1])
		}
	}
	return called
}
