package handlers_test

import (
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"
)

// Whatever is asked or sent, the answer is one of ours, and the database stays sound.

// in is the same site for one input of a fuzz target.
func (s *site) in(t *testing.T) *site {
	c := *s
	c.t = t
	c.watch()
	return &c
}

// answer sends a request past the network, which would not let every byte through.
func (s *site) answer(method, path, query, body string) *httptest.ResponseRecorder {
	r := httptest.NewRequest(method, path, strings.NewReader(body))
	r.Host, r.URL.RawQuery = "localhost", query
	if method == http.MethodPost {
		r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	}
	w := httptest.NewRecorder()
	s.ServeHTTP(w, r)
	if w.Code >= 500 || w.Code < 200 {
		s.t.Errorf("%s %s?%q %q: answered %d", method, path, query, body, w.Code)
	}
	return w
}

func FuzzListQuery(f *testing.F) {
	for _, query := range []string{
		"", "q=demon", "sort=-name", "place__name__startswith=Demon", "exclude__place__address__contains=Ashland", "restaurant__isnull=true",
		"waiter__count__gt=0", "pk__in=1,2,3", "restaurant__place__restaurant__waiter__restaurant__place__name__iendswith=S",
		"after=WyJkZW1vbiBkb2dzIiwxXQ", "before=end", "before=WzEsMV0&sort=restaurant", "name=%00", "name=%ff", "q=%F0%9F%8C%AD", "%zz", "a;b", "name__in=", "pk=-9223372036854775808",
		"after=WyJcdWQ4MDAiLDFd", "name__iexact=%C3%9F", "name__icontains=%EF%BF%BF", "name__startswith=%F4%8F%BF%BF", "q=%C5%89",
		"q=%22+OR+NEAR(a+b)*", "q=%E2%80%99%60'", "q=%EF%BF%BE%CC%81", "q=d&after=WyIwZGVtb24gZG9ncyIsMV0", "q=d&sort=name&before=WyIwZGVtb24iLDEsNTBd", "after=WyJhIiwxLDEwOTk1MTE2Mjc3NzZd&count=exact",
		"waiter__restaurant__waiter__restaurant__waiter__name__contains=x", "exclude__restaurant__waiter__count__in=1,2", "list=%3Fq%3Dx&what=name&how=contains&value=%25", "in=q%3Dd%26sort%3Dname", "again=x&query=name%3D1",
	} {
		for list := range uint8(4) {
			f.Add(list, query)
		}
	}
	s := newSite(f)
	f.Fuzz(func(t *testing.T, list uint8, query string) {
		s := s.in(t)
		path := []string{"/places", "/restaurants", "/waiters", "/history"}[list%4]
		if w := s.answer(http.MethodGet, path, query, ""); w.Code != http.StatusOK && w.Code != http.StatusBadRequest {
			t.Errorf("%s?%q: answered %d", path, query, w.Code)
		}
		s.answer(http.MethodGet, path+"/new", query, "")
		s.answer(http.MethodGet, "/restaurants/1/move", query, "")
		for _, path := range []string{path + "/filter", path + "/views", path + "/1", "/search"} {
			s.answer(http.MethodGet, path, query, "")
		}
	})
}

func FuzzCreateForm(f *testing.F) {
	for _, form := range []string{
		"", "name=New&address=1", "name=%00&address=%ff", "name=+&address=%E2%80%8B", "name=x&address=%F0%9F%8C%AD", "place_id=2&serves_pizza=1", "place_id=1",
		"new_place=1&name=x&address=y", "new_place=1", "restaurant_id=1&name=Ann", "restaurant_id=9223372036854775807&name=Ann", "place_id=-1", "token=x&name=a&address=b",
		"name=a&name=b&address=c", "name=a;address=b", "%zz=1", "version=1&name=x&address=y", "name=%ED%A0%80&address=1", "name=\x00&address=\xff", "fingerprint=x", "fingerprint=.1",
		"version=1&name=x&address=y&keep_name=theirs", "version=2&keep_name=mine&keep_address=theirs&name=%ff", "version=9223372036854775807&keep_name=%00&name=a", "version=3&serves_pizza=1&keep_serves_pizza=theirs",
	} {
		for path := range uint8(7) {
			f.Add(path, form)
		}
	}
	s := newSite(f)
	s.add("/places", "name", "Free", "address", "3")
	f.Fuzz(func(t *testing.T, to uint8, form string) {
		s := s.in(t)
		path := []string{"/places", "/restaurants", "/waiters", "/places/1", "/waiters/1", "/restaurants/1", "/places/1/delete"}[to%7]
		before := s.changes()
		w := s.answer(http.MethodPost, path, "", form)
		wrote := s.changes() - before
		if wrote > 1 || wrote == 1 && w.Code != http.StatusSeeOther {
			t.Errorf("%s %q: %d changes were written and the answer is %d", path, form, wrote, w.Code)
		}
		if w.Code == http.StatusSeeOther {
			if r := s.answer(http.MethodGet, w.Header().Get("Location"), "", ""); r.Code != http.StatusOK {
				t.Errorf("%s %q leads to %s, which answers %d", path, form, w.Header().Get("Location"), r.Code)
			}
		}
		s.mustBeSound()
	})
}

func FuzzMoveForm(f *testing.F) {
	for _, seed := range [][3]string{
		{"2", "", ""}, {"3", "", "shown"}, {"2", "swap", "shown"}, {"1", "", "shown"}, {"4", "swap", "shown"}, {"99", "", "shown"}, {"", "", ""}, {"abc", "x", "y"},
		{"2", "swap", "AAAA.1"}, {"\x00", "\xff", "."}, {"9223372036854775808", "swap", ""}, {"-1", "", ""}, {" 2", "", "shown"},
	} {
		for from := range uint8(3) {
			f.Add(from, seed[0], seed[1], seed[2])
		}
	}
	s := newSite(f)
	s.add("/places", "name", "Free", "address", "3")
	s.add("/places", "name", "Free too", "address", "4")
	s.add("/restaurants", "place_id", aceHardware)
	s.add("/waiters", "restaurant_id", aceHardware, "name", "Ann")
	f.Fuzz(func(t *testing.T, from uint8, to, resolve, fingerprint string) {
		s := s.in(t)
		path := []string{"/restaurants/1/move", "/restaurants/2/move", "/restaurants/3/copy", "/waiters/1/move"}[from%4]
		field := "place_id"
		if from%4 == 3 {
			field = "restaurant_id"
		}
		form := url.Values{field: {to}, "resolve": {resolve}, "fingerprint": {fingerprint}}
		if fingerprint == "shown" { // the form as the preview has it
			p := s.get(path + "?" + url.Values{field: {to}}.Encode())
			form.Set("fingerprint", p.Find("main input[name=fingerprint]").AttrOr("value", ""))
		}
		copies := 0
		if w := s.answer(http.MethodPost, path, "", form.Encode()); w.Code == http.StatusSeeOther && strings.HasSuffix(path, "copy") {
			copies = 1
		}
		if fingerprint == "" && copies == 1 {
			t.Errorf("%s %q was copied unseen", path, form)
		}
		if n := s.rows("waiters"); n != 2 {
			t.Errorf("%s %q: there are %d waiters", path, form, n)
		}
		s.mustBeSound()
	})
}

func FuzzManyForm(f *testing.F) {
	for _, seed := range [][2]string{
		{"", ""}, {"", "id=1"}, {"", "id=1&id=2&fingerprint=shown"}, {"q=o", "all=1&fingerprint=shown"}, {"", "all=1&restaurant_id=2&fingerprint=shown"},
		{"restaurant__isnull=false", "all=1"}, {"", "id=1&restaurant_id=1&fingerprint=shown"}, {"", "id=x"}, {"", "id=%00&all=%ff"}, {"nonsense=1", "all=1"},
		{"sort=-name&after=W10", "all=1"}, {"", "all=1&serves_pizza=true&fingerprint=shown"}, {"serves_pizza=false", "all=1&serves_pizza=true&serves_hot_dogs=false&fingerprint=shown"},
		{"", "id=1&serves_pizza=maybe"}, {"", "id=1&id=1&show=1&q=%ff&fingerprint=x"}, {"", "id=9223372036854775807&id=-9223372036854775808"}, {"q=%00", "all=1&fingerprint=.1"},
	} {
		for path := range uint8(5) {
			f.Add(path, seed[0], seed[1])
		}
	}
	s := newSite(f)
	s.add("/restaurants", "place_id", aceHardware)
	s.add("/waiters", "restaurant_id", aceHardware, "name", "Ann")
	f.Fuzz(func(t *testing.T, to uint8, query, form string) {
		s := s.in(t)
		path := []string{"/waiters/move", "/restaurants/serves", "/waiters/delete", "/restaurants/delete", "/places/delete"}[to%5]
		values, err := url.ParseQuery(form)
		if values.Get("fingerprint") == "shown" && err == nil && to%5 < 2 { // what is moved and set can be so again and again
			values.Del("fingerprint")
			w := s.answer(http.MethodPost, path, query, values.Encode())
			_, shown, _ := strings.Cut(w.Body.String(), `name="fingerprint" value="`)
			fingerprint, _, _ := strings.Cut(shown, `"`)
			values.Set("fingerprint", fingerprint)
			form = values.Encode()
		}
		before := s.changes()
		w := s.answer(http.MethodPost, path, query, form)
		if wrote := s.changes() - before; wrote > 1 || wrote == 1 && w.Code != http.StatusSeeOther || wrote == 0 && w.Code == http.StatusSeeOther {
			t.Errorf("%s?%q %q: %d changes were written and the answer is %d", path, query, form, wrote, w.Code)
		}
		if s.rows("waiters") != 2 || s.rows("restaurants") != 2 {
			t.Errorf("%s?%q %q: something was deleted unseen", path, query, form)
		}
		s.mustBeSound()
	})
}
