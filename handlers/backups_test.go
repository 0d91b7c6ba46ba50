package handlers_test

import (
	"bytes"
	"context"
	"database/sql"
	"errors"
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"maitred/handlers"
	"maitred/models/account"
	"maitred/models/backup"
)

// keepBackups lets the site make backups, and returns when the first one is made or has failed. What is done
// then is done when somebody asks for it; idle hears each time that there is nothing more to do.
func (s *site) keepBackups(database string) (idle chan struct{}) {
	s.t.Helper()
	b, err := backup.Open(backup.Settings{Database: database, Folder: filepath.Join(filepath.Dir(s.file), "backups"), Every: time.Hour, Keep: 3})
	if err != nil {
		s.t.Fatal(err)
	}
	idle = make(chan struct{}, 100)
	b.After = func(time.Duration) <-chan time.Time {
		idle <- struct{}{}
		return nil
	}
	b.Start()
	s.t.Cleanup(func() {
		if err := b.Close(); err != nil {
			s.t.Error(err)
		}
	})
	<-idle
	s.backups = b
	s.answerBy(handlers.New(s.options("")))
	for name, browser := range s.browsers {
		browser.url, browser.Handler, browser.bare, browser.backups = s.url, s.Handler, s.bare, b
		s.browsers[name] = browser
	}
	return idle
}

// damageBackup writes a file with a backup's name that is none, older than all others.
func (s *site) damageBackup() (name string) {
	s.t.Helper()
	name = strings.TrimSuffix(filepath.Base(s.backups.Database), ".db") + "-20260101-120000.db"
	if err := os.WriteFile(filepath.Join(s.backups.Folder, name), []byte("half a database"), 0o600); err != nil {
		s.t.Fatal(err)
	}
	return name
}

// backupNames are the backups that the page leads to, newest first.
func (p *page) backupNames() (names []string) {
	for _, href := range p.links("main tbody a") {
		names = append(names, strings.TrimPrefix(href, "/backups/"))
	}
	return names
}

func TestAManagerSeesTheBackupsAndMakesOne(t *testing.T) {
	onlyOfAFile(t, "a server has its own backups")
	t.Parallel()
	s := newStaff(t)
	idle := s.keepBackups(s.file)
	max := s.as("Max")
	p := max.get("/backups").status(http.StatusOK).says("whole, looked at just now", "The next one is made on", "maitred restore maitred-", "secret")
	if names := p.backupNames(); len(names) != 1 {
		t.Fatalf("there are %q", names)
	}
	for name, times := range map[string]int{"Max": 1, "Ed": 0} {
		if n := s.as(name).get("/places").Find("footer a[href='/backups']").Length(); n != times {
			t.Errorf("%s is led to the backups %d times", name, n)
		}
	}

	damaged := s.damageBackup()
	p.form("post").send().leadTo("/backups")
	<-idle
	p = max.get("/backups").says("damaged, cannot be restored")
	if names := p.backupNames(); len(names) != 3 || names[2] != damaged {
		t.Errorf("there are %q", names)
	}
	if row := p.Find("tbody tr").Last(); !strings.Contains(squeezed(row), "damaged") || strings.Contains(squeezed(row), "whole") {
		t.Errorf("the damaged one is shown as %s", squeezed(row))
	}
	max.post("/backups").status(http.StatusSeeOther)
	<-idle
	if names := max.get("/backups").backupNames(); len(names) != 3 || slices.Contains(names, damaged) {
		t.Errorf("three sound ones stay, and there are %q", names)
	}
	for name, status := range map[string]int{"": 401, "Vic": 403, "Ed": 403} {
		s.as(name).get("/backups").status(status)
		s.as(name).post("/backups").status(status)
		s.as(name).get("/backups/" + damaged).status(status)
		s.as(name).post("/backups/"+damaged, "current", password).status(status)
	}
}

func TestWhileABackupIsMadeThePageSaysSoAndLooksAgain(t *testing.T) {
	onlyOfAFile(t, "a server has its own backups")
	t.Parallel()
	s := newStaff(t)
	s.keepBackups(filepath.Join(t.TempDir(), "gone.db"))
	max := s.as("Max")
	p := max.get("/backups").says("There is no backup yet.", "The last try, on", "failed").silentAbout("being made")
	if p.Find("#backups[hx-get]").Length() != 0 || p.Find("meta[http-equiv=refresh]").Length() != 0 {
		t.Error("it looks again although nothing is going on")
	}
	if err := s.backups.Close(); err != nil { // so that what is asked for is never done
		t.Fatal(err)
	}
	max.post("/backups").leadTo("/backups")
	p = max.get("/backups").says("A backup is being made. You can close this page; it goes on.")
	if p.Find("#backups[hx-get='/backups'][hx-trigger='every 1s']").Length() != 1 || p.Find("noscript").Length() == 0 || p.Find("main form").Length() != 0 {
		t.Errorf("it does not look again: %s", p.short())
	}
	part := max.get("/backups", "HX-Request", "true", "HX-Request-Type", "partial", "HX-Target", "section#backups")
	if part.Find("h1").Length() != 0 || part.Find("#backups progress").Length() != 1 {
		t.Errorf("the part is %s", part.Body)
	}
}

func TestWhereBackupsAreSwitchedOffThePageSaysHowToSwitchThemOn(t *testing.T) {
	onlyOfAFile(t, "a server has its own backups")
	t.Parallel()
	s := newStaff(t)
	p := s.as("Max").get("/backups").status(http.StatusOK).says("Backups are switched off", "--backup-every 24h", "maitred backup FILE", "maitred restore FILE")
	if p.Find("main form").Length() != 0 {
		t.Error("there is a form")
	}
	s.as("Max").post("/backups").status(http.StatusConflict).says("Backups are switched off here, so none was made.").leads("/backups")
	s.as("Max").get("/backups/maitred-20261129-120000.db").status(http.StatusNotFound).leads("/backups")

	everybody := newSite(t) // where nobody signs in nobody can prove who they are
	everybody.get("/backups").status(http.StatusOK).says("Backups are switched off")
}

func TestABackupIsDownloadedByWhoProvesWhoTheyAre(t *testing.T) {
	onlyOfAFile(t, "a server has its own backups")
	t.Parallel()
	s := newStaff(t)
	s.keepBackups(s.file)
	max := s.as("Max")
	name := max.get("/backups").backupNames()[0]
	path := "/backups/" + name
	ask := max.get(path).status(http.StatusForbidden).says("type what you sign in with once more")
	ask.form("post").with("current", "wrong").send().status(http.StatusUnprocessableEntity).saysAt("current", "This is not your password")
	proved := ask.form("post").with("current", password).send().status(http.StatusSeeOther)
	if to := proved.Header.Get("Location"); to != path {
		t.Fatalf("it leads to %s", to)
	}
	ticket := "maitred_proved=" + proved.given("maitred_proved")
	got := max.get(path, "Cookie", ticket).status(http.StatusOK)
	want, err := os.ReadFile(filepath.Join(s.backups.Folder, name))
	if err != nil {
		t.Fatal(err)
	}
	if !bytes.Equal([]byte(got.Body), want) {
		t.Errorf("%d bytes came, of %d", len(got.Body), len(want))
	}
	for header, want := range map[string]string{"Content-Disposition": "attachment; filename=" + name, "Cache-Control": "no-store", "Content-Type": "application/vnd.sqlite3", "Content-Encoding": ""} {
		if is := got.Header.Get(header); is != want {
			t.Errorf("%s is %q, want %q", header, is, want)
		}
	}
	rest := max.get(path, "Cookie", ticket, "Range", "bytes=100-").status(http.StatusPartialContent)
	if !bytes.Equal([]byte(rest.Body), want[100:]) {
		t.Errorf("the rest is %d bytes, of %d", len(rest.Body), len(want)-100)
	}
	file := filepath.Join(t.TempDir(), "downloaded.db")
	if err := os.WriteFile(file, []byte(got.Body), 0o600); err != nil {
		t.Fatal(err)
	}
	db, err := sql.Open("sqlite", file)
	if err != nil {
		t.Fatal(err)
	}
	var places int
	if err := errors.Join(db.QueryRow("SELECT count(*) FROM places WHERE name = 'Demon Dogs'").Scan(&places), db.Close()); err != nil || places != 1 {
		t.Errorf("Demon Dogs is %d times in it, %v", places, err)
	}
	trail := max.get("/users/trail").says("Max downloaded the backup " + name)
	if n := strings.Count(trail.sentence(), "downloaded the backup"); n != 2 { // each time
		t.Errorf("the trail tells of it %d times", n)
	}

	// The proof is good for this person, in this session, for a moment.
	again := s.with(s.signIn("Max", password).session)
	again.get(path, "Cookie", ticket).status(http.StatusForbidden)
	if _, err := s.people.Add(context.Background(), account.Shell, "Moe", password, account.Manager); err != nil {
		t.Fatal(err)
	}
	s.as("Moe").get(path, "Cookie", ticket).status(http.StatusForbidden)
	s.later(3 * time.Minute)
	max.get(path, "Cookie", ticket).status(http.StatusForbidden)
	max.get(path, "Cookie", "maitred_proved=x").status(http.StatusForbidden)
}

func TestNoOtherFileIsDownloaded(t *testing.T) {
	onlyOfAFile(t, "a server has its own backups")
	t.Parallel()
	s := newStaff(t)
	s.keepBackups(s.file)
	max := s.as("Max")
	name := max.get("/backups").backupNames()[0]
	ticket := "maitred_proved=" + max.post("/backups/"+name, "current", password).status(http.StatusSeeOther).given("maitred_proved")
	for _, path := range []string{"lock", "..", "../maitred.db", "..%2fmaitred.db", "..%2Fmaitred.db-secret", "%2e%2e%2fmaitred.db", "%2fetc%2fpasswd", "..%5cmaitred.db", "." + name, name + "%00", name + "/", name + "%2f",
		".%2f" + name, "x%2f..%2f" + name, name + ".db", strings.ToUpper(name), name[:len(name)-1], "maitred-20260101-000000.db", "%20" + name} {
		for _, p := range []*page{max.get("/backups/"+path, "Cookie", ticket), max.post("/backups/"+path, "current", password)} {
			if p.Status != http.StatusNotFound && p.Status != http.StatusBadRequest || strings.Contains(p.Body, "SQLite format") {
				t.Errorf("%s is answered with %d: %s", p.what, p.Status, p.short())
			}
		}
	}
	max.get("/backups/"+name, "Cookie", ticket).status(http.StatusOK)
	if trail := max.get("/users/trail").sentence(); strings.Count(trail, "downloaded") != 1 {
		t.Errorf("the trail says %s", trail)
	}
}
