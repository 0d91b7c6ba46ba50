package main

import (
	"database/sql"
	"fmt"
	"net/http"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"maitred/models/dialect/postgrestest"
)

// instances are several programs at one database of a server. They have the same secret.
type instances struct {
	t                *testing.T
	database, secret string
}

func atServer(t *testing.T) *instances {
	t.Helper()
	return &instances{t, postgrestest.Database(t), filepath.Join(t.TempDir(), "secret")}
}

// start starts one more. Who is signed in at the others is signed in here.
func (i *instances) start() *program {
	i.t.Helper()
	return start(i.t, i.database, "MAITRED_SECRET="+i.secret)
}

// runs runs a command of the program, which must go well.
func (i *instances) runs(args ...string) string {
	i.t.Helper()
	code, out, said := runs(i.t, programFile(i.t), append(args, "--database", i.database)...)
	if code != 0 {
		i.t.Fatalf("maitred %q: the exit code is %d: %s", args, code, said)
	}
	return out
}

// hold keeps the rows that a query locks until what is returned is called.
func (i *instances) hold(query string) (letGo func()) {
	i.t.Helper()
	db, err := sql.Open("pgx", i.database)
	if err != nil {
		i.t.Fatal(err)
	}
	i.t.Cleanup(func() { _ = db.Close() })
	tx, err := db.Begin()
	if err == nil {
		_, err = tx.Exec(query)
	}
	if err != nil {
		i.t.Fatal(err)
	}
	return func() {
		if err := tx.Rollback(); err != nil {
			i.t.Error(err)
		}
	}
}

func (p *program) kill() {
	p.t.Helper()
	if err := p.cmd.Process.Kill(); err != nil {
		p.t.Fatal(err)
	}
	_ = p.cmd.Wait()
}

func TestSeveralInstancesAreOneSite(t *testing.T) {
	t.Parallel()
	repeats(t)
	site := atServer(t)
	here, there := site.start(), site.start()
	here.post("/places", "name", "Demon Dogs", "address", "944 W. Fullerton").answers(http.StatusSeeOther)
	there.get("/places/1").answers(http.StatusOK).says("Demon Dogs")
	shown := here.get("/places/1/delete").answers(http.StatusOK)
	there.post("/restaurants", "place_id", "1").answers(http.StatusSeeOther)
	shown.confirm().answers(http.StatusConflict).says("changed")
	there.get("/restaurants/1").answers(http.StatusOK)

	// A form that is sent twice, each time to another instance, is done once.
	form := []string{"name", "Ace Hardware", "address", "1013 N. Ashland", "token", "the same form"}
	first := here.post("/places", form...).answers(http.StatusSeeOther).to
	if again := there.post("/places", form...).answers(http.StatusSeeOther).to; again != first {
		t.Errorf("the form led to %s, and at another instance to %s", first, again)
	}
	here.get("/places").lists(2)

	// Who is signed out at one is signed out at all.
	there.post("/sign-out").answers(http.StatusSeeOther)
	here.get("/places").answers(http.StatusUnauthorized)
	here.stop()
	there.stop()
	if said := site.runs("check"); !strings.Contains(said, "is sound.") || strings.Contains(said, "password") {
		t.Errorf("a check says %s", said)
	}
}

// Tries to sign in are counted wherever they are made.
func TestTriesAreCountedAtAllInstances(t *testing.T) {
	t.Parallel()
	repeats(t)
	site := atServer(t)
	all := []*program{site.start(), site.start()}
	for _, p := range all {
		visits.words.Delete(p.host())
	}
	statuses := map[int]int{}
	for n := range 12 {
		statuses[all[n%2].post("/sign-in", "name", mia, "password", "what she never chose").status]++
	}
	// One of the ten was used up before there was a Mia.
	if statuses[http.StatusTooManyRequests] != 3 || len(statuses) != 2 {
		t.Errorf("twelve wrong passwords are answered with %v", statuses)
	}
}

func TestAnInstanceWithAnotherSecretIsRefused(t *testing.T) {
	t.Parallel()
	repeats(t)
	site := atServer(t)
	site.start().stop()
	refuses(t, []string{"--addr", "localhost:0", "--database", site.database, "--secret", filepath.Join(t.TempDir(), "another")},
		"another", "is not the one that this database was used with before")
}

// The instance that deletes thousands of rows is killed in between. Another one goes on with it, and it is done once,
// in the name of who began it.
func TestALongChangeIsGoneOnWithAtAnotherInstance(t *testing.T) {
	t.Parallel()
	repeats(t)
	for name, end := range map[string]func(p *program){
		"killed":  (*program).kill,
		"stopped": func(p *program) { _ = p.cmd.Process.Signal(syscall.SIGTERM); _ = p.cmd.Wait() },
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			site := atServer(t)
			site.runs("fill", "--places", "6000")
			here, there := site.start(), site.start()
			letGo := site.hold("SELECT id FROM places WHERE id = 6000 FOR UPDATE") // it cannot come to its end before
			shown := here.post("/places/delete", "all", "1").answers(http.StatusOK)
			work := shown.confirm().answers(http.StatusSeeOther).to
			if !strings.HasPrefix(work, "/progress/") {
				t.Fatalf("it leads to %s", work)
			}
			there.get(work).answers(http.StatusOK).says("24,000")
			end(here)
			letGo()
			there.goesOn(work, "6,000 places")
			there.get("/places").answers(http.StatusOK).says("no places")
			there.get("/history/3").answers(http.StatusNotFound)
			there.wentOn()
			site.runs("check")
		})
	}
}

// The instance that imports a file is killed in between. The file is in the database, so another one goes on with it.
func TestALongImportIsGoneOnWithAtAnotherInstance(t *testing.T) {
	t.Parallel()
	repeats(t)
	const rows = 10_500
	site := atServer(t)
	site.runs("fill", "--places", fmt.Sprint(rows))
	var file strings.Builder
	file.WriteString("id,name\n")
	for i := range rows {
		fmt.Fprintf(&file, "%d,Renamed %d\n", i+1, i+1)
	}
	here, there := site.start(), site.start()
	letGo := site.hold(fmt.Sprintf("SELECT id FROM places WHERE id = %d FOR UPDATE", rows))
	action, form := brings(t, here, "places", file.String())
	res, err := client.PostForm(here.url+action, form)
	if err != nil {
		t.Fatal(err)
	}
	_ = res.Body.Close()
	work := res.Header.Get("Location")
	if !strings.HasPrefix(work, "/progress/") {
		t.Fatalf("it leads to %q, answered with %d", work, res.StatusCode)
	}
	there.get(work).answers(http.StatusOK)
	here.kill()
	letGo()
	there.goesOn(work, "10,500 places")
	there.get(fmt.Sprint("/places/", rows)).answers(http.StatusOK).says(fmt.Sprint("Renamed ", rows))
	there.get("/history/3").answers(http.StatusNotFound)
	there.wentOn()
	site.runs("check")
}

// goesOn expects that what another instance left comes to its end here, and that its change says so.
func (p *program) goesOn(work, says string) {
	p.t.Helper()
	for deadline := time.Now().Add(time.Minute); ; time.Sleep(100 * time.Millisecond) {
		g := p.get(work)
		if g.status == http.StatusSeeOther {
			p.get(g.to).answers(http.StatusOK).says(mia, says)
			break
		}
		g.answers(http.StatusOK)
		if time.Now().After(deadline) {
			p.t.Fatalf("%s does not come to its end: %s", work, g.sentence())
		}
	}
}

// wentOn ends a program that went on with what another had begun.
func (p *program) wentOn() {
	p.t.Helper()
	p.stop()
	if said := p.said.String(); !strings.Contains(said, "that another instance left is begun again") {
		p.t.Errorf("the log says %s", said)
	}
}

// Instances that start at the same time make one schema.
func TestInstancesThatStartTogetherMakeOneSchema(t *testing.T) {
	t.Parallel()
	repeats(t)
	site := atServer(t)
	file := programFile(t)
	var ends []func() string
	for range 5 {
		ended := make(chan string, 1)
		go func() {
			code, out, said := runs(t, file, "user", "list", "--database", site.database, "--secret", site.secret)
			if code != 0 {
				out = "refused: " + said
			}
			ended <- out
		}()
		ends = append(ends, func() string { return <-ended })
	}
	for _, end := range ends {
		if said := end(); !strings.HasPrefix(said, "There is nobody yet.") {
			t.Errorf("an instance says %s", said)
		}
	}
}
