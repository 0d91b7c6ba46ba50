package handlers_test

import (
	"fmt"
	"testing"
)

// The tour is taken by doing what it says, with the words that it says.
func TestTheTourIsTakenByDoingWhatItSays(t *testing.T) {
	t.Parallel()
	for _, scripts := range []bool{true, false} {
		t.Run(fmt.Sprintf("scripts %v", scripts), func(t *testing.T) {
			b := openBrowser(t, emptySite(t))
			if !scripts {
				b.withoutScripts()
			}
			b.goTo("/")
			b.follow("Load the sample data")
			b.sees("/places", "New here?")
			b.follow("Take the tour")
			b.sees("/places/2", "Tour, step 1 of 5: Open a restaurant.", "Ace Hardware is free")
			b.follow("Open a restaurant here")
			b.sees("/restaurants/new", "Tour, step 1 of 5")
			b.follow("Open a restaurant")
			b.sees("/restaurants/2", "Well done. Tour, step 2 of 5: Move a restaurant.")
			b.follow("its page")
			b.sees("/restaurants/1", "Tour, step 2 of 5: Move a restaurant.")
			b.goTo("/restaurants/1/move?place_id=6")
			b.follow("Move the restaurant, with its ")
			b.sees("/restaurants/6", "Well done. Tour, step 3 of 5: Swap two restaurants.")
			b.goTo("/restaurants/4/move?place_id=5")
			b.follow("Swap the two restaurants of")
			b.sees("/restaurants/5", "Well done. Tour, step 4 of 5: Delete a place.", "Wrigley Franks")
			b.follow("its page")
			b.sees("/places/13", "Tour, step 4 of 5: Delete a place.")
			b.goTo("/places/13/delete")
			b.follow("Delete 1 place, 1 restaurant and 5 waiters")
			b.sees("/places", "Well done. Tour, step 5 of 5: Undo.", "Done: deleted the place Wrigley Franks")
			b.follow("Undo: deleted the place Wrigley Franks")
			b.sees("/history/6", "Well done, that was the tour.")
			b.goTo("/places")
			b.sees("/places", "Demon Dogs")
			b.gone("tour")
		})
	}
}
