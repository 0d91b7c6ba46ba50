package handlers_test

import (
	"testing"

	"maitred/models/dialect/postgrestest"
)

// Two people work at two instances of one site, with one PostgreSQL: what one changes, the other's preview no longer
// fits, and is refused with what happened.
func TestAStalePreviewIsRefusedAtAnotherInstance(t *testing.T) {
	t.Parallel()
	repeats(t)
	database := postgrestest.Database(t)
	here := openSite(t, database)
	here.settle()
	there := openSite(t, database)
	anna, ben := openBrowser(t, here), openBrowser(t, there)
	anna.goTo("/places/1/delete")
	ben.goTo("/restaurants/1")
	ben.fill("name", "Zoe")
	ben.press("\r")
	ben.sees("/restaurants/1", "Zoe")
	anna.follow("Delete 1 place, 1 restaurant and 1 waiter")
	anna.sees("/places/1/delete", "Nothing was deleted", "Zoe")
	anna.follow("Delete 1 place, 1 restaurant and 2 waiters")
	anna.sees("/places", "Done: deleted the place Demon Dogs with 1 restaurant and 2 waiters")
	ben.goTo("/history")
	ben.follow("Undo: deleted the place Demon Dogs with 1 restaurant and 2 waiters")
	ben.sees("/history/7", "Done: undid")
	anna.goTo("/restaurants/1")
	anna.sees("/restaurants/1", "Demon Dogs", "Joe", "Zoe")
}
