package models_test

import (
	"context"
	"fmt"
	"net/url"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/uptrace/bun"

	"maitred/models"
	"maitred/models/change"
	"maitred/models/keyset"
	"maitred/models/kind"
	"maitred/models/problem"
	"maitred/models/store"
)

// neverEnding is a condition on restaurants that looks at each waiter of a restaurant again and again for
// each of them.
const neverEnding = "exclude__waiter__restaurant__waiter__restaurant__waiter__name__icontains=zzz"

// slowly makes PostgreSQL, which answers that at once, take a while for each waiter it looks at.
func (w *world) slowly(t *testing.T) {
	t.Helper()
	if !onServer {
		return
	}
	w.exec("ALTER TABLE waiters RENAME TO people")
	w.exec("CREATE VIEW waiters AS SELECT * FROM people WHERE pg_sleep(0.001)::text = ''")
	t.Cleanup(func() {
		w.exec("DROP VIEW waiters")
		w.exec("ALTER TABLE people RENAME TO waiters")
	})
}

func TestAQuestionThatTakesTooLongIsStoppedAndFreesItsConnection(t *testing.T) {
	t.Parallel()
	w := newCrowd(t, 3000)
	w.slowly(t)
	w.Patience = 20 * time.Millisecond
	_, err := list(w, models.Restaurants, neverEnding)
	w.refused(err, problem.TooLong, "Finding these restaurants takes too long")
	_, err = list(w, models.Restaurants, neverEnding+"&count=exact")
	w.refused(err, problem.TooLong, "Counting these restaurants exactly takes too long")

	var all sync.WaitGroup
	for range 12 { // three times as many as there are connections
		all.Go(func() {
			_, err := list(w, models.Restaurants, neverEnding)
			if !problem.Is(err, problem.TooLong) {
				t.Errorf("the answer is %v", err)
			}
		})
	}
	all.Wait()

	// All four connections at once, each of which waits for the others.
	var together sync.WaitGroup
	together.Add(4)
	limited, cancel := context.WithTimeout(ctx, 20*time.Second)
	defer cancel()
	for range 4 {
		all.Go(func() {
			err := w.Moment(limited, func(ctx context.Context) error {
				together.Done()
				together.Wait()
				_, err := models.Places.Find(ctx, w.Store, demonDogs)
				return err
			})
			if err != nil {
				t.Error(err)
			}
		})
	}
	all.Wait()
}

func TestWhatIsGivenUpIsNoObstacleToWhatIsReadAfterItInTheSameMoment(t *testing.T) {
	t.Parallel()
	w := newCrowd(t, 3000)
	w.slowly(t)
	w.must(w.Moment(ctx, func(moment context.Context) error {
		values, err := url.ParseQuery(neverEnding)
		w.must(err)
		q, err := kind.ParseQuery(w.restaurants, values)
		w.must(err)
		for range 3 {
			_, err = models.Restaurants.List(moment, w.Within(20*time.Millisecond), q)
			w.refused(err, problem.TooLong)
			w.must(w.View(moment, func(ctx context.Context, tx bun.Tx) error {
				err := store.Try(ctx, tx, func(ctx context.Context) error {
					limited, cancel := context.WithTimeout(ctx, 20*time.Millisecond)
					defer cancel()
					var n int
					return tx.NewRaw("WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 1000000000) SELECT count(*) FROM n").Scan(limited, &n)
				})
				if err == nil || ctx.Err() != nil {
					t.Errorf("given up with %v, %v", err, ctx.Err())
				}
				return nil
			}))
			_, err = models.Places.Find(moment, w.Store, demonDogs)
			w.must(err)
		}
		return nil
	}))
}

// The planner of the database is asked for more than anybody would type, too.
func TestAsManyConditionsAcrossAsManyRelationsAsAnAddressHoldsAreAnsweredOrStopped(t *testing.T) {
	repeats(t)
	t.Parallel()
	w := newCrowd(t, 300)
	w.Patience = 100 * time.Millisecond
	there := strings.Repeat("restaurant__waiter__", 5)
	for _, operator := range []string{"name__icontains", "name__in", "name__startswith", "id__gt", "id__in", "name__isnull", "restaurant_id"} {
		for _, exclude := range []string{"", "exclude__"} {
			address := url.Values{}
			for i := range 50 {
				value := map[string]string{"id__gt": "1", "id__in": strings.Repeat("7,", 999) + "8", "name__isnull": "true", "restaurant_id": "1"}[operator]
				if value == "" {
					value = fmt.Sprint("zz", i)
				}
				address.Add(exclude+there[len("restaurant__waiter__")*(i%5):]+operator, value)
			}
			for _, more := range []string{"", "&sort=-restaurant", "&q=a+b+c+d+e+f+g+h+i+j"} {
				if _, err := list(w, models.Waiters, address.Encode()+more); err != nil && !problem.Is(err, problem.TooLong) {
					t.Errorf("%s%s…: %v", exclude, operator, err)
				}
			}
		}
	}
}

func TestWhatAQuestionFindsIsNotChangedTogetherWhenFindingItTakesTooLong(t *testing.T) {
	t.Parallel()
	w := newCrowd(t, 3000)
	changes := w.changes()
	w.slowly(t)
	w.Patience = 5 * time.Millisecond
	for _, op := range []change.Operation{w.deletion(w.restaurants, w.all(w.restaurants, neverEnding)), w.setting(w.all(w.restaurants, neverEnding), "pizza")} {
		_, err := change.Preview(ctx, w.Store, op)
		w.refused(err, problem.TooLong, "Finding all that match takes too long")
		_, err = change.Commit(ctx, w.Store, op, change.Form{Fingerprint: "x.1"})
		w.refused(err, problem.TooLong, "Nothing was done")
	}
	w.Patience = 0
	w.same("the number of changes", w.changes(), changes)
	w.rename(demonDogs, "Cat Cats") // the write connection is free
}

func TestAMarkThatWeDidNotMakeLeadsToNoPositionThatThereIsNot(t *testing.T) {
	t.Parallel()
	w := aTown(t)
	for _, stood := range []int64{0, 1, 7, 100, 159, 160, 20_000, 1 << 40, 1<<40 + 1, 1<<63 - 1} {
		for _, value := range []string{"", "a", "demon dogs", "0zoe", "漢", "\U0010ffff"} {
			mark := keyset.Mark{Value: value, Key: 5, Stood: stood}.String()
			for _, address := range []string{"sort=name", "sort=-address", "name__icontains=e&sort=name", "q=e", "q=zoe", "exclude__pk=0&count=exact"} {
				for _, direction := range []string{"after", "before"} {
					l, err := list(w, models.Places, address+"&"+direction+"="+mark)
					if problem.Is(err, problem.BadRequest) && stood > 1<<40 {
						continue
					}
					w.must(err)
					if rows := int64(len(l.Rows)); l.First < 0 || l.First+rows-min(l.First, 1) > l.Count || rows > l.Count || (l.First == 1) && l.Before != "" {
						t.Errorf("%s %s %q, %d begins at %d and has %d of %d", address, direction, value, stood, l.First, rows, l.Count)
					}
				}
			}
		}
	}
}
