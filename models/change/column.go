package change

import (
	"maitred/models/graph"
)

// column says of one column how it is taken back in the rows that the change changed.
type column struct {
	*graph.Column
	takes expr // whether there is anything to take back, or to bring into line
	same  expr // whether the column is still as the change left it
	back  expr // what it becomes then
	stay  expr // and what otherwise
}

func (t *taking) columns(p *part) (columns []column) {
	for _, c := range p.kind.Images() {
		before, after, now := c.FromImage("r.before"), c.FromImage("r.after"), p.kind.Table+"."+c.Name
		rel, source := p.kind.ParentBy(c), p.kind.NormOf(c)
		differs := expr{sql: before + " IS DISTINCT FROM " + after}
		switch {
		case c.Name == "version", c == p.kind.Identity && c != p.kind.Key, c == p.kind.Key && rel == nil:
		case c == p.kind.Key: // seats say which records go where
			if len(p.seats) > 0 {
				seat := lookUp(p.kind.SQL, p.seats, "r.identity", now)
				columns = append(columns, column{c, in(p.kind.SQL, "r.identity", keysOf(p.seats)), expr{sql: "TRUE"}, seat, seat})
			}
		case rel != nil:
			link, leaving := p.links[rel], t.part(rel.To).leaving
			left := lookUp(p.kind.SQL, link.now, after, after)
			same := and(expr{now + " IS NOT DISTINCT FROM " + left.sql, left.args}, notIn(p.kind.SQL, before, link.missing))
			back := lookUp(p.kind.SQL, link.moved, before, before)
			elsewhere := expr{now + " IS DISTINCT FROM " + back.sql, back.args} // not with a parent that stays where it is
			columns = append(columns, column{c, or(and(differs, same, elsewhere), in(p.kind.SQL, now, keysOf(leaving))), same, back, lookUp(p.kind.SQL, leaving, now, now)})
		case source != nil: // it follows its text, also where that is kept
			same := expr{sql: p.kind.Table + "." + source.Name + " IS NOT DISTINCT FROM " + source.FromImage("r.after")}
			columns = append(columns, column{c, expr{sql: "FALSE"}, same, expr{sql: before}, expr{sql: now}})
		default:
			same := expr{sql: now + " IS NOT DISTINCT FROM " + after}
			columns = append(columns, column{c, and(differs, same), same, expr{sql: before}, expr{sql: now}})
		}
	}
	return columns
}

// anything is the condition that there is something to take back in a row.
func (t *taking) anything(p *part) expr {
	var some []expr
	for _, c := range t.columns(p) {
		some = append(some, c.takes)
	}
	return or(some...)
}
