package check

import (
	"context"
	"fmt"

	"github.com/uptrace/bun"

	"maitred/models/change"
	"maitred/models/graph"
	"maitred/models/store"
)

// lookAtFile lets the database look at its own pages and indexes. The files of a server are for its administrators.
func lookAtFile(ctx context.Context, tx bun.Tx, g *graph.Graph, p *Part) error {
	if !store.IsFile(tx) {
		return nil
	}
	p.Seen = "Every page and every index was read."
	return store.Damage(ctx, tx, g, func(damage string) { p.find("The database says: %s.", damage) })
}

// lookAtForeignKeys follows all foreign keys, of tables that no model knows of too.
func lookAtForeignKeys(ctx context.Context, tx bun.Tx, g *graph.Graph, p *Part) error {
	var ways []string
	for _, k := range g.Kinds() {
		for _, r := range k.Parents {
			ways = append(ways, k.Plural()+" to "+r.To.Plural())
		}
	}
	p.Seen = fmt.Sprintf("All were followed: %s.", change.And(ways))
	return store.Orphans(ctx, tx, func(o store.Orphan) {
		if k := g.ByTable(o.Table); k != nil && o.Key != nil {
			p.find("The %s %d belongs to nothing: its %s leads to no row of %s.", k.Singular(), *o.Key, o.Column, o.Parent)
			return
		}
		if o.Key != nil {
			p.find("The row %d of %s belongs to nothing: its %s leads to no row of %s.", *o.Key, o.Table, o.Column, o.Parent)
			return
		}
		p.find("Rows of %s belong to nothing: the %s of %s leads to no row of %s.", o.Table, o.Column, graph.Number(o.Rows), o.Parent)
	})
}
