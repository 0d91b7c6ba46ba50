package importer

import (
	"context"
	"errors"
	"fmt"
	"reflect"

	"github.com/uptrace/bun"

	"maitred/models/graph"
	"maitred/models/kind"
	"maitred/models/problem"
	"maitred/models/sheet"
	"maitred/models/text"
)

// match finds out what becomes of each row, as of one transaction.
type match struct {
	*Import
	ctx   context.Context
	known *known
	lines []filled // the texts that people fill in
	asks  []filled // the questions that they answer
	refs  []*ref   // of each parent of the kind
	key   int      // the column with the key; -1: none
	rows  []*row

	// Of all rows in turn, in one piece each: a hundred thousand small ones cost more than what is in them.
	values  []value  // of each text
	answers []answer // to each question
	parents []int64  // of each parent, the key that the row names and then the one that it has
	named   []string // the texts by which each parent is named
}

// filled is something that people fill in, and the column of the file where it stands; -1: in none.
type filled struct {
	*graph.Column
	at int
}

// row is a line while it is looked at.
type row struct {
	*Line
	at     int   // which one it is of those that were read
	key    int64 // that it names; 0: none
	is     int64 // the key of the record as it is now; 0: there is none
	forced int64 // that of the record that people chose for it

	record reflect.Value // as it will be
	opens  reflect.Value // the parent that comes along; invalid: none
}

// value is a text that a row fills in: cleaned, if nothing is wrong with it.
type value struct{ text, norm string }

// answer is what a row says to a question.
type answer byte

const (
	nothing answer = iota // it stays as it is
	saysYes
	saysNo
)

func newMatch(ctx context.Context, tx bun.Tx, i *Import) *match {
	m := &match{Import: i, ctx: ctx, known: newKnown(ctx, tx), key: -1}
	at := map[string]int{}
	for n, name := range i.Columns {
		if name != "" {
			at[name] = n
		}
	}
	place := func(name string) int {
		if n, ok := at[name]; ok {
			return n
		}
		return -1
	}
	for _, rel := range i.Kind.Parents {
		m.refs = append(m.refs, newRef(i.Kind, rel, place))
	}
	for _, f := range kind.Fields(i.Kind) {
		switch f.Part {
		case kind.KeyPart:
			m.key = place(f.Name)
		case kind.OwnPart:
			if own := (filled{f.Path.Column, place(f.Name)}); own.Type == graph.Boolean {
				m.asks = append(m.asks, own)
			} else {
				m.lines = append(m.lines, own)
			}
		}
	}
	m.makeRoom(len(i.Table.Rows))
	for n := range i.Table.Rows {
		m.parse(m.rows[n], &i.Table.Rows[n])
	}
	return m
}

// makeRoom makes all rows at once.
func (m *match) makeRoom(n int) {
	m.rows = make([]*row, n)
	rows, lines, none := make([]row, n), make([]Line, n), new(Found)
	for i := range rows {
		lines[i].Found = none
		rows[i] = row{Line: &lines[i], at: i}
		m.rows[i] = &rows[i]
	}
	width := 0
	for _, ref := range m.refs {
		ref.from = width
		width += len(ref.given())
	}
	m.values, m.answers = make([]value, n*len(m.lines)), make([]answer, n*len(m.asks))
	m.parents, m.named = make([]int64, n*len(m.refs)), make([]string, n*width)
}

// part is what a row has of something that all have equally many of.
func part[T any](m *match, r *row, of []T) []T {
	n := len(of) / len(m.rows)
	return of[r.at*n : (r.at+1)*n]
}

// valuesOf are the texts that a row fills in, answersOf what it says to questions, and parentsOf the keys of what
// it belongs to.
func (m *match) valuesOf(r *row) []value   { return part(m, r, m.values) }
func (m *match) answersOf(r *row) []answer { return part(m, r, m.answers) }
func (m *match) parentsOf(r *row) []int64  { return part(m, r, m.parents) }

// parse reads the cells of a row, and notes what cannot be understood.
func (m *match) parse(r *row, from *sheet.Row) {
	r.Number, r.Cells = from.Line, from.Cells
	cell := func(at int) string {
		if at < 0 {
			return ""
		}
		return from.Cells[at]
	}
	number := func(at int, of string) int64 {
		n, ok := number(cell(at))
		if !ok {
			r.reject("“%s” is not the number of a %s. Numbers have digits only.", short(cell(at)), of)
		}
		return n
	}
	r.key = number(m.key, m.Kind.Singular())
	for i, f := range m.lines {
		if f.at < 0 {
			continue
		}
		v := &m.valuesOf(r)[i]
		v.text = cell(f.at)
		if clean, flaw := text.Line(v.text, 1<<20); flaw == text.Sound { // how long it may be is for the record to say
			v.text, v.norm = clean, text.Normalise(clean)
		}
	}
	for i, f := range m.asks {
		if f.at < 0 || blank(cell(f.at)) {
			continue
		}
		yes, known := yesOrNo(cell(f.at))
		if !known {
			r.reject("“%s” is neither yes nor no, at %s.", short(cell(f.at)), Words(f.Name))
		}
		if m.answersOf(r)[i] = saysNo; yes {
			m.answersOf(r)[i] = saysYes
		}
	}
	for i, ref := range m.refs {
		if ref.key >= 0 && ref.Column != m.Kind.Key {
			m.parentsOf(r)[i] = number(ref.key, ref.To.Singular())
		}
		ref.read(cell, m.textsOf(r, ref))
	}
}

// reject notes why a row cannot be imported.
func (r *row) reject(format string, args ...any) {
	r.Group = Problem
	r.found().Reasons = append(r.Reasons, fmt.Sprintf(format, args...))
}

func (r *row) fine() bool { return r.Group != Problem }

// run finds out of rows which records they are about, and what they say of them.
func (m *match) run(rows []*row) error {
	for _, step := range []func([]*row) error{m.byKey, m.findParents, m.byNature, m.loadParents} {
		if err := step(rows); err != nil {
			return err
		}
	}
	for _, r := range rows {
		if r.fine() {
			m.settle(r)
		}
	}
	return nil
}

// byKey finds the records that rows name by their keys.
func (m *match) byKey(rows []*row) error {
	keys := keysOf(rows, func(r *row) int64 { return r.key })
	if err := m.known.load(m.Kind, keys); err != nil {
		return err
	}
	if up := m.Kind.OneToOne(); up != nil {
		if err := m.known.load(up.To, keys); err != nil {
			return err
		}
	}
	for _, r := range rows {
		if r.key == 0 || !r.fine() {
			continue
		}
		if m.known.record(m.Kind, r.key).IsValid() {
			r.is = r.key
			continue
		}
		of := m.Kind
		if up := m.Kind.OneToOne(); up != nil {
			of = up.To
		}
		if of == m.Kind || !m.known.record(of, r.key).IsValid() { // else there is room for one
			r.reject("There is no %s with the number %d. For a new one, leave %s empty.", of.Singular(), r.key, Words(m.Kind.Key.Name))
		}
	}
	return nil
}

// byNature finds the records that rows without a key say the very same of.
func (m *match) byNature(rows []*row) error {
	var nameless []*row
	for _, r := range rows {
		if r.key == 0 && r.fine() {
			nameless = append(nameless, r)
		}
	}
	if up := m.Kind.OneToOne(); up != nil {
		at := m.parent(up)
		keys := keysOf(nameless, func(r *row) int64 { return m.parentsOf(r)[at] })
		if err := m.known.load(m.Kind, keys); err != nil {
			return err
		}
		for _, r := range nameless {
			if key := m.parentsOf(r)[at]; m.known.record(m.Kind, key).IsValid() {
				r.is = key
			}
		}
		return nil
	}
	return m.bySayingTheSame(nameless)
}

// parent is which of the kind's parents a relation leads to.
func (m *match) parent(rel *graph.Relation) int {
	for i, r := range m.refs {
		if r.Relation == rel {
			return i
		}
	}
	return -1
}

// loadParents reads the records that those which are there, and the rows, belong to.
func (m *match) loadParents(rows []*row) error {
	for i, ref := range m.refs {
		keys := keysOf(rows, func(r *row) int64 { return m.parentsOf(r)[i] })
		for _, r := range rows {
			if r.is != 0 {
				keys = append(keys, ref.Column.Value(m.known.record(m.Kind, r.is)).(int64))
			}
		}
		if err := m.known.loadNamed(ref.To, keys); err != nil {
			return err
		}
	}
	return nil
}

// settle makes the record of a row as it will be, and says what that changes.
func (m *match) settle(r *row) {
	r.record = reflect.New(m.Kind.Model())
	if r.is != 0 {
		r.record.Elem().Set(reflect.Indirect(m.known.record(m.Kind, r.is)))
		r.Key = r.is
		r.Label = m.known.label(m.Kind, r.Key)
	}
	m.join(r)
	if !r.fine() {
		return
	}
	for i, f := range m.lines {
		if f.at >= 0 {
			f.Set(r.record, m.valuesOf(r)[i].text)
		}
	}
	for i, f := range m.asks {
		if says := m.answersOf(r)[i]; says != nothing {
			f.Set(r.record, says == saysYes)
		}
	}
	m.check(r, r.record)
	if r.opens.IsValid() {
		m.check(r, r.opens)
	}
	if !r.fine() {
		return
	}
	r.Label = m.label(r)
	if r.is == 0 {
		r.Group = New
		return
	}
	diffs := m.diffs(r)
	switch {
	case diffs == nil:
		r.Group, r.record = Same, reflect.Value{} // is needed no longer
	case m.Brief:
		r.Group = Changed
	default:
		r.Group, r.found().Diffs = Changed, diffs
	}
}

// check cleans a record and says what is wrong with it.
func (m *match) check(r *row, record reflect.Value) {
	var wrong *problem.Error
	if errors.As(kind.CheckRecord(m.Graph, record.Interface()), &wrong) {
		for _, f := range wrong.Fields {
			r.reject("%s", f.Message)
		}
	}
}

// diffs are the values that a row changes.
func (m *match) diffs(r *row) (diffs []Diff) {
	now := m.known.record(m.Kind, r.is)
	for _, filled := range [][]filled{m.lines, m.asks} {
		for _, f := range filled {
			if was, is := f.Value(now), f.Value(r.record); was != is {
				diffs = append(diffs, Diff{Words(f.Name), spelled(was), spelled(is)})
			}
		}
	}
	for _, ref := range m.refs {
		was, is := ref.Column.Value(now).(int64), ref.Column.Value(r.record).(int64)
		if was != is {
			diffs = append(diffs, Diff{ref.Name, m.known.label(ref.To, was), m.known.label(ref.To, is)})
		}
	}
	return diffs
}

// label is what the record of a row is called.
func (m *match) label(r *row) string {
	if !m.Kind.BorrowsLabel() {
		return spelled(m.Kind.Column(m.Kind.Label).Value(r.record))
	}
	up := m.Kind.Must(m.Kind.Label).Relations[0]
	if r.opens.IsValid() {
		return spelled(up.To.Column(up.To.Label).Value(r.opens))
	}
	return m.known.label(up.To, up.Column.Value(r.record).(int64))
}

// onlyOnce tells of each row that is about a record which an earlier row is about too, where one of the two
// changes it or takes its room.
func (m *match) onlyOnce(tell func(r, earlier *row)) {
	first, written := map[int64]*row{}, map[int64]bool{}
	for _, r := range m.rows {
		if key := m.target(r); key != 0 {
			if first[key] == nil {
				first[key] = r
			}
			written[key] = written[key] || r.Group != Same
		}
	}
	for _, r := range m.rows {
		if key := m.target(r); key != 0 && written[key] && first[key] != r {
			tell(r, first[key])
		}
	}
}

// target is the key of the record that a row will write to, or says nothing new of; 0: a new one.
func (m *match) target(r *row) int64 {
	if r.Group == Twin || !r.fine() {
		return 0
	}
	if up := m.Kind.OneToOne(); up != nil && r.Group == New && !r.opens.IsValid() {
		return up.Column.Value(r.record).(int64)
	}
	return r.Key
}

// join writes into a record what it belongs to.
func (m *match) join(r *row) {
	for i, ref := range m.refs {
		switch {
		case r.opens.IsValid():
			ref.Column.Set(r.record, int64(-1)) // known when the parent has its key
		case m.parentsOf(r)[i] != 0:
			ref.Column.Set(r.record, m.parentsOf(r)[i])
		}
	}
}
