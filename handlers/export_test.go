package handlers_test

import (
	"bytes"
	"context"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	"maitred/models/graph"
	"maitred/models/sheet"
)

// file expects a file and returns what a spreadsheet shows of it, a line for each row.
func (p *page) file() (lines []string) {
	p.s.t.Helper()
	p.status(http.StatusOK)
	body := []byte(p.Body)
	book, err := sheet.Read(context.Background(), bytes.NewReader(body), int64(len(body)), "file", sheet.Limits{})
	if err != nil {
		p.s.t.Fatalf("%s: %v", p.what, err)
	}
	for _, table := range book.Tables {
		lines = append(lines, strings.Join(table.Header, ","))
		for _, row := range table.Rows {
			lines = append(lines, strings.Join(row.Cells, ","))
		}
	}
	return lines
}

// holds expects these lines in the file of a list, as CSV and as XLSX.
func (s *site) holdsLines(list, asked string, want ...string) {
	s.t.Helper()
	for _, ending := range []string{".csv", ".xlsx"} {
		if got := s.get(list + ending + asked).file(); !slices.Equal(got, want) {
			s.t.Errorf("%s%s%s holds\n%s\nwant\n%s", list, ending, asked, strings.Join(got, "\n"), strings.Join(want, "\n"))
		}
	}
}

func TestAListIsDownloadedAsItIsShown(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	s.holdsLines("/places", "", "id,name,address", "2,Ace Hardware,1013 N. Ashland", "1,Demon Dogs,944 W. Fullerton")
	s.holdsLines("/places", "?sort=-name", "id,name,address", "1,Demon Dogs,944 W. Fullerton", "2,Ace Hardware,1013 N. Ashland")
	s.holdsLines("/places", "?q=ash", "id,name,address", "2,Ace Hardware,1013 N. Ashland")
	s.holdsLines("/places", "?restaurant__isnull=false&exclude__pk=2&q=", "id,name,address", "1,Demon Dogs,944 W. Fullerton")
	s.holdsLines("/places", "?q=nowhere", "id,name,address")
	s.holdsLines("/restaurants", "", "place_id,place_name,place_address,serves_hot_dogs,serves_pizza,waiters", "1,Demon Dogs,944 W. Fullerton,yes,no,1")
	s.holdsLines("/waiters", "?restaurant__place__name__startswith=Demon", "id,name,restaurant_id,place_name,place_address", "1,Joe,1,Demon Dogs,944 W. Fullerton")

	for _, refused := range []string{"?colour=red", "?sort=colour", "?pk=x"} {
		s.get("/places.csv" + refused).status(http.StatusBadRequest).leads("/places")
	}
	for _, place := range []string{"?after=x&before=y&count=many", "?before=end", "?count=exact"} { // which page it is about is no matter
		if n := len(s.get("/places.csv" + place).file()); n != 3 {
			t.Errorf("%s has %d lines", place, n)
		}
	}
	s.get("/nothing.csv").status(http.StatusNotFound)
	s.post("/places.csv", "id", "1").status(http.StatusMethodNotAllowed)
}

func TestADownloadSaysWhatItIs(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	s.Now = func() time.Time { return time.Date(2026, 11, 29, 23, 0, 0, 0, time.FixedZone("there", -5*3600)) }
	for ending, typ := range map[string]string{
		"csv":  "text/csv; charset=utf-8",
		"xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
	} {
		for _, method := range []string{http.MethodGet, http.MethodHead} {
			p := s.do(s.request(method, "/places."+ending, "")).status(http.StatusOK)
			for header, want := range map[string]string{
				"Content-Type": typ, "Content-Disposition": `attachment; filename="places-2026-11-30.` + ending + `"`,
				"Cache-Control": "no-store", "X-Content-Type-Options": "nosniff",
			} {
				if got := p.Header.Get(header); got != want {
					t.Errorf("%s %s: %s is %q, want %q", method, ending, header, got, want)
				}
			}
			if (method == http.MethodHead) != (p.Body == "") {
				t.Errorf("%s %s has a body of %d bytes", method, ending, len(p.Body))
			}
		}
	}
	for n := range 60 {
		s.add("/places", "name", fmt.Sprint("Place ", n), "address", "1 Street")
	}
	for ending, packed := range map[string]string{"csv": "gzip", "xlsx": ""} { // which is packed as it is
		if got := s.get("/places."+ending, "Accept-Encoding", "gzip").Header.Get("Content-Encoding"); got != packed {
			t.Errorf("%s is packed by %q, want %q", ending, got, packed)
		}
	}
}

func TestADownloadHasTheRowsOfAllPagesInTheirOrder(t *testing.T) {
	eachKind(t, func(t *testing.T, s *site, k *graph.Kind) {
		for n := range 30 {
			s.make(k, n)
		}
		person := s.person()
		person.done(person.post("/"+k.Table+"/columns", "rows", "25"))
		for _, asked := range []string{"?", "?" + descending(k), "?exclude__pk=3", "?q=a&exclude__pk=4"} {
			var shown []string
			for p := person.get("/" + k.Table + asked); ; p = person.get(p.rel("next")) {
				if shown = append(shown, p.listed()...); p.rel("next") == "" {
					break
				}
			}
			var keys []string
			for _, line := range person.get("/" + k.Table + ".csv" + asked).file()[1:] {
				key, _, _ := strings.Cut(line, ",")
				keys = append(keys, key)
			}
			if len(shown) < 26 || !slices.Equal(keys, shown) {
				t.Errorf("/%s%s lists %q, and %q are downloaded", k.Table, asked, shown, keys)
			}
		}
	})
}

func TestWhatAPersonHidInAListIsNotInItsFile(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	for _, c := range []struct {
		list, chosen, want string
	}{
		{"/places", "", "id,name"},
		{"/places", "restaurant", "id,name"},
		{"/places", "number,address", "id,name,address"},
		{"/restaurants", "waiters,serves_pizza", "place_id,place_name,serves_pizza,waiters"},
		{"/restaurants", "address,serves_hot_dogs,serves_pizza,waiters", "place_id,place_name,place_address,serves_hot_dogs,serves_pizza,waiters"},
		{"/waiters", "restaurant", "id,name,restaurant_id,place_name,place_address"}, // as for everybody
		{"/waiters", "restaurant,number", "id,name,restaurant_id,place_name"},
		{"/waiters", "address", "id,name,place_address"},
		{"/waiters", "", "id,name"},
	} {
		person := s.person()
		fields := []string{"rows", "50"}
		for _, name := range strings.Split(c.chosen, ",") {
			fields = append(fields, "column", name)
		}
		person.done(person.post(c.list+"/columns", fields...))
		if got := person.get(c.list + ".csv").file()[0]; got != c.want {
			t.Errorf("who chose %q in %s gets %s, want %s", c.chosen, c.list, got, c.want)
		}
	}
	if got := s.get("/places.csv").file()[0]; got != "id,name,address" {
		t.Errorf("others get %s", got)
	}
}

func TestANameIsNoFormulaInAFile(t *testing.T) {
	t.Parallel()
	s := emptySite(t)
	s.add("/places", "name", `=HYPERLINK("https://evil.example")`, "address", "+1;@SUM(A1)")
	if body := s.get("/places.csv").Body; strings.Contains(body, `"=`) || strings.Contains(body, ",=") || !strings.Contains(body, `'=HYPERLINK`) {
		t.Errorf("the file says %s", body)
	}
	s.holdsLines("/places", "", "id,name,address", `1,=HYPERLINK("https://evil.example"),+1;@SUM(A1)`) // read by us, it is what it was
}

func TestAListLeadsToItsFiles(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	s.get("/places").says("Download", "All 2 places, in this order and with these columns").leads("/places.csv").leads("/places.xlsx")
	s.get("/places?sort=-name&q=demon&count=exact").says("This place").leads("/places.csv?q=demon&sort=-name").leads("/places.xlsx?q=demon&sort=-name")
	s.get("/places?q=a&before=end").leads("/places.csv?q=a")
	s.get("/places?q=nowhere").silentAbout("Download")
	emptySite(t).get("/places").silentAbout("Download")
	if boosted := s.get("/places").Find(".tools a[href*='.csv'][hx-boost], [hx-boost] .tools a[href*='.csv']").Length(); boosted > 0 {
		t.Error("htmx fetches the file, and nobody gets it")
	}
	if part := s.get("/places?q=ace", "HX-Request", "true", "HX-Request-Type", "partial", "HX-Target", "div#list"); !strings.Contains(part.Body, `href="/places.csv?q=ace"`) {
		t.Error("while one types, the links stay behind")
	}
}

func TestWhoeverReadsMayDownloadAndNobodyElse(t *testing.T) {
	t.Parallel()
	s := newStaff(t)
	for name, status := range map[string]int{"": http.StatusUnauthorized, "Vic": http.StatusOK, "Ed": http.StatusOK, "Max": http.StatusOK} {
		for _, ending := range []string{".csv", ".xlsx"} {
			if p := s.as(name).get("/waiters" + ending).status(status); strings.Contains(p.Body, "Joe") != (status == http.StatusOK && ending == ".csv") {
				t.Errorf("%q is sent %.200s", name, p.Body)
			}
		}
	}
	if n := s.as("Vic").get("/places").Find(".tools a[href='/places.csv']").Length(); n != 1 {
		t.Errorf("who reads is led to the file %d times", n)
	}
}

func TestWhatCannotBeDoneBeforeTheFirstByteIsAPage(t *testing.T) {
	onlyOfAFile(t, "its columns take what they are not meant to")
	t.Parallel()
	s := newSite(t)
	s.exec("UPDATE restaurants SET waiter_count = 'many'")
	defer s.exec("UPDATE restaurants SET waiter_count = 1")
	log := s.logged(nil)
	w := s.serve(s.request(http.MethodGet, "/restaurants.csv", ""))
	if w.Code != http.StatusInternalServerError || !strings.HasPrefix(w.Header().Get("Content-Type"), "text/html") || w.Header().Get("Content-Disposition") != "" {
		t.Errorf("answered %d, %v", w.Code, w.Header())
	}
	if entries := log.lines(t); len(entries) != 2 {
		t.Errorf("the log has %v", entries)
	}
}
