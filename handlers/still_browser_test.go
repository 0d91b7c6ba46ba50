package handlers_test

import (
	"bytes"
	"fmt"
	"net/http"
	"net/http/httptest"
	"testing"
	"time"
)

// drip answers each page in pieces, as a bad line does, so that a browser shows what it has of it.
func drip(inner http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		r.Header.Del("Accept-Encoding")
		whole := httptest.NewRecorder()
		inner.ServeHTTP(whole, r)
		for name, values := range whole.Header() {
			if name != "Content-Length" {
				w.Header()[name] = values
			}
		}
		w.WriteHeader(whole.Code)
		if !bytes.HasPrefix(whole.Body.Bytes(), []byte("<!doctype html>")) {
			_, _ = w.Write(whole.Body.Bytes())
			return
		}
		const piece, pause = 600, 40 * time.Millisecond // bytes: a few tags
		for rest := whole.Body.Bytes(); len(rest) > 0; {
			end := min(piece, len(rest))
			if next := bytes.IndexByte(rest[end:], '<'); next >= 0 { // what grows by a word moves no more than a word
				end += next
			} else {
				end = len(rest)
			}
			_, _ = w.Write(rest[:end])
			rest = rest[end:]
			_ = http.NewResponseController(w).Flush()
			time.Sleep(pause)
		}
	})
}

// On a slow line a page grows downwards; nothing that somebody reads or is about to press moves.
func TestNothingMovesWhileAPageArrivesOnASlowLine(t *testing.T) {
	t.Parallel()
	repeats(t)
	s := newSite(t)
	for i := range 12 {
		s.add("/restaurants", "new_place", "1", "name", fmt.Sprintf("Place %02d at the long street", i), "address", "1 Street", "serves_pizza", "1")
	}
	s.answerBy(drip(s.bare))
	w := <-openWindows(t, 1)
	for _, width := range []int64{390, 1280} {
		for _, path := range []string{"/", "/places", "/restaurants", "/waiters", "/places/1", "/places/new", "/places/1/edit",
			"/restaurants/1/move?place_id=2", "/restaurants/1/move?place_id=3", "/restaurants/1/delete", "/history", "/history/3", "/search?q=street", "/help", "/places/999"} {
			w.show(t, width, "light")
			w.load(t, s.url, path, "")
			v := &viewer{window: w, t: t}
			if moved := v.complaints(stands(0)); len(moved) > 0 {
				t.Errorf("%s at %d px: %s", path, width, moved)
			}
		}
	}
}
