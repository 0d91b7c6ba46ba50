package handlers_test

import (
	"context"
	"encoding/base32"
	"errors"
	"fmt"
	"net/http"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/pquerna/otp/totp"

	"maitred/handlers"
	"maitred/models"
	"maitred/models/account"
	"maitred/models/problem"
)

// office is one of the sites that are looked at.
type office int

const (
	worked    office = iota // a day's work on the sample data, by the staff of these tests and Sue, who has a second step
	empty                   // staff and nothing else
	first                   // nobody may come in yet
	strict                  // everyone needs a second step, and somebody tried to sign in too often
	everybody               // nobody signs in; a place with so many waiters that deleting it takes long is being deleted
	broken                  // nothing can be written
	troubled                // its disk is full, or something goes wrong
	hurried                 // nothing is found in time
	elsewhere               // it is asked for by a name that is not its own
	failing                 // a backup failed, and another one is being made
	tried                   // a demo
	ending                  // a demo that is over in four minutes
	full                    // a demo without room
	changed                 // a demo in which something was done
	offices
)

// world is all sites that are looked at, and what stands for the {words} in the paths of looks.
type world struct {
	sites [offices]*site
	words map[string]string
}

func newWorld(t *testing.T) *world {
	t.Helper()
	w := &world{words: map[string]string{}}
	w.sites[worked] = w.aDay(t)
	w.sites[empty] = emptySite(t).employ()

	account.Cheaply()
	w.sites[first] = &site{t: t, file: filepath.Join(t.TempDir(), "maitred.db"), withPeople: true}
	w.sites[first].start()
	t.Cleanup(func() { w.sites[first].stop() })
	link, err := w.sites[first].people.FirstLink(context.Background())
	if err != nil {
		t.Fatal(err)
	}
	w.words["first link"] = link

	s := emptySite(t).employ()
	stopClock(s)
	s.as("Max").post("/users/second-step", "required", "1").status(http.StatusSeeOther)
	for s.post("/sign-in", "name", "Nobody", "password", "wrong").Status != http.StatusTooManyRequests {
	}
	w.sites[strict] = s

	s = newCrowd(t)
	held := s.holds(t)
	pressed := s.get("/places/" + demonDogs + "/delete").form("post").send().status(http.StatusSeeOther)
	<-held.reached
	w.words["progress"] = pressed.Header.Get("Location")
	w.sites[everybody] = s

	s = newSite(t)
	s.answerBy(handlers.New(s.options(account.Manager)))
	s.Store.ReadOnly = true
	t.Cleanup(func() { s.Store.ReadOnly = false })
	w.sites[broken] = s

	s = newSite(t)
	options := s.options(account.Manager)
	options.Store = func(r *http.Request) (*models.Store, error) {
		switch r.URL.Path {
		case "/places":
			return nil, problem.New(problem.Full, "There is no room on the disk, so nothing was saved.")
		case "/waiters":
			return nil, errors.New("out of order")
		default:
			return s.Store, nil
		}
	}
	s.answerBy(handlers.New(options))
	w.sites[troubled] = s

	s = newSite(t)
	s.answerBy(handlers.New(s.options(account.Manager)))
	s.Store.Patience = time.Nanosecond
	t.Cleanup(func() { s.Store.Patience = 0 })
	w.sites[hurried] = s

	s = newSite(t)
	s.answerBy(handlers.New(s.options(account.Manager)))
	s.url = strings.Replace(s.url, "127.0.0.1", "other.localhost", 1)
	w.sites[elsewhere] = s

	s = newStaff(t)
	s.keepBackups(filepath.Join(t.TempDir(), "gone.db"))
	if err := s.backups.Close(); err != nil { // so that what is asked for takes for ever
		t.Fatal(err)
	}
	s.backups.Ask()
	w.sites[failing] = s
	w.demos(t)
	return w
}

// demos are the sites that are demos.
func (w *world) demos(t *testing.T) {
	t.Helper()
	w.sites[tried] = newDemo(t, plenty).visitor()
	d := newDemo(t, plenty)
	early := d.visitor()
	early.get("/")
	d.pass(26 * time.Minute)
	w.words["demo"] = early.jar["maitred_demo"]
	w.sites[ending] = early
	busy := newDemo(t, plenty).visitor()
	busy.get("/")
	busy.add("/places", "name", "Mine", "address", "1")
	w.sites[changed], w.words["changed"] = busy, busy.jar["maitred_demo"]
	none := plenty
	none.Visitors = 0
	w.sites[full] = newDemo(t, none).visitor()
}

// stopClock lets no time pass for the accounts: what is shown once is shown for two minutes, and the tests
// of a busy machine take longer.
func stopClock(s *site) {
	now := time.Now()
	s.people.Now = func() time.Time { return now }
}

// aDay is a site on which people did what pages tell of.
func (w *world) aDay(t *testing.T) *site {
	t.Helper()
	s := emptySite(t).employ()
	stopClock(s)
	max, ed, eve := s.as("Max"), s.as("Ed"), s.as("Eve")
	last := func(name string) { w.words[name] = s.last() }
	edit := func(by *site, path string, fields ...string) {
		by.get(path + "/edit").form("post").with(fields...).send().status(http.StatusSeeOther)
	}
	press := func(by *site, path string) { by.get(path).form("post").send().status(http.StatusSeeOther) }

	max.post("/sample").status(http.StatusSeeOther)
	if _, err := models.Fill(context.Background(), s.Store.By(member("Max").ID, "Max"), 60, nil); err != nil {
		t.Fatal(err)
	}
	last("filled")
	edit(ed, "/places/20", "name", "Ravenswood Station, east side")
	last("edited")
	edit(eve, "/places/20", "name", "Ravenswood Halt")
	press(eve, "/restaurants/4/move?place_id=6")
	last("moved")
	press(eve, "/places/19/delete")
	last("deleted")
	press(max, "/waiters/8/delete")
	last("undone")
	max.post("/history/" + w.words["undone"] + "/undo").status(http.StatusSeeOther)
	last("undo")
	press(ed, "/restaurants/5/delete")
	last("taken")
	max.post("/restaurants", "place_id", "5", "serves_pizza", "1").status(http.StatusSeeOther)
	ed.post("/waiters", "restaurant_id", "13", "name", "Ida Noether").status(http.StatusSeeOther)

	for table, query := range map[string]string{"places": "restaurant__isnull=true", "restaurants": "serves_pizza=true", "waiters": "q=a"} {
		max.post("/"+table+"/views?"+query, "name", "Those I look at each morning", "shared", "1").status(http.StatusSeeOther)
		w.words[table+" view"] = fmt.Sprint(s.counted("SELECT max(id) FROM saved_views"))
		eve.post("/"+table+"/views?"+query, "name", "Eve's", "shared", "1").status(http.StatusSeeOther)
	}

	w.bring(max)
	for _, table := range []string{"places", "restaurants", "waiters"} { // twice as fast to look at; others see as many rows as is usual
		max.post("/"+table+"/columns", "rows", "25", "column", "address", "column", "restaurant", "column", "serves_hot_dogs", "column", "serves_pizza", "column", "waiters").status(http.StatusSeeOther)
	}
	w.people(t, s)
	idle := s.keepBackups(s.file)
	s.damageBackup()
	s.backups.Ask()
	<-idle
	w.words["backup"] = s.as("Max").get("/backups").backupNames()[0]
	return s
}

// bring brings files that nobody has imported yet.
func (w *world) bring(by *site) {
	w.words["sheets file"] = by.upload("places", "Book.xlsx", sheets(by.t)).status(http.StatusOK).form("post").Get("upload")
	for table, file := range map[string]string{
		"places":      "id,name,address\n3,Lakeview Pizza Palace,3114 N. Broadway\n,Taco Hut,12 Main\n,Burger Hut,13 Main\n,Wriggley Frank,3701 North Clark\n,,14 Main\n99999,Ghost,Nowhere\n2,Ace Hardware,1013 N. Ashland\n",
		"restaurants": "place_name,place_address,serves_pizza\nTaco Hut,12 Main,yes\nAce Hardware,1013 N. Ashland,no\n",
		"waiters":     "name,place_name,place_address\nAnn,Demon Dogs,944 W. Fullerton\n",
	} {
		form := by.upload(table, "Spring list.csv", file).status(http.StatusOK).form("post")
		w.words[table+" file"], w.words[table+" seen"] = form.Get("upload"), form.Get("fingerprint")
	}
}

// people adds Sue, who has a second step, Gus, who is switched off, and Dora, who was invited.
func (w *world) people(t *testing.T, s *site) {
	t.Helper()
	ctx, max := context.Background(), s.as("Max")
	sue, err := s.people.Add(ctx, account.Shell, "Sue", password, account.Viewer)
	if err != nil {
		t.Fatal(err)
	}
	w.words["sue"] = fmt.Sprint(sue.ID)
	secret, draft, err := s.people.NewStep(sue)
	if err != nil {
		t.Fatal(err)
	}
	code, err := totp.GenerateCode(base32.StdEncoding.WithPadding(base32.NoPadding).EncodeToString(secret), s.people.Now())
	if err != nil {
		t.Fatal(err)
	}
	codes, err := s.people.AddStep(ctx, account.By{ID: sue.ID, Name: sue.Name}, sue.ID, account.Proof{Password: password}, draft, code)
	if err != nil {
		t.Fatal(err)
	}
	s.browsers["Sue"] = s.as("Sue")
	w.words["codes"] = s.as("Sue").post("/account/second-step/codes", "current", password, "present", codes[0]).status(http.StatusSeeOther).given("maitred_told")

	gus, err := s.people.Add(ctx, account.Shell, "Gus", password, account.Editor)
	if err != nil {
		t.Fatal(err)
	}
	max.post(fmt.Sprint("/users/", gus.ID), "disabled", "1").status(http.StatusSeeOther)

	invited := max.post("/users", "name", "Dora", "role", "editor").status(http.StatusSeeOther)
	w.words["invited"] = invited.given("maitred_told")
	page := max.get("/users", "Cookie", "maitred_told="+w.words["invited"])
	_, link, found := strings.Cut(page.Find("main input[value*='/welcome?link=']").AttrOr("value", page.sentence()), "/welcome?link=")
	if !found {
		t.Fatalf("there is no link: %s", page.short())
	}
	w.words["link"], _, _ = strings.Cut(link, " ")
}

// filled puts what the world knows into a path or a form.
func (w *world) filled(text string) string {
	for name, value := range w.words {
		text = strings.ReplaceAll(text, "{"+name+"}", value)
	}
	return text
}

// cookies are those of who looks, as names and values.
func (w *world) cookies(l look) map[string]string {
	cookies := map[string]string{}
	s := w.sites[l.at]
	if s.people != nil && l.who != nobody {
		who := "Max"
		if l.who != "" {
			who = l.who
		}
		cookies["maitred_session"] = s.as(who).session
	}
	for _, cookie := range strings.Split(w.filled(l.keeps), "; ") {
		if name, value, found := strings.Cut(cookie, "="); found {
			cookies[name] = value
		}
	}
	return cookies
}
