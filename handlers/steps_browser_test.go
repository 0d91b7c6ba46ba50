package handlers_test

import (
	"encoding/json"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/chromedp/chromedp"
	"github.com/chromedp/chromedp/kb"
)

// effort is what a task takes: pages that something is done on, fields that are typed in, and clicks. The
// page where it begins is one of them, the one that tells of its end is none.
type effort struct{ Pages, Fields, Clicks int }

// worker is a person whose steps are counted: with a mouse, or with a keyboard only, where every key that
// does something counts as a click.
type worker struct {
	*browser
	effort
	hand
	on string // the page of the last step
}

// hand is how somebody works.
type hand struct{ scripts, keys bool }

// everyHand is called for a mouse and for a keyboard, with scripts and without.
func everyHand(t *testing.T, does func(t *testing.T, h hand)) {
	t.Helper()
	for _, h := range []hand{{scripts: true}, {scripts: true, keys: true}, {}, {keys: true}} {
		name := map[bool]string{true: "by keyboard", false: "by mouse"}[h.keys]
		if !h.scripts {
			name += ", without scripts"
		}
		t.Run(name, func(t *testing.T) { does(t, h) })
	}
}

// sits opens a browser for this hand.
func (h hand) sits(t *testing.T, s *site) *worker {
	t.Helper()
	w := &worker{browser: openBrowser(t, s), hand: h}
	if !h.scripts {
		w.withoutScripts()
	}
	return w
}

// more is what is done only without scripts.
func (h hand) more(steps int) int {
	if h.scripts {
		return 0
	}
	return steps
}

// begins opens the page where a task begins.
func (w *worker) begins(path string) {
	w.t.Helper()
	w.goTo(path)
	w.sees(path)
	w.effort, w.on = effort{}, ""
}

// at counts the page, if it is another one than before. A condition is added on the page of its list.
func (w *worker) at() {
	w.t.Helper()
	if here := w.path(); here != w.on {
		w.on = here
		w.Pages++
	}
}

// click takes the link, button or choice that begins with these words.
func (w *worker) click(words string) {
	w.t.Helper()
	w.at()
	w.Clicks++
	at := w.spot(words)
	if w.keys {
		w.reach(words)
	} else {
		w.do(chromedp.MouseClickXY(at[0], at[1]))
	}
}

// reach goes to something by Tab, and among the choices of one question by the arrows, and takes it.
func (w *worker) reach(words string) {
	w.t.Helper()
	is := func(e element) bool { return strings.HasPrefix(e.Words, words) }
	group := ""
	w.tabTo(words, func(e element) bool {
		if e.Type != "radio" {
			return is(e)
		}
		for first := e; !is(e) && e.Name != group; {
			w.press(kb.ArrowDown)
			if e = w.focus(); e == first || is(e) {
				break
			}
		}
		if e.Name != group {
			time.Sleep(100 * time.Millisecond) // what was chosen on the way is asked for; a person is not that fast
		}
		group = e.Name
		return is(e)
	})
	switch w.focus().Type {
	case "radio", "checkbox":
		if w.read(`String(document.activeElement.type === "radio" && document.activeElement.checked)`) != "true" {
			w.press(" ")
		}
	default:
		w.press(kb.Enter)
	}
}

// types types into a field.
func (w *worker) types(name, text string) {
	w.t.Helper()
	w.at()
	w.Fields++
	if w.keys {
		w.fill(name, text)
		return
	}
	w.read(fmt.Sprintf(`(document.querySelector('main [name=%q]').focus(), "")`, name))
	w.press(text)
}

// chooses chooses in a select. For a mouse it is set by hand: the list that opens is no part of the page.
func (w *worker) chooses(name, option string) {
	w.t.Helper()
	w.at()
	if w.keys {
		w.tabTo("choice "+name, func(e element) bool { return e.Tag == "select" && e.Name == name })
		w.press(option)
		return
	}
	w.read(fmt.Sprintf(`(() => {
		const select = document.querySelector('main select[name=%q]');
		select.value = [...select.options].find((o) => o.label === %q).value;
		return String(select.dispatchEvent(new Event("change", {bubbles: true})));
	})()`, name, option))
}

// spot waits until there is such a thing to see, and tells where its middle stands.
func (b *browser) spot(words string) []float64 {
	b.t.Helper()
	spot := fmt.Sprintf(`(() => {
		if (document.readyState === "loading") return "";
		for (const e of document.querySelectorAll("main :is(a, button, label)")) {
			if (!e.checkVisibility() || !e.innerText.replace(/\s+/g, " ").trim().startsWith(%q)) continue;
			e.scrollIntoView({block: "center", behavior: "instant"});
			const {x, y, width, height} = e.getClientRects()[0];
			const at = [x + width / 2, y + height / 2];
			if (e.contains(document.elementFromPoint(...at))) return JSON.stringify(at);
		}
		return "";
	})()`, words)
	for deadline := time.Now().Add(10 * time.Second); ; time.Sleep(20 * time.Millisecond) {
		var at []float64
		if err := json.Unmarshal([]byte(b.read(spot)), &at); err == nil {
			return at
		}
		if time.Now().After(deadline) {
			b.t.Fatalf("%s has nothing to click that begins with %q", b.path(), words)
		}
	}
}

// took expects what a task may take at most.
func (w *worker) took(task string, most effort) {
	w.t.Helper()
	if w.Pages > most.Pages || w.Fields > most.Fields || w.Clicks > most.Clicks {
		w.t.Errorf("it takes %+v to %s, more than %+v", w.effort, task, most)
	}
}

// The tasks of the front desk, with the steps that each takes. Without scripts a search is sent by its
// button, and so is what was chosen.
func TestEachTaskTakesFewSteps(t *testing.T) {
	t.Parallel()
	everyHand(t, func(t *testing.T, h hand) {
		s := newSite(t)
		for i := range 30 {
			s.add("/places", "name", fmt.Sprintf("Place %02d", i), "address", "1 Street")
		}
		w := h.sits(t, s)

		w.begins("/restaurants/new")
		w.click("At a new place")
		w.types("name", "Corner")
		w.types("address", "7 Ashland")
		w.click("Pizza")
		w.click("Open a restaurant")
		w.sees("/restaurants/33", "Corner", "7 Ashland", "Serves pizza")
		w.took("open a restaurant at a new place", effort{1, 2, 3})

		w.begins("/restaurants/" + demonDogs)
		w.moves("Ace Hardware")
		w.click("Move the restaurant, with its 1 waiter, to Ace Hardware")
		w.sees("/restaurants/"+aceHardware, "Ace Hardware", "Joe")
		w.took("move a restaurant with its waiters", effort{2, 1, 3 + h.more(2)})

		w.begins("/restaurants/" + aceHardware)
		w.moves("Corner")
		w.click("Swap the two restaurants of Ace Hardware and Corner")
		w.sees("/restaurants/33", "Corner", "Joe")
		w.took("swap two restaurants", effort{2, 1, 3 + h.more(2)})

		w.begins("/restaurants/33")
		w.click("Delete")
		w.sees("/restaurants/33/delete", "Joe")
		w.click("Delete 1 restaurant and 1 waiter")
		w.sees("/restaurants", "Done: deleted")
		w.took("delete, knowing what goes", effort{2, 0, 2})

		w.effort, w.on = effort{}, ""
		w.click("Undo")
		w.waits(`location.pathname.startsWith("/history/")`)
		w.sees(w.path(), "Done: undid")
		w.goTo("/waiters/" + joe)
		w.sees("/waiters/"+joe, "Joe", "Corner")
		w.took("bring all back", effort{1, 0, 1})
	})
}

// moves chooses where the restaurant of this page is to go.
func (w *worker) moves(to string) {
	w.t.Helper()
	w.click("Move to another place")
	w.sees(w.begun() + "/move")
	w.types("q", to)
	if !w.scripts {
		w.click("Search")
	}
	w.gone("Place 07")
	w.click(to)
	if !w.scripts {
		w.click("Show what will happen")
	}
}

// begun is the page where the task began.
func (w *worker) begun() string { return w.on }

// "Pizza, address not Ashland" is two conditions on the page of the list. Without scripts the form is a
// page of its own, and what a condition is about is sent by a button.
func TestAListIsAskedTwoThingsOnItsPage(t *testing.T) {
	t.Parallel()
	everyHand(t, func(t *testing.T, h hand) {
		s := newSite(t)
		s.add("/restaurants", "place_id", aceHardware, "serves_pizza", "1")
		s.add("/restaurants", "place_id", s.add("/places", "name", "Third", "address", "3 Street"), "serves_pizza", "1")
		w := h.sits(t, s)
		form := "/restaurants"
		if !h.scripts {
			form = "/restaurants/filter"
		}
		about := func(what, asked string) {
			t.Helper()
			w.click("Add a condition")
			w.sees(form, "Restaurants by …")
			w.chooses("what", what)
			if !h.scripts {
				w.click("Continue")
			}
			w.sees(form, asked)
		}
		w.begins("/restaurants")
		about("Serves pizza", "Serves pizza?")
		w.click("Add the condition")
		w.sees("/restaurants", "Restaurants that serve pizza: 2.")
		about("Place's address", "Mind capital letters and accents")
		w.types("value", "ashland")
		w.click("Does not")
		w.click("Add the condition")
		w.sees("/restaurants", "Restaurants that serve pizza and whose place's address does not contain “ashland”: 1.", "Third")
		w.took("find what serves pizza and is not in Ashland", effort{1 + h.more(3), 1, 5 + h.more(2)})
		if n := w.read(`String(document.querySelectorAll(".chips li").length)`); n != "2" {
			t.Errorf("it takes %s conditions, want 2", n)
		}
	})
}
