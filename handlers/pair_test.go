package handlers_test

import (
	"net/http"
	"slices"
	"strings"
	"testing"

	"github.com/PuerkitoBio/goquery"
)

// marks are the small pairs of a list with what they stand beside: "Demon Dogs, taken".
func (p *page) marks() (marks []string) {
	p.Find("main tbody tr").Each(func(_ int, row *goquery.Selection) {
		mark := row.Find("td:first-child .duo[aria-hidden=true]")
		state := "without a pair"
		if mark.Length() == 1 {
			state = "taken"
			if mark.HasClass("free") {
				state = "free"
			}
		}
		marks = append(marks, squeezed(row.Find("td:first-child"))+", "+state)
	})
	return marks
}

func TestEachRowOfPlacesAndRestaurantsHasItsPair(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	for path, want := range map[string][]string{
		"/places":      {"Ace Hardware, free", "Demon Dogs, taken"},
		"/restaurants": {"Demon Dogs, taken"},
		"/waiters":     {"Joe, without a pair"},
	} {
		if got := s.get(path).marks(); !slices.Equal(got, want) {
			t.Errorf("%s shows %q, want %q", path, got, want)
		}
	}
	// Where the column that says it is hidden, the row says it to those who cannot see the pair.
	ann := s.person()
	ann.post("/places/columns", "column", "address", "rows", "50").status(http.StatusSeeOther)
	if got, want := ann.get("/places").marks(), []string{"Free: Ace Hardware, free", "Demon Dogs, taken"}; !slices.Equal(got, want) {
		t.Errorf("without the column it shows %q, want %q", got, want)
	}
}

// shows expects these pairs, now and then.
func (p *page) shows(pairs ...string) *page {
	p.s.t.Helper()
	if got := p.pairs(); !slices.Equal(got, pairs) {
		p.s.t.Errorf("%s shows %q, want %q", p.what, got, pairs)
	}
	if said := squeezed(p.Find(".before-after h3")); len(pairs) > 0 && said != "Now Then" && said != "NowThen" {
		p.s.t.Errorf("%s says of the pairs %q", p.what, said)
	}
	return p
}

// tree is the picture of a deletion as those hear it who cannot see it: one line for each item of the
// lists, with an arrow for each list that it stands in.
func (p *page) tree() []string {
	var lines []string
	var read func(list *goquery.Selection, depth int)
	read = func(list *goquery.Selection, depth int) {
		list.ChildrenFiltered("li").Each(func(_ int, item *goquery.Selection) {
			own := item.Clone()
			own.Find("ul, table").Remove()
			line := strings.Repeat("→ ", depth) + squeezed(own)
			names := item.ChildrenFiltered("ul.names").ChildrenFiltered("li").Map(func(_ int, name *goquery.Selection) string { return squeezed(name) })
			if len(names) > 0 {
				line += ": " + strings.Join(names, ", ")
			}
			lines = append(lines, line)
			read(item.ChildrenFiltered("ul.limbs"), depth+1)
		})
	}
	read(p.Find("main ul.tree"), 0)
	return lines
}

// grows expects this tree.
func (p *page) grows(lines ...string) *page {
	p.s.t.Helper()
	if got := p.tree(); !slices.Equal(got, lines) {
		p.s.t.Errorf("%s draws\n%s\nwant\n%s", p.what, strings.Join(got, "\n"), strings.Join(lines, "\n"))
	}
	return p
}

func TestADeletionShowsThePairBeforeAndAfterAndDrawsWhatGoes(t *testing.T) {
	t.Parallel()
	s := newRivals(t)
	s.get("/places/"+demonDogs+"/delete").
		shows("Demon Dogs | The restaurant of Demon Dogs", "Gone | Gone").says("with 3 waiters").
		grows("1 place goes: Demon Dogs", "→ 1 restaurant goes: Demon Dogs", "→ → 3 waiters go: Ann, Joe, Zoë")
	s.get("/places/"+aceHardware+"/delete").shows("Ace Hardware | Free", "Gone | None").grows("1 place goes: Ace Hardware")
	s.get("/restaurants/"+demonDogs+"/delete").
		shows("Demon Dogs | The restaurant of Demon Dogs", "Demon Dogs | Free").
		grows("1 restaurant goes: Demon Dogs", "→ 3 waiters go: Ann, Joe, Zoë", "→ The place Demon Dogs stays and will be free")
	s.get("/waiters/"+joe+"/delete").shows().grows("1 waiter goes: Joe", "→ The restaurant at Demon Dogs stays")

	s.get("/places/"+demonDogs+"/delete?restaurants=move&restaurants_to="+aceHardware).
		shows("Demon Dogs | The restaurant of Demon Dogs", "Ace Hardware | Free", "Gone | None", "Ace Hardware | The restaurant of Demon Dogs").
		grows("1 place goes: Demon Dogs", "→ 1 restaurant moves to the place Ace Hardware with 3 waiters: Demon Dogs")
	s.get("/places/"+demonDogs+"/delete?waiters=each&waiter_"+joe+"="+tacoHut).
		shows("Demon Dogs | The restaurant of Demon Dogs", "Gone | Gone").
		grows("1 place goes: Demon Dogs", "→ 1 restaurant goes: Demon Dogs", "→ → 2 waiters go: Ann, Zoë", "→ → 1 waiter moves to the restaurant at Taco Hut: Joe")
}

func TestTheDeletionOfManyIsDrawnWithWhatStays(t *testing.T) {
	t.Parallel()
	s := newRivals(t)
	s.post("/restaurants/delete", ids(demonDogs, tacoHut)...).status(http.StatusOK).
		grows("2 restaurants go: Demon Dogs, Taco Hut", "→ 3 waiters go: Ann, Joe, Zoë", "→ 2 places stay and will be free")
	s.post("/places/delete", ids(demonDogs, aceHardware)...).status(http.StatusOK).
		grows("2 places go: Ace Hardware, Demon Dogs", "→ 1 restaurant goes: Demon Dogs", "→ → 3 waiters go: Ann, Joe, Zoë")
}

func TestTheUndoOfADeletionShowsThePairThatComesBackAndDrawsIt(t *testing.T) {
	t.Parallel()
	s := newRivals(t)
	gone := s.deletes("/restaurants/" + demonDogs)
	s.get("/history/"+gone+"/undo").
		shows("Demon Dogs | Free", "Demon Dogs | The restaurant of Demon Dogs").
		grows("1 restaurant comes back: Demon Dogs", "→ 3 waiters come back: Joe, Ann, Zoë")
	gone = s.deletes("/places/" + demonDogs)
	s.get("/history/" + gone + "/undo").shows().grows("1 place comes back: Demon Dogs")
	s.post("/history/" + gone + "/undo").status(http.StatusSeeOther)
	s.add("/restaurants", "place_id", demonDogs)
	s.get("/history/"+s.last()+"/undo").
		shows("Demon Dogs | The restaurant of Demon Dogs", "Demon Dogs | Free").
		grows("1 restaurant goes: Demon Dogs")
	gone = s.deletes("/places/" + demonDogs)
	s.get("/history/"+gone+"/undo").
		shows("Gone | Gone", "Demon Dogs | The restaurant of Demon Dogs").
		grows("1 place comes back: Demon Dogs", "→ 1 restaurant comes back: Demon Dogs")
}

func TestAPageThatIsNotHereIsAPairWhoseOtherHalfIsEmptyButForTheWaysOn(t *testing.T) {
	t.Parallel()
	s := newRivals(t)
	gone := s.deletes("/places/" + demonDogs)
	page := s.get("/places/" + demonDogs).status(http.StatusNotFound)
	if said := squeezed(page.Find("main .pair .half:first-child:not(.empty)")); !strings.HasPrefix(said, "Not here") || !strings.Contains(said, "Someone deleted the place Demon Dogs") {
		t.Errorf("the first half says %q", said)
	}
	ways := page.Find("main .pair .half.empty:last-child")
	if ways.Find("form[action='/history/"+gone+"/undo'] button").Length() != 1 || ways.Find("a[href='/places']").Length() != 1 || ways.Find("a[href='/']").Length() != 1 {
		t.Errorf("the empty half leads on by %q", squeezed(ways))
	}
}
