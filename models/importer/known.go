package importer

import (
	"context"
	"encoding/json"
	"fmt"
	"reflect"
	"slices"
	"strings"

	"github.com/uptrace/bun"

	"maitred/models/dialect"
	"maitred/models/graph"
)

// known are the records that an import looked at, each read once.
type known struct {
	ctx     context.Context
	tx      bun.Tx
	records map[*graph.Kind]map[int64]reflect.Value // by key; invalid: there is none
	byText  map[*graph.Column]map[string][]int64    // keys, by what a normalised text is
}

func newKnown(ctx context.Context, tx bun.Tx) *known {
	return &known{ctx, tx, map[*graph.Kind]map[int64]reflect.Value{}, map[*graph.Column]map[string][]int64{}}
}

// atOnce is how many keys or texts one statement asks for.
const atOnce = 1000

// record is the record with a key that was loaded; invalid where there is none.
func (n *known) record(k *graph.Kind, key int64) reflect.Value { return n.records[k][key] }

// load reads the records with these keys; 0 is none.
func (n *known) load(k *graph.Kind, keys []int64) error {
	if n.records[k] == nil {
		n.records[k] = map[int64]reflect.Value{}
	}
	var missing []int64
	for _, key := range keys {
		if _, ok := n.records[k][key]; !ok && key != 0 {
			n.records[k][key] = reflect.Value{}
			missing = append(missing, key)
		}
	}
	for some := range slices.Chunk(missing, atOnce) {
		if _, err := n.read(k, k.Table+" WHERE "+k.SQL.In(k.Table+"."+k.Key.Name), dialect.ListOf(some)); err != nil {
			return err
		}
	}
	return nil
}

// loadNamed is load with the records that they borrow their names from.
func (n *known) loadNamed(k *graph.Kind, keys []int64) error {
	if err := n.load(k, keys); err != nil || !k.BorrowsLabel() {
		return err
	}
	up := k.Must(k.Label).Relations[0]
	var above []int64
	for _, key := range keys {
		if r := n.record(k, key); r.IsValid() {
			above = append(above, up.Column.Value(r).(int64))
		}
	}
	return n.loadNamed(up.To, above)
}

// label is what a record that was loaded with loadNamed is called.
func (n *known) label(k *graph.Kind, key int64) string {
	r := n.record(k, key)
	if !r.IsValid() {
		return ""
	}
	if k.BorrowsLabel() {
		up := k.Must(k.Label).Relations[0]
		return n.label(up.To, up.Column.Value(r).(int64))
	}
	return spelled(k.Column(k.Label).Value(r))
}

// loadTexts reads the records that have one of these texts, which are normalised, in a column.
func (n *known) loadTexts(k *graph.Kind, column *graph.Column, texts []string) error {
	seen := n.byText[column]
	if seen == nil {
		seen = map[string][]int64{}
		n.byText[column] = seen
	}
	var missing []string
	for _, t := range texts {
		if _, ok := seen[t]; !ok {
			seen[t] = nil
			missing = append(missing, t)
		}
	}
	for some := range slices.Chunk(missing, atOnce) {
		list, err := json.Marshal(some)
		if err != nil {
			return err
		}
		found, err := n.read(k, k.Table+" WHERE "+k.SQL.InTexts(k.Table+"."+column.Norm.Name)+" ORDER BY "+k.Table+"."+k.Key.Name, string(list))
		if err != nil {
			return err
		}
		for _, r := range found {
			norm := column.Norm.Value(r).(string)
			seen[norm] = append(seen[norm], k.Key.Value(r).(int64))
		}
	}
	return nil
}

// read reads records; from is all that follows FROM.
func (n *known) read(k *graph.Kind, from string, args ...any) (found []reflect.Value, err error) {
	names := make([]string, len(k.Columns))
	for i, c := range k.Columns {
		names[i] = k.Table + "." + c.Name
	}
	rows, err := n.tx.QueryContext(n.ctx, "SELECT "+strings.Join(names, ", ")+" FROM "+from, args...)
	if err != nil {
		return nil, fmt.Errorf("look for %s: %w", k.Table, err)
	}
	defer rows.Close()
	if n.records[k] == nil {
		n.records[k] = map[int64]reflect.Value{}
	}
	into := make([]any, len(k.Columns))
	for rows.Next() {
		record := reflect.New(k.Model())
		for i, c := range k.Columns {
			into[i] = c.Pointer(record.Elem())
		}
		if err := rows.Scan(into...); err != nil {
			return nil, fmt.Errorf("read a row of %s: %w", k.Table, err)
		}
		key := k.Key.Value(record).(int64)
		if r := n.records[k][key]; r.IsValid() {
			record = r
		}
		n.records[k][key] = record
		found = append(found, record)
	}
	return found, rows.Err()
}
