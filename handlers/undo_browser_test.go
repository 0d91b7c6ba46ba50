package handlers_test

import "testing"

// Delete, undo, undo of the undo, and an undo that tells first, all by keyboard.
func TestADeletionIsUndoneByKeyboardFromTheMessage(t *testing.T) {
	t.Parallel()
	b := openBrowser(t, newSite(t))
	b.deletesAndUndoes()

	// A new restaurant takes the place of the one that was deleted: the page tells, and it comes back
	// elsewhere.
	b.goTo("/restaurants/1/delete")
	b.follow("Delete 1 restaurant and 1 waiter")
	b.sees("/restaurants", "Done: deleted the restaurant at Demon Dogs with 1 waiter")
	b.s.add("/restaurants", "place_id", demonDogs)
	b.follow("Undo: deleted the restaurant at Demon Dogs with 1 waiter")
	b.sees("/restaurants", "This cannot come back", "the place has another restaurant meanwhile", "Joe")
	b.tabTo("the free place", func(e element) bool { return e.Name == "place_id" && e.Type == "radio" })
	b.press(" ")
	b.follow("Show what will happen")
	b.sees("/history/9/undo", "1 restaurant comes back", "1 waiter comes back")
	b.follow("Undo: bring back 1 restaurant and 1 waiter")
	b.sees("/history/11", "Done: undid", "Undoes change 9")
	b.goTo("/waiters/1")
	b.sees("/waiters/1", "Ace Hardware")
}

func TestADeletionIsUndoneWithoutJavaScript(t *testing.T) {
	t.Parallel()
	b := openBrowser(t, newSite(t))
	b.withoutScripts()
	b.deletesAndUndoes()
}

// deletesAndUndoes deletes Demon Dogs and undoes it from the message, that again, and that again.
func (b *browser) deletesAndUndoes() {
	b.t.Helper()
	b.goTo("/places/1/delete")
	b.follow("Delete 1 place, 1 restaurant and 1 waiter")
	b.sees("/places", "Done: deleted the place Demon Dogs with 1 restaurant and 1 waiter")
	b.follow("Undo: deleted the place Demon Dogs with 1 restaurant and 1 waiter")
	b.sees("/history/6", "Done: undid", "Undoes change 5")
	b.follow("Undo: undid: “deleted the place Demon Dogs with 1 restaurant and 1 waiter”")
	b.sees("/history/7", "Done: did again", "Undoes change 6")
	b.follow("Undo: did again: “deleted the place Demon Dogs with 1 restaurant and 1 waiter”")
	b.sees("/history/8", "Done: undid")
	b.goTo("/waiters/1")
	b.sees("/waiters/1", "Joe", "Demon Dogs")
}
