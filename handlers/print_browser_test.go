package handlers_test

import (
	"strings"
	"testing"

	"github.com/chromedp/cdproto/emulation"
	"github.com/chromedp/chromedp"
)

// pressable is what of a page can be pressed or filled in and is seen.
const pressable = `[...document.querySelectorAll("nav a, .button, button, input, select, summary, form")]
	.filter(e => e.getClientRects().length && e.getBoundingClientRect().width > 1).map(e => e.outerHTML.slice(0, 90)).join("\n")`

// showFor shows what follows as on a sheet of paper ("print") or as usual, both as narrow as a sheet.
func (b *browser) showFor(medium string) {
	b.t.Helper()
	_, err := chromedp.Call(b.ctx, emulation.SetEmulatedMedia, emulation.SetEmulatedMediaParams{Media: medium})
	if err == nil {
		_, err = chromedp.Call(b.ctx, emulation.SetDeviceMetricsOverride, emulation.SetDeviceMetricsOverrideParams{Width: 620, Height: 900, DeviceScaleFactor: 1})
	}
	if err != nil {
		b.t.Fatal(err)
	}
}

func TestAPrintedSheetSaysWhatIsThereAndHasNothingToPress(t *testing.T) {
	t.Parallel()
	s := newRivals(t)
	b := openBrowser(t, s)
	b.showFor("print")
	for path, words := range map[string]string{
		"/places?q=demon": "Demon Dogs", "/restaurants/1": "This restaurant", "/history": "added", "/history/1": "added",
		"/places/1/delete": "3 waiters go", "/restaurants/1/move?place_id=2": "The restaurant of Demon Dogs", "/history/1/undo": "goes",
	} {
		b.goTo(path)
		b.sees(strings.Split(path, "?")[0], words)
		if found := b.read(pressable); found != "" {
			t.Errorf("%s is printed with\n%s", path, found)
		}
		if date := b.read(`((e) => e.getClientRects().length ? e.innerText : "")(document.querySelector(".paper"))`); date != s.Now().UTC().Format("2 January 2006") {
			t.Errorf("%s is printed with the date %q", path, date)
		}
	}
	b.goTo("/places")
	if head := b.read(`getComputedStyle(document.querySelector("thead")).display + " " + getComputedStyle(document.querySelector("tbody tr")).breakInside`); head != "table-header-group avoid" {
		t.Errorf("a narrow sheet has its table as %s", head)
	}
	b.showFor("screen")
	if b.read(`document.querySelector(".paper").innerText && document.querySelector(".paper").getClientRects().length + ""`) != "0" {
		t.Error("the date of the sheet is seen on the screen")
	}
}
