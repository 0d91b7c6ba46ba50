package handlers_test

import (
	"encoding/json"
	"fmt"
	"testing"
	"time"

	"github.com/chromedp/chromedp"
)

// effort is what a task takes: pages that something is done on, fields that are typed in, and clicks. The
// page where it begins is one of them, the one that tells of its end is none.
type effort struct{ Pages, Fields, Clicks int }

// worker is a person with a mouse whose steps are counted.
type worker struct {
	*browser
	effort
	on string // the page of the last step
}

// begins opens the page where a task begins.
func (b *browser) begins(path string) *worker {
	b.t.Helper()
	b.goTo(path)
	b.sees(path)
	return &worker{browser: b}
}

// at counts the page, if it is another one than before. A condition is added on the page of its list.
func (w *worker) at() {
	w.t.Helper()
	if here := w.path(); here != w.on {
		w.on = here
		w.Pages++
	}
}

// click clicks in the middle of the link, button or choice that begins with these words.
func (w *worker) click(words string) {
	w.t.Helper()
	w.at()
	w.Clicks++
	w.pointAt(words)
}

// types types into a field.
func (w *worker) types(name, text string) {
	w.t.Helper()
	w.at()
	w.Fields++
	w.read(fmt.Sprintf(`(document.querySelector('main [name=%q]').focus(), "")`, name))
	w.press(text)
}

// chooses chooses in a select. Its own keyboard forgets on a busy machine what it was typed.
func (w *worker) chooses(name, option string) {
	w.t.Helper()
	w.at()
	w.read(fmt.Sprintf(`(() => {
		const select = document.querySelector('main select[name=%q]');
		select.value = [...select.options].find((o) => o.label === %q).value;
		return String(select.dispatchEvent(new Event("change", {bubbles: true})));
	})()`, name, option))
}

// pointAt waits until there is such a thing to see, and clicks it where it stands.
func (b *browser) pointAt(words string) {
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
			b.do(chromedp.MouseClickXY(at[0], at[1]))
			return
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
	for _, scripts := range []bool{true, false} {
		t.Run(fmt.Sprintf("scripts %v", scripts), func(t *testing.T) {
			s := newSite(t)
			for i := range 30 {
				s.add("/places", "name", fmt.Sprintf("Place %02d", i), "address", "1 Street")
			}
			b := openBrowser(t, s)
			more := 2
			if scripts {
				more = 0
			} else {
				b.withoutScripts()
			}

			w := b.begins("/restaurants/new")
			w.click("At a new place")
			w.types("name", "Corner")
			w.types("address", "7 Ashland")
			w.click("Pizza")
			w.click("Open a restaurant")
			w.sees("/restaurants/33", "Corner", "7 Ashland", "Serves pizza")
			w.took("open a restaurant at a new place", effort{1, 2, 3})

			w = b.begins("/restaurants/" + demonDogs)
			w.moves("Ace Hardware", scripts)
			w.click("Move the restaurant, with its 1 waiter, to Ace Hardware")
			w.sees("/restaurants/"+aceHardware, "Ace Hardware", "Joe")
			w.took("move a restaurant with its waiters", effort{2, 1, 3 + more})

			w = b.begins("/restaurants/" + aceHardware)
			w.moves("Corner", scripts)
			w.click("Swap the two restaurants of Ace Hardware and Corner")
			w.sees("/restaurants/33", "Corner", "Joe")
			w.took("swap two restaurants", effort{2, 1, 3 + more})

			w = b.begins("/restaurants/33")
			w.click("Delete")
			w.sees("/restaurants/33/delete", "Joe")
			w.click("Delete 1 restaurant and 1 waiter")
			w.sees("/restaurants", "Done: deleted")
			w.took("delete, knowing what goes", effort{2, 0, 2})

			w = &worker{browser: b}
			w.click("Undo")
			w.waits(`location.pathname.startsWith("/history/")`)
			w.sees(w.path(), "Done: undid")
			b.goTo("/waiters/" + joe)
			b.sees("/waiters/"+joe, "Joe", "Corner")
			w.took("bring all back", effort{1, 0, 1})
		})
	}
}

// moves chooses where the restaurant of this page is to go.
func (w *worker) moves(to string, scripts bool) {
	w.t.Helper()
	w.click("Move to another place")
	w.sees(w.begun() + "/move")
	w.types("q", to)
	if !scripts {
		w.click("Search")
	}
	w.gone("Place 07")
	w.click(to)
	if !scripts {
		w.click("Show what will happen")
	}
}

// begun is the page where the task began.
func (w *worker) begun() string { return w.on }

// "Pizza, address not Ashland" is two conditions on the page of the list.
func TestAListIsAskedTwoThingsOnItsPage(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	s.add("/restaurants", "place_id", aceHardware, "serves_pizza", "1")
	s.add("/restaurants", "place_id", s.add("/places", "name", "Third", "address", "3 Street"), "serves_pizza", "1")
	w := openBrowser(t, s).begins("/restaurants")
	w.click("Add a condition")
	w.sees("/restaurants", "Restaurants by …")
	w.chooses("what", "Serves pizza")
	w.sees("/restaurants", "Serves pizza?")
	w.click("Add the condition")
	w.sees("/restaurants", "Restaurants that serve pizza: 2.")
	w.click("Add a condition")
	w.sees("/restaurants", "Restaurants by …")
	w.chooses("what", "Place's address")
	w.sees("/restaurants", "Mind capital letters and accents")
	w.types("value", "ashland")
	w.click("Does not")
	w.click("Add the condition")
	w.sees("/restaurants", "Restaurants that serve pizza and whose place's address does not contain “ashland”: 1.", "Third")
	w.took("find what serves pizza and is not in Ashland", effort{1, 1, 5})
	if n := w.read(`String(document.querySelectorAll(".chips li").length)`); n != "2" {
		t.Errorf("it takes %s conditions, want 2", n)
	}
}
