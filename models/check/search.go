package check

import (
	"context"
	"fmt"
	"strings"

	"github.com/uptrace/bun"

	"maitred/models/graph"
	"maitred/models/text"
)

// lookAtSearch compares all that a search reads with the texts it was made from: the normalised
// column beside each text, and the index that is made from those.
func lookAtSearch(ctx context.Context, tx bun.Tx, g *graph.Graph, p *Part) error {
	var texts, entries int64
	for _, k := range g.Kinds() {
		n, err := lookAtNorms(ctx, tx, k, p)
		texts += n
		if err != nil {
			return fmt.Errorf("read the texts of %s: %w", k.Plural(), err)
		}
	}
	for _, k := range g.Kinds() {
		if len(k.Searched) == 0 {
			continue
		}
		n, err := lookAtIndex(ctx, tx, k, p)
		entries += n
		if err != nil {
			return fmt.Errorf("read the search index of %s: %w", k.Plural(), err)
		}
	}
	p.Seen = fmt.Sprintf("What a search reads was compared with %s, and its index, which has %s, with what it reads.",
		counted(texts, "text"), graph.Number(entries)+" entries")
	return nil
}

// lookAtNorms returns how many texts of the kind it compared.
func lookAtNorms(ctx context.Context, tx bun.Tx, k *graph.Kind, p *Part) (texts int64, err error) {
	var columns []*graph.Column
	names, into := []string{k.Key.Name}, []any{new(int64)}
	for _, c := range k.Columns {
		if c.Norm != nil {
			columns = append(columns, c)
			names = append(names, c.Name, c.Norm.Name)
			into = append(into, new(string), new(string))
		}
	}
	if columns == nil {
		return 0, nil
	}
	q := fmt.Sprintf("SELECT %s FROM %s ORDER BY %s", strings.Join(names, ", "), k.Table, k.Key.Name)
	err = each(ctx, tx, q, nil, into, func() {
		for i, c := range columns {
			texts++
			original, norm := *into[1+2*i].(*string), *into[2+2*i].(*string)
			if should := text.Normalise(original); norm != should {
				p.find("The %s %d: %s is %s instead of %s.", k.Singular(), *into[0].(*int64), c.Norm.Name, quoted(norm), quoted(should))
			}
		}
	})
	return texts, err
}
