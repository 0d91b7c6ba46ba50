package handlers_test

import (
	"context"
	"database/sql"
	"database/sql/driver"
	"fmt"
	"io"
	"net/http"
	"net/http/cookiejar"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/uptrace/bun"
	"modernc.org/sqlite"

	"maitred/models/change"
	"maitred/models/databasetest"
)

// newCrowd is the site of the article where so many more waiters than Joe work at Demon Dogs that
// deleting the place takes long.
func newCrowd(t testing.TB) *site {
	t.Helper()
	s := newSite(t)
	for _, q := range []string{
		`INSERT INTO changes (id, at, actor, operation, sentence, kind, identity, key, row_count)
			VALUES (100, '2026-01-01T00:00:00.000Z', 'Someone', 'create', 'hired many', 'waiters', 2, 2, ?0)`,
		`WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < ?0)
			INSERT INTO waiters (id, restaurant_id, name, name_norm, version) SELECT 1 + i, 1, 'Waiter ' || i, 'waiter ' || i, 100 FROM n`,
		`INSERT INTO change_rows (change_id, kind, identity, after_key, label, after)
			SELECT 100, 'waiters', id, id, name,
				` + databasetest.Either("json_object", "jsonb_build_object") + `('id', id, 'restaurant_id', restaurant_id, 'name', name, 'name_norm', name_norm, 'version', version)
			FROM waiters WHERE version = 100`,
		`UPDATE restaurants SET waiter_count = waiter_count + ?0 WHERE place_id = 1`,
	} {
		s.exec(q, change.Long)
	}
	return s
}

func (s *site) exec(query string, args ...any) {
	s.t.Helper()
	err := s.Change(context.Background(), func(ctx context.Context, tx bun.Tx) error {
		_, err := tx.NewRaw(query, args...).Exec(ctx)
		return err
	})
	if err != nil {
		s.t.Fatal(err)
	}
}

// gate is where a change that is being written waits until the test lets it go on.
type gate struct {
	reached, open chan struct{}
	reach, letGo  func() // once
}

// gates are found by name from within SQL.
var gates sync.Map

func init() {
	sqlite.MustRegisterScalarFunction("wait_at", 1, func(_ *sqlite.FunctionContext, args []driver.Value) (driver.Value, error) {
		found, ok := gates.Load(args[0])
		if !ok {
			return nil, fmt.Errorf("there is no gate %v", args[0])
		}
		g := found.(*gate)
		g.reach()
		<-g.open
		return nil, nil
	})
}

// holds lets whatever deletes a place wait at a gate: the last step of deleting it with all that
// belongs to it.
func (s *site) holds(t *testing.T) *gate {
	t.Helper()
	g := &gate{reached: make(chan struct{}), open: make(chan struct{})}
	g.reach, g.letGo = sync.OnceFunc(func() { close(g.reached) }), sync.OnceFunc(func() { close(g.open) })
	t.Cleanup(g.letGo)
	if databasetest.OnServer {
		s.holdsOnServer(t, g)
		return g
	}
	gates.Store(s.url, g)
	s.exec(fmt.Sprintf("CREATE TRIGGER held BEFORE DELETE ON places BEGIN SELECT wait_at('%s'); END", s.url))
	return g
}

// holdsOnServer lets them wait for a lock, which this test has until the gate is opened.
func (s *site) holdsOnServer(t *testing.T, g *gate) {
	t.Helper()
	s.runs("wait_at", "held", "PERFORM pg_advisory_xact_lock_shared(1)")
	db, err := sql.Open("pgx", databaseAt(t, s.file))
	if err != nil {
		t.Fatal(err)
	}
	db.SetMaxOpenConns(1) // whose the lock is
	if _, err := db.Exec("SELECT pg_advisory_lock(1)"); err != nil {
		t.Fatal(err)
	}
	over := make(chan struct{})
	t.Cleanup(func() { g.letGo(); <-over })
	go func() {
		defer close(over)
		for waits := false; ; time.Sleep(5 * time.Millisecond) {
			if !waits && db.QueryRow("SELECT count(*) > 0 FROM pg_locks WHERE locktype = 'advisory' AND NOT granted AND database = (SELECT oid FROM pg_database WHERE datname = current_database())").Scan(&waits) == nil && waits {
				g.reach()
			}
			select {
			case <-g.open:
				_ = db.Close()
				return
			default:
			}
		}
	}()
}

// runs lets PostgreSQL run a statement before each place is deleted.
func (s *site) runs(function, trigger, statement string) {
	s.t.Helper()
	s.exec("CREATE FUNCTION " + function + "() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN " + statement + "; RETURN OLD; END $$")
	s.exec("CREATE TRIGGER " + trigger + " BEFORE DELETE ON places FOR EACH ROW EXECUTE FUNCTION " + function + "()")
}

// ends waits until a long change is over and returns the last answer of its page.
func (s *site) ends(work string) *page {
	s.t.Helper()
	for deadline := time.Now().Add(time.Minute); time.Now().Before(deadline); time.Sleep(5 * time.Millisecond) {
		if p := s.get(work); p.Status != http.StatusOK {
			return p
		}
	}
	s.t.Fatalf("%s does not end", work)
	return nil
}

const allButThePlace = "10,002 of 10,003 records are written."

func TestALongChangeShowsItsProgressAndLeadsToTheChange(t *testing.T) {
	t.Parallel()
	s := newCrowd(t)
	g := s.holds(t)
	pressed := s.get("/places/" + demonDogs + "/delete").form("post").send().status(http.StatusSeeOther)
	work := pressed.Header.Get("Location")
	if !strings.HasPrefix(work, "/progress/") {
		t.Fatalf("it leads to %s", work)
	}
	if pressed.Header.Get("Set-Cookie") != "" {
		t.Error("it is said to be done already")
	}
	<-g.reached
	p := s.get(work).status(http.StatusOK)
	p.says("Someone deleted the place Demon Dogs with 1 restaurant and 10,001 waiters.", allButThePlace,
		"You can close this page; it goes on. Nothing is changed until all of it is.").leads(work)
	bar := p.Find("main progress")
	if bar.AttrOr("max", "") != "10003" || bar.AttrOr("value", "") != "10002" || p.Find("label[for='"+bar.AttrOr("id", "")+"']").Length() != 1 {
		t.Error("the bar has another size or no name")
	}
	if refresh := p.Find("head noscript").Text(); !strings.Contains(refresh, `http-equiv="refresh" content="2"`) {
		t.Errorf("without scripts the page stays as it is: %q", refresh)
	}
	part := s.get(work, "HX-Request", "true", "HX-Request-Type", "partial", "HX-Target", "div#progress").status(http.StatusOK)
	if !strings.HasPrefix(strings.TrimSpace(part.Body), `<div id="progress"`) || part.Find("[role=status]").Text() != "Three quarters of the records are written." {
		t.Errorf("the part is %s", part.Body)
	}

	// Everyone else reads what was there before.
	s.get("/places/" + demonDogs).status(http.StatusOK).says("Demon Dogs")
	s.get("/waiters").status(http.StatusOK).says("10,001 waiters")
	s.get("/history").status(http.StatusOK).silentAbout("deleted")

	g.letGo()
	done := s.ends(work).status(http.StatusSeeOther)
	s.get(done.Header.Get("Location")).says("deleted the place Demon Dogs", "10,003 records")
	part = s.get(work, "HX-Request", "true", "HX-Request-Type", "partial", "HX-Target", "div#progress").status(http.StatusOK)
	if part.Header.Get("HX-Redirect") != done.Header.Get("Location") || part.Header.Get("Set-Cookie") == "" {
		t.Errorf("the part leads to %q", part.Header.Get("HX-Redirect"))
	}
}

func TestALongChangeIsToldOnceInTheEnd(t *testing.T) {
	t.Parallel()
	s := newCrowd(t)
	jar, err := cookiejar.New(nil)
	if err != nil {
		t.Fatal(err)
	}
	person := &http.Client{Jar: jar}
	read := func(res *http.Response, err error) (path, body string) {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
		defer res.Body.Close()
		text, err := io.ReadAll(res.Body)
		if err != nil || res.StatusCode != http.StatusOK {
			t.Fatal(res.StatusCode, err)
		}
		return res.Request.URL.Path, string(text)
	}
	form := s.get("/places/" + demonDogs + "/delete").form("post")
	path, body := read(person.PostForm(s.url+form.action, form.Values))
	for deadline := time.Now().Add(time.Minute); strings.HasPrefix(path, "/progress/") && time.Now().Before(deadline); time.Sleep(5 * time.Millisecond) {
		path, body = read(person.Get(s.url + path))
	}
	if !strings.HasPrefix(path, "/history/") || !strings.Contains(body, "Done:") {
		t.Errorf("it ended at %s with\n%s", path, body)
	}
	if _, body = read(person.Get(s.url + path)); strings.Contains(body, "Done:") {
		t.Error("it is told twice")
	}
}

func TestALongChangeGoesOnWhenTheTabIsClosed(t *testing.T) {
	t.Parallel()
	s := newCrowd(t)
	g := s.holds(t)
	tab, closeTab := context.WithCancel(t.Context())
	res, err := visitor.Do(s.get("/places/" + demonDogs + "/delete").form("post").request().WithContext(tab))
	if err != nil {
		t.Fatal(err)
	}
	<-g.reached
	closeTab()
	_ = res.Body.Close()
	g.letGo()
	s.ends(res.Header.Get("Location")).status(http.StatusSeeOther)
	s.get("/places").lists(aceHardware)
}

func TestALongFormThatIsSentTwentyTimesAtOnceIsDoneOnce(t *testing.T) {
	t.Parallel()
	s := newCrowd(t)
	g := s.holds(t)
	changes := s.changes()
	form := s.get("/places/" + demonDogs + "/delete").form("post")
	var requests []*http.Request
	for range 20 {
		requests = append(requests, form.request())
	}
	statuses, led := s.many(requests)
	for i, status := range statuses {
		if status != http.StatusSeeOther || len(led) != 20 || led[i] != led[0] {
			t.Fatalf("answered %v and led to %v", statuses, led)
		}
	}
	g.letGo()
	first := s.ends(led[0]).status(http.StatusSeeOther).Header.Get("Location")
	if s.changes() != changes+1 {
		t.Errorf("there are %d changes more", s.changes()-changes)
	}
	form.send().leadTo("/places")
	if again := s.get(led[0]).Header.Get("Location"); again != first {
		t.Errorf("pressed again it leads to %s, first to %s", again, first)
	}
}

func TestALongChangeThatFailsSaysSoOnItsPage(t *testing.T) {
	t.Parallel()
	s := newCrowd(t)
	if databasetest.OnServer {
		s.runs("refuse", "refused", "RAISE EXCEPTION 'no' USING ERRCODE = 'foreign_key_violation'")
	} else {
		s.exec("CREATE TRIGGER refused BEFORE DELETE ON places BEGIN SELECT RAISE(ABORT, 'no'); END")
	}
	s.writesNothing(func() {
		work := s.get("/places/" + demonDogs + "/delete").form("post").send().status(http.StatusSeeOther).Header.Get("Location")
		s.ends(work).status(http.StatusUnprocessableEntity).says("Nothing was saved")
		part := s.get(work, "HX-Request", "true", "HX-Request-Type", "partial", "HX-Target", "div#progress").status(http.StatusUnprocessableEntity)
		if part.Header.Get("HX-Retarget") != "body" {
			t.Error("the refusal would be put into the bar")
		}
	})
}

func TestWorkThatIsNotKnownWasNotDone(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	for _, nothing := range []string{"nonsense", "%00", "a%00b", "%ff"} {
		s.get("/progress/"+nothing).status(http.StatusNotFound).says("Nothing was done", "all records are as they were")
	}
}

func TestALongMoveShowsItsProgressToo(t *testing.T) {
	t.Parallel()
	s := newCrowd(t)
	work := s.get("/restaurants/" + demonDogs + "/move?place_id=" + aceHardware).form("post").send().status(http.StatusSeeOther).Header.Get("Location")
	if !strings.HasPrefix(work, "/progress/") {
		t.Fatalf("it leads to %s", work)
	}
	done := s.ends(work).status(http.StatusSeeOther).Header.Get("Location")
	s.get(done).says("moved the restaurant, with its 10,001 waiters, from Demon Dogs to Ace Hardware")
	s.get("/restaurants/" + aceHardware).status(http.StatusOK).says("10,001 waiters")
}

func TestThePageOfALongChangeFollowsItByItself(t *testing.T) {
	t.Parallel()
	for _, scripts := range []bool{true, false} {
		s := newCrowd(t)
		g := s.holds(t)
		b := openBrowser(t, s)
		if !scripts {
			b.withoutScripts()
		}
		b.goTo("/places/" + demonDogs + "/delete")
		b.follow("Delete 1 place, 1 restaurant and 10,001 waiters")
		<-g.reached
		path := b.read(`location.pathname`)
		b.sees(path, allButThePlace)
		if scripts {
			b.tabTo("Look again", func(e element) bool { return e.Words == "Look again" })
			b.read(`String(document.querySelector("progress").value = 1)`)
			b.becomes("the bar", `String(document.querySelector("progress").value)`, "10002")
			b.is("still Look again", func(e element) bool { return e.Words == "Look again" })
		}
		g.letGo()
		b.sees("/history/101", "Done:", "deleted the place Demon Dogs with 1 restaurant and 10,001 waiters")
	}
}

// becomes waits until an expression has a value.
func (b *browser) becomes(what, expression, want string) {
	b.t.Helper()
	for deadline := time.Now().Add(10 * time.Second); b.read(expression) != want; time.Sleep(20 * time.Millisecond) {
		if time.Now().After(deadline) {
			b.t.Fatalf("%s is %s, want %s", what, b.read(expression), want)
		}
	}
}

func TestALongUndoShowsItsProgressAndIsMadeOnce(t *testing.T) {
	t.Parallel()
	s := newCrowd(t)
	before := s.unversioned()
	s.ends(s.get("/places/" + demonDogs + "/delete").form("post").send().status(http.StatusSeeOther).Header.Get("Location"))
	gone := s.last()

	var presses []*http.Request
	for range 8 {
		presses = append(presses, s.request(http.MethodPost, "/history/"+gone+"/undo", ""))
	}
	changes := s.changes()
	_, led := s.many(presses)
	for _, to := range led {
		if strings.HasPrefix(to, "/progress/") {
			s.ends(to).status(http.StatusSeeOther)
		}
	}
	if s.changes() != changes+1 {
		t.Errorf("%d undos were made, and people led to %q", s.changes()-changes, led)
	}
	if s.unversioned() != before {
		t.Error("after the undo it is not as it was before the deletion")
	}
	s.post("/history/" + gone + "/undo").status(http.StatusConflict).leads("/history/" + s.last())
}
