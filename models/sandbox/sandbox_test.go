package sandbox_test

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net/netip"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"maitred/migrations"
	"maitred/models"
	"maitred/models/account"
	"maitred/models/problem"
	"maitred/models/sandbox"
	"maitred/models/store"
)

var (
	ctx  = context.Background()
	home = netip.MustParseAddr("192.0.2.7")
)

// clock is one that tests move.
type clock struct {
	mu sync.Mutex
	at time.Time
}

func (c *clock) now() time.Time {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.at
}

func (c *clock) pass(d time.Duration) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.at = c.at.Add(d)
}

type demo struct {
	*sandbox.Sandboxes
	t      testing.TB
	clock  *clock
	folder string
}

var few = sandbox.Limits{Life: 30 * time.Minute, Visitors: 4, PerAddress: 3, Copies: 2, Size: 4 << 20}

func open(t testing.TB, limits sandbox.Limits) *demo {
	t.Helper()
	folder := t.TempDir()
	t.Cleanup(func() {
		if left, _ := os.ReadDir(folder); len(left) > 0 {
			t.Errorf("it left %v", left)
		}
	})
	return openIn(t, limits, folder)
}

func openIn(t testing.TB, limits sandbox.Limits, folder string) *demo {
	t.Helper()
	d := &demo{t: t, clock: &clock{at: time.Date(2031, 3, 14, 15, 9, 26, 0, time.UTC)}, folder: folder}
	var err error
	d.Sandboxes, err = sandbox.New(ctx, sandbox.Options{
		Limits: limits, Folder: folder, Now: d.clock.now, Log: slog.New(slog.NewTextHandler(t.Output(), nil)),
		Fill: func(_ context.Context, file string, _ time.Time) error {
			content, err := made()
			if err != nil {
				return err
			}
			return os.WriteFile(file, content, 0o600)
		},
		Open: func(ctx context.Context, file string) (*store.Template, error) {
			return models.OpenTemplate(ctx, file, nil)
		},
	})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := d.Close(); err != nil {
			t.Error(err)
		}
	})
	return d
}

// made is what a demo begins with, made once for all of these tests.
var made = sync.OnceValues(func() ([]byte, error) {
	account.Cheaply()
	folder, err := os.MkdirTemp("", "demo")
	if err != nil {
		return nil, err
	}
	defer os.RemoveAll(folder)
	file := filepath.Join(folder, "demo.db")
	if err := models.MakeDemo(ctx, file, time.Now(), migrations.Apply, migrations.ApplySessions); err != nil {
		return nil, err
	}
	return os.ReadFile(file)
})

// enter is one request, which ends with the test if it is not left before.
func (d *demo) enter(word string) *sandbox.Visit {
	d.t.Helper()
	v, err := d.Enter(word, home)
	if err != nil {
		d.t.Fatal(err)
	}
	return v
}

// word is that of a visitor who was here once.
func (d *demo) word() string {
	v := d.enter("")
	defer v.Leave()
	return v.Word
}

// adds is a visitor who adds a place.
func (d *demo) adds(word, name string) {
	d.t.Helper()
	v := d.enter(word)
	defer v.Leave()
	if err := v.Own(ctx); err != nil {
		d.t.Fatal(err)
	}
	if _, err := models.Places.Create(ctx, v.Store, "", &models.Place{Name: name, Address: "1"}); err != nil {
		d.t.Fatal(err)
	}
}

// last is the name of the place that was added last, as a visitor sees it.
func (d *demo) last(word string) string {
	d.t.Helper()
	v := d.enter(word)
	defer v.Leave()
	p, err := models.Places.Find(ctx, v.Store, 203)
	if problem.Is(err, problem.NotFound) {
		return ""
	}
	if err != nil {
		d.t.Fatal(err)
	}
	return p.Name
}

// counts expects so many visitors and copies, and a file for each copy.
func (d *demo) counts(visitors, copies int) {
	d.t.Helper()
	v, c := d.Counts()
	files, _ := filepath.Glob(filepath.Join(d.folder, "*", "copy-*.db"))
	if v != visitors || c != copies || len(files) != copies {
		d.t.Errorf("there are %d visitors, %d copies and %d files, want %d and %d", v, c, len(files), visitors, copies)
	}
}

func (d *demo) refused(err error, wait time.Duration, address bool) {
	d.t.Helper()
	var full *sandbox.Full
	if !errors.As(err, &full) || full.Wait.Round(time.Second) != wait || full.Address != address {
		d.t.Errorf("it is refused with %v %+v, want to wait %s, because of the address: %v", err, full, wait, address)
	}
}

func TestNobodySeesWhatAnotherChanges(t *testing.T) {
	t.Parallel()
	d := open(t, few)
	ann, ben := d.word(), d.word()
	d.counts(0, 0)
	d.adds(ann, "Ann’s")
	if seen := d.last(ben); seen != "" {
		t.Errorf("Ben sees %q", seen)
	}
	d.counts(2, 1)
	d.adds(ben, "Ben’s")
	if a, b := d.last(ann), d.last(ben); a != "Ann’s" || b != "Ben’s" {
		t.Errorf("they see %q and %q", a, b)
	}
	if seen := d.last(d.word()); seen != "" {
		t.Errorf("who comes new sees %q", seen)
	}
}

func TestTheTemplateCannotBeChanged(t *testing.T) {
	t.Parallel()
	d := open(t, few)
	v := d.enter(d.word())
	defer v.Leave()
	if _, err := models.Places.Create(ctx, v.Store, "", &models.Place{Name: "x", Address: "y"}); err == nil {
		t.Error("it was changed")
	}
}

func TestADemoEndsAfterItsTimeAndKeepsNothing(t *testing.T) {
	t.Parallel()
	d := open(t, few)
	ann := d.word()
	d.adds(ann, "Ann’s")
	d.clock.pass(few.Life - time.Second)
	d.Sweep()
	if v := d.enter(ann); v.New || v.Over || v.Ends.Sub(d.clock.now()) > time.Second {
		t.Errorf("before the end it is %+v", v)
	} else {
		v.Leave()
	}
	d.clock.pass(time.Second)
	v := d.enter(ann)
	if !v.New || !v.Over || v.Word == ann || v.Ends.Sub(d.clock.now()) != few.Life {
		t.Errorf("after the end it is %+v", v)
	}
	v.Leave()
	if seen := d.last(v.Word); seen != "" {
		t.Errorf("the next one begins with %q", seen)
	}
	d.Sweep()
	d.counts(1, 0)
}

func TestWhoIsBeingAnsweredKeepsTheirCopyUntilThen(t *testing.T) {
	t.Parallel()
	d := open(t, few)
	ann := d.word()
	d.adds(ann, "Ann’s")
	v := d.enter(ann)
	d.clock.pass(few.Life)
	d.Sweep()
	if p, err := models.Places.Find(ctx, v.Store, 203); err != nil || p.Name != "Ann’s" {
		t.Errorf("it is %v, %v", p, err)
	}
	if _, copies := d.Counts(); copies != 1 {
		t.Errorf("there are %d copies", copies)
	}
	v.Leave()
	d.counts(0, 0)
}

func TestStartingAgainForgetsEverythingAtOnce(t *testing.T) {
	t.Parallel()
	d := open(t, few)
	ann := d.word()
	d.adds(ann, "Ann’s")
	v := d.enter(ann)
	next := v.Drop()
	v.Leave()
	d.counts(0, 0)
	if next == ann || d.last(next) != "" {
		t.Error("something was kept")
	}
}

func TestWordsOfAnotherRunAndMadeUpOnesAreOver(t *testing.T) {
	t.Parallel()
	d, other := open(t, few), open(t, few)
	for _, word := range []string{other.word(), "x", "-", "a-b-c", strings.Repeat("z", 5000), d.word() + "0", "zzzzzzzzzzzzzzz-A-B"} {
		v := d.enter(word)
		if !v.New || !v.Over {
			t.Errorf("%.20q is taken as %+v", word, v)
		}
		v.Leave()
	}
	d.counts(0, 0)
}

func TestWhoKeepsNoCookieIsNotRemembered(t *testing.T) {
	t.Parallel()
	d := open(t, few)
	for range 50 {
		d.enter("").Leave()
	}
	d.counts(0, 0)
}

func TestAFullDemoSaysHowLongToWait(t *testing.T) {
	t.Parallel()
	d := open(t, few)
	elsewhere := netip.MustParseAddr("192.0.2.8")
	words := make([]string, 4)
	for i := range words {
		from := home
		if i == 3 {
			from = elsewhere
		}
		for range 2 { // once without a word, once with it
			v, err := d.Enter(words[i], from)
			if err != nil {
				t.Fatal(err)
			}
			words[i] = v.Word
			v.Leave()
		}
		d.clock.pass(time.Minute)
		if i == 2 { // three came from home: no more from there
			_, err := d.Enter("", home)
			d.refused(err, 27*time.Minute, true)
		}
	}
	_, err := d.Enter("", netip.MustParseAddr("192.0.2.9"))
	d.refused(err, 26*time.Minute, false)

	d.adds(words[1], "one")
	d.adds(words[2], "two")
	v := d.enter(words[3])
	d.refused(v.Own(ctx), 27*time.Minute, false)
	if v.Store == nil || d.last(words[1]) != "one" {
		t.Error("who has a place cannot go on")
	}
	v.Leave()

	d.clock.pass(27 * time.Minute)
	d.Sweep()
	d.adds(words[3], "three")
}

// Who does not read an answer keeps the copy that it is made from. It counts as theirs until then.
func TestACopyThatSomebodyHoldsCountsForTheirAddress(t *testing.T) {
	t.Parallel()
	limits := few
	limits.PerAddress, limits.Copies = 1, 2
	d := open(t, limits)
	word := d.word()
	d.adds(word, "held")
	held, again := d.enter(word), d.enter(word)
	again.Drop()
	again.Leave()
	_, err := d.Enter("", home)
	d.refused(err, 30*time.Second, true)
	if _, copies := d.Counts(); copies != 1 {
		t.Errorf("there are %d copies", copies)
	}
	if err := held.Own(ctx); err != nil {
		t.Error(err)
	}
	held.Leave()
	d.adds(d.word(), "next")
	d.counts(1, 1)
}

// Who starts again in one window has nothing saved by a form that another one sends in that moment.
func TestWhoStartedAgainChangesNothingOfTheDemoBefore(t *testing.T) {
	t.Parallel()
	d := open(t, few)
	word := d.word()
	reading, again := d.enter(word), d.enter(word)
	again.Drop()
	again.Leave()
	if err := reading.Own(ctx); !errors.Is(err, sandbox.ErrOver) {
		t.Errorf("it is answered with %v", err)
	}
	reading.Leave()
	d.counts(0, 0)
}

func TestANetworkOfIPv6IsOneAddress(t *testing.T) {
	t.Parallel()
	d := open(t, few)
	for i := range 3 {
		v, err := d.Enter(d.word(), netip.MustParseAddr(fmt.Sprintf("2001:db8:1:2::%d", i)))
		if err != nil {
			t.Fatal(err)
		}
		v.Leave()
	}
	_, err := d.Enter("", netip.MustParseAddr("2001:db8:1:2:ffff::1"))
	d.refused(err, 30*time.Minute, true)
	if v, err := d.Enter("", netip.MustParseAddr("2001:db8:1:3::1")); err != nil {
		t.Error(err)
	} else {
		v.Leave()
	}
}

func TestACopyDoesNotGrowBeyondItsSize(t *testing.T) {
	t.Parallel()
	limits := few
	limits.Size = 1200 << 10
	d := open(t, limits)
	v := d.enter(d.word())
	defer v.Leave()
	if err := v.Own(ctx); err != nil {
		t.Fatal(err)
	}
	_, err := models.Fill(ctx, v.Store, 20_000, nil)
	if !problem.Is(err, problem.Full) {
		t.Fatalf("it is answered with %v", err)
	}
	if _, err := models.Places.Create(ctx, v.Store, "", &models.Place{Name: "small", Address: "1"}); err != nil {
		t.Errorf("then nothing goes any more: %v", err)
	}
}

func TestACopyIsMadeOnceForManyRequests(t *testing.T) {
	t.Parallel()
	d := open(t, few)
	word := d.word()
	var all sync.WaitGroup
	stores, begin := make([]*store.Store, 16), make(chan struct{})
	for i := range stores {
		v := d.enter(word)
		defer v.Leave()
		all.Go(func() {
			<-begin
			if err := v.Own(ctx); err != nil {
				t.Error(err)
			}
			stores[i] = v.Store
		})
	}
	close(begin)
	all.Wait()
	for _, s := range stores {
		if s != stores[0] {
			t.Fatal("there are two")
		}
	}
	d.counts(1, 1)
}

func TestWhatADemoBeginsWithFollowsTheDayAndFitsWhoCameBefore(t *testing.T) {
	t.Parallel()
	d := open(t, few)
	ann := d.word()
	before := d.enter(ann)
	d.clock.pass(10 * time.Minute)
	if err := d.Renew(ctx); err != nil {
		t.Fatal(err)
	}
	if v := d.enter(""); v.Store != before.Store {
		t.Error("it was made anew too early")
	} else {
		v.Leave()
	}
	before.Leave()
	d.clock.pass(time.Hour - 15*time.Minute)
	ben := d.word() // five minutes before there is a new one
	d.clock.pass(5 * time.Minute)
	if err := d.Renew(ctx); err != nil {
		t.Fatal(err)
	}
	fresh, old := d.enter(""), d.enter(ben)
	if fresh.Store == before.Store || old.Store != before.Store {
		t.Error("who comes new sees the old one, or who was here before a new one")
	}
	fresh.Leave()
	old.Leave()
	d.adds(ben, "Ben’s") // of the old one
	d.clock.pass(31 * time.Minute)
	d.Sweep()
	d.counts(0, 0)
	if files, _ := filepath.Glob(filepath.Join(d.folder, "*", "template-*.db")); len(files) != 1 {
		t.Errorf("there are %v", files)
	}
}

func TestWhatAKilledDemoLeftIsRemovedAndALivingOneIsNot(t *testing.T) {
	t.Parallel()
	folder := t.TempDir()
	living := openIn(t, few, folder)
	living.adds(living.word(), "Ann’s")
	locks, _ := filepath.Glob(filepath.Join(folder, "*", "lock"))
	mark, err := os.ReadFile(locks[0])
	if err != nil {
		t.Fatal(err)
	}
	leave := func(name, lock string, mode os.FileMode) (path string) {
		t.Helper()
		path = filepath.Join(folder, name)
		if err := errors.Join(os.Mkdir(path, mode), os.WriteFile(filepath.Join(path, "copy-9.db-wal"), nil, 0o600)); err != nil {
			t.Fatal(err)
		}
		if lock != "" {
			if err := os.WriteFile(filepath.Join(path, "lock"), []byte(lock), 0o600); err != nil {
				t.Fatal(err)
			}
		}
		return path
	}
	killed := []string{leave("maitred-demo-123", string(mark), 0o700), leave("making-maitred-demo-[1", string(mark), 0o700)}
	foreign := []string{leave("maitred-demo-notes", "", 0o700), leave("maitred-demo-other", "x", 0o700), leave("maitred-demo-shared", string(mark), 0o755), leave("maitred", string(mark), 0o700)}
	next := openIn(t, few, folder)
	for _, path := range killed {
		if _, err := os.Stat(path); !errors.Is(err, os.ErrNotExist) {
			t.Errorf("%s was left behind, and is there", path)
		}
	}
	for _, path := range foreign {
		if _, err := os.Stat(path); err != nil {
			t.Errorf("%s is no demo of this user, and was removed", path)
		}
	}
	if err := next.Close(); err != nil {
		t.Error(err)
	}
	for _, path := range foreign {
		if err := os.RemoveAll(path); err != nil {
			t.Error(err)
		}
	}
	living.counts(1, 1)
}

func BenchmarkNewSandbox(b *testing.B) {
	d := open(b, sandbox.Limits{Life: time.Hour, Visitors: 1 << 30, PerAddress: 1 << 30, Copies: 1 << 30, Size: 8 << 20})
	b.Run("own copy", func(b *testing.B) {
		for b.Loop() {
			v, err := d.Enter("", home)
			if err == nil {
				err = v.Own(ctx)
			}
			if err == nil {
				_, err = models.Places.Find(ctx, v.Store, 1)
			}
			if err != nil {
				b.Fatal(err)
			}
			v.Drop()
			v.Leave()
		}
	})
	b.Run("bare copy of the file", func(b *testing.B) {
		files, _ := filepath.Glob(filepath.Join(d.folder, "*", "template-*.db"))
		for b.Loop() {
			content, err := os.ReadFile(files[0])
			if err == nil {
				err = os.WriteFile(files[0]+"-bare", content, 0o600)
			}
			if err == nil {
				err = os.Remove(files[0] + "-bare")
			}
			if err != nil {
				b.Fatal(err)
			}
		}
	})
}
