package main

import (
	"fmt"
	"net/http"
	"net/url"
	"path/filepath"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/PuerkitoBio/goquery"

	"maitred/models/dialect/postgrestest"
)

// writers add places without a break, and remember those that were confirmed.
type writers struct {
	wait      sync.WaitGroup
	stop      atomic.Bool
	confirmed sync.Map // name of a place
	many      atomic.Int64
	statuses  sync.Map // other answers than what is expected while a database is gone
}

// busy lets three write at each of two instances, until some was confirmed.
func busy(t *testing.T, here, there *program) *writers {
	t.Helper()
	w := new(writers)
	for n := range 3 {
		w.start(fmt.Sprintf("Ann%d", n), here)
		w.start(fmt.Sprintf("Ben%d", n), there)
	}
	w.more(t, 30)
	return w
}

func (w *writers) start(who string, p *program) {
	w.wait.Go(func() {
		for n := 0; !w.stop.Load(); n++ {
			name := fmt.Sprintf("%s %d", who, n)
			form := url.Values{"name": {name}, "address": {name}, "token": {name}}
			for !w.stop.Load() {
				res, err := client.PostForm(p.url+"/places", form)
				if err != nil {
					w.statuses.Store(err.Error(), true)
					break
				}
				said, _ := goquery.NewDocumentFromReader(res.Body)
				_ = res.Body.Close()
				if res.StatusCode == http.StatusSeeOther {
					w.confirmed.Store(name, true)
					w.many.Add(1)
					break
				}
				if res.StatusCode != http.StatusServiceUnavailable || res.Header.Get("Retry-After") == "" {
					w.statuses.Store(fmt.Sprint(res.StatusCode, " ", res.Header.Get("Retry-After"), strings.Join(strings.Fields(said.Find("main").Text()), " ")), true)
					break
				}
				time.Sleep(50 * time.Millisecond) // the same form again, as the page says
			}
		}
	})
}

// more waits until so many more were confirmed.
func (w *writers) more(t *testing.T, n int64) {
	t.Helper()
	enough := w.many.Load() + n
	for deadline := time.Now().Add(time.Minute); w.many.Load() < enough; time.Sleep(10 * time.Millisecond) {
		if time.Now().After(deadline) {
			t.Fatalf("only %d of %d were confirmed within a minute", w.many.Load(), enough)
		}
	}
}

// all compares what was confirmed with what is there, each once.
func (w *writers) all(t *testing.T, p *program) {
	t.Helper()
	w.stop.Store(true)
	w.wait.Wait()
	w.statuses.Range(func(said, _ any) bool {
		t.Errorf("a form was answered with %s", said)
		return true
	})
	there := map[string]int{}
	for _, line := range strings.Split(p.get("/places.csv").answers(http.StatusOK).body, "\n") {
		if fields := strings.Split(line, ","); len(fields) > 2 {
			there[fields[1]]++
		}
	}
	w.confirmed.Range(func(name, _ any) bool {
		if there[name.(string)] != 1 {
			t.Errorf("%s was confirmed, and is there %d times", name, there[name.(string)])
		}
		return true
	})
	for name, n := range there {
		if n > 1 {
			t.Errorf("%s is there %d times", name, n)
		}
	}
}

// over lets them end, and expects that all is there and nothing else went wrong.
func (w *writers) over(t *testing.T, site *instances, here, there *program) {
	t.Helper()
	w.all(t, there)
	here.stop()
	there.stop()
	onlyUnreachable(t, here, there)
	site.runs("check")
}

// onlyUnreachable expects that what failed, as the logs tell, is that the database could not be reached.
func onlyUnreachable(t *testing.T, programs ...*program) {
	t.Helper()
	for _, p := range programs {
		for line := range strings.Lines(p.said.String()) {
			if strings.Contains(line, "status=500") || strings.Contains(line, "request failed") && !strings.Contains(line, "cannot be reached") && !strings.Contains(line, "still being saved") {
				t.Errorf("the log says %s", line)
			}
		}
	}
}

// The server is stopped, killed and made to hang under people who write. What was confirmed is there, each form is done
// once, and service returns by itself.
func TestAServerThatIsStartedAgainUnderLoadLosesNothing(t *testing.T) {
	t.Parallel()
	repeats(t)
	server := postgrestest.Start(t)
	site := &instances{t, server.Database(), filepath.Join(t.TempDir(), "secret")}
	here, there := site.start(), site.start()
	w := busy(t, here, there)
	for _, end := range []func(){server.Stop, server.Kill, server.Kill} {
		end()
		if g := here.get("/places"); g.status != http.StatusServiceUnavailable {
			t.Errorf("while the server is gone a list is answered with %d", g.status)
		} else {
			g.says("The database cannot be reached at the moment")
		}
		server.Run()
		w.more(t, 30)
		here.get("/places").answers(http.StatusOK)
	}
	goOn := server.Hang()
	time.Sleep(2 * time.Second)
	goOn()
	w.more(t, 30)
	w.over(t, site, here, there)
}

// The primary is killed and a synchronous standby is promoted, under people who write.
func TestAStandbyThatTakesOverHasAllThatWasConfirmed(t *testing.T) {
	t.Parallel()
	repeats(t)
	primary := postgrestest.Start(t)
	address := primary.Database()
	standby := primary.Standby()
	primary.Ask("ALTER SYSTEM SET synchronous_standby_names = '*'")
	primary.Ask("SELECT pg_reload_conf()")
	one, err := url.Parse(address)
	if err != nil {
		t.Fatal(err)
	}
	two, err := url.Parse(standby.Of(address))
	if err != nil {
		t.Fatal(err)
	}
	site := &instances{t, "postgres://maitred@" + one.Host + "," + two.Host + one.Path + "?sslmode=disable", filepath.Join(t.TempDir(), "secret")}
	here, there := site.start(), site.start()
	w := busy(t, here, there)
	primary.Kill()
	standby.Promote()
	w.more(t, 30)
	w.over(t, site, here, there)
}

// Lists are read from a replica as long as it has all that was written, and from the database itself where it has not,
// or is gone.
func TestAReplicaIsReadAsLongAsItHasEverything(t *testing.T) {
	t.Parallel()
	repeats(t)
	primary := postgrestest.Start(t)
	site := &instances{t, primary.Database(), filepath.Join(t.TempDir(), "secret")}
	site.start().stop() // which makes the schema
	replica := primary.Standby()
	p := start(t, site.database, "MAITRED_SECRET="+site.secret, "MAITRED_REPLICA="+replica.Of(site.database))
	read := func() (answered, behind, failed bool) {
		said := p.get("/metrics").body
		has := func(result string) bool {
			return !strings.Contains(said, `maitred_replica_reads_total{result="`+result+`"} 0`)
		}
		return has("answered"), has("behind"), has("failed")
	}
	for n := range 20 {
		name := fmt.Sprintf("Place %d", n)
		to := p.post("/places", "name", name, "address", "1 Main Street").answers(http.StatusSeeOther).to
		p.get(to).answers(http.StatusOK).says(name)
		p.get("/places?name__contains=Place").answers(http.StatusOK).says(name)
		time.Sleep(20 * time.Millisecond)
		p.get("/places").answers(http.StatusOK).says(name)
	}
	if answered, _, failed := read(); !answered || failed {
		t.Errorf("the replica answered: %v, and failed: %v", answered, failed)
	}
	replica.Ask("SELECT pg_wal_replay_pause()")
	p.post("/places", "name", "Demon Dogs", "address", "944 W. Fullerton").answers(http.StatusSeeOther)
	p.get("/places").answers(http.StatusOK).says("Demon Dogs")
	if _, behind, _ := read(); !behind {
		t.Error("the replica was not behind")
	}
	replica.Kill()
	p.get("/places").answers(http.StatusOK).says("Demon Dogs")
	p.get("/search?q=demon").answers(http.StatusOK).says("Demon Dogs")
	p.stop()
	refuses(t, []string{"--addr", "localhost:0", "--database", site.database, "--secret", site.secret, "--replica", primary.Database()}, "is no replica of this database")
}
