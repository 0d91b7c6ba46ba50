package handlers_test

import (
	"net/http"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/chromedp/cdproto/network"
	"github.com/chromedp/chromedp"
	"github.com/chromedp/chromedp/kb"
)

// textOf is the text of the first element that a selector finds.
func textOf(selector string) string {
	return `(document.querySelector('` + selector + `')?.textContent ?? "").replace(/\s+/g, " ").trim()`
}

func TestAFieldSaysHowNearItsLimitItIsAndCutsNothing(t *testing.T) {
	t.Parallel()
	b := openBrowser(t, newSite(t))
	b.goTo("/places/new")
	left := textOf("#name-note output")
	wrong := `document.getElementById("name").getAttribute("aria-invalid") ?? "no"`
	b.fill("name", strings.Repeat("x", 39))
	time.Sleep(time.Second) // nothing must come
	b.becomes("what is left", left, "")
	b.press("x")
	b.becomes("what is left", left, "10 characters left")
	b.press(strings.Repeat("x", 9) + "   ") // spaces around it do not count
	b.becomes("what is left", left, "1 character left")
	b.press(kb.Home + "ab")
	b.becomes("what is left", left, "1 too many")
	b.becomes("the complaint, while it is typed", wrong, "no")
	b.press(kb.Tab)
	b.becomes("the complaint", wrong, "true")
	if n := b.read(`String(document.getElementById("name").value.length)`); n != "54" {
		t.Errorf("the field holds %s characters of 54", n)
	}
	b.goBackTo("name")
	b.press(kb.Home + kb.Delete)
	b.becomes("the complaint", wrong, "no")
	b.becomes("what is left", left, "0 characters left")

	// What is refused is so no longer when it is right.
	b.press(kb.Enter)
	b.sees("/places/new", "The address is missing")
	b.fill("address", "1")
	b.gone("! The address is missing. Please type it. Up to") // at the field
	b.becomes("the complaint", `document.getElementById("address").getAttribute("aria-invalid") ?? "no"`, "no")
	b.becomes("the sentence at the field", textOf("#address-note strong"), "")
	if b.read(textOf("#address-note")) == "" {
		b.is("the field", func(e element) bool { return e.Name == "address" })
	}

	// An emoji is one character, as the server counts.
	b.goTo("/places/new")
	b.fill("name", strings.Repeat("🌭", 45))
	b.becomes("what is left", left, "5 characters left")
}

func TestWhatLooksLikeAPlaceThatExistsIsToldWhileItIsTyped(t *testing.T) {
	t.Parallel()
	b := openBrowser(t, newSite(t))
	told := textOf("#alike")
	for _, path := range []string{"/places/new", "/restaurants/new?new_place=1"} {
		b.goTo(path)
		b.read(`(document.getElementById("alike").here = 1, "")`)
		b.fill("name", "Deamon dog")
		b.fill("address", "944 West Fullerton")
		b.becomes("the warning", told, lookAlike+" Demon Dogs, 944 W. Fullerton")
		b.becomes("where it is announced", `String(document.querySelector("#alike[role=status]").here)`, "1")
		b.is("the field", func(e element) bool { return e.Name == "address" && e.Value == "944 West Fullerton" })
		b.press(kb.Home + kb.Delete)
		b.becomes("the warning", told, "")
	}
	b.goTo("/places/1/edit")
	b.fill("name", "")
	b.press(kb.End + kb.Backspace)
	time.Sleep(time.Second) // nothing must come
	if said := b.read(told); said != "" {
		t.Errorf("a place looks like itself: %s", said)
	}

	// It keeps nobody from saving.
	b.goTo("/places/new")
	b.fill("name", "Demon Dogs")
	b.fill("address", "944 W Fullerton")
	b.press(kb.Enter)
	b.sees("/places/3", "Done", "Looks like Demon Dogs, 944 W. Fullerton already exists.")
}

func TestWhoLeavesWhatTheyTypedIsAskedFirst(t *testing.T) {
	t.Parallel()
	b := openBrowser(t, newSite(t))
	questions := func() int {
		b.mu.Lock()
		defer b.mu.Unlock()
		n := b.asked
		b.asked = 0
		return n
	}
	will := func(stay bool) { b.mu.Lock(); b.stays = stay; b.mu.Unlock() }
	asks := func(what string, want int) {
		t.Helper()
		if got := questions(); got != want {
			t.Errorf("%s asks %d times, want %d", what, got, want)
		}
	}
	b.goTo("/places/1/edit")
	b.fill("name", "")
	b.press(kb.End + "x")
	will(true)
	b.follow("Cancel")
	b.sees("/places/1/edit", "Change place")
	b.becomes("what was typed", `document.getElementById("name").value`, "Demon Dogsx")
	asks("a link", 1)
	b.read(`(history.back(), "")`)
	b.sees("/places/1/edit", "Change place")
	will(false)
	b.follow("Cancel")
	b.sees("/places/1", "Demon Dogs")
	b.goTo("/places/1/edit")
	questions()

	// Not what was put back, and not what was saved.
	b.fill("name", "")
	b.press(kb.End + "x" + kb.Backspace)
	b.follow("Cancel")
	b.sees("/places/1", "The restaurant here")
	asks("what was put back", 0)
	b.goTo("/places/1/edit")
	b.fill("name", "")
	b.press(kb.End + "x" + kb.Enter)
	b.sees("/places/1", "Done", "Demon Dogsx")
	b.goTo("/places")
	b.sees("/places", "Demon Dogsx")
	asks("what was saved", 0)

	// What was refused is not saved, even if nothing was typed since.
	b.goTo("/places/new")
	b.fill("name", "Third")
	b.press(kb.Enter)
	b.sees("/places/new", "The address is missing")
	will(true)
	b.read(`(document.querySelector(".wordmark").click(), "")`)
	b.becomes("what was typed", `document.getElementById("name").value`, "Third")
	asks("what was refused", 1)
	b.fill("address", "3")
	b.press(kb.Enter)
	b.sees("/places/3", "Done", "Third")
	asks("saving it then", 0)

	// Another form of the page, which takes its place without leaving it.
	b.goTo("/restaurants/1")
	b.fill("name", "Ann")
	b.press(kb.Enter)
	b.sees("/restaurants/1", "Done", "Ann")
	b.press("Bo")
	b.read(`([...document.querySelectorAll(".done button")][0].click(), "")`)
	b.becomes("what was typed", `document.getElementById("name").value`, "Bo")
	asks("the button of another form", 1)
	will(false)
	b.read(`([...document.querySelectorAll(".done button")][0].click(), "")`)
	b.becomes("the page", `String(location.pathname.startsWith("/history/"))`, "true")
	asks("leaving by the button of another form", 1)

	// Back and forward, between pages of which none was loaded as a whole.
	b.goTo("/places")
	b.follow("Demon Dogs")
	b.sees("/places/1", "Demon Dogs")
	b.follow("Change")
	b.sees("/places/1/edit", "Change place")
	b.fill("name", "")
	b.press(kb.End + "y")
	will(true)
	b.read(`(history.back(), "")`)
	b.becomes("the address", "location.pathname + String(document.activeElement.value)", "/places/1/editDemon Dogsxy")
	asks("going back", 1)
	will(false)
	b.read(`(history.back(), "")`)
	b.sees("/places/1", "The restaurant here")
	asks("going back, and leaving", 1)
	b.read(`(history.back(), "")`)
	b.sees("/places", "Ace Hardware")
	asks("going back with nothing typed", 0)
}

func TestThreeWaitersAreHiredByThreeNamesAndThreeTimesEnter(t *testing.T) {
	t.Parallel()
	for _, scripts := range []string{"with", "without"} {
		t.Run(scripts+" scripts", func(t *testing.T) {
			held := make(chan chan struct{}, 1) // the answer under way, where one is held back
			var holds atomic.Bool
			b := openBrowser(t, delayed(t, func(r *http.Request) {
				if r.Method == http.MethodPost && holds.CompareAndSwap(true, false) {
					answer := make(chan struct{})
					held <- answer
					<-answer
				}
			}))
			if scripts == "without" {
				b.withoutScripts()
			}
			b.goTo("/restaurants/1")
			b.fill("name", "Ann")
			for i, next := range []string{"Bob", "Zoë", ""} {
				b.press(kb.Enter)
				b.sees("/restaurants/1", "added the waiter "+[]string{"Ann", "Bob", "Zoë"}[i]+" at Demon Dogs")
				b.waits(`document.activeElement.name === "name" && document.activeElement.value === ""`)
				b.press(next)
			}
			b.sees("/restaurants/1", "4 waiters", "Ann", "Bob", "Zoë")

			if scripts == "with" {
				holds.Store(true)
				b.press("Cleo" + kb.Enter)
				answer := <-held
				b.press(kb.Home + strings.Repeat(kb.Delete, len("Cleo")) + "Dan") // before the answer
				close(answer)
				b.sees("/restaurants/1", "added the waiter Cleo at Demon Dogs")
				b.waits(`document.activeElement.name === "name" && document.activeElement.value === "Dan"`)
				b.press("a" + kb.Enter)
				b.sees("/restaurants/1", "added the waiter Dana at Demon Dogs")
				b.waits(`document.activeElement.name === "name" && document.activeElement.value === ""`)
			}

			b.press(strings.Repeat("x", 51) + kb.Enter)
			b.sees(map[string]string{"with": "/restaurants/1", "without": "/waiters"}[scripts], "it can have 50 at most")
			if scripts == "with" {
				b.waits(`document.activeElement.id === "errors"`) // and does not go there later
			}
			b.goBackTo("name")
			b.press(kb.End + kb.Backspace)
			b.waits(`document.activeElement.name === "name" && document.activeElement.value.length === 50`)
			b.press(kb.Enter)
			b.sees("/restaurants/1", map[string]string{"with": "7 waiters", "without": "5 waiters"}[scripts], strings.Repeat("x", 50))
		})
	}
}

// delayed is a site that holds some of its answers back.
func delayed(t *testing.T, wait func(*http.Request)) *site {
	t.Helper()
	s := newSite(t)
	inner := s.bare
	s.answerBy(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		wait(r)
		inner.ServeHTTP(w, r)
	}))
	return s
}

func TestARequestThatHangsOrFailsIsToldAndTriedAgainWithoutTypingAnew(t *testing.T) {
	t.Parallel()
	answer := make(chan struct{})
	goOn := sync.OnceFunc(func() { close(answer) })
	defer goOn()
	s := delayed(t, func(r *http.Request) {
		if r.Method == http.MethodPost {
			<-answer
		}
	})
	b := openBrowser(t, s)
	b.goTo("/places/new")
	b.read(`(window.setTimeout = ((t) => (f, ms, ...more) => t(f, ms === 8000 ? 50 : ms, ...more))(setTimeout), "")`) // people wait longer
	b.fill("name", "Third")
	b.fill("address", "3")
	b.press(kb.Enter)
	trouble := `((e) => e.hidden ? "" : e.innerText.replace(/\s+/g, " ").trim())(document.getElementById("trouble"))`
	b.becomes("what is told", trouble, "This takes longer than usual. What you typed is still here, and the answer may still come.")
	b.press(kb.Enter) // which does nothing
	goOn()
	b.sees("/places/3", "Done", "Third")
	b.becomes("what is told", trouble, "")
	if n := s.rows("places"); n != 3 {
		t.Errorf("there are %d places", n)
	}

	b.goTo("/places/new")
	b.fill("name", "Fourth")
	b.fill("address", "4")
	b.offline(true)
	b.press(kb.Enter)
	b.becomes("what is told", trouble, "The server did not answer. What you typed is still here, and nothing is done twice if you try again. Try again")
	b.becomes("what was typed", `document.getElementById("name").value`, "Fourth")
	b.offline(false)
	b.follow("Try again")
	b.sees("/places/4", "Done", "Fourth")
	b.becomes("what is told", trouble, "")
}

// offline cuts the browser off from the network, or connects it again.
func (b *browser) offline(off bool) {
	b.t.Helper()
	b.cut.Store(true)
	all := &network.Conditions{Offline: off, DownloadThroughput: -1, UploadThroughput: -1}
	if _, err := chromedp.Call(b.ctx, network.EmulateNetworkConditionsByRule, network.EmulateNetworkConditionsByRuleParams{MatchedNetworkConditions: []*network.Conditions{all}}); err != nil {
		b.t.Fatal(err)
	}
}

func TestTypingFastOnASlowLineEndsWithTheResultsForWhatWasTyped(t *testing.T) {
	t.Parallel()
	s := delayed(t, func(r *http.Request) { // the less was typed, the later the answer
		if q := r.URL.Query().Get("q"); q != "" && r.Header.Get("HX-Request") != "" {
			time.Sleep(time.Duration(6-min(len(q), 6)) * 400 * time.Millisecond)
		}
	})
	s.add("/places", "name", "Pizza Works", "address", "1")
	s.add("/places", "name", "Pit Stop", "address", "2")
	b := openBrowser(t, s)
	b.goTo("/places")
	for _, letter := range []string{"p", "i", "z", "z", "a"} {
		b.fill("q", letter)
		time.Sleep(250 * time.Millisecond) // long enough for a request of its own
	}
	b.sees("/places", "Places that match “pizza”: 1.", "Pizza Works")
	time.Sleep(2500 * time.Millisecond) // until all are answered
	b.sees("/places", "Places that match “pizza”: 1.", "Pizza Works")
	b.gone("Pit Stop")
	if query := b.read("location.search"); query != "?q=pizza" {
		t.Errorf("the address is %s", query)
	}
}

// A part of a preview that is asked for, and answered when the deletion is done, has nothing to say to the page that
// there is then.
func TestWhatIsAnsweredTooLateDoesNotTakeThePlaceOfAnotherPage(t *testing.T) {
	t.Parallel()
	s := delayed(t, func(r *http.Request) {
		if r.Method == http.MethodGet && r.URL.Path == "/restaurants/1/delete" && r.Header.Get("HX-Request-Type") == "partial" {
			time.Sleep(1500 * time.Millisecond)
		}
	})
	b := openBrowser(t, s)
	b.refused.Store(true) // that answer
	b.goTo("/restaurants/1/delete")
	b.tabTo("the waiters", chosen("waiters", "delete"))
	b.press(kb.ArrowDown)
	time.Sleep(200 * time.Millisecond) // until it is asked for
	b.follow("Delete 1 restaurant and 1 waiter")
	b.sees("/restaurants", "Done: deleted")
	time.Sleep(2 * time.Second)
	b.sees("/restaurants", "Done: deleted")
}

func TestBackForwardReloadAndAnotherTabShowWholePages(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	b := openBrowser(t, s)
	whole := func(what string, path string, words ...string) {
		t.Helper()
		b.sees(path, words...)
		b.becomes("what is missing after "+what, `document.readyState !== "complete" ? "the end" : [".top nav", "main h1", "#trouble", "link[rel=stylesheet]", "#main"].filter((e) => document.querySelectorAll(e).length !== 1).join()`, "")
	}
	b.goTo("/places")
	b.fill("q", "demon")
	whole("a search", "/places", "Places that match “demon”: 1.")
	b.follow("Address")
	b.becomes("the order", `location.search`, "?q=demon&sort=address")
	whole("an order", "/places", "Places that match “demon”: 1.")
	b.follow("Demon Dogs")
	whole("a record", "/places/1", "944 W. Fullerton")
	b.follow("Change")
	b.sees("/places/1/edit", "Change place")
	b.fill("address", "")
	b.press(kb.End + "!" + kb.Enter)
	whole("a form", "/places/1", "Done", "944 W. Fullerton!")
	steps := []struct{ step, path, words string }{
		{"history.back()", "/places/1/edit", "Change place"},
		{"history.back()", "/places/1", "Demon Dogs"},
		{"history.back()", "/places", "Places that match “demon”: 1."},
		{"history.back()", "/places", "Places that match “demon”: 1."},
		{"history.forward()", "/places", "Places that match “demon”: 1."},
		{"location.reload()", "/places", "Places that match “demon”: 1."},
		{"history.forward()", "/places/1", "944 W. Fullerton!"},
		{"location.reload()", "/places/1", "944 W. Fullerton!"},
	}
	for _, s := range steps {
		b.read("(" + s.step + `, "")`)
		whole(s.step, s.path, s.words)
	}
	b.goTo("/places?q=demon&sort=address")
	whole("a new tab", "/places", "Places that match “demon”: 1.")
}

func TestTheQuestionMarkOpensTheKeysOutsideOfFields(t *testing.T) {
	t.Parallel()
	b := openBrowser(t, newSite(t))
	b.goTo("/places")
	b.read(`(document.getElementById("keys") ?? document.body.insertAdjacentHTML("beforeend", "<dialog id=keys><h2>Keys</h2></dialog>"), "")`)
	open := `String(document.getElementById("keys").open)`
	b.goBackTo("q")
	b.press("?")
	b.becomes("whether the keys are shown", open, "false")
	b.goBackTo("main")
	b.press("?")
	b.becomes("whether the keys are shown", open, "true")
	b.press("?")
	b.becomes("whether the keys are shown", open, "true")
	b.press(kb.Escape)
	b.becomes("whether the keys are shown", open, "false")
}
