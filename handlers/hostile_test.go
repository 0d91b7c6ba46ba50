package handlers_test

import (
	"encoding/base64"
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"testing"
)

// This file asks lists for what nobody would type, or only to break them.

// monsters are words that some machinery might take for more than words.
var monsters = map[string]string{
	"letters":           strings.Repeat("x", 100_000),
	"words":             strings.Repeat("ab ", 30_000),
	"punctuation":       strings.Repeat(`'"-*:^()%_\`, 500),
	"marks alone":       strings.Repeat("\u0301", 5000),
	"a stack of marks":  "e" + strings.Repeat("\u0301\u0327", 5000),
	"kept marks":        "a" + strings.Repeat("\u302e\U0001d165", 500),
	"NUL":               "demon\x00dogs",
	"control":           "\x01\x02\x1b[31m\u0085\u2028",
	"right to left":     "\u202edemon\u202c שלום مرحبا",
	"emoji":             "👩\u200d👩\u200d👧 🇩🇪 \ufe0f",
	"no character":      "\ufffe\uffff",
	"no UTF-8":          "\xff\xfe\xed\xa0\x80",
	"a question":        `AND OR NOT NEAR("demon" "dogs", 5)`,
	"a column":          `name : demon`,
	"a prefix":          `^dem* OR "`,
	"quotes":            `""" " ' '' ''' "demon`,
	"SQL":               `'; DROP TABLE places; --`,
	"LIKE":              `%_%`,
	"a tag":             `</title><script>alert(1)</script>`,
	"a script":          `js:alert(1)`,
	"a placeholder":     `?0 ?1 :a @b $c`,
	"a number":          "999999999999999999999999",
	"one letter":        "d",
	"blanks":            " \t \u3000 ",
	"apostrophes":       "’‘ʼ′`´'",
	"Hangul and others": "한 ᄒ हि क् İıß ﬃ ﷺ ꭰ",
}

// mustBear expects an answer of ours, with the words neither understood nor let out as they are.
func (s *site) mustBear(path string, headers ...string) *page {
	s.t.Helper()
	p := s.get(path, headers...)
	if p.Status == http.StatusSeeOther { // a condition that is complete
		p = s.get(p.Header.Get("Location"), headers...)
	}
	if p.Status != http.StatusOK && p.Status != http.StatusBadRequest && p.Status != http.StatusUnprocessableEntity {
		s.t.Errorf("%s: answered %d", p.what, p.Status)
	}
	if strings.Contains(p.Body, "<script>alert") || strings.Contains(p.Body, `="js:`) && !strings.Contains(p.Body, `value="js:`) {
		s.t.Errorf("%s: the words got out: %s", p.what, p.short())
	}
	return p
}

func TestNothingThatIsSearchedForIsUnderstood(t *testing.T) {
	repeats(t)
	t.Parallel()
	s := newSite(t)
	before := s.changes()
	for name, words := range monsters {
		q := url.QueryEscape(words)
		for _, path := range []string{
			"/places?q=", "/waiters?sort=-name&q=", "/restaurants?count=exact&q=", "/search?q=", "/waiters/new?q=", "/places/2/bring?q=", "/restaurants/1/move?q=",
			"/places/filter?what=name&value=", "/places/filter?what=name&how=contains&value=", "/places/filter?what=", "/waiters/filter?what=restaurant&q=",
			"/places/1?in=q%3D", "/places/views?again=x&query=q%3D", "/places/views?again=",
		} {
			if p := s.mustBear(path + q); p.Status == http.StatusOK && strings.HasSuffix(path, "?q=") && name == "a question" && len(p.listed()) > 0 && path == "/places?q=" {
				t.Errorf("%s finds %q", p.what, p.listed())
			}
		}
		for _, operator := range []string{"", "__iexact", "__contains", "__icontains", "__startswith", "__istartswith", "__endswith", "__iendswith", "__in"} {
			for _, path := range []string{"/places?name", "/places?exclude__restaurant__waiter__name", "/waiters?restaurant__place__address"} {
				s.mustBear(path + operator + "=" + q)
			}
		}
	}
	if s.changes() != before {
		t.Error("something was written")
	}
}

func TestALongAddressIsAnsweredOrRefusedInWords(t *testing.T) {
	repeats(t)
	t.Parallel()
	s := newSite(t)
	many := func(n int, condition string) string { return strings.Repeat(condition+"&", n) }
	for _, query := range []string{
		many(50, "name__icontains="+strings.Repeat("a", 1000)), many(51, "name=x"), many(900, "name=x"), many(50, "exclude__restaurant__waiter__restaurant__place__name__icontains=demon"),
		"pk__in=" + strings.Repeat("7,", 999) + "1", "name__in=" + strings.Repeat("%2C", 999), "pk__in=" + strings.Repeat("7,", 20_000) + "1",
		strings.Repeat("restaurant__waiter__", 2000) + "name=x", strings.Repeat("_", 50_000) + "=1", strings.Repeat("x", 60_000) + "=1", "sort=" + strings.Repeat("n", 60_000),
		"count=" + strings.Repeat("exact", 10_000), "after=" + strings.Repeat("A", 60_000), "q=a&q=b&q=c&sort=name&sort=address&count=exact&count=exact", "after=&before=&q=&sort=&count=",
	} {
		for _, path := range []string{"/places", "/restaurants", "/waiters", "/places/new", "/search", "/places/filter", "/history"} {
			s.mustBear(path + "?" + query)
		}
		s.mustBear("/places/filter?list=" + url.QueryEscape("?"+query))
		s.mustBear("/places/filter?change=" + url.QueryEscape(query))
		s.mustBear("/places/1?in=" + url.QueryEscape(query))
		s.mustBear("/places/1", "Cookie", "maitred_list_places=places?"+query)
	}
}

func TestAMarkThatIsForgedIsRefusedOrAPageLikeAnyOther(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	var marks []string
	for _, value := range []string{`"demon dogs"`, `""`, `"1demon"`, `"0"`, `"\u0000"`, `"\ud800"`, `1`, `-1`, `1e999`, `9223372036854775807`, `-9223372036854775808`, `9223372036854775808`, `1.5`, `true`, `null`, `[]`, `{}`, `"` + strings.Repeat("x", 5000) + `"`} {
		for _, rest := range []string{`,1`, `,1,1`, `,1,9223372036854775807`, `,1,-5`, `,1,"7"`, `,1,null`, `,-9223372036854775808`, `,9223372036854775807,1099511627776`, `,"1"`, `,null`, `,1,1,1`, ``} {
			marks = append(marks, base64.RawURLEncoding.EncodeToString([]byte("["+value+rest+"]")))
		}
	}
	marks = append(marks, "end", "END", "null", base64.RawURLEncoding.EncodeToString([]byte("null")), base64.StdEncoding.EncodeToString([]byte(`["a",1]`)), "%00", "....")
	for _, mark := range marks {
		for _, list := range []string{"/places?", "/places?q=o&", "/places?q=o&sort=name&", "/places?sort=-restaurant&", "/restaurants?sort=waiters&", "/waiters?sort=restaurant&q=joe&", "/waiters?restaurant=1&", "/places?count=exact&"} {
			for _, direction := range []string{"after=", "before="} {
				w := s.answer(http.MethodGet, list[:strings.Index(list, "?")], list[strings.Index(list, "?")+1:]+direction+mark, "")
				if w.Code != http.StatusOK && w.Code != http.StatusBadRequest {
					t.Errorf("%s%s%s: answered %d", list, direction, mark, w.Code)
				}
				if body := w.Body.String(); w.Code == http.StatusOK && (strings.Contains(body, ">-") || strings.Contains(body, "–-")) {
					t.Errorf("%s%s%s tells of a negative number", list, direction, mark)
				}
			}
		}
	}
}

func TestAForgedCookieIsNoCookie(t *testing.T) {
	repeats(t)
	t.Parallel()
	s := newSite(t)
	before := s.changes()
	for _, value := range []string{
		"", "x", "places?", "places?%zz", "places?a;b", "places?q=%00", "places?q=%ff", "waiters?q=joe", "places?sort=nonsense", "places?name__nonsense=1", "places?after=end", "places?before=end&count=exact",
		"places?in=in%3Din", "places?" + strings.Repeat("q=x&", 900), "users?q=x", "../places?q=x", "9223372036854775808", "-1", "1", "1e3", strings.Repeat("A", 26), strings.Repeat("a", 26), strings.Repeat("A", 27),
		"AAAAAAAAAAAAAAAAAAAAAAAAA'", `"`, "é",
	} {
		for _, name := range []string{"maitred_list_places", "maitred_person", "maitred_done"} {
			for _, path := range []string{"/", "/places", "/places/1", "/waiters/1", "/places/views", "/search?q=demon", "/history"} {
				if p := s.mustBear(path, "Cookie", name+"="+value); p.Status != http.StatusOK {
					t.Errorf("%s with the cookie %s=%q: answered %d", path, name, value, p.Status)
				}
			}
		}
	}
	if s.changes() != before {
		t.Error("something was written")
	}
}

func TestViewsAreKeptWhateverTheyAreCalledAndHoweverManyThereAre(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	const person = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
	save := func(name, query string) *page {
		return s.send("/places/views?"+query, values("name", name, "shared", "1"), "Cookie", "maitred_person="+person)
	}
	for name, words := range monsters {
		p := save(words, "q=demon")
		if p.Status != http.StatusSeeOther && p.Status != http.StatusUnprocessableEntity && (p.Status != http.StatusRequestEntityTooLarge || len(words) < 60_000) {
			t.Errorf("%s: a view of this name is answered %d %s", name, p.Status, p.short())
		}
	}
	for _, query := range []string{"restaurant__nonsense=1", "serves_pizza=true", "name=%00", "after=W10", "q=" + strings.Repeat("x", 30_000), "", "%zz", "sort=waiters"} {
		p := save("A "+query[:min(10, len(query))], query)
		if p.Status != http.StatusSeeOther && p.Status != http.StatusUnprocessableEntity && p.Status != http.StatusBadRequest {
			t.Errorf("?%.40s: a view of this is answered %d %s", query, p.Status, p.short())
		}
	}
	for i := range 400 {
		if p := save(fmt.Sprint("View ", i), fmt.Sprint("q=", i)); p.Status != http.StatusSeeOther && p.Status != http.StatusUnprocessableEntity {
			t.Fatalf("view %d is answered %d %s", i, p.Status, p.short())
		}
	}
	for _, path := range []string{"/places", "/places/views", "/waiters/views", "/places?q=7", "/places/views/1", "/waiters/views/1", "/places/views/0", "/places/views/9223372036854775807", "/places/views/x"} {
		p := s.get(path, "Cookie", "maitred_person="+person)
		if !slices.Contains([]int{http.StatusOK, http.StatusNotFound}, p.Status) || len(p.Body) > 1_000_000 {
			t.Errorf("%s is answered %d with %d bytes", path, p.Status, len(p.Body))
		}
	}
	s.get("/places").status(http.StatusOK)
}

func TestAQuestionThatMakesNoSenseIsAPageThatNamesWhatIsKnown(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	for address, words := range map[string]string{
		"/restaurants?color=red":             "restaurants have no “color”. They have: pk, place_id, serves_hot_dogs, serves_pizza, place, waiter, waiter__count.",
		"/restaurants?exclude__place__nam=x": "places have no “nam”. They have: pk, id, name, address, restaurant, restaurant__count.",
		"/waiters?name__gt=A":                "after “name” only these can follow: exact, iexact, contains, icontains, startswith, istartswith, endswith, iendswith, in, isnull.",
		"/places?restaurant__contains=1":     "only these can follow: exact, in, gt, gte, lt, lte, isnull.",
		"/restaurants?serves_pizza=maybe":    "“maybe”, which is no yes or no; write true, false, 1 or 0.",
		"/waiters?restaurant=Joe":            "“Joe”, which is no whole number.",
	} {
		list, _, _ := strings.Cut(address, "?")
		s.get(address).status(http.StatusBadRequest).says(words).leads(list)
	}
}
