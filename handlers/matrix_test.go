package handlers_test

import (
	"fmt"
	"net/http"
	"slices"
	"strings"
	"testing"

	"github.com/labstack/echo/v4"
)

// try is a request of the matrix, and how it is answered to who did not sign in, to a viewer, an editor
// and a manager. None of them writes a record: what a person may do is refused for another reason then.
type try struct {
	route string // {kind} stands for all kinds that have it
	what  string // which record, view, change or form it is about
	path  string // for {own} and {foreign} the number of a change, view or work is put in, of the person or of Eve
	form  string
	want  [4]int
}

var matrix = []try{
	{"GET /", "", "/", "", [4]int{401, 200, 200, 200}},
	{"POST /sample", "", "/sample", "", [4]int{401, 403, 409, 409}},

	{"GET /{kind}", "", "", "", [4]int{401, 200, 200, 200}},
	{"GET /{kind}", "as asked", "?q=demon&sort=-name", "", [4]int{401, 200, 200, 200}},
	{"GET /{kind}.csv", "", "?q=demon&sort=-name", "", [4]int{401, 200, 200, 200}},
	{"GET /{kind}.xlsx", "", "", "", [4]int{401, 200, 200, 200}},
	{"GET /{kind}/new", "", "", "", [4]int{401, 403, 200, 200}},
	{"POST /{kind}/new", "", "", "", [4]int{401, 403, 405, 405}},
	{"GET /{kind}/filter", "", "", "", [4]int{401, 200, 200, 200}},
	{"POST /{kind}/filter", "", "", "", [4]int{401, 405, 405, 405}},
	{"POST /{kind}", "", "", "", [4]int{401, 403, 422, 422}},
	{"GET /{kind}/:id", "a record", "/1", "", [4]int{401, 200, 200, 200}},
	{"GET /{kind}/:id", "no record", "/99", "", [4]int{401, 404, 404, 404}},
	{"GET /{kind}/:id/edit", "a record", "/1/edit", "", [4]int{401, 403, 200, 200}},
	{"GET /{kind}/:id/edit", "no record", "/99/edit", "", [4]int{401, 403, 404, 404}},
	{"POST /{kind}/:id", "a record", "/1", "name=Other&address=Other", [4]int{401, 403, 409, 409}},
	{"POST /{kind}/:id", "no record", "/99", "", [4]int{401, 403, 404, 404}},
	{"GET /{kind}/:id/delete", "a record", "/1/delete", "", [4]int{401, 403, 200, 200}},
	{"GET /{kind}/:id/delete", "no record", "/99/delete", "", [4]int{401, 403, 404, 404}},
	{"POST /{kind}/:id/delete", "a record", "/1/delete", "", [4]int{401, 403, 200, 200}},
	{"POST /{kind}/:id/delete", "no record", "/99/delete", "", [4]int{401, 403, 404, 404}},

	{"POST /{kind}/delete", "a record", "/delete", "id=1", [4]int{401, 403, 200, 200}},
	{"POST /{kind}/delete", "all", "/delete", "all=1", [4]int{401, 403, 200, 200}},
	{"GET /{kind}/delete", "", "", "", [4]int{401, 403, 405, 405}},
	{"GET /{kind}/import", "", "", "", [4]int{401, 403, 200, 200}},
	{"GET /{kind}/import", "no file", "?upload=NONE", "", [4]int{401, 403, 404, 404}},
	{"POST /{kind}/import", "no file", "", "", [4]int{401, 403, 422, 422}},
	{"GET /{kind}/import/rows", "no file", "?upload=NONE&group=new", "", [4]int{401, 403, 404, 404}},
	{"GET /{kind}/import/template.csv", "", "", "", [4]int{401, 403, 200, 200}},
	{"GET /{kind}/import/template.xlsx", "", "", "", [4]int{401, 403, 200, 200}},
	{"POST /waiters/move", "a record", "/waiters/move", "id=1", [4]int{401, 403, 200, 200}},
	{"GET /waiters/move", "", "/waiters/move", "", [4]int{401, 403, 405, 405}},
	{"POST /restaurants/serves", "a record", "/restaurants/serves", "id=1", [4]int{401, 403, 200, 200}},
	{"GET /restaurants/serves", "", "/restaurants/serves", "", [4]int{401, 403, 405, 405}},

	{"GET /restaurants/:id/move", "a record", "/restaurants/1/move", "", [4]int{401, 403, 200, 200}},
	{"GET /restaurants/:id/move", "no record", "/restaurants/99/move", "", [4]int{401, 403, 404, 404}},
	{"POST /restaurants/:id/move", "a record", "/restaurants/1/move", "place_id=2", [4]int{401, 403, 200, 200}},
	{"POST /restaurants/:id/move", "no record", "/restaurants/99/move", "place_id=2", [4]int{401, 403, 404, 404}},
	{"GET /restaurants/:id/copy", "a record", "/restaurants/1/copy", "", [4]int{401, 403, 200, 200}},
	{"POST /restaurants/:id/copy", "a record", "/restaurants/1/copy", "place_id=2", [4]int{401, 403, 200, 200}},
	{"GET /waiters/:id/move", "a record", "/waiters/1/move", "", [4]int{401, 403, 200, 200}},
	{"POST /waiters/:id/move", "a record", "/waiters/1/move", "", [4]int{401, 403, 422, 422}},
	{"GET /places/:id/bring", "a record", "/places/2/bring", "", [4]int{401, 403, 200, 200}},
	{"GET /places/:id/bring", "no record", "/places/99/bring", "", [4]int{401, 403, 404, 404}},

	{"POST /{kind}/columns", "", "", "column=number&rows=50", [4]int{401, 303, 303, 303}},
	{"GET /{kind}/columns", "", "", "", [4]int{401, 405, 405, 405}},
	{"GET /{kind}/views", "", "", "", [4]int{401, 200, 200, 200}},
	{"POST /{kind}/views", "for oneself", "/views?q=joe", "name=Joe", [4]int{401, 303, 303, 303}},
	{"POST /{kind}/views", "for everybody", "/views?q=joe", "name=All&shared=1", [4]int{401, 403, 303, 303}},
	{"GET /{kind}/views/:id", "one's own", "/views/{own view}", "", [4]int{401, 200, 200, 200}},
	{"GET /{kind}/views/:id", "another's, shared", "/views/{shared view}", "", [4]int{401, 403, 403, 403}},
	{"GET /{kind}/views/:id", "another's", "/views/{foreign view}", "", [4]int{401, 404, 404, 404}},
	{"GET /{kind}/views/:id", "none", "/views/99999", "", [4]int{401, 404, 404, 404}},
	{"POST /{kind}/views/:id", "one's own", "/views/{own view}", "name=Mine", [4]int{401, 303, 303, 303}},
	{"POST /{kind}/views/:id", "one's own, for everybody", "/views/{own view}", "name=All+of+ours&shared=1", [4]int{401, 403, 303, 303}},
	{"POST /{kind}/views/:id", "another's, shared", "/views/{shared view}", "name=Mine", [4]int{401, 403, 403, 403}},
	{"POST /{kind}/views/:id", "to start with another's", "/views/{shared view}", "start=1", [4]int{401, 303, 303, 303}},
	{"POST /{kind}/views/:id", "another's", "/views/{foreign view}", "name=Mine", [4]int{401, 404, 404, 404}},
	{"POST /{kind}/views/:id/delete", "another's, shared", "/views/{shared view}/delete", "", [4]int{401, 403, 403, 403}},
	{"POST /{kind}/views/:id/delete", "another's", "/views/{foreign view}/delete", "", [4]int{401, 404, 404, 404}},
	{"POST /{kind}/views/:id/delete", "one's own", "/views/{own view}/delete", "", [4]int{401, 303, 303, 303}},

	{"GET /search", "", "/search?q=move+demon", "", [4]int{401, 200, 200, 200}},
	{"GET /help", "", "/help", "", [4]int{401, 200, 200, 200}},
	{"POST /tour", "", "/tour", "step=2", [4]int{401, 403, 303, 303}},
	{"GET /history", "", "/history?kind=places&day=2026-11-23", "", [4]int{401, 200, 200, 200}},
	{"GET /history", "of another person", "/history?actor=Eve", "", [4]int{401, 403, 403, 200}},
	{"GET /history", "of a record", "/history?record=places-1", "", [4]int{401, 200, 200, 200}},
	{"GET /history/:id", "one's own", "/history/{own}", "", [4]int{401, 200, 200, 200}},
	{"GET /history/:id", "another's", "/history/{foreign}", "", [4]int{401, 403, 403, 200}},
	{"GET /history/:id", "nobody's", "/history/1", "", [4]int{401, 403, 403, 200}},
	{"GET /history/:id", "none", "/history/99999", "", [4]int{401, 404, 404, 404}},
	{"GET /history/:id/undo", "one's own", "/history/{own}/undo", "", [4]int{401, 403, 200, 200}},
	{"GET /history/:id/undo", "another's", "/history/{foreign}/undo", "", [4]int{401, 403, 403, 200}},
	{"GET /history/:id/undo", "nobody's", "/history/1/undo", "", [4]int{401, 403, 403, 200}},
	{"GET /history/:id/undo", "none", "/history/99999/undo", "", [4]int{401, 403, 404, 404}},
	{"POST /history/:id/undo", "one's own", "/history/{own}/undo", "fingerprint=other", [4]int{401, 403, 409, 409}},
	{"POST /history/:id/undo", "another's", "/history/{foreign}/undo", "fingerprint=other", [4]int{401, 403, 403, 409}},
	{"POST /history/:id/undo", "nobody's", "/history/1/undo", "fingerprint=other", [4]int{401, 403, 403, 409}},
	{"POST /history/:id/undo", "none", "/history/99999/undo", "", [4]int{401, 403, 404, 404}},
	{"GET /progress/:id", "one's own", "/progress/{own work}", "", [4]int{401, 303, 303, 303}},
	{"GET /progress/:id", "another's", "/progress/{foreign work}", "", [4]int{401, 403, 403, 303}},
	{"GET /progress/:id", "none", "/progress/NEVERBEGUN", "", [4]int{401, 404, 404, 404}},

	{"GET /sign-in", "", "/sign-in?next=/places", "", [4]int{200, 303, 303, 303}},
	{"POST /sign-in", "", "/sign-in", "name=Nobody&password=wrong", [4]int{422, 422, 422, 422}},
	{"GET /sign-out", "", "/sign-out", "", [4]int{401, 200, 200, 200}},
	{"GET /welcome", "no link", "/welcome?link=x", "", [4]int{404, 404, 404, 404}},
	{"POST /welcome", "no link", "/welcome", "link=x&name=x&password=" + password, [4]int{404, 404, 404, 404}},

	{"POST /password-strength", "", "/password-strength", "password=x", [4]int{200, 200, 200, 200}},

	{"GET /account", "", "/account", "", [4]int{401, 200, 200, 200}},
	{"POST /account/password", "not knowing the old one", "/account/password", "password=" + password, [4]int{401, 422, 422, 422}},
	{"POST /account/sessions/:id/end", "none", "/account/sessions/99999/end", "", [4]int{401, 404, 404, 404}},
	{"POST /account/sessions/:id/end", "another's", "/account/sessions/{foreign session}/end", "", [4]int{401, 404, 404, 404}},
	{"POST /account/sessions/end", "", "/account/sessions/end", "", [4]int{401, 303, 303, 303}},
	{"GET /account/second-step", "", "/account/second-step", "", [4]int{401, 200, 200, 200}},
	{"POST /account/second-step", "without a draft", "/account/second-step", "", [4]int{401, 422, 422, 422}},
	{"GET /account/second-step/new", "", "/account/second-step/new", "", [4]int{401, 200, 200, 200}},
	{"POST /account/second-step/codes", "not knowing the password", "/account/second-step/codes", "", [4]int{401, 422, 422, 422}},
	{"POST /account/second-step/remove", "not knowing the password", "/account/second-step/remove", "", [4]int{401, 422, 422, 422}},
	{"GET /users", "", "/users", "", [4]int{401, 403, 403, 200}},
	{"POST /users", "no name", "/users", "", [4]int{401, 403, 403, 422}},
	{"GET /users/new", "", "/users/new", "", [4]int{401, 403, 403, 200}},
	{"POST /users/new", "", "/users/new", "", [4]int{401, 403, 403, 405}},
	{"GET /users/trail", "", "/users/trail", "", [4]int{401, 403, 403, 200}},
	{"POST /users/trail", "", "/users/trail", "", [4]int{401, 403, 403, 405}},
	{"POST /users/second-step", "", "/users/second-step", "required=0", [4]int{401, 403, 403, 303}},
	{"GET /users/:id", "oneself", "/users/{self}", "", [4]int{401, 403, 403, 200}},
	{"GET /users/:id", "another", "/users/4", "", [4]int{401, 403, 403, 200}},
	{"GET /users/:id", "nobody", "/users/99", "", [4]int{401, 403, 403, 404}},
	{"POST /users/:id", "oneself", "/users/{self}", "role=viewer", [4]int{401, 403, 403, 422}}, // the last manager
	{"POST /users/:id", "oneself, switched off", "/users/{self}", "disabled=1", [4]int{401, 403, 403, 422}},
	{"POST /users/:id", "another", "/users/4", "role=king", [4]int{401, 403, 403, 422}},
	{"POST /users/:id", "nobody", "/users/99", "role=viewer", [4]int{401, 403, 403, 404}},
	{"POST /users/:id/sign-out", "nobody", "/users/99/sign-out", "", [4]int{401, 403, 403, 404}},
	{"POST /users/:id/link", "nobody", "/users/99/link", "", [4]int{401, 403, 403, 404}},
	{"POST /users/:id/second-step", "nobody", "/users/99/second-step", "", [4]int{401, 403, 403, 404}},

	{"GET /backups", "", "/backups", "", [4]int{401, 403, 403, 200}},
	{"POST /backups", "switched off", "/backups", "", [4]int{401, 403, 403, 409}},
	{"GET /backups/:name", "none", "/backups/maitred-20261129-120000.db", "", [4]int{401, 403, 403, 404}},
	{"POST /backups/:name", "none", "/backups/maitred-20261129-120000.db", "current=" + password, [4]int{401, 403, 403, 404}},

	{"GET /robots.txt", "", "/robots.txt", "", [4]int{200, 200, 200, 200}},
	{"GET /healthz", "", "/healthz", "", [4]int{200, 200, 200, 200}},
	{"GET /readyz", "", "/readyz", "", [4]int{200, 200, 200, 200}},
	{"GET /metrics", "from this machine", "/metrics", "", [4]int{200, 200, 200, 200}},
	{"GET /static/*", "no file", "/static/none.js", "", [4]int{404, 404, 404, 404}},

	{"POST /sign-out", "for good", "/sign-out", "", [4]int{303, 303, 303, 303}}, // the last one
}

// disguises are headers and queries that must not open what is closed: forms of htmx, other methods and
// other kinds of answer.
var disguises = [][]string{
	{"HX-Request", "true", "HX-Request-Type", "partial", "HX-Target", "div#list"},
	{"HX-Request", "true", "HX-Request-Type", "full", "HX-Boosted", "true", "HX-History-Restore-Request", "true"},
	{"X-HTTP-Method-Override", "GET", "X-Method-Override", "POST", "Accept", "application/json", "X-Requested-With", "XMLHttpRequest"},
	{"X-Original-URL", "/", "X-Rewrite-URL", "/", "X-Forwarded-For", "127.0.0.1", "Authorization", "Basic bWF4Om1heA=="},
}

// routesOf are the routes of a site as echo knows them, but for HEAD, which is tried along with GET.
func routesOf(s *site) (routes []string) {
	for _, r := range s.bare.(*echo.Echo).Routes() {
		if r.Method != http.MethodHead {
			routes = append(routes, r.Method+" "+r.Path)
		}
	}
	slices.Sort(routes)
	return routes
}

func TestEveryRouteAnswersEachRoleAsTheMatrixSays(t *testing.T) {
	repeats(t)
	t.Parallel()
	s := newStaff(t)
	routes, tried := routesOf(s), map[string]bool{}
	m := tries{site: s, own: map[string]string{}}
	for _, name := range []string{"Vic", "Ed", "Max", "Eve"} {
		c := s.does(name, name+"'s place", name)
		m.own[name] = fmt.Sprint(c.ID)
	}
	s.writesNothing(func() {
		for _, row := range matrix {
			for _, table := range m.tables(row, routes) {
				tried[strings.Replace(row.route, "{kind}", table, 1)] = true
				for i, name := range []string{"", "Vic", "Ed", "Max"} {
					m.try(row, table, name, row.want[i])
				}
			}
		}
	})
	for _, route := range routes {
		if !tried[route] {
			t.Errorf("the route %s has no row in the matrix", route)
		}
	}
}

// tries is the site of the matrix.
type tries struct {
	*site
	own map[string]string // the number of a change of each person
}

// tables are the kinds whose routes a row is about; a row that is about no route at all fails.
func (m *tries) tables(row try, routes []string) (tables []string) {
	m.t.Helper()
	if !strings.Contains(row.route, "{kind}") {
		tables = []string{""}
	} else {
		for _, k := range m.Graph.Kinds() {
			tables = append(tables, k.Table)
		}
	}
	for _, table := range tables {
		if route := strings.Replace(row.route, "{kind}", table, 1); !slices.Contains(routes, route) {
			m.t.Errorf("there is no route %s", route)
		}
	}
	return tables
}

// try sends one request of the matrix, and when it is refused, also in every disguise.
func (m *tries) try(row try, table, name string, want int) {
	m.t.Helper()
	method, route, _ := strings.Cut(row.route, " ")
	path := row.path
	if table != "" {
		if path == "" || strings.HasPrefix(path, "?") {
			path = strings.Replace(route, "{kind}", table, 1) + path
		} else {
			path = "/" + table + path
		}
	}
	path = m.filled(path, table, name)
	send := func(headers ...string) *page {
		m.t.Helper()
		if method == http.MethodGet {
			return m.as(name).get(path, headers...)
		}
		return m.as(name).do(m.as(name).request(method, path, row.form, append([]string{"Content-Type", "application/x-www-form-urlencoded"}, headers...)...))
	}
	answer := send()
	who := name
	if name == "" {
		who = "who did not sign in"
	}
	if answer.Status != want {
		m.t.Errorf("%s (%s) answers %s with %d, want %d: %s", row.route, row.what, who, answer.Status, want, answer.short())
		return
	}
	if method == http.MethodGet {
		if head := m.as(name).do(m.as(name).request(http.MethodHead, path, "")); head.Status != want {
			m.t.Errorf("HEAD %s answers %s with %d, want %d", path, who, head.Status, want)
		}
	}
	if want != http.StatusForbidden && want != http.StatusUnauthorized {
		return
	}
	for _, headers := range disguises {
		if disguised := send(headers...); disguised.Status != want {
			m.t.Errorf("%s (%s) answers %s with %d, want %d, when it comes with %q", row.route, row.what, who, disguised.Status, want, headers)
		}
	}
	path += map[bool]string{true: "&", false: "?"}[strings.Contains(path, "?")] + "_method=GET&role=manager&who=Max&user=3"
	if asked := send(); asked.Status != want && asked.Status != http.StatusBadRequest {
		m.t.Errorf("%s (%s) answers %s with %d, want %d, when the address asks for more", row.route, row.what, who, asked.Status, want)
	}
}

// filled puts numbers into an address.
func (m *tries) filled(path, table, name string) string {
	m.t.Helper()
	own := map[string]string{"": "Ed"}[name] + name
	for place, of := range map[string]func() string{
		"{own}":     func() string { return m.own[own] },
		"{foreign}": func() string { return m.own["Eve"] },
		"{self}":    func() string { return fmt.Sprint(member(own).ID) },
		"{foreign session}": func() string {
			sessions, err := m.people.Sessions(m.t.Context(), member("Eve").ID)
			if err != nil || len(sessions) == 0 {
				m.t.Fatal(sessions, err)
			}
			return fmt.Sprint(sessions[0].ID)
		},
		"{own work}":     func() string { return fmt.Sprint(member(own).ID) + "-" + own },
		"{foreign work}": func() string { return fmt.Sprint(member("Eve").ID) + "-Eve" },
		"{own view}":     func() string { return m.view(table, own, false) },
		"{foreign view}": func() string { return m.view(table, "Eve", false) },
		"{shared view}":  func() string { return m.view(table, "Eve", true) },
	} {
		if before, after, found := strings.Cut(path, place); found {
			path = before + of() + after
		}
	}
	return path
}

// view is a new view of a person.
func (m *tries) view(table, name string, shared bool) string {
	m.t.Helper()
	n := m.counted("SELECT 1 + coalesce(max(id), 0) FROM saved_views")
	m.exec("INSERT INTO saved_views (id, kind, name, name_norm, query, owner, owner_name, shared) VALUES (?0, ?1, 'View ' || ?0, 'view ' || ?0, 'q=joe', ?2, ?3, ?4)",
		n, table, fmt.Sprint("user ", member(name).ID), name, shared)
	return fmt.Sprint(n)
}

func TestARouteThatSaysNothingOfWhoMayUseItIsNoRoute(t *testing.T) {
	repeats(t)
	t.Parallel()
	s := newSite(t)
	defer func() {
		if said := fmt.Sprint(recover()); !strings.Contains(said, "GET /secret says nothing of who may use it") {
			t.Errorf("the route was taken: %s", said)
		}
	}()
	s.bare.(*echo.Echo).GET("/secret", func(c echo.Context) error { return c.NoContent(http.StatusOK) })
}
