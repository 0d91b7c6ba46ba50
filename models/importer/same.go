package importer

import (
	"encoding/json"
	"fmt"
	"reflect"
	"slices"
	"strconv"
	"strings"

	"maitred/models/graph"
)

// tells says that the file has all texts of its own that make a record of the kind this one and no other,
// together with its parents.
func (m *match) tells() bool {
	return len(m.lines) > 0 && !slices.ContainsFunc(m.lines, func(f filled) bool { return f.at < 0 || f.Norm == nil })
}

// bySayingTheSame finds the records whose texts and parents are those of the rows. Of several the first
// is taken if nothing else could be changed in it.
func (m *match) bySayingTheSame(rows []*row) error {
	if !m.tells() {
		return nil
	}
	load := m.loadSameAt
	if len(m.refs) == 0 {
		load = m.loadSame
	}
	if err := load(rows); err != nil {
		return err
	}
	last := m.lines[len(m.lines)-1].Column
	for _, r := range rows {
		if !r.fine() || r.forced != 0 {
			continue
		}
		var same []reflect.Value
		for _, key := range m.known.byText[last][m.probeOf(r)] {
			switch record := m.known.record(m.Kind, key); {
			case m.is(r, record, func(c *graph.Column, v *value) bool { return c.Value(record) == v.text }):
				same = append(same, record)
			case m.is(r, record, func(c *graph.Column, v *value) bool { return c.Norm.Value(record) == v.norm }):
				r.found().Twins = append(r.Twins, Existing{Key: key, Label: m.known.label(m.Kind, key)})
			}
		}
		switch {
		case len(same) == 1 || len(same) > 1 && len(m.asks) == 0:
			r.is = m.Kind.Key.Value(same[0]).(int64)
		case len(same) > 1:
			r.reject("There are %d %s like this. Say which one by its number, in %s.", len(same), m.Kind.Plural(), Words(m.Kind.Key.Name))
		}
		if r.Twins != nil && (len(same) > 0 || len(m.refs) == 0) { // whether other texts mean the same is found out of all at once
			r.Twins = nil
		}
	}
	return nil
}

// probeOf is under what the records that a row may be about are found.
func (m *match) probeOf(r *row) string {
	probe := m.valuesOf(r)[len(m.lines)-1].norm
	for i := range m.refs {
		probe = strconv.FormatInt(m.parentsOf(r)[i], 10) + " " + probe
	}
	return probe
}

// is says that a record has the texts of a row, as they are compared, and its parents.
func (m *match) is(r *row, record reflect.Value, equal func(*graph.Column, *value) bool) bool {
	for i, f := range m.lines {
		if !equal(f.Column, &m.valuesOf(r)[i]) {
			return false
		}
	}
	for i, ref := range m.refs {
		if ref.Column.Value(record) != m.parentsOf(r)[i] {
			return false
		}
	}
	return true
}

// loadSame reads the records that may be those of rows of a kind that belongs to nothing: by the last of
// its texts, which tells more than those before it.
func (m *match) loadSame(rows []*row) error {
	last := len(m.lines) - 1
	var wanted []string
	for _, r := range rows {
		wanted = append(wanted, m.valuesOf(r)[last].norm)
	}
	return m.known.loadTexts(m.Kind, m.lines[last].Column, wanted)
}

// loadSameAt is loadSame for a kind that belongs to another one.
func (m *match) loadSameAt(rows []*row) error {
	k, last := m.Kind, m.lines[len(m.lines)-1].Column
	seen := m.known.byText[last]
	if seen == nil {
		seen = map[string][]int64{}
		m.known.byText[last] = seen
	}
	var wanted [][]any
	for _, r := range rows {
		probe := m.probeOf(r)
		if _, ok := seen[probe]; ok || !r.fine() {
			continue
		}
		seen[probe] = nil
		given := []any{m.valuesOf(r)[len(m.lines)-1].norm}
		for i := range m.refs {
			given = append(given, m.parentsOf(r)[i])
		}
		wanted = append(wanted, given)
	}
	on := []string{fmt.Sprintf("%s.%s = %s", k.Table, last.Norm.Name, k.SQL.Given(0, graph.Text))}
	for i, ref := range m.refs {
		on = append(on, fmt.Sprintf("%s.%s = %s", k.Table, ref.Column.Name, k.SQL.Given(i+1, graph.Integer)))
	}
	for some := range slices.Chunk(wanted, atOnce) {
		list, err := json.Marshal(some)
		if err != nil {
			return err
		}
		found, err := m.known.read(k, fmt.Sprintf("%s %s %s ON %s ORDER BY %s.%s", k.SQL.GivenRows(), k.SQL.JoinInOrder(), k.Table, strings.Join(on, " AND "), k.Table, k.Key.Name), string(list))
		if err != nil {
			return err
		}
		for _, record := range found {
			probe := last.Norm.Value(record).(string)
			for _, ref := range m.refs {
				probe = strconv.FormatInt(ref.Column.Value(record).(int64), 10) + " " + probe
			}
			seen[probe] = append(seen[probe], k.Key.Value(record).(int64))
		}
	}
	return nil
}
