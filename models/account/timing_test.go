package account_test

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"testing"
	"time"

	"maitred/models/account"
	"maitred/models/databasetest"
	"maitred/models/problem"
)

// That both take the same time follows from that they do the same, which can be counted; how long it
// takes is for the benchmark below.
func TestKnownAndUnknownNamesTakeAsManyHashesAndWrites(t *testing.T) {
	if databasetest.OnServer {
		t.Skip("it is about SQLite: only that tells how many rows a connection wrote")
	}
	t.Parallel()
	w := newWorld(t)
	w.must(w.SetDisabled(ctx, by(w.anna), w.cleo.ID, true))
	_, _, err := w.Invite(ctx, by(w.anna), "Dora", account.Viewer)
	w.must(err)
	w.must(w.SetDisabled(ctx, by(w.anna), w.cleo.ID, true))
	w.addStep(w.anna)
	type work struct{ hashes, records, side int64 }
	of := func(do func()) work {
		hashes := w.Hashed()
		records, side, err := w.Written(ctx)
		w.must(err)
		do()
		recordsAfter, sideAfter, err := w.Written(ctx)
		w.must(err)
		return work{w.Hashed() - hashes, recordsAfter - records, sideAfter - side}
	}
	for i, name := range []string{"Ben", "Nobody", "Anna", "Cleo", "Dora", "", "ben ", "\x00"} {
		from := from(fmt.Sprintf("192.0.2.%d", 10+i))
		if got := of(func() { w.wrong(w.guess(name, "", from)) }); got != (work{1, 0, 2}) {
			t.Errorf("a wrong password for %q is %+v", name, got)
		}
	}
	// The same once there were too many.
	for _, name := range []string{"Ben", "Nobody"} {
		for i := range account.MaxTries {
			_ = w.guess(name, "", from(fmt.Sprintf("198.51.%d.1", i)))
		}
		again := from("198.51.1.1")
		if got := of(func() { w.tooMany(w.guess(name, "", again)) }); got != (work{}) {
			t.Errorf("a try too many for %q is %+v", name, got)
		}
	}
}

// BenchmarkSignInWithNamesThatAreAndAreNot tries wrong passwords for both in turn, in an order that nothing
// on the machine can keep step with. With -benchtime 1000x it is the 2,000 tries that are asked for.
func BenchmarkSignInWithNamesThatAreAndAreNot(b *testing.B) {
	w := newWorld(b)
	account.Dearly()
	b.Cleanup(account.Cheaply)
	w.must(w.Accounts.Close())
	w.open(w.store)
	w.must(w.GivePassword(ctx, account.Shell, w.ben.ID, another))
	took := map[string][]time.Duration{}
	for b.Loop() {
		names := []string{"Ben", "Nob"}
		rand.Shuffle(2, func(i, j int) { names[i], names[j] = names[j], names[i] })
		for _, name := range names {
			w.at = w.at.Add(account.TryWindow + time.Second)
			start := time.Now()
			err := w.guess(name, "", office)
			took[name] = append(took[name], time.Since(start))
			if !problem.Is(err, problem.Invalid) {
				b.Fatal(err)
			}
		}
	}
	at := func(name string, share float64) float64 {
		slices.Sort(took[name])
		return float64(took[name][int(share*float64(len(took[name])-1))].Microseconds())
	}
	for name, unit := range map[string]string{"Ben": "known", "Nob": "unknown"} {
		b.ReportMetric(at(name, 0.5), unit+"-median-µs")
		b.ReportMetric(at(name, 0.9)-at(name, 0.1), unit+"-p10-to-p90-µs")
	}
	b.ReportMetric(at("Ben", 0.5)-at("Nob", 0.5), "difference-µs")
}
