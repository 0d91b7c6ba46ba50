package handlers_test

import (
	"bytes"
	"io"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"sync/atomic"
	"testing"

	"github.com/chromedp/cdproto/input"
	"github.com/chromedp/chromedp"
	"github.com/chromedp/chromedp/kb"
)

// springList is a file with all that can be found in one: something new, changed, the same, two likely
// duplicates, two problems, and a column of which nobody knows what it is.
const springList = "id,name,Where,Phone\n" +
	"1,Demon Cats,944 W. Fullerton,555\n" +
	",Taco Hut,12 Main,556\n" +
	"3,Burger Hut,13 Main,557\n" +
	",Ace Hardwear,1013 N. Ashland,558\n" +
	",Taco Hutt,12 Main,559\n" +
	",,14 Main,560\n" +
	"99,Ghost,Nowhere,561\n"

// saved is a file on the disk of who sits at the browser.
func saved(t *testing.T, name, content string) string {
	t.Helper()
	file := filepath.Join(t.TempDir(), name)
	if err := os.WriteFile(file, []byte(content), 0o600); err != nil {
		t.Fatal(err)
	}
	return file
}

// choosesFile does what the window of the browser does in which files are chosen.
func (b *browser) choosesFile(file string) {
	b.t.Helper()
	b.do(chromedp.SetUploadFiles(`#file`, []string{file}))
	b.becomes("the name of the file", `document.getElementById("file").files[0]?.name ?? ""`, filepath.Base(file))
}

// picks goes to a question by Tab and to one of its answers by the arrows.
func (b *browser) picks(name, words string) {
	b.t.Helper()
	b.tabTo("the question "+name, func(e element) bool { return e.Name == name })
	for range 10 {
		if strings.HasPrefix(b.focus().Words, words) {
			return
		}
		b.press(kb.ArrowDown)
	}
	b.t.Fatalf("%s has no answer %q, but %s", name, words, b.focus())
}

// opensGroup opens a group of a dry run, which is shut.
func (b *browser) opensGroup(words string) {
	b.t.Helper()
	b.tabTo("the group "+words, func(e element) bool { return e.Tag == "summary" && e.Words == words })
	b.press(kb.Enter)
}

func TestAFileIsBroughtInByKeyboardAlone(t *testing.T) {
	t.Parallel()
	for _, scripts := range []string{"with", "without"} {
		t.Run(scripts+" scripts", func(t *testing.T) {
			s := newSite(t)
			s.add("/places", "name", "Burger Hut", "address", "13 Main")
			b := openBrowser(t, s)
			if scripts == "without" {
				b.withoutScripts()
			}
			untouched := s.changes()

			b.goTo("/places")
			b.follow("Import")
			b.sees("/places/import", "Import places", "nothing is written until you say so")
			b.tabTo("the file", func(e element) bool { return e.Type == "file" })
			b.choosesFile(saved(t, "Spring list.csv", springList))
			b.follow("Show what it would do")

			b.sees("/places/import", "Which column is what?", "Phone", "555 · 556 · 557")
			b.tabTo("the second column", func(e element) bool { return e.Tag == "select" && e.Value == "name" })
			b.press(kb.Tab)
			b.is("what nobody knows", func(e element) bool { return e.Tag == "select" && e.Value == "" })
			b.press("address")
			b.is("the address", func(e element) bool { return e.Value == "address" })
			b.follow("Show what it would do")

			b.sees("/places/import", "Dry run: import places", "1 new, 1 changed, 1 the same, 2 likely duplicates, 2 problems on lines 7 and 8.", "nothing is written yet")
			b.sees("/places/import", "Demon Dogs", "Demon Cats", "There is Ace Hardware, 1013 N. Ashland", "Line 3 says nearly the same", "The name is missing", "no place with the number 99")
			b.gone("Nothing happens to it")
			b.opensGroup("1 the same")
			b.sees("/places/import", "Nothing happens to it")
			b.picks("twin_5", "It is Ace Hardware")
			b.picks("twin_6", "Add it")

			b.follow("Add 1 place and change 1 place, and import what I chose")
			b.sees("/places/import", "Some rows have problems, so nothing was imported")
			if scripts == "with" {
				b.waits(`document.activeElement.id === "errors"`)
			}
			if s.changes() != untouched {
				t.Fatal("what was refused was written")
			}
			b.becomes("what was chosen before it was refused", `["twin_5-2", "twin_6-add"].filter((id) => !document.getElementById(id).checked).join()`, "")
			b.tabTo("the rows with problems", func(e element) bool { return e.Name == "leave_out" && e.Type == "checkbox" })
			b.press(" ")
			b.follow("Add 1 place and change 1 place, and import what I chose")

			imported := "/history/" + itoa(untouched+1)
			b.sees(imported, "Done: imported “Spring list.csv”: added 2 places and changed 2 places", "Taco Hut", "Taco Hutt", "Demon Cats", "Ace Hardwear")
			if n := s.rows("places"); n != 5 {
				t.Errorf("there are %d places, want 5", n)
			}

			// Back leads to the dry run, in which all is so already; without scripts the browser asks whether to send
			// the file once more.
			if scripts == "with" {
				b.do(chromedp.NavigateBack())
				b.sees("/places/import", "Dry run", "5 the same")
			} else {
				_ = chromedp.Do(b.ctx, chromedp.NavigateBack())
			}
			b.goTo(imported)
			b.sees(imported, "imported “Spring list.csv”")
			if n := s.changes(); n != untouched+1 {
				t.Errorf("going back made %d changes", n-untouched)
			}

			b.follow("Undo")
			b.waits(`location.pathname !== "` + imported + `"`)
			if strings.HasSuffix(b.path(), "/undo") {
				b.follow("Undo")
			}
			b.sees("/history/"+itoa(untouched+2), "Done: undid")
			b.goTo("/places")
			b.sees("/places", "Demon Dogs", "Ace Hardware")
			b.gone("Taco Hut")
		})
	}
}

func TestADryRunThatIsReloadedIsShownAnewAndPressedTwiceIsImportedOnce(t *testing.T) {
	t.Parallel()
	for _, scripts := range []string{"with", "without"} {
		t.Run(scripts+" scripts", func(t *testing.T) {
			s := newSite(t)
			b := openBrowser(t, s)
			if scripts == "without" {
				b.withoutScripts()
			}
			untouched := s.changes()
			again := func(what string) {
				t.Helper()
				b.do(chromedp.Reload())
				b.sees("/places/import", "Dry run", "1 new.", "Taco Hut")
				if s.changes() != untouched {
					t.Fatalf("%s wrote something", what)
				}
			}
			b.goTo("/places/import")
			b.choosesFile(saved(t, "tacos.csv", "name,address\nTaco Hut,12 Main\n"))
			b.follow("Show what it would do")
			b.sees("/places/import", "Dry run", "1 new.")
			again("reloading what a file was answered with")

			b.goTo("/places/import")
			b.choosesFile(saved(t, "huts.csv", "name,Where\nTaco Hut,12 Main\n"))
			b.follow("Show what it would do")
			b.sees("/places/import", "Which column is what?")
			b.tabTo("the second column", func(e element) bool { return e.Tag == "select" && e.Value == "" })
			b.press("address")
			b.follow("Show what it would do")
			b.sees("/places/import", "Dry run", "1 new.")
			again("reloading what the columns were answered with")

			b.read(`(document.querySelectorAll("main form .button").forEach((e) => { e.click(); e.click(); }), "")`)
			b.sees("/history/"+itoa(untouched+1), "imported “huts.csv”: added 1 place")
			if n := s.rows("places"); n != 3 || s.changes() != untouched+1 {
				t.Errorf("there are %d places by %d changes, want 3 by 1", n, s.changes()-untouched)
			}
		})
	}
}

func TestAFileOnItsWayIsShownSoAndSentOnce(t *testing.T) {
	t.Parallel()
	answer := make(chan struct{})
	goOn := sync.OnceFunc(func() { close(answer) })
	defer goOn()
	var came atomic.Int32
	b := openBrowser(t, delayed(t, func(r *http.Request) {
		if r.Method == http.MethodPost && r.URL.Path == "/places/import" {
			came.Add(1)
			<-answer
		}
	}))
	b.goTo("/places/import")
	shown := `String(document.querySelector("main progress").checkVisibility()) + " " + (document.querySelector("main progress").closest("form").ariaBusy ?? "idle")`
	b.becomes("whether it is on its way", shown, "false idle")
	b.choosesFile(saved(t, "tacos.csv", "name,address\nTaco Hut,12 Main\n"))
	b.read(`((e) => { setTimeout(() => e.click()); setTimeout(() => e.click()); })(document.querySelector("main form .button")) ?? ""`)
	b.becomes("whether it is on its way", shown, "true true")
	goOn()
	b.sees("/places/import", "Dry run", "1 new.")
	if n := came.Load(); n != 1 {
		t.Errorf("the file came %d times", n)
	}
}

// What is read of a large file is shown while it is sent; then it is looked at, and nobody knows how long.
func TestOfALargeFileIsShownHowMuchIsSent(t *testing.T) {
	t.Parallel()
	read := make(chan struct{})
	goOn := sync.OnceFunc(func() { close(read) })
	defer goOn()
	answer := make(chan struct{})
	goOnAgain := sync.OnceFunc(func() { close(answer) })
	defer goOnAgain()
	b := openBrowser(t, delayed(t, func(r *http.Request) {
		if r.Method != http.MethodPost || r.URL.Path != "/places/import" {
			return
		}
		<-read
		body, err := io.ReadAll(r.Body)
		if err != nil {
			t.Error(err)
		}
		<-answer
		r.Body = io.NopCloser(bytes.NewReader(body))
	}))
	b.goTo("/places/import")
	b.choosesFile(saved(t, "large.csv", "name,address,remark\n"+strings.Repeat("Taco Hut,12 Main,"+strings.Repeat("x", 990)+"\n", 9_000)))
	b.read(`setTimeout(() => document.querySelector("main form .button").click()) && ""`)
	b.becomes("how much is sent", `((p) => p.value > 0 && p.value < 1 ? "a part" : p.getAttribute("value") ?? "nobody knows")(document.querySelector("main progress"))`, "a part")
	goOn()
	b.becomes("how much is sent", `document.querySelector("main progress").getAttribute("value") ?? "all"`, "all")
	goOnAgain()
	b.sees("/places/import", "remark", "Taco Hut")
}

func TestAFileIsDroppedIntoItsField(t *testing.T) {
	t.Parallel()
	b := openBrowser(t, newSite(t))
	b.goTo("/places/import")
	at := evaluated[[]float64](b, `(({x, y, width, height}) => [x + width / 2, y + height / 2])(document.getElementById("file").getBoundingClientRect())`)
	file := saved(t, "tacos.csv", "name,address\nTaco Hut,12 Main\n")
	for _, step := range []input.DispatchDragEventType{"dragEnter", "dragOver", "drop"} {
		_, err := chromedp.Call(b.ctx, input.DispatchDragEvent, input.DispatchDragEventParams{
			Type: step, X: at[0], Y: at[1], Data: &input.DragData{Items: []*input.DragDataItem{}, Files: []string{file}, DragOperationsMask: 1},
		})
		if err != nil {
			t.Fatal(err)
		}
	}
	b.becomes("the file in the field", `document.getElementById("file").files[0]?.name ?? ""`, "tacos.csv")
	b.follow("Show what it would do")
	b.sees("/places/import", "Dry run", "1 new.", "“tacos.csv”")
}
