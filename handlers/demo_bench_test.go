package handlers_test

import (
	"context"
	"fmt"
	"net/http"
	"net/http/httptest"
	"net/netip"
	"net/url"
	"strings"
	"testing"

	"maitred/models"
)

// answers is the answer to a request of a demo, without a network between.
func (d *demo) answers(b *testing.B, method, path, body string, jar map[string]string) *httptest.ResponseRecorder {
	r := httptest.NewRequest(method, "http://localhost"+path, strings.NewReader(body))
	if body != "" {
		r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	}
	for name, value := range jar {
		r.AddCookie(&http.Cookie{Name: name, Value: value})
	}
	w := httptest.NewRecorder()
	d.Handler.ServeHTTP(w, r)
	if w.Code >= 400 {
		b.Fatalf("%s is answered with %d: %.300s", path, w.Code, w.Body)
	}
	for _, given := range w.Result().Cookies() {
		jar[given.Name] = given.Value
	}
	return w
}

// What a demo costs: a new visitor's first page, a first change, and the pages of many who have copies of their
// own, who take turns: between two pages of one of them all others have one. Beside them, the bare limit: a record
// read from a copy.
func BenchmarkDemo(b *testing.B) {
	d := newDemo(b, plenty)
	b.Run("first page of a new visitor", func(b *testing.B) {
		for b.Loop() {
			d.answers(b, http.MethodGet, "/", "", map[string]string{})
		}
	})
	b.Run("the same page again", func(b *testing.B) {
		jar := map[string]string{}
		for b.Loop() {
			d.answers(b, http.MethodGet, "/", "", jar)
		}
	})
	b.Run("first change of a visitor", func(b *testing.B) {
		form := url.Values{"name": {"New"}, "address": {"1"}}.Encode()
		for b.Loop() {
			jar := map[string]string{}
			d.answers(b, http.MethodPost, "/places", form, jar)
			b.StopTimer()
			d.answers(b, http.MethodPost, "/demo/again", "", jar)
			b.StartTimer()
		}
	})
	for _, n := range []int{1, 100, 1000} {
		b.Run(fmt.Sprintf("pages with %d sandboxes", n), func(b *testing.B) {
			jars := make([]map[string]string, n)
			for i := range jars {
				jars[i] = map[string]string{}
				d.answers(b, http.MethodPost, "/places", url.Values{"name": {fmt.Sprint("Place ", i)}, "address": {"1"}}.Encode(), jars[i])
			}
			i := 0
			for b.Loop() {
				d.answers(b, http.MethodGet, "/places/203", "", jars[i%n])
				i++
			}
			b.ReportMetric(float64(b.N)/b.Elapsed().Seconds(), "pages/s")
			for _, jar := range jars {
				d.answers(b, http.MethodPost, "/demo/again", "", jar)
			}
		})
	}
	b.Run("bare record of a copy", func(b *testing.B) {
		v, err := d.Enter("", netip.MustParseAddr("192.0.2.1"))
		if err != nil {
			b.Fatal(err)
		}
		defer v.Leave()
		if err := v.Own(context.Background()); err != nil {
			b.Fatal(err)
		}
		for b.Loop() {
			if _, err := models.Places.Find(context.Background(), v.Store, 1); err != nil {
				b.Fatal(err)
			}
		}
	})
}
