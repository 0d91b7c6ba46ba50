package lookup_test

import (
	"context"
	"fmt"
	"net/url"
	"path/filepath"
	"slices"
	"testing"

	"github.com/uptrace/bun"

	"maitred/migrations"
	"maitred/models"
	"maitred/models/databasetest"
	"maitred/models/dialect/postgrestest"
	"maitred/models/graph"
	"maitred/models/lookup"
	"maitred/models/problem"
)

func TestMain(m *testing.M) { postgrestest.Main(m) }

// Whatever stands in an address, it is refused as a bad request or is a question that the database
// can answer.
func FuzzParse(f *testing.F) {
	for _, address := range []string{
		"place=1", "place__name__startswith=Demon", "exclude__place__address__contains=Ashland", "restaurant__place__name__startswith=Demon",
		"restaurant__isnull=true", "waiter__count__gte=2", "waiter__name__istartswith=%25_%5C'", "serves_pizza=true&exclude__waiter=1",
		"pk__in=1,2,3", "restaurant__waiter__restaurant__place__address__iendswith=%F0%9F%98%80", "name__iexact=%CC%81", "name__startswith=%F4%8F%BF%BF",
		"exclude__exclude__pk=1", "place__", "__", "=", "name=%00", "name=%FF", "place__name__exact__exact=x", "address__contains=?0",
		"waiter__restaurant__waiter__restaurant__waiter__name__contains=x&exclude__waiter__restaurant__waiter__isnull=true", "place__restaurant__place__pk__in=1,2", "name__icontains=%E2%80%99%22%22", "name__icontains=%EF%BF%BEab",
		"restaurant__waiter__isnull=true&restaurant__waiter__name__isnull=false", "restaurant__count=0&restaurant__isnull=true", "serves_pizza__in=1,0,true", "name__in=,,",
	} {
		f.Add(address)
	}
	ctx := context.Background()
	s, err := models.Open(ctx, databasetest.At(f, filepath.Join(f.TempDir(), "maitred.db"), migrated), migrations.Apply)
	if err != nil {
		f.Fatal(err)
	}
	f.Cleanup(func() { s.Close() })
	p, r := &models.Place{Name: "Demon Dogs", Address: "944 W. Fullerton"}, &models.Restaurant{ServesHotDogs: true}
	if _, err := models.OpenAtNewPlace(ctx, s, "", p, r); err != nil {
		f.Fatal(err)
	}

	f.Fuzz(func(t *testing.T, address string) {
		values, err := url.ParseQuery(address)
		if err != nil {
			return
		}
		for _, k := range s.Graph.Kinds() {
			filter, err := lookup.Parse(k, values)
			if err != nil {
				if !problem.Is(err, problem.BadRequest) {
					t.Errorf("%s?%s: %v", k.Table, address, err)
				}
				continue
			}
			err = s.View(ctx, func(ctx context.Context, tx bun.Tx) error {
				rows := tx.NewSelect().TableExpr("? AS ?", bun.Ident(k.Table), bun.Ident(k.Name))
				if sql, args := filter.SQL(k.Name); sql != "" {
					rows.Where(sql, args...)
				} else if !filter.Empty() {
					t.Errorf("%s?%s lets everything pass", k.Table, address)
				}
				n, err := rows.Count(ctx)
				if err != nil {
					return err
				}
				return mustStartRight(ctx, t, tx, k, filter, n, address)
			})
			if err != nil {
				t.Errorf("%s?%s: %v", k.Table, address, err)
			}
		}
	})
}

// mustStartRight compares every index that a list may start from with the n rows that the filter lets
// pass: it finds all of them, and where it says so, nothing else.
func mustStartRight(ctx context.Context, t *testing.T, tx bun.Tx, k *graph.Kind, filter lookup.Filter, n int64, address string) error {
	where, args := filter.SQL(k.Name)
	for _, s := range filter.Sources() {
		var found, all int64
		q := fmt.Sprintf("SELECT count(*) FROM %s AS %s WHERE %s.%s IN (%s) AND %s", k.Table, k.Name, k.Name, k.Key.Name, s.SQL, where)
		if err := tx.QueryRowContext(ctx, q, append(slices.Clone(s.Args), args...)...).Scan(&found); err != nil {
			return err
		}
		if err := tx.QueryRowContext(ctx, "SELECT count(*) FROM ("+s.Keys()+") AS keys", s.Args...).Scan(&all); err != nil {
			return err
		}
		if found != n || s.Exact && all != n {
			t.Errorf("%s?%s finds %d, of which %s has %d and beside them %d", k.Table, address, n, s.SQL, found, all-found)
		}
		if s.Probe == "" {
			continue
		}
		if err := tx.QueryRowContext(ctx, "SELECT count(*) FROM ("+s.Probe+") AS probe", s.ProbeArgs...).Scan(&all); err != nil {
			return err
		}
	}
	return nil
}

// migrated makes an empty database one without a record.
func migrated(address string) error {
	s, err := models.Open(context.Background(), address, migrations.Apply)
	if err != nil {
		return err
	}
	return s.Close()
}
