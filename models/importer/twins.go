package importer

import (
	"cmp"
	"fmt"
	"reflect"
	"slices"
	"strings"

	"maitred/models/problem"
	"maitred/models/text"
)

// findTwins finds the new records that are likely there already, or said by more than one row.
func (m *match) findTwins() error {
	var fresh []*row
	for _, r := range m.rows {
		if r.Group == New {
			fresh = append(fresh, r)
		}
	}
	m.findRepeated(fresh)
	if err := m.findAlike(fresh); err != nil {
		return err
	}
	for _, r := range fresh {
		if r.Group == New && (r.Twins != nil || r.Earlier != nil) {
			r.Group = Twin
		}
	}
	return nil
}

// findRepeated finds the rows that say the same as an earlier one, but for case and accents.
func (m *match) findRepeated(fresh []*row) {
	first := map[string]*row{}
	for _, r := range fresh {
		what := m.saying(r)
		if what == "" {
			continue
		}
		switch earlier := first[what]; {
		case earlier == nil:
			first[what] = r
		case r.opens.IsValid():
			r.reject("Line %d opens a %s at the same new place. Keep one of the two.", earlier.Number, m.Kind.Singular())
		default:
			r.found().Earlier = append(r.Earlier, earlier.Number)
		}
	}
}

// saying is what makes a new record this one and no other; "" where that cannot be told.
func (m *match) saying(r *row) string {
	var b strings.Builder
	if r.opens.IsValid() {
		up := m.Kind.OneToOne()
		for _, c := range up.To.Columns {
			if c.Norm != nil {
				fmt.Fprintf(&b, "%q ", c.Norm.Value(r.opens))
			}
		}
		return b.String()
	}
	if !m.tells() {
		return ""
	}
	for i := range m.lines {
		fmt.Fprintf(&b, "%q ", m.valuesOf(r)[i].norm)
	}
	for i := range m.refs {
		fmt.Fprintf(&b, "%d ", m.parentsOf(r)[i])
	}
	return b.String()
}

// findAlike asks for the records that look like the new ones, spelling slips included.
func (m *match) findAlike(fresh []*row) error {
	if m.Alike == nil {
		return nil
	}
	var asked []*row
	var records []any
	for _, r := range fresh {
		record := r.record
		if r.opens.IsValid() {
			record = r.opens
		}
		if r.Group == New && r.forced == 0 && (r.opens.IsValid() || len(m.refs) == 0) {
			asked, records = append(asked, r), append(records, record.Interface())
		}
	}
	if records == nil {
		return nil
	}
	found, err := m.Alike(m.ctx, m.known.tx, records)
	if err != nil {
		return fmt.Errorf("look for likely duplicates: %w", err)
	}
	for i, r := range asked {
		m.Import.cut = m.Import.cut || found[i].Cut
		if found[i].Existing != nil {
			r.found().Twins = append(r.Twins, found[i].Existing...)
		}
		for _, e := range found[i].Earlier {
			if n := asked[e].Number; !slices.Contains(r.Earlier, n) {
				r.found().Earlier = append(r.Earlier, n)
			}
		}
	}
	return nil
}

// choose lets people's choices about likely duplicates count. What was shown stays as it is: it holds for
// all choices. Errors: Invalid for one that does not go.
func (m *match) choose() error {
	shown := m.rows
	m.rows = make([]*row, len(shown))
	var used []*row
	for i, r := range shown {
		chosen, ok := m.Choices[r.Number]
		m.rows[i] = r
		if r.Group != Twin || ok && !chosen.Add && chosen.Use == 0 || !ok && !m.AddTwins {
			continue
		}
		c := *r
		line, more := *r.Line, *r.Found
		line.Found = &more
		c.Line = &line
		m.rows[i] = &c
		if c.Group = New; chosen.Use == 0 {
			continue
		}
		if !slices.ContainsFunc(r.Twins, func(e Existing) bool { return e.Key == chosen.Use }) {
			return problem.New(problem.Invalid, "What was chosen for line %d is none of what was offered. Choose again.", r.Number)
		}
		c.Group, c.is, c.opens, c.forced = "", 0, reflect.Value{}, chosen.Use
		if m.Kind.OneToOne() == nil {
			c.key = chosen.Use
		}
		used = append(used, &c)
	}
	if err := m.run(used); err != nil {
		return err
	}
	for _, r := range used {
		if !r.fine() {
			return problem.New(problem.Invalid, "Line %d cannot be taken as chosen. %s", r.Number, strings.Join(r.Reasons, " "))
		}
	}
	var wrong error
	m.onlyOnce(func(r, earlier *row) {
		wrong = cmp.Or(wrong, error(problem.New(problem.Invalid, "Lines %d and %d would both be about the same %s. Choose again for one of the two.", earlier.Number, r.Number, m.Kind.Singular())))
	})
	return wrong
}

// newParent is the parent that a row brings along.
func (m *match) newParent(texts []string, ref *ref) reflect.Value {
	parent := reflect.New(ref.To.Model())
	for n, c := range ref.texts {
		c.Set(parent, texts[n])
		c.Norm.Set(parent, text.Normalise(texts[n]))
	}
	return parent
}
