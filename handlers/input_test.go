package handlers_test

import (
	"fmt"
	"io"
	"mime/multipart"
	"net/http"
	"net/url"
	"strings"
	"testing"

	"github.com/PuerkitoBio/goquery"
	"golang.org/x/net/html"
)

func TestNamesAndAddressesAreCleanedBeforeTheyAreSaved(t *testing.T) {
	repeats(t)
	t.Parallel()
	s := emptySite(t)
	for i, c := range []struct{ typed, saved string }{
		{"  Demon Dogs\t", "Demon Dogs"},
		{"\u00a0\u3000Demon Dogs\u2003\r\n", "Demon Dogs"},
		{"Cafe\u0301", "Café"},
		{strings.Repeat("x", 50), strings.Repeat("x", 50)},
		{" " + strings.Repeat("é", 50) + " ", strings.Repeat("é", 50)},
		{strings.Repeat("e\u0301", 50), strings.Repeat("é", 50)},
		{strings.Repeat("🌭", 50), strings.Repeat("🌭", 50)},
		{"two  spaces inside", "two  spaces inside"},
		{"0", "0"},
		{"' OR 1=1; DROP TABLE places; --", "' OR 1=1; DROP TABLE places; --"},
		{"%00?:name{0}$1\\", "%00?:name{0}$1\\"},
	} {
		s.post("/places", "name", c.typed, "address", c.typed).leadTo(fmt.Sprint("/places/", i+1))
		s.get(fmt.Sprintf("/places/%d/edit", i+1)).keeps("name", c.saved).keeps("address", c.saved)
		s.get("/places?" + url.Values{"name": {c.saved}, "pk": {fmt.Sprint(i + 1)}}.Encode()).lists(fmt.Sprint(i + 1))
	}
}

func TestWhatIsNoLineOfTextIsRefusedAtItsFieldAndKept(t *testing.T) {
	repeats(t)
	t.Parallel()
	s := newSite(t)
	type field struct{ path, name string }
	limits := map[field]int{{"/places", "name"}: 50, {"/places", "address"}: 80, {"/waiters", "name"}: 50, {"/places/1", "name"}: 50, {"/waiters/1", "name"}: 50}
	for f, limit := range limits {
		for _, c := range []struct{ typed, says string }{
			{"", "is missing"},
			{"   ", "is missing"},
			{"\u200b\u200d\ufeff", "is missing"},
			{"\u2800", "is missing"},
			{strings.Repeat("x", limit+1), fmt.Sprintf("has %d characters; it can have %d at most", limit+1, limit)},
			{strings.Repeat("🌭", limit+1), fmt.Sprintf("has %d characters", limit+1)},
			{strings.Repeat("x", 60_000), "has 60000 characters"},
			{"two\nlines", "one line"},
			{"two\u2028lines", "one line"},
			{"a\tb", "one line"},
			{"bell\a", "one line"},
			{"\x7f\x1b[31m", "one line"},
			{"x\u0085x", "one line"},
		} {
			form := values("name", "Sound", "address", "Sound", "restaurant_id", demonDogs)
			form.Set(f.name, c.typed)
			s.writesNothing(func() {
				s.send(f.path, form).status(http.StatusUnprocessableEntity).says("Nothing was saved").saysAt(f.name, c.says).keeps(f.name, lines(c.typed))
			})
		}
		for typed, says := range map[string]string{"a\x00b": "one line", "\x00": "one line", "bad \xff\xfe": "cannot be read", "\xed\xa0\x80": "cannot be read"} {
			form := values("name", "Sound", "address", "Sound", "restaurant_id", demonDogs)
			form.Set(f.name, typed)
			s.writesNothing(func() {
				s.send(f.path, form).status(http.StatusUnprocessableEntity).saysAt(f.name, says)
			})
		}
	}
}

// lines is a text as it comes back from an HTML parser.
func lines(s string) string { return strings.ReplaceAll(s, "\r", "\n") }

func TestEveryWrongFieldHasItsSentence(t *testing.T) {
	repeats(t)
	t.Parallel()
	s := emptySite(t)
	s.post("/places", "name", "", "address", strings.Repeat("x", 81)).status(http.StatusUnprocessableEntity).
		saysAt("name", "The name is missing").saysAt("address", "The address has 81 characters").
		leads("#name").leads("#address").keeps("address", strings.Repeat("x", 81))
}

// evil are words that a page must show and never obey.
var evil = []string{
	`<script>alert(1)</script>`,
	`"><img src=x onerror=alert(1)>`,
	`' onfocus='alert(1)' autofocus='`,
	`</title></textarea></table><h1>big`,
	`javascript:alert(1)//`,
	`js:alert(1)`,
	`&lt;b&gt; &amp; &#60;`,
	`{{.}} {%x%} ${1} <!-- -->`,
	"\u202eright to left\u202c\u2066\u200f",
	"שלום עולם",
	"👩‍👩‍👧‍👦🌭🏳️‍🌈",
	`/\..\..//evil.example/`,
	`<svg/onload=alert(1)>`,
	`]]><![CDATA[`,
}

// skeleton is a page without its words: elements, the names of their attributes, and the values of
// those that a browser obeys.
func skeleton(p *page) string {
	var b strings.Builder
	var walk func(*html.Node)
	walk = func(n *html.Node) {
		if n.Type == html.ElementNode {
			fmt.Fprintf(&b, "<%s", n.Data)
			for _, a := range n.Attr {
				if fmt.Fprintf(&b, " %s", a.Key); strings.HasPrefix(a.Key, "hx-") || strings.HasPrefix(a.Key, "on") || a.Key == "src" || a.Key == "class" {
					value, _, _ := strings.Cut(a.Val, "?")
					fmt.Fprintf(&b, "=%q", value)
				}
			}
			b.WriteString(">\n")
		}
		for c := n.FirstChild; c != nil; c = c.NextSibling {
			walk(c)
		}
	}
	walk(p.Document.Nodes[0])
	return b.String()
}

func TestWhateverANameIsItStaysAName(t *testing.T) {
	repeats(t)
	t.Parallel()
	tell := func(name string) (pages []*page) {
		s := emptySite(t)
		s.add("/places", "name", name, "address", name)
		s.add("/places", "name", name, "address", name)
		s.add("/restaurants", "place_id", "1", "serves_pizza", "1")
		s.add("/waiters", "restaurant_id", "1", "name", name)
		s.get("/waiters/1/edit").form("post").with("name", name+"!").send().status(http.StatusSeeOther)
		q := url.Values{"q": {name}}.Encode()
		for _, path := range []string{
			"/", "/places", "/restaurants", "/waiters", "/places/1", "/places/2", "/restaurants/1", "/waiters/1",
			"/places/1/edit", "/waiters/1/edit", "/restaurants/new", "/waiters/new", "/restaurants/1/edit",
			"/places/1/delete", "/restaurants/1/delete", "/waiters/1/delete",
			"/restaurants/1/move", "/restaurants/1/move?place_id=2", "/restaurants/1/copy?place_id=2", "/restaurants/1/copy?place_id=1",
			"/places/2/bring", "/history", "/history/1", "/history/5",
			"/places?" + q, "/places?" + url.Values{"name": {name}}.Encode(),
		} {
			pages = append(pages, s.get(path))
		}
		pages = append(pages,
			s.get("/places?"+url.Values{"sort": {name}}.Encode()).status(http.StatusBadRequest),
			s.get("/places?"+url.Values{"x" + name: {name}}.Encode()).status(http.StatusBadRequest),
			s.get("/places?"+url.Values{"pk": {name}}.Encode()).status(http.StatusBadRequest),
			s.get("/"+url.PathEscape(name)).status(http.StatusNotFound),
			s.post("/places", "name", name).status(http.StatusUnprocessableEntity),
			s.post("/waiters", "name", strings.Repeat(name, 10)+strings.Repeat("x", 50)).status(http.StatusUnprocessableEntity),
			s.post("/waiters", "name", "x", "restaurant_id", name, "q", name).status(http.StatusUnprocessableEntity),
			s.post("/restaurants", "new_place", "1", "name", name).status(http.StatusUnprocessableEntity),
			s.post("/waiters/1", "name", name, "version", "1").status(http.StatusConflict),
		)
		for _, two := range [][2]string{{name, "Other"}, {"Other", name}} {
			at := "/places/" + s.add("/places", "name", "Before", "address", name)
			mine := s.get(at+"/edit").form("post").with("name", two[0])
			s.get(at+"/edit").form("post").with("name", two[1], "address", "Other").send().status(http.StatusSeeOther)
			asked := mine.send().status(http.StatusConflict)
			pages = append(pages, asked, asked.form("post").with("address", "").send().status(http.StatusUnprocessableEntity))
			s.get(at + "/delete").form("post").send().status(http.StatusSeeOther)
			pages = append(pages, mine.send().status(http.StatusNotFound))
		}
		move := s.get("/restaurants/1/move?place_id=2").form("post")
		s.add("/waiters", "restaurant_id", "1", "name", name)
		pages = append(pages, move.send().status(http.StatusConflict))
		s.get("/waiters/1/delete").form("post").send().status(http.StatusSeeOther)
		pages = append(pages, s.get("/waiters/1").status(http.StatusNotFound))
		return pages
	}
	harmless := tell("Demon Dogs")
	for _, name := range []string{ // fifty characters each at most
		`js:alert(1)"><script>alert(1)</script>`,
		`javascript:alert(1)//' onfocus='alert(1)' x='`,
		`</title></table></textarea><h1><img src=x on=a>`,
		"\u202eשלום\u2066\u200f👩‍👩‍👧‍👦 <svg/onload=a>{{.}} &lt;b&gt; &#6;",
	} {
		t.Run(name, func(t *testing.T) {
			for i, p := range tell(name) {
				if got, want := skeleton(p), skeleton(harmless[i]); got != want {
					t.Errorf("%s has other elements than with a harmless name.\nGot:\n%s", p.what, differing(got, want))
				}
			}
		})
	}
}

// differing are the first lines of got that want has not.
func differing(got, want string) string {
	g, w := strings.Split(got, "\n"), strings.Split(want, "\n")
	for i := range g {
		if i >= len(w) || g[i] != w[i] {
			return strings.Join(g[i:min(i+5, len(g))], "\n") + "\nWant:\n" + strings.Join(w[min(i, len(w)):min(i+5, len(w))], "\n")
		}
	}
	return "fewer lines"
}

func TestANameIsShownAsItWasTyped(t *testing.T) {
	repeats(t)
	t.Parallel()
	s := emptySite(t)
	for i, name := range evil {
		s.add("/places", "name", name, "address", name)
		p := s.get(fmt.Sprint("/places/", i+1))
		if got := squeezed(p.Find("main h1")); got != strings.Join(strings.Fields(name), " ") {
			t.Errorf("the heading says %q, want %q", got, name)
		}
		s.get(fmt.Sprintf("/places/%d/edit", i+1)).keeps("name", name).keeps("address", name)
	}
}

// Names with letters or marks that turn the direction are kept apart from the words around them.
func TestANameCannotTurnTheDirectionOfTheWordsAroundIt(t *testing.T) {
	repeats(t)
	t.Parallel()
	s := emptySite(t)
	const name = "\u202eevil"
	s.add("/places", "name", name, "address", name)
	s.add("/restaurants", "place_id", "1")
	s.add("/waiters", "restaurant_id", "1", "name", name)
	for _, path := range []string{"/", "/places", "/restaurants", "/waiters", "/places/1", "/restaurants/1", "/waiters/1", "/places/1/edit", "/places/1/delete", "/restaurants/1/move", "/waiters/1/move", "/restaurants/new", "/history", "/history/1"} {
		p := s.get(path)
		p.Find("body *").Contents().Each(func(_ int, n *goquery.Selection) {
			if goquery.NodeName(n) != "#text" || !strings.Contains(n.Text(), name) || n.Closest("bdi, input, title").Length() > 0 {
				return
			}
			if !strings.Contains(n.Text(), "\u2068"+name+"\u2069") {
				t.Errorf("%s: nothing keeps the name apart in %q", path, n.Text())
			}
		})
	}
}

func TestFieldsThatAFormDoesNotHaveAreIgnored(t *testing.T) {
	repeats(t)
	t.Parallel()
	s := newSite(t)
	id := s.add("/places", "name", "New", "address", "1", "id", "77", "pk", "77", "version", "99", "restaurant_count", "5", "name_norm", "evil", "NameNorm", "evil", "Version", "9")
	if id != "3" {
		t.Errorf("the body chose the key %s", id)
	}
	s.get("/places?q=evil").lists()
	s.add("/restaurants", "place_id", aceHardware, "identity", "99", "waiter_count", "7", "version", "99", "serves_pizza", "1")
	if n := s.counted("SELECT identity FROM restaurants WHERE place_id = 2"); n != 2 {
		t.Errorf("the body chose the identity %d", n)
	}
	// The path wins over the body, and a record changes its parent by moving only.
	s.get("/restaurants/"+aceHardware+"/edit").form("post").with("place_id", "3", "id", demonDogs, "identity", "1", "serves_hot_dogs", "1").send().leadTo("/restaurants/" + aceHardware)
	s.get("/waiters/"+joe+"/edit").form("post").with("id", "9", "restaurant_id", aceHardware, "name", "Joseph").send().leadTo("/waiters/" + joe)
	s.get("/waiters?restaurant=" + demonDogs).lists(joe)
	s.get("/restaurants").lists(demonDogs, aceHardware)
}

func TestAnAddressDoesNotFillAFormThatIsSent(t *testing.T) {
	repeats(t)
	t.Parallel()
	s := newSite(t)
	s.writesNothing(func() {
		s.post("/places?name=New&address=1").status(http.StatusUnprocessableEntity).saysAt("name", "missing")
		s.post("/restaurants?place_id="+aceHardware).status(http.StatusUnprocessableEntity).saysAt("place_id", "Choose")
		s.post("/places/1?name=New&address=1&version=1").status(http.StatusUnprocessableEntity)
		fingerprint := s.get("/places/1/delete").form("post").Get("fingerprint")
		s.post("/places/1/delete?fingerprint=" + url.QueryEscape(fingerprint)).status(http.StatusOK)
		s.post("/restaurants/1/move?place_id=" + aceHardware).status(http.StatusUnprocessableEntity)
	})
}

func TestOfAFieldThatIsSentTwiceTheFirstCounts(t *testing.T) {
	repeats(t)
	t.Parallel()
	s := emptySite(t)
	s.post("/places", "name", "First", "name", "Second", "address", "1").leadTo("/places/1").says("First").silentAbout("Second")
}

func TestABodyThatIsNoFormIsRefused(t *testing.T) {
	repeats(t)
	t.Parallel()
	s := newSite(t)
	s.writesNothing(func() {
		for body, typ := range map[string]string{
			`{"name":"New","address":"1"}`:           "application/json",
			`<place><name>New</name></place>`:        "application/xml",
			`name=New&address=1`:                     "text/plain",
			`name=New&address=2`:                     "",
			`name=New&address=3`:                     "nonsense; ; =",
			`name=%zz&address=1`:                     "application/x-www-form-urlencoded",
			`name=New;address=1`:                     "application/x-www-form-urlencoded",
			"--x\r\nnonsense":                        "multipart/form-data; boundary=x",
			"--x--":                                  "multipart/form-data",
			"\x00\xff\xfe":                           "application/octet-stream",
			strings.Repeat("a=1&", 15_000) + "b=1&c": "application/x-www-form-urlencoded",
		} {
			p := s.do(s.request(http.MethodPost, "/places", body, "Content-Type", typ))
			if p.Status < 400 || p.Status >= 500 {
				t.Errorf("a body of type %q: answered %d", typ, p.Status)
			}
		}
	})
}

func TestAFormInPartsIsAFormToo(t *testing.T) {
	repeats(t)
	t.Parallel()
	s := emptySite(t)
	send := func(address string) *page {
		body, typ := parts(t, "name", "New", "address", address)
		return s.do(s.request(http.MethodPost, "/places", body, "Content-Type", typ))
	}
	send("1").leadTo("/places/1").says("New")
	s.writesNothing(func() {
		send("").status(http.StatusUnprocessableEntity).saysAt("address", "missing").keeps("name", "New")
		send(strings.Repeat("x", 64<<10)).status(http.StatusRequestEntityTooLarge)
	})
}

// parts is a form as multipart/form-data, with its content type.
func parts(t *testing.T, pairs ...string) (body, contentType string) {
	t.Helper()
	var b strings.Builder
	w := multipart.NewWriter(&b)
	for i := 0; i < len(pairs); i += 2 {
		if err := w.WriteField(pairs[i], pairs[i+1]); err != nil {
			t.Fatal(err)
		}
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	return b.String(), w.FormDataContentType()
}

func TestAWriteFromAnotherSiteIsRefused(t *testing.T) {
	repeats(t)
	t.Parallel()
	s := newSite(t)
	form := values("name", "New", "address", "1")
	refused := [][]string{
		{"Sec-Fetch-Site", "cross-site"},
		{"Sec-Fetch-Site", "same-site"},
		{"Sec-Fetch-Site", "nonsense"},
		{"Sec-Fetch-Site", "cross-site", "Origin", s.url},
		{"Origin", "https://evil.example"},
		{"Origin", "null"},
		{"Origin", "http://localhost:1"},
	}
	s.writesNothing(func() {
		for _, headers := range refused {
			for _, path := range []string{"/places", "/places/1", "/places/1/delete", "/restaurants/1/move", "/sample", "/places/99", "/nonsense"} {
				s.send(path, form, headers...).status(http.StatusForbidden).says("another site")
			}
		}
	})
	for _, headers := range [][]string{nil, {"Sec-Fetch-Site", "same-origin"}, {"Sec-Fetch-Site", "none"}, {"Origin", s.url}} {
		s.send("/places", form, headers...).status(http.StatusSeeOther)
	}
	s.get("/places", "Sec-Fetch-Site", "cross-site").status(http.StatusOK)
}

func TestAnUnknownHostIsRefused(t *testing.T) {
	repeats(t)
	t.Parallel()
	s := newSite(t)
	for _, host := range []string{"evil.example", "localhost.evil.example", "10.0.0.1", "127.0.0.1.evil.example:80"} {
		p := s.get("/places", "Host", host).status(http.StatusMisdirectedRequest)
		s.get(p.Find("link[rel=stylesheet]").AttrOr("href", ""), "Host", host).status(http.StatusOK) // the page that says so is a whole one
		s.writesNothing(func() {
			s.send("/places", values("name", "x", "address", "x"), "Host", host).status(http.StatusMisdirectedRequest)
		})
	}
	for _, host := range []string{"localhost", "LOCALHOST:8080", "localhost.:8080", "127.0.0.1", "[::1]:8080", "desk.example", "Desk.Example.:443"} {
		s.get("/places", "Host", host).status(http.StatusOK)
	}
}

func TestFilesAreServedAsTheyAreWhateverTheBrowserUnpacks(t *testing.T) {
	repeats(t)
	t.Parallel()
	s := newSite(t)
	home := s.get("/")
	files := append(home.links("head link[href^='/static/']"), home.Find("head script[src]").Map(func(_ int, e *goquery.Selection) string { return e.AttrOr("src", "") })...)
	if len(files) < 3 {
		t.Fatalf("the page has the files %q", files)
	}
	for _, path := range files {
		plain := s.do(s.request(http.MethodGet, path, "", "Accept-Encoding", "identity")).status(http.StatusOK)
		r := s.request(http.MethodGet, path, "") // the transport unpacks once
		res, err := visitor.Do(r)
		if err != nil {
			t.Fatal(err)
		}
		unpacked, err := io.ReadAll(res.Body)
		if err != nil || string(unpacked) != plain.Body {
			t.Errorf("%s: unpacked it has %d bytes, plain %d: %v", path, len(unpacked), len(plain.Body), err)
		}
		_ = res.Body.Close()
		if !strings.Contains(plain.Header.Get("Cache-Control"), "immutable") {
			t.Errorf("%s: Cache-Control is %q", path, plain.Header.Get("Cache-Control"))
		}
	}
}

// However much is asked, the answer is a page or a refusal.
func TestALongAddressIsNoFault(t *testing.T) {
	repeats(t)
	t.Parallel()
	s := newSite(t)
	long := strings.Repeat("x", 100_000)
	for what, query := range map[string]string{
		"many numbers":         "pk__in=" + strings.Repeat("1,", 10_000) + "1",
		"many words in a list": "name__in=" + strings.Repeat("a,", 10_000),
		"a long word":          "q=" + long,
		"many words":           "q=" + strings.Repeat("a+", 50_000),
		"a long name":          "name=" + long,
		"a long part":          "name__icontains=" + long,
		"many conditions":      strings.Repeat("name=a&", 900),
		"a long way":           strings.Repeat("restaurant__place__", 2_000) + "name=a",
		"a way of some length": strings.Repeat("restaurant__place__", 40) + "name=a",
		"many ways":            strings.Repeat("restaurant__place__", 20) + "name=a&exclude__" + strings.Repeat("restaurant__place__", 20) + "name=a",
		"a long sort":          "sort=" + long,
		"a long condition":     long + "=1",
	} {
		if p := s.get("/places?" + query); p.Status != http.StatusOK && p.Status != http.StatusBadRequest {
			t.Errorf("%s: answered %d", what, p.Status)
		}
	}
	for _, path := range []string{"/restaurants/new?q=" + long, "/restaurants/1/move?q=" + long, "/places/2/bring?q=" + long, "/history/1?kind=%00&identity=x", "/history/1?kind=" + long, "/history?before=" + long[:50]} {
		s.get(path)
	}
}

func TestAddressesWithBrokenWordsAreNoFault(t *testing.T) {
	repeats(t)
	t.Parallel()
	s := newSite(t)
	for _, word := range []string{"%00", "a%00b", "%ff", "%ed%a0%80", "%f0%9f", "%e2%80%ae", "%27", "%22", "%5c", "?", "%3f", "{0}", "%3fTableAlias", "%25", "_", "*", "--", "/*", "%0a"} {
		for _, name := range []string{"q", "name", "name__icontains", "name__in", "exclude__name__iendswith", "name__startswith", "name__istartswith", "after", "before", "sort", "pk", "restaurant__place__name__contains"} {
			s.get("/places?" + name + "=" + word)
			s.get("/places?" + word + "=" + name)
		}
		for _, path := range []string{"/restaurants/new?q=", "/restaurants/new?place_id=", "/restaurants/1/move?place_id=", "/places/2/bring?restaurant=", "/history?before=", "/history/1?kind=", "/history/1?identity=", "/waiters/new?name="} {
			s.get(path + word)
		}
		s.get("/places", "Cookie", "maitred_done="+word)
		s.get("/places", "HX-Request-Type", "partial", "HX-Target", "#"+word)
	}
}
