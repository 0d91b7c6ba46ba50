package handlers_test

import (
	"net/http"
	"slices"
	"strings"
	"testing"
)

// look is a page as one person finds it. How it looks is tried by TestEveryPage….
//
// A new route that answers GET needs a line in looks, or it fails TestEveryRouteHasALook. So does each
// other state of a page that has parts of its own: say what it is in a few words, which name its
// pictures, and how one comes there.
type look struct {
	route  string // as the router knows it
	name   string // different for each; pictures are called by it
	path   string // {words} are put in by the world (looks_world_test.go)
	form   string // what is sent by POST; "" for GET
	at     office // which site; the one with a day's work on it if nothing is said
	who    string // "" is Max, who manages
	status int    // 0 is 200
	keeps  string // cookies, as "name=value; …"
	open   string // what a person does before they look, in JavaScript
}

const nobody = "nobody"

var looks = slices.Concat(looksOfRecords, looksOfWork, looksOfPeople, looksOfRefusals, looksOfDemo)

var looksOfRecords = []look{
	{route: "GET /", name: "home", path: "/"},
	{route: "GET /", name: "home of who only reads", path: "/", who: "Vic"},
	{route: "GET /", name: "home where nobody signs in", path: "/", at: everybody},
	{route: "GET /", name: "home of an empty site", path: "/", at: empty},
	{route: "GET /", name: "home of an empty site for who only reads", path: "/", at: empty, who: "Vic"},

	{route: "GET /places", name: "places", path: "/places"},
	{route: "GET /places", name: "places of who only reads", path: "/places", who: "Vic"},
	{route: "GET /places", name: "places, none yet", path: "/places", at: empty},
	{route: "GET /places", name: "places, after something was done", path: "/places", keeps: "maitred_done={deleted}"},
	{route: "GET /places", name: "places by conditions", path: "/places?restaurant__isnull=true&exclude__address__icontains=ashland&q=a&sort=-name"},
	{route: "GET /places", name: "places, none found", path: "/places?name__startswith=Demon&restaurant__isnull=true"},
	{route: "GET /places", name: "places, the last page", path: "/places?before=end"},
	{route: "GET /places", name: "places, some ticked", path: "/places", open: `document.querySelectorAll("[name=id]").forEach((e, i) => i < 3 && e.click())`},
	{route: "GET /places", name: "places, columns opened", path: "/places", open: `document.querySelectorAll(".tools > details > summary")[1].click()`},
	{route: "GET /places", name: "places, views opened", path: "/places?q=oak", open: `document.querySelector(".tools > details > summary").click()`},
	{route: "GET /places", name: "places, download opened", path: "/places", open: `document.querySelectorAll(".tools > details > summary")[2].click()`},
	{route: "GET /places", name: "places, palette opened", path: "/places", open: `document.querySelector("[href='/search']").click()`},
	{route: "GET /places/new", name: "place, new", path: "/places/new"},
	{route: "GET /places/new", name: "place, new, one alike", path: "/places/new?name=Wriggley+Frank&address=3701+North+Clark"},
	{route: "POST /places", name: "place, new, refused", path: "/places", form: "name=&address=" + strings.Repeat("x", 90), status: http.StatusUnprocessableEntity},
	{route: "GET /places/filter", name: "places, a condition", path: "/places/filter"},
	{route: "GET /places/filter", name: "places, a condition on text", path: "/places/filter?what=name"},
	{route: "GET /places/:id", name: "place with a restaurant", path: "/places/13"},
	{route: "GET /places/:id", name: "place, free", path: "/places/2"},
	{route: "GET /places/:id", name: "place of who only reads", path: "/places/13", who: "Vic"},
	{route: "GET /places/:id/edit", name: "place, change", path: "/places/1/edit"},
	{route: "POST /places/:id", name: "place, change, saved by another", path: "/places/20", form: "version=1&name=Ravenswood+Hall&address=1800+W.+Lawrence", status: http.StatusConflict},
	{route: "GET /places/:id/delete", name: "place, delete", path: "/places/13/delete"},
	{route: "GET /places/:id/delete", name: "place, delete, free", path: "/places/2/delete"},
	{route: "GET /places/:id/delete", name: "place, delete, with many waiters", path: "/places/1/delete", at: everybody},
	{route: "POST /places/:id/delete", name: "place, delete, changed meanwhile", path: "/places/13/delete", form: "fingerprint=other", status: http.StatusConflict},
	{route: "GET /places/:id/bring", name: "place, bring a restaurant", path: "/places/2/bring"},
	{route: "POST /places/delete", name: "places, delete several", path: "/places/delete", form: "id=1&id=2&id=3"},
	{route: "POST /places/delete", name: "places, delete all", path: "/places/delete", form: "all=1"},
	{route: "POST /places/delete", name: "places, delete, none ticked", path: "/places/delete", form: "x=", status: http.StatusUnprocessableEntity},
	{route: "GET /places/import", name: "import places", path: "/places/import"},
	{route: "GET /places/import", name: "import places, dry run", path: "/places/import?upload={places file}"},
	{route: "GET /places/import", name: "import places, columns", path: "/places/import?upload={places file}&sheet=0&column=id&column=name&column=&columns=1"},
	{route: "POST /places/import", name: "import places, dry run, refused", path: "/places/import", form: "upload={places file}&confirm=1&fingerprint={places seen}", status: http.StatusUnprocessableEntity},
	{route: "POST /places/import", name: "import places, dry run, changed meanwhile", path: "/places/import", form: "upload={places file}&confirm=1&fingerprint=other", status: http.StatusConflict},
	{route: "GET /places/import", name: "import places, dry run, all opened", path: "/places/import?upload={places file}", open: `document.querySelectorAll("main details").forEach((e) => e.open = true)`},
	{route: "GET /places/import", name: "import places, sheets", path: "/places/import?upload={sheets file}"},
	{route: "POST /places/import", name: "import places, no file", path: "/places/import", form: "x=", status: http.StatusUnprocessableEntity},
	{route: "GET /places/import/rows", name: "import places, no such rows", path: "/places/import/rows?upload=NONE", status: http.StatusNotFound},
	{route: "GET /places/views", name: "views of places", path: "/places/views"},
	{route: "GET /places/views", name: "views of places, one deleted", path: "/places/views?again=Oaks&query=q%3Doak"},
	{route: "GET /places/views", name: "views of places, none yet", path: "/places/views", at: empty},
	{route: "GET /places/views/:id", name: "view of places, change", path: "/places/views/{places view}"},
	{route: "POST /places/views", name: "view of places, refused", path: "/places/views?q=oak", form: "name=", status: http.StatusUnprocessableEntity},

	{route: "GET /restaurants", name: "restaurants", path: "/restaurants"},
	{route: "GET /restaurants", name: "restaurants, none yet", path: "/restaurants", at: empty},
	{route: "GET /restaurants/new", name: "restaurant, new", path: "/restaurants/new"},
	{route: "GET /restaurants/new", name: "restaurant, new, at a new place", path: "/restaurants/new?new_place=1"},
	{route: "GET /restaurants/new", name: "restaurant, new, at this place", path: "/restaurants/new?place_id=2"},
	{route: "POST /restaurants", name: "restaurant, new, refused", path: "/restaurants", form: "new_place=1&name=&address=", status: http.StatusUnprocessableEntity},
	{route: "GET /restaurants/filter", name: "restaurants, a condition", path: "/restaurants/filter?what=serves_pizza"},
	{route: "GET /restaurants/:id", name: "restaurant", path: "/restaurants/13"},
	{route: "GET /restaurants/:id", name: "restaurant of who only reads", path: "/restaurants/13", who: "Vic"},
	{route: "GET /restaurants/:id", name: "restaurant without waiters", path: "/restaurants/21"},
	{route: "GET /restaurants/:id", name: "restaurant with many waiters", path: "/restaurants/1", at: everybody},
	{route: "GET /restaurants/:id/edit", name: "restaurant, change", path: "/restaurants/1/edit"},
	{route: "GET /restaurants/:id/delete", name: "restaurant, delete", path: "/restaurants/13/delete"},
	{route: "GET /restaurants/:id/move", name: "restaurant, move", path: "/restaurants/13/move"},
	{route: "GET /restaurants/:id/move", name: "restaurant, move to a free place", path: "/restaurants/13/move?place_id=2"},
	{route: "GET /restaurants/:id/move", name: "restaurant, move to a taken place", path: "/restaurants/13/move?place_id=3"},
	{route: "GET /restaurants/:id/copy", name: "restaurant, copy", path: "/restaurants/13/copy?place_id=2"},
	{route: "POST /restaurants/serves", name: "restaurants, what they serve", path: "/restaurants/serves", form: "id=1&id=3&id=10"},
	{route: "POST /restaurants/serves", name: "restaurants, what they serve then", path: "/restaurants/serves", form: "id=1&id=3&id=10&serves_pizza=true"},
	{route: "GET /restaurants/import", name: "import restaurants", path: "/restaurants/import"},
	{route: "GET /restaurants/import", name: "import restaurants, dry run", path: "/restaurants/import?upload={restaurants file}"},
	{route: "GET /restaurants/import/rows", name: "import restaurants, no such rows", path: "/restaurants/import/rows?upload=NONE", status: http.StatusNotFound},
	{route: "GET /restaurants/views", name: "views of restaurants", path: "/restaurants/views"},
	{route: "GET /restaurants/views/:id", name: "view of restaurants, change", path: "/restaurants/views/{restaurants view}"},

	{route: "GET /waiters", name: "waiters", path: "/waiters"},
	{route: "GET /waiters", name: "waiters, none yet", path: "/waiters", at: empty},
	{route: "GET /waiters/new", name: "waiter, new", path: "/waiters/new"},
	{route: "POST /waiters", name: "waiter, new, refused", path: "/waiters", form: "name=", status: http.StatusUnprocessableEntity},
	{route: "GET /waiters/filter", name: "waiters, a condition", path: "/waiters/filter?what=restaurant"},
	{route: "GET /waiters/:id", name: "waiter", path: "/waiters/1"},
	{route: "GET /waiters/:id/edit", name: "waiter, change", path: "/waiters/1/edit"},
	{route: "GET /waiters/:id/delete", name: "waiter, delete", path: "/waiters/1/delete"},
	{route: "GET /waiters/:id/move", name: "waiter, move", path: "/waiters/1/move?restaurant_id=3"},
	{route: "POST /waiters/move", name: "waiters, move several", path: "/waiters/move", form: "id=1&id=2&id=3&restaurant_id=13"},
	{route: "GET /waiters/import", name: "import waiters", path: "/waiters/import"},
	{route: "GET /waiters/import", name: "import waiters, dry run", path: "/waiters/import?upload={waiters file}"},
	{route: "GET /waiters/import/rows", name: "import waiters, no such rows", path: "/waiters/import/rows?upload=NONE", status: http.StatusNotFound},
	{route: "GET /waiters/views", name: "views of waiters", path: "/waiters/views"},
	{route: "GET /waiters/views/:id", name: "view of waiters, change", path: "/waiters/views/{waiters view}"},
}

var looksOfWork = []look{
	{route: "GET /search", name: "search", path: "/search"},
	{route: "GET /search", name: "search, found", path: "/search?q=hot"},
	{route: "GET /search", name: "search, what to do", path: "/search?q=move+wrigley"},
	{route: "GET /search", name: "search, nothing found", path: "/search?q=zzzz"},
	{route: "GET /help", name: "help", path: "/help"},
	{route: "GET /help", name: "help for who only reads", path: "/help", who: "Vic"},
	{route: "GET /", name: "tour, the first step", path: "/", keeps: "maitred_tour=3-1"},
	{route: "GET /restaurants/:id/move", name: "tour, a step inside", path: "/restaurants/13/move?place_id=2", keeps: "maitred_tour=3-2"},
	{route: "GET /history", name: "tour, the end", path: "/history", keeps: "maitred_tour=3-6"},
	{route: "GET /history", name: "history", path: "/history"},
	{route: "GET /history", name: "history of who only reads", path: "/history", who: "Vic"},
	{route: "GET /history", name: "history, none yet", path: "/history", at: empty},
	{route: "GET /history", name: "history, asked for", path: "/history?actor=Eve&kind=restaurants"},
	{route: "GET /history", name: "history, none found", path: "/history?kind=restaurants&day=2001-01-01"},
	{route: "GET /history", name: "history of a record", path: "/history?record=places-20"},
	{route: "GET /history/:id", name: "change, a deletion", path: "/history/{deleted}"},
	{route: "GET /history/:id", name: "change, an edit", path: "/history/{edited}"},
	{route: "GET /history/:id", name: "change, a move", path: "/history/{moved}"},
	{route: "GET /history/:id", name: "change, undone", path: "/history/{undone}"},
	{route: "GET /history/:id", name: "change, an undo", path: "/history/{undo}"},
	{route: "GET /history/:id", name: "change, a large one", path: "/history/{filled}"},
	{route: "GET /history/:id/undo", name: "undo", path: "/history/{deleted}/undo"},
	{route: "GET /history/:id/undo", name: "undo of a move", path: "/history/{moved}/undo"},
	{route: "GET /history/:id/undo", name: "undo, taken since", path: "/history/{taken}/undo"},
	{route: "GET /history/:id/undo", name: "undo, changed since", path: "/history/{edited}/undo"},
	{route: "GET /history/:id/undo", name: "undo, done already", path: "/history/{undone}/undo"},
	{route: "GET /history/:id/undo", name: "undo of a large change", path: "/history/{filled}/undo"},
	{route: "POST /history/:id/undo", name: "undo, changed meanwhile", path: "/history/{deleted}/undo", form: "fingerprint=other", status: http.StatusConflict},
	{route: "GET /progress/:id", name: "progress", path: "{progress}", at: everybody},
}

var looksOfPeople = []look{
	{route: "GET /sign-in", name: "sign in", path: "/sign-in", who: nobody},
	{route: "POST /sign-in", name: "sign in, refused", path: "/sign-in", form: "name=Nobody&password=wrong", who: nobody, status: http.StatusUnprocessableEntity},
	{route: "POST /sign-in", name: "sign in, second step", path: "/sign-in", form: "name=Sue&password=" + password, who: nobody},
	{route: "POST /sign-in", name: "sign in, too many tries", path: "/sign-in", form: "name=Nobody&password=wrong", at: strict, who: nobody, status: http.StatusTooManyRequests},
	{route: "GET /places", name: "sign in, first", path: "/places", who: nobody, status: http.StatusUnauthorized},
	{route: "POST /places", name: "sign in, with a form kept", path: "/places", form: "name=Oak&address=1", who: nobody, status: http.StatusUnauthorized},
	{route: "GET /sign-out", name: "sign out", path: "/sign-out"},
	{route: "GET /welcome", name: "welcome", path: "/welcome?link={link}", who: nobody},
	{route: "GET /welcome", name: "welcome, the first", path: "/welcome?link={first link}", at: first, who: nobody},
	{route: "GET /welcome", name: "welcome, no such link", path: "/welcome?link=x", who: nobody, status: http.StatusNotFound},
	{route: "POST /welcome", name: "welcome, refused", path: "/welcome", form: "link={link}&password=short", who: nobody, status: http.StatusUnprocessableEntity},
	{route: "GET /account", name: "account", path: "/account"},
	{route: "POST /account/password", name: "account, refused", path: "/account/password", form: "current=wrong&password=short", status: http.StatusUnprocessableEntity},
	{route: "GET /account/second-step", name: "second step, none", path: "/account/second-step"},
	{route: "GET /account/second-step", name: "second step", path: "/account/second-step", who: "Sue"},
	{route: "GET /account/second-step", name: "second step, new codes", path: "/account/second-step", who: "Sue", keeps: "maitred_told={codes}"},
	{route: "GET /account/second-step", name: "second step, to be added first", path: "/account/second-step", at: strict},
	{route: "GET /account/second-step/new", name: "second step, move", path: "/account/second-step/new", who: "Sue"},
	{route: "GET /users", name: "people", path: "/users"},
	{route: "GET /users", name: "people, a link", path: "/users", keeps: "maitred_told={invited}"},
	{route: "GET /users/new", name: "person, invite", path: "/users/new"},
	{route: "POST /users", name: "person, invite, refused", path: "/users", form: "name=&role=viewer", status: http.StatusUnprocessableEntity},
	{route: "GET /users/:id", name: "person", path: "/users/2"},
	{route: "GET /users/:id", name: "person with a second step", path: "/users/{sue}"},
	{route: "GET /users/trail", name: "trail", path: "/users/trail"},
	{route: "GET /users/trail", name: "trail of one", path: "/users/trail?person={sue}"},
	{route: "GET /backups", name: "backups", path: "/backups"},
	{route: "GET /backups", name: "backups, one being made", path: "/backups", at: failing},
	{route: "GET /backups", name: "backups, switched off", path: "/backups", at: empty},
	{route: "GET /backups", name: "backups where nobody signs in", path: "/backups", at: everybody},
	{route: "GET /backups/:name", name: "backup, download", path: "/backups/{backup}", status: http.StatusForbidden},
	{route: "POST /backups/:name", name: "backup, download refused", path: "/backups/{backup}", form: "current=wrong", status: http.StatusUnprocessableEntity},
}

var looksOfRefusals = []look{
	{route: "GET /places", name: "400", path: "/places?colour=red", status: http.StatusBadRequest},
	{route: "GET /places/new", name: "403", path: "/places/new", who: "Vic", status: http.StatusForbidden},
	{route: "GET /*", name: "404", path: "/nothing", status: http.StatusNotFound},
	{route: "GET /*", name: "404 of who did not sign in", path: "/static/nothing", who: nobody, status: http.StatusNotFound},
	{route: "GET /places/:id", name: "404, deleted", path: "/places/19", status: http.StatusNotFound},
	{route: "GET /restaurants/:id", name: "404, moved", path: "/restaurants/4", status: http.StatusNotFound},
	{route: "GET /places/columns", name: "405", path: "/places/columns", status: http.StatusMethodNotAllowed},
	{route: "GET /places.csv", name: "400 of a file", path: "/places.csv?colour=red", status: http.StatusBadRequest},
	{route: "GET /places", name: "413", path: "/places?" + strings.Repeat("&", 1000), status: http.StatusRequestEntityTooLarge},
	{route: "GET /places", name: "421", path: "/places", at: elsewhere, status: http.StatusMisdirectedRequest},
	{route: "GET /waiters", name: "500", path: "/waiters", at: troubled, status: http.StatusInternalServerError},
	{route: "POST /places", name: "507", path: "/places", form: "name=Oak&address=1", at: troubled, status: http.StatusInsufficientStorage},
	{route: "GET /places", name: "places, stopped", path: "/places?name__icontains=o", at: hurried, status: http.StatusUnprocessableEntity},
	{route: "GET /search", name: "search, stopped", path: "/search?q=joe", at: hurried},
	{route: "GET /waiters/new", name: "waiter, new, picker stopped", path: "/waiters/new?q=demon", at: hurried},
	{route: "GET /places", name: "only to be read", path: "/places", at: broken},
	{route: "POST /places", name: "503", path: "/places", form: "name=Oak&address=1", at: broken, status: http.StatusServiceUnavailable},
}

var looksOfDemo = []look{
	{route: "GET /", name: "demo", path: "/", at: tried},
	{route: "GET /", name: "demo, the last minutes", path: "/", at: ending, keeps: "maitred_demo={demo}"},
	{route: "GET /", name: "demo, over", path: "/", at: tried, keeps: "maitred_demo=over"},
	{route: "GET /places", name: "demo, places of who only reads", path: "/places", at: tried, keeps: "maitred_demo_role=viewer; maitred_demo_said=viewer"},
	{route: "GET /places/:id", name: "demo, a place", path: "/places/13", at: tried},
	{route: "GET /history", name: "demo, history", path: "/history", at: tried},
	{route: "GET /demo", name: "demo, what it is", path: "/demo", at: tried},
	{route: "GET /users", name: "demo, people", path: "/users", at: tried},
	{route: "GET /backups", name: "demo, backups", path: "/backups", at: tried},
	{route: "GET /account", name: "demo, account", path: "/account", at: tried},
	{route: "POST /users/:id", name: "demo, not done", path: "/users/1", form: "role=viewer", at: tried, status: http.StatusForbidden},
	{route: "POST /demo/again", name: "demo, start again", path: "/demo/again", form: "x=1", at: changed, keeps: "maitred_demo={changed}"},
	{route: "GET /", name: "demo, full", path: "/", at: full, status: http.StatusServiceUnavailable},
}

// TestEveryRouteHasALook compares the list of looks with the routes that the router knows.
func TestEveryRouteHasALook(t *testing.T) {
	repeats(t)
	t.Parallel()
	s := newStaff(t)
	known, names := map[string]bool{"GET /*": true}, map[string]bool{}
	for _, route := range routesOf(s) {
		known[route] = true
	}
	for _, route := range routesOf(newDemo(t, plenty).visitor()) {
		known[route] = true
	}
	looked := map[string]bool{}
	for _, l := range looks {
		if looked[l.route] = true; !known[l.route] {
			t.Errorf("there is no route %s for %q", l.route, l.name)
		}
		if names[l.name] {
			t.Errorf("two looks are called %q", l.name)
		}
		names[l.name] = true
	}
	for route := range known {
		path, reads := strings.CutPrefix(route, "GET ")
		if !reads || looked[route] {
			continue
		}
		p := s.as("Max").get(strings.ReplaceAll(path, ":id", "1"))
		if page := strings.HasPrefix(p.Header.Get("Content-Type"), "text/html"); page && p.Status != http.StatusMethodNotAllowed && path != "/static/*" {
			t.Errorf("nobody looks at %s: it needs a line in looks", route)
		}
	}
}
