package handlers_test

import (
	"net/http"
	"testing"
)

func TestWhatHappenedSinceAPageWasShownIsSummedUpByName(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	shown := s.get("/places/" + demonDogs + "/delete").form("post")
	s.add("/waiters", "restaurant_id", demonDogs, "name", "Ann")
	s.writesNothing(func() {
		shown.send().status(http.StatusConflict).says("Someone added the waiter Ann at Demon Dogs.").silentAbout("since you looked:")
	})
	s.add("/waiters", "restaurant_id", demonDogs, "name", "Zoë")
	s.deletes("/waiters/" + joe)
	s.writesNothing(func() {
		shown.send().status(http.StatusConflict).
			says("2 waiters were added since you looked: Ann and Zoë.", "Someone added the waiter Zoë at Demon Dogs.", "Someone deleted the waiter Joe.")
	})
}
