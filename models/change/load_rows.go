package change

import (
	"context"
	"fmt"
	"reflect"
	"strings"

	"maitred/models/graph"
)

// rowsAtOnce is how many rows one statement writes: more save little, and none is kept waiting.
const rowsAtOnce = 50

// parcel is rows on their way to the table, with the values of all their columns.
type parcel struct {
	values      []any
	rows        int64
	first, last int64
	err         error
}

// write writes the batch to its table. The records are made beside, on another processor.
func (w *loading) write(ctx context.Context, b *loaded) error {
	w.says("Writing the %s", b.Kind.Plural())
	ctx, stop := context.WithCancel(ctx)
	parcels := make(chan parcel, 16)
	stopped := make(chan struct{})
	defer func() { stop(); <-stopped }()
	go func() {
		defer close(stopped)
		defer close(parcels)
		b.pack(ctx, w.change, parcels)
	}()
	full, err := w.tx.Tx.PrepareContext(ctx, insertOf(b.Kind, rowsAtOnce))
	if err != nil {
		return err
	}
	defer full.Close()
	var written, told int64
	for p := range parcels {
		if p.err != nil {
			return p.err
		}
		if p.rows == rowsAtOnce {
			_, err = full.ExecContext(ctx, p.values...)
		} else {
			_, err = w.tx.Tx.ExecContext(ctx, insertOf(b.Kind, int(p.rows)), p.values...)
		}
		if err != nil {
			return err
		}
		if written == 0 {
			b.first = p.first
		}
		b.last = p.last
		if written += p.rows; written-told >= portionOfKeys {
			w.did(written-told, costOfWriting)
			told = written
		}
	}
	w.did(written-told, costOfWriting)
	if err := ctx.Err(); err != nil {
		return err
	}
	return equal("write "+b.Kind.Table, b.Count, written)
}

// pack makes the records and sends them off.
func (b *loaded) pack(ctx context.Context, change int64, parcels chan<- parcel) {
	columns := b.Kind.Columns
	var p parcel
	send := func() bool {
		select {
		case parcels <- p:
			p = parcel{values: make([]any, 0, rowsAtOnce*len(columns))}
			return true
		case <-ctx.Done():
			return false
		}
	}
	for record, err := range b.Records {
		if p.err = err; err != nil {
			send()
			return
		}
		v := reflect.ValueOf(record)
		key := b.Kind.Key.Value(v).(int64)
		if p.rows == 0 {
			p.first = key
		}
		for _, c := range columns {
			var value any = change
			if c.Name != "version" {
				value = c.Value(v)
			}
			p.values = append(p.values, value)
		}
		p.last = key
		if p.rows++; p.rows == rowsAtOnce && !send() {
			return
		}
	}
	if p.rows > 0 {
		send()
	}
}

// insertOf is the statement that writes so many rows of a kind.
func insertOf(k *graph.Kind, rows int) string {
	names := make([]string, len(k.Columns))
	for i, c := range k.Columns {
		names[i] = c.Name
	}
	one := "(?" + strings.Repeat(", ?", len(names)-1) + ")"
	return fmt.Sprintf("INSERT INTO %s (%s) VALUES %s%s", k.Table, strings.Join(names, ", "), one, strings.Repeat(", "+one, rows-1))
}
