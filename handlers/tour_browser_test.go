package handlers_test

import (
	"fmt"
	"testing"
)

// The tour is taken twice, each time by doing what it says, with the words that it says.
func TestTheTourIsTakenByDoingWhatItSays(t *testing.T) {
	t.Parallel()
	for _, scripts := range []bool{true, false} {
		t.Run(fmt.Sprintf("scripts %v", scripts), func(t *testing.T) {
			t.Parallel()
			b := openBrowser(t, emptySite(t))
			if !scripts {
				b.withoutScripts()
			}
			b.goTo("/")
			b.follow("Load the sample data")
			b.sees("/places", "New here?")
			b.follow("Take the tour")
			b.tour("2", "Ace Hardware", "1", "6", "4", "5")
			b.goTo("/places")
			b.sees("/places", "Demon Dogs")
			b.gone("Tour")
			b.goTo("/help")
			b.follow("Take the tour again")
			b.tour("1", "Demon Dogs", "3", "9", "5", "6")
		})
	}
}

// tour does what the tour says: opens a restaurant at a free place, moves another one, swaps two, deletes
// the place with the most waiters and undoes that.
func (b *browser) tour(free, name, from, to, one, other string) {
	b.t.Helper()
	b.sees("/places/"+free, "Tour, step 1 of 5", name+" is free")
	b.follow("Open a restaurant here")
	b.sees("/restaurants/new", "Tour, step 1 of 5")
	b.follow("Open a restaurant")
	b.sees("/restaurants/"+free, "Well done. Tour, step 2 of 5: Move a restaurant.")
	b.follow("its page")
	b.sees("/restaurants/"+from, "Tour, step 2 of 5: Move a restaurant.")
	b.follow("Move to another place")
	b.sees("/restaurants/" + from + "/move")
	b.goTo("/restaurants/" + from + "/move?place_id=" + to)
	b.follow("Move the restaurant, with its ")
	b.sees("/restaurants/"+to, "Well done. Tour, step 3 of 5: Swap two restaurants.")
	b.follow("its page")
	b.sees("/restaurants/"+one, "Tour, step 3 of 5")
	b.follow("Move to another place")
	b.sees("/restaurants/" + one + "/move")
	b.goTo("/restaurants/" + one + "/move?place_id=" + other)
	b.follow("Swap the two restaurants of")
	b.sees("/restaurants/"+other, "Well done. Tour, step 4 of 5: Delete a place.", "Wrigley Franks")
	b.follow("its page")
	b.sees("/places/13", "Tour, step 4 of 5: Delete a place.")
	b.follow("Delete")
	b.sees("/places/13/delete", "Tour, step 4 of 5", "5 waiters")
	b.follow("Delete 1 place, 1 restaurant and 5 waiters")
	b.sees("/places", "Well done. Tour, step 5 of 5: Undo.", "Done: deleted the place Wrigley Franks")
	b.follow("Undo: deleted the place Wrigley Franks")
	b.waits(`location.pathname.startsWith("/history/")`)
	b.sees(b.path(), "Well done, that was the tour.")
}
