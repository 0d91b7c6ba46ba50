package models_test

import (
	"context"
	"fmt"
	"net/url"
	"path/filepath"
	"testing"

	"maitred/migrations"
	"maitred/models"
	"maitred/models/change"
	"maitred/models/kind"
)

func TestSmoke(t *testing.T) {
	ctx := context.Background()
	s, err := models.Open(ctx, filepath.Join(t.TempDir(), "a.db"), migrations.Apply)
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	p1 := &models.Place{Name: "Demon Dogs", Address: "944 W. Fullerton"}
	c, err := models.Places.Create(ctx, s, "", p1)
	fmt.Println(c, err)
	p2 := &models.Place{Name: "Ace Hardware", Address: "1013 N. Ashland"}
	c, err = models.Places.Create(ctx, s, "", p2)
	fmt.Println(c, err)
	c, err = models.Restaurants.Create(ctx, s, "", &models.Restaurant{PlaceID: 1, ServesHotDogs: true})
	fmt.Println(c, err)
	for i := range 3 {
		c, err = models.Waiters.Create(ctx, s, "", &models.Waiter{RestaurantID: 1, Name: fmt.Sprint("Joe", i)})
		fmt.Println(c, err)
	}
	plan, err := change.Preview(ctx, s, change.Move{Kind: models.Restaurants.Kind(s), Key: 1, To: 2})
	fmt.Println(plan, err)
	c, err = change.Commit(ctx, s, change.Move{Kind: models.Restaurants.Kind(s), Key: 1, To: 2}, change.Form{Fingerprint: plan.Fingerprint()})
	fmt.Println(c, err)
	r, err := models.Restaurants.Find(ctx, s, 2)
	fmt.Printf("%+v %+v %v\n", r, r.Place, err)
	c, err = models.OpenAtNewPlace(ctx, s, "", &models.Place{Name: "N", Address: "A"}, &models.Restaurant{ServesPizza: true})
	fmt.Println(c, err)
	op := change.Move{Kind: models.Restaurants.Kind(s), Key: 2, To: 3, Swap: true}
	plan, err = change.Preview(ctx, s, op)
	fmt.Println(plan, err)
	c, err = change.Commit(ctx, s, op, change.Form{Fingerprint: plan.Fingerprint()})
	fmt.Println(c, err)
	for _, u := range []string{"place__name__startswith=N", "exclude__place__address__contains=Ashland", "place=3", "sort=-name", "waiter__count__gte=2", "waiter__isnull=true", "q=ace&sort=waiters"} {
		v, _ := url.ParseQuery(u)
		q, err := kind.ParseQuery(models.Restaurants.Kind(s), v)
		if err != nil {
			fmt.Println(err)
			continue
		}
		l, err := models.Restaurants.List(ctx, s, q)
		fmt.Println(u, l, err)
		if err == nil {
			for _, r := range l.Rows {
				fmt.Printf("  %+v %+v\n", r, r.Place)
			}
		}
	}
	d := change.Delete{Kind: models.Places.Kind(s), Key: 3}
	plan, err = change.Preview(ctx, s, d)
	fmt.Println(plan, err)
	for _, st := range plan.Steps {
		fmt.Println(st)
	}
	c, err = change.Commit(ctx, s, d, change.Form{Fingerprint: plan.Fingerprint()})
	fmt.Println(c, err)
	fmt.Println(models.Waiters.Find(ctx, s, 1))
	tr, err := change.TraceOf(ctx, s, models.Restaurants.Kind(s), 1)
	fmt.Printf("%+v %v\n", tr, err)
	ch, err := change.List(ctx, s, 0, 20)
	for _, c := range ch {
		fmt.Println(c.ID, c.When(), c.Actor, c.Sentence)
		rows, err := change.RowsOf(ctx, s, c.ID, "", 0, 10)
		for _, r := range rows {
			fmt.Println("   ", r.Kind, r.Identity, r.Label, r.Before, "→", r.After, err)
		}
	}
}
