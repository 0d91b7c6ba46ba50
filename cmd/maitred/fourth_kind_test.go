package main

import (
	"bytes"
	"errors"
	"fmt"
	"io/fs"
	"mime/multipart"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/PuerkitoBio/goquery"
	"github.com/a-h/templ/generator"
	templparser "github.com/a-h/templ/parser/v2"
)

// A fourth kind of record, the dish, costs the files in testdata/fourth_kind, its field on the
// restaurant and one word in the list of kinds. Everything else it gets for nothing.
func TestAFourthKindOfRecordNeedsNoOtherCode(t *testing.T) {
	t.Parallel()
	house := filepath.Join(t.TempDir(), "house")
	for _, room := range []string{"go.mod", "go.sum", "cmd", "handlers", "migrations", "models", "static", "views"} {
		copyTo(t, filepath.Join(root, room), filepath.Join(house, room))
	}
	for _, room := range []string{"handlers", "migrations", "models", "views"} {
		copyTo(t, filepath.Join("testdata", "fourth_kind", room), filepath.Join(house, room))
	}
	generate(t, filepath.Join(house, "views", "dish.templ"))
	insert(t, filepath.Join(house, "models", "restaurant.go"), "`bun:\"rel:has-many,join:place_id=restaurant_id\"`\n",
		"\tDishes []*Dish `bun:\"rel:has-many,join:place_id=restaurant_id\"`\n")
	insert(t, filepath.Join(house, "handlers", "handlers.go"), "return []pages{places, restaurants, waiters", ", dishes")

	file, err := build(house, filepath.Join(t.TempDir(), "maitred"))
	if err != nil {
		t.Fatal(err)
	}
	database := filepath.Join(t.TempDir(), "maitred.db")
	p := startFile(t, file, []string{"--addr", "localhost:0", "--database", database})
	walkDishes(p)
	p.stop()
	isSound(t, file, database, "restaurants to places, waiters to restaurants and dishes to restaurants", "3 places, 3 restaurants, 2 waiters and 61 dishes")

	// The index of its names followed each change: dish 61 was called Châteaubriand once.
	for letters, dish := range map[string]string{"tea": "61", "eau": "none", "oup": "63"} {
		if found := answer(t, database, `SELECT coalesce(group_concat(rowid), 'none') FROM dishes_search WHERE dishes_search MATCH '`+letters+`'`); found != dish {
			t.Errorf("the search index has %q in the dishes %s, not %s", letters, found, dish)
		}
	}
}

func walkDishes(p *program) {
	p.t.Helper()
	p.post("/places", "name", "Demon Dogs", "address", "944 W. Fullerton").answers(http.StatusSeeOther)
	p.post("/places", "name", "Ace Hardware", "address", "1013 N. Ashland").answers(http.StatusSeeOther)
	p.post("/restaurants", "place_id", "1").answers(http.StatusSeeOther)
	p.post("/restaurants", "place_id", "2").answers(http.StatusSeeOther)
	p.post("/waiters", "restaurant_id", "1", "name", "Joe").answers(http.StatusSeeOther)

	// It stands in the menu, has a list that says what to do, a form, and its own words.
	p.get("/").leads("/dishes")
	p.get("/dishes").lists(0).says("There are no dishes yet", "Add a dish").leads("/dishes/new")
	if n := p.get("/dishes/new").answers(http.StatusOK).Find("main input[name=restaurant_id]").Length(); n != 2 {
		p.t.Errorf("the form offers %d restaurants", n)
	}

	// It is validated.
	p.post("/dishes", "name", strings.Repeat("x", 41), "restaurant_id", "1").answers(http.StatusUnprocessableEntity).says("has 41 characters; it can have 40 at most")
	p.post("/dishes", "name", "Chili Dog").answers(http.StatusUnprocessableEntity).says("Choose the restaurant that serves the dish")
	p.post("/dishes", "name", "Chili Dog", "restaurant_id", "9").answers(http.StatusUnprocessableEntity).says("That restaurant does not exist")

	// It is created, shown from both sides, and recorded.
	for i := range 60 {
		p.post("/dishes", "name", fmt.Sprintf("Dish %02d", i), "restaurant_id", "1", "vegetarian", []string{"", "1"}[i%2]).answers(http.StatusSeeOther)
	}
	p.post("/dishes", "name", "Châteaubriand", "restaurant_id", "2").answers(http.StatusSeeOther)
	p.get("/dishes/61").answers(http.StatusOK).says("Châteaubriand", "added the dish Châteaubriand at Ace Hardware").leads("/restaurants/2")
	p.get("/restaurants/1").says("60 dishes", "Dish 00", "Joe").leads("/dishes/1").leads("/dishes/new?restaurant_id=1").leads("/dishes?restaurant_id=1")
	p.get("/restaurants/2").says("1 dish").leads("/dishes/61")

	// It is counted on the home page.
	p.get("/").says("61 dishes", "Dishes with and without meat").leads("/dishes?vegetarian=true").leads("/dishes?vegetarian=false")

	// It is searched, sorted, paged and filtered across relations.
	p.get("/dishes?q=chateau").lists(1).leads("/dishes/61")
	p.get("/dishes?q=ace+hardware").lists(1)
	p.get("/dishes?sort=-restaurant").lists(50).says("61 dishes")
	next, _ := p.get("/dishes?sort=-name").Find("a[rel=next]").Attr("href")
	p.get(next).lists(11)
	p.get("/dishes?vegetarian=true&restaurant__place__name=Demon+Dogs").lists(30)
	p.get("/places?restaurant__dish__name__startswith=Ch%C3%A2").lists(1).leads("/places/2")
	p.get("/places?restaurant__dish__vegetarian=true").lists(1).leads("/places/1")
	p.get("/restaurants?dish__count__gt=1").lists(1).leads("/restaurants/1")
	p.get("/waiters?restaurant__dish__name=Dish+07").lists(1)
	p.get("/dishes?restaurant__waiter__name=Joe").lists(50).says("60 dishes")
	p.get("/dishes?vegetarian=false&restaurant__serves_pizza=true&q=dish").says("Dishes that match “dish” and are not vegetarian and whose restaurant serves pizza: 0.", "Without “Restaurant serves pizza”: 30 dishes")
	p.get("/places?exclude__restaurant__dish__vegetarian=true").says("Places without a restaurant that has a dish that is vegetarian: 1.")
	p.get("/restaurants?dish__count__gte=2&dish=61").says("Restaurants with at least 2 dishes and with the dish Châteaubriand: 0.")
	p.get("/dishes/filter?what=vegetarian").says("Is vegetarian", "Is not vegetarian", "Restaurant's place's name")
	p.get("/dishes/filter?what=vegetarian&how=exact&value=true").answers(http.StatusSeeOther)
	p.get("/waiters/filter?what=restaurant__dish__name").says("A dish's name", "Restaurant's number of dishes", "Mind capital letters and accents")
	p.get("/dishes?restaurant__nonsense=1").answers(http.StatusBadRequest).says("waiter", "dish")

	// What its list is asked for is kept as a view, and a page has as many rows as one likes.
	p.get("/dishes").says("Rows on a page", "Views")
	p.post("/dishes/views?vegetarian=true", "name", "Without meat", "shared", "1").answers(http.StatusSeeOther)
	p.post("/dishes/columns?vegetarian=true", "rows", "25").answers(http.StatusSeeOther)
	p.get("/dishes").says("Without meat").leads("/dishes?vegetarian=true").leads("/dishes/views")
	p.get("/dishes?vegetarian=true").lists(25).says("View: Without meat")
	p.post("/dishes/columns?vegetarian=true", "rows", "50").answers(http.StatusSeeOther)

	// All that its list shows is downloaded.
	file := p.get("/dishes.csv?vegetarian=true&sort=-name").answers(http.StatusOK).sentence()
	if !strings.HasPrefix(strings.TrimPrefix(file, "\ufeff"), "id,name,vegetarian,restaurant_id,place_name 60,Dish 59,yes,1,Demon Dogs 58,Dish 57,yes,1,Demon Dogs ") || strings.Count(file, ",yes,") != 30 {
		p.t.Errorf("the file of dishes says %s", file)
	}
	p.get("/dishes?sort=-name").leads("/dishes.csv?sort=-name").leads("/dishes.xlsx?sort=-name")

	// A file of it is read, shown and brought in: by key, by the place of its restaurant, and by both. What was
	// downloaded changes nothing.
	p.get("/dishes").leads("/dishes/import")
	p.get("/dishes/import").answers(http.StatusOK).says("Import dishes", "vegetarian", "restaurant_id", "place_name").leads("/dishes/import/template.csv")
	p.upload("/dishes/import", p.get("/dishes.csv").answers(http.StatusOK).body).answers(http.StatusOK).says("Dry run: import dishes", "61 the same.")
	p.upload("/dishes/import", "id,name,vegetarian,restaurant_id,place_name\n60,Dish 59,no,1,\n,Tart,yes,,Ace Hardware\n,TART,yes,,Ace Hardware\n,Pie,perhaps,2,\n,Pie,yes,,Nowhere\n,,yes,2,\n,Pie,yes,9,\n").answers(http.StatusOK).
		says("1 new, 1 changed, 1 likely duplicate, 4 problems on lines 5, 6, 7 and 8.", "vegetarian", "Line 3 says nearly the same", "“perhaps” is neither yes nor no", "no place like “Nowhere”", "The name is missing", "no restaurant with the number 9")
	p.upload("/dishes/import", "id,name,vegetarian,restaurant_id,place_name\n60,Dish 59,no,1,\n,Tart,no,,Ace Hardware\n").answers(http.StatusOK).says("1 new, 1 changed.").confirm().answers(http.StatusSeeOther)
	p.get("/dishes/62").says("Tart", "Ace Hardware")
	p.get("/dishes?vegetarian=true").says("29 dishes")
	imported := p.get("/history").says("added 1 dish and changed 1 dish").Find("main li a[href^='/history/']").First().AttrOr("href", "")
	p.post(imported + "/undo").answers(http.StatusSeeOther)
	p.get("/dishes").says("61 dishes")

	// It is found by the search across all kinds, with what can be done with it, and leads to its neighbours in a list.
	p.get("/search?q=chateau").says("1 dish found.", "Châteaubriand at Ace Hardware").leads("/dishes/61").leads("/dishes/61/move").leads("/dishes/61/delete")
	p.get("/search?q=add+a+dish").leads("/dishes/new")
	p.get("/search?q=add+dish+at+ace").leads("/dishes/new?restaurant_id=2")
	p.get("/search?q=delete+dish+chateau").leads("/dishes/61/delete")
	p.get("/dishes/2?in=vegetarian%3Dtrue").says("In the list of 30 dishes that match").leads("/dishes/4?in=vegetarian%3Dtrue")

	// It is edited, with optimistic locking.
	p.post("/dishes/61", "name", "Steak").answers(http.StatusConflict)
	edit := p.get("/dishes/61/edit")
	p.post("/dishes/61", "name", "Steak", "version", edit.Find("input[name=version]").AttrOr("value", "")).answers(http.StatusSeeOther)
	p.get("/dishes/61").says("Steak", "changed the dish Châteaubriand: name from “Châteaubriand” to “Steak”")

	// Two people edit it: what does not collide is merged, and where both typed, one chooses.
	version := func() string {
		return p.get("/dishes/61/edit").Find("input[name=version]").AttrOr("value", "")
	}
	seen := version()
	p.post("/dishes/61", "name", "Steak", "vegetarian", "1", "version", seen).answers(http.StatusSeeOther)
	p.post("/dishes/61", "name", "Rump Steak", "version", seen).answers(http.StatusSeeOther)
	p.get("/dishes/61").says("Rump Steak", "meanwhile Mia changed vegetarian from no to yes; both are saved")
	asked := p.post("/dishes/61", "name", "Club Steak", "version", seen).answers(http.StatusConflict).says("Rump Steak", "Before", "Steak")
	if n := asked.Find("main input[name=keep_name]").Length(); n != 2 || asked.Find("main input[name=vegetarian][checked]").Length() != 1 {
		p.t.Errorf("the form offers %d values of the name, or forgot that the dish is vegetarian", n)
	}
	p.post("/dishes/61", "name", "Club Steak", "keep_name", "theirs", "vegetarian", "", "version", version()).answers(http.StatusSeeOther)
	p.get("/dishes/61/edit").says("Change dish")
	p.get("/dishes/61").says("changed the dish Rump Steak: vegetarian from yes to no")
	p.post("/dishes/61", "name", "Steak", "version", version()).answers(http.StatusSeeOther)

	// It moves, alone and along with its restaurant.
	p.get("/dishes/61/move?restaurant_id=1").answers(http.StatusOK).says("Move the dish Steak to Demon Dogs").confirm().answers(http.StatusSeeOther)
	p.get("/restaurants/1").says("61 dishes")
	p.post("/places", "name", "Third", "address", "3").answers(http.StatusSeeOther)
	p.get("/restaurants/1/move?place_id=3").says("1 waiter and 61 dishes").confirm().answers(http.StatusSeeOther)
	p.get("/dishes?restaurant__place=3").lists(50).says("61 dishes")
	p.get("/restaurants/3/move?place_id=2").says("Swap").confirm().answers(http.StatusSeeOther)
	p.get("/restaurants/2").says("61 dishes", "1 waiter")
	p.get("/restaurants/3").says("0 dishes")

	// Many are ticked, set, moved and deleted together.
	if n := p.get("/dishes?sort=name").Find("main tbody input[name=id][form=many]").Length(); n != 50 {
		p.t.Errorf("%d rows can be ticked", n)
	}
	p.post("/dishes/set?vegetarian=false", "all", "1", "vegetarian", "true").answers(http.StatusOK).
		says("31 dishes will change", "Dish 00", "vegetarian: no", "Set 31 dishes: vegetarian yes").confirm().answers(http.StatusSeeOther)
	p.get("/dishes?vegetarian=true").lists(50).says("61 dishes")
	p.post("/dishes/move", "id", "1", "id", "2", "restaurant_id", "3").answers(http.StatusOK).
		says("2 dishes will change", "Ace Hardware", "Move 2 dishes to Third").confirm().answers(http.StatusSeeOther)
	p.get("/restaurants/3").says("2 dishes")
	p.post("/dishes/delete?restaurant__place__name=Third", "all", "1").says("Delete 2 dishes").confirm().answers(http.StatusSeeOther)
	p.get("/restaurants/2").says("59 dishes")

	// A deletion counts it at its level, names the first twenty, takes it along and leaves a trace.
	p.get("/places/2/delete").says("1 place", "1 restaurant", "1 waiter", "59 dishes", "Dish 02", "and 39 more",
		"Delete 1 place, 1 restaurant, 1 waiter and 59 dishes").confirm().answers(http.StatusSeeOther)
	p.get("/dishes").lists(0)
	p.get("/history").says("deleted the place Ace Hardware with 1 restaurant, 1 waiter and 59 dishes")
	p.get("/dishes/61").answers(http.StatusNotFound).says("deleted the dish Steak")
	p.get("/restaurants/2").answers(http.StatusNotFound).says("deleted the restaurant at Ace Hardware")

	// It is kept inside the preview of a deletion, beside the waiters, each with a search of its own.
	p.post("/restaurants", "place_id", "1").answers(http.StatusSeeOther)
	p.post("/waiters", "restaurant_id", "1", "name", "Ann").answers(http.StatusSeeOther)
	p.post("/dishes", "name", "Soup", "restaurant_id", "1").answers(http.StatusSeeOther)
	p.post("/dishes", "name", "Salad", "restaurant_id", "1").answers(http.StatusSeeOther)
	both := p.get("/places/1/delete?waiters=move&dishes=move").answers(http.StatusOK)
	if n := both.Find("main input[type=search][name=waiters_q], main input[type=search][name=dishes_q]").Length(); n != 2 {
		p.t.Errorf("the preview has %d searches", n)
	}
	p.get("/places/1/delete?waiters=move&waiters_to=3&dishes=move&dishes_to=99").answers(http.StatusUnprocessableEntity).says("That restaurant does not exist")
	p.get("/places/1/delete?dishes=each&dish_63=3&waiters=move&waiters_to=3").
		says("Delete 1 place, 1 restaurant and 1 dish, and move 1 waiter to Third and 1 dish to Third").confirm().answers(http.StatusSeeOther)
	p.get("/restaurants/3").says("1 dish", "Soup", "1 waiter", "Ann")
	p.get("/dishes").lists(1)

	// Its deletions are undone, whole, and listed with what they went along with.
	undo := func(words string) {
		p.t.Helper()
		link := p.get("/history").Find("main li a[href^='/history/']").FilterFunction(func(_ int, a *goquery.Selection) bool {
			return strings.Contains(a.Text(), words)
		}).First().AttrOr("href", "")
		p.get(link).answers(http.StatusOK).says("Dish")
		p.post(link + "/undo").answers(http.StatusSeeOther)
	}
	undo("deleted the place Demon Dogs")
	p.get("/dishes").lists(2)
	undo("deleted the place Ace Hardware with 1 restaurant, 1 waiter and 59 dishes")
	p.get("/restaurants/2").says("59 dishes", "1 waiter")
}

// upload brings a file.
func (p *program) upload(path, content string) *page {
	p.t.Helper()
	var b bytes.Buffer
	w := multipart.NewWriter(&b)
	part, err := w.CreateFormFile("file", "menu.csv")
	if err == nil {
		_, err = part.Write([]byte(content))
	}
	if err = errors.Join(err, w.Close()); err != nil {
		p.t.Fatal(err)
	}
	res, err := client.Post(p.url+path, w.FormDataContentType(), &b)
	return p.read("POST "+path, res, err)
}

// copyTo copies a file, or a folder without its tests and test data.
func copyTo(t *testing.T, from, to string) {
	t.Helper()
	err := filepath.WalkDir(from, func(file string, d fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		rel, err := filepath.Rel(from, file)
		if err != nil {
			return err
		}
		switch {
		case d.IsDir() && d.Name() == "testdata":
			return fs.SkipDir
		case d.IsDir():
			return os.MkdirAll(filepath.Join(to, rel), 0o755)
		case strings.HasSuffix(file, "_test.go"):
			return nil
		}
		content, err := os.ReadFile(file)
		if err != nil {
			return err
		}
		target := filepath.Join(to, rel)
		if err := os.MkdirAll(filepath.Dir(target), 0o755); err != nil {
			return err
		}
		return os.WriteFile(target, content, 0o644)
	})
	if err != nil {
		t.Fatal(err)
	}
}

// generate does to one template what go generate does.
func generate(t *testing.T, file string) {
	t.Helper()
	parsed, err := templparser.Parse(file)
	if err != nil {
		t.Fatal(err)
	}
	var b bytes.Buffer
	if _, err := generator.Generate(parsed, &b); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(strings.TrimSuffix(file, ".templ")+"_templ.go", b.Bytes(), 0o644); err != nil {
		t.Fatal(err)
	}
}

// insert puts text behind a mark that stands in a file once.
func insert(t *testing.T, file, mark, text string) {
	t.Helper()
	content, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	before, after, ok := strings.Cut(string(content), mark)
	if !ok || strings.Contains(after, mark) {
		t.Fatalf("%s has %q not once", file, mark)
	}
	if err := os.WriteFile(file, []byte(before+mark+text+after), 0o644); err != nil {
		t.Fatal(err)
	}
}
