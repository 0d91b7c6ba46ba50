package handlers_test

import (
	"cmp"
	"fmt"
	"net/http"
	"net/url"
	"reflect"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/PuerkitoBio/goquery"
	"github.com/uptrace/bun"

	"maitred/models/graph"
)

// This file holds what is true of every kind of record. It names none.

// eachKind tells a story once for each kind, on a site of its own.
func eachKind(t *testing.T, story func(*testing.T, *site, *graph.Kind)) {
	t.Parallel()
	for _, k := range emptySite(t).Graph.Kinds() {
		t.Run(k.Table, func(t *testing.T) {
			t.Parallel()
			s := emptySite(t)
			story(t, s, s.Graph.ByTable(k.Table))
		})
	}
}

// fresh are the fields of a new record, the nth of its kind; the records it belongs to are made
// where there are none, or none that is free.
func (s *site) fresh(k *graph.Kind, n int) []string {
	s.t.Helper()
	var fields []string
	for _, r := range k.Parents {
		key := ""
		if s.rows(r.To.Table) > 0 && r.Column != k.Key {
			key = strconv.Itoa(s.counted("SELECT min(?) FROM ?", bun.Ident(r.To.Key.Name), bun.Ident(r.To.Table)))
		} else {
			key = s.make(r.To, n)
		}
		fields = append(fields, r.Column.Name, key)
	}
	for _, c := range k.Columns {
		switch {
		case c.Inside || c.Type == graph.Integer:
		case c.Type == graph.Text:
			fields = append(fields, c.Name, fmt.Sprintf("%s %d", c.Name, n))
		case n%2 == 0:
			fields = append(fields, c.Name, "1")
		}
	}
	return fields
}

// make creates the nth record of a kind and returns its key.
func (s *site) make(k *graph.Kind, n int) string {
	s.t.Helper()
	return s.add("/"+k.Table, s.fresh(k, n)...)
}

// own is the first column of a kind that people fill in.
func own(k *graph.Kind) *graph.Column {
	for _, c := range k.Columns {
		if !c.Inside && c.Type != graph.Integer {
			return c
		}
	}
	return nil
}

// edited is a record's form with one field changed, to something else for each n.
func (s *site) edited(k *graph.Kind, key string, n int) *filled {
	s.t.Helper()
	f := s.get(at(k, key, "edit")).status(http.StatusOK).form("post")
	c := own(k)
	switch {
	case c.Type == graph.Text:
		return f.with(c.Name, fmt.Sprintf("edited %d", n))
	case f.Has(c.Name):
		return f.with(c.Name, "")
	default:
		return f.with(c.Name, "1")
	}
}

func at(k *graph.Kind, key string, more ...string) string {
	return strings.Join(append([]string{"", k.Table, key}, more...), "/")
}

func TestAListIsATableWithARowForEachRecord(t *testing.T) {
	eachKind(t, func(t *testing.T, s *site, k *graph.Kind) {
		s.get("/" + k.Table).lists().leads("/" + k.Table + "/new")
		keys := []string{s.make(k, 1), s.make(k, 2), s.make(k, 3)}
		s.get("/" + k.Table).lists(keys...).says("3 " + k.Plural())
		s.get("/").leads("/" + k.Table)
	})
}

func TestARecordIsAddedByItsForm(t *testing.T) {
	eachKind(t, func(t *testing.T, s *site, k *graph.Kind) {
		fields := s.fresh(k, 2)
		p := s.get("/" + k.Table + "/new").status(http.StatusOK).form("post").with(fields...).send().status(http.StatusSeeOther)
		s.get("/" + k.Table).lists(strings.TrimPrefix(p.Header.Get("Location"), "/"+k.Table+"/"))
		f := s.get(p.Header.Get("Location") + "/edit").status(http.StatusOK).form("post")
		for _, c := range k.Columns {
			if i := slices.Index(fields, c.Name); i >= 0 && k.ParentBy(c) == nil && f.Get(c.Name) != fields[i+1] {
				t.Errorf("%s was saved as %q, want %q", c.Name, f.Get(c.Name), fields[i+1])
			}
		}
	})
}

func TestARecordThatLacksEverythingIsRefusedWithASentenceAtEachField(t *testing.T) {
	eachKind(t, func(t *testing.T, s *site, k *graph.Kind) {
		s.writesNothing(func() {
			p := s.post("/" + k.Table).status(http.StatusUnprocessableEntity).says("Nothing was saved")
			for _, c := range k.Columns {
				if k.ParentBy(c) != nil || c.Type == graph.Text && !c.Inside {
					p.saysAt(c.Name, ".")
				}
			}
		})
	})
}

func TestARecordIsChangedByItsForm(t *testing.T) {
	eachKind(t, func(t *testing.T, s *site, k *graph.Kind) {
		key := s.make(k, 1)
		f := s.edited(k, key, 1)
		typed := f.Get(own(k).Name)
		f.send().leadTo(at(k, key))
		s.get(at(k, key, "edit")).keeps(own(k).Name, typed)
	})
}

func TestAnEditThatChangesNothingWritesNothing(t *testing.T) {
	eachKind(t, func(t *testing.T, s *site, k *graph.Kind) {
		key := s.make(k, 1)
		s.writesNothing(func() { s.get(at(k, key, "edit")).form("post").send().leadTo(at(k, key)) })
	})
}

func TestAnEditWithoutItsVersionIsRefused(t *testing.T) {
	eachKind(t, func(t *testing.T, s *site, k *graph.Kind) {
		key := s.make(k, 1)
		f := s.edited(k, key, 1).with("version", "")
		s.writesNothing(func() {
			f.send().status(http.StatusConflict).keeps(own(k).Name, f.Get(own(k).Name))
		})
	})
}

// newest is the number of the last change.
func (s *site) newest() int { s.t.Helper(); return s.counted("SELECT max(id) FROM changes") }

func TestADeletionIsShownFirstAndDoneWithTheFormThatWasShown(t *testing.T) {
	eachKind(t, func(t *testing.T, s *site, k *graph.Kind) {
		key := s.make(k, 1)
		var preview *page
		s.writesNothing(func() {
			s.get(at(k, key, "delete")).status(http.StatusOK).says("1 " + k.Singular())
			preview = s.post(at(k, key, "delete")).status(http.StatusOK)
		})
		preview.form("post").send().leadTo("/" + k.Table)
		s.get(at(k, key)).status(http.StatusNotFound).
			says("Someone deleted", "202").leads("/history/" + strconv.Itoa(s.newest()))
		s.get("/" + k.Table).lists()
	})
}

func TestADeletionOfWhatChangedMeanwhileIsRefusedAndShowsTheDifference(t *testing.T) {
	eachKind(t, func(t *testing.T, s *site, k *graph.Kind) {
		key := s.make(k, 1)
		preview := s.get(at(k, key, "delete")).form("post")
		s.edited(k, key, 1).send().status(http.StatusSeeOther)
		var again *page
		s.writesNothing(func() {
			again = preview.send().status(http.StatusConflict).
				says("Nothing was deleted", "Someone changed").leads("/history/" + strconv.Itoa(s.newest()))
		})
		again.form("post").send().status(http.StatusSeeOther)
	})
}

func TestAMadeUpFingerprintDeletesNothing(t *testing.T) {
	eachKind(t, func(t *testing.T, s *site, k *graph.Kind) {
		key := s.make(k, 1)
		s.writesNothing(func() {
			for _, made := range []string{"x", ".", "AAAAAAAAAAAAAAAAAAAAAA.1", "\x00", strings.Repeat("é", 1000)} {
				s.post(at(k, key, "delete"), "fingerprint", made).status(http.StatusConflict)
			}
		})
	})
}

func TestAMoveIsShownFirstAndDoneWithTheFormThatWasShown(t *testing.T) {
	eachKind(t, func(t *testing.T, s *site, k *graph.Kind) {
		key := s.make(k, 1)
		if k.Home() == nil {
			s.get(at(k, key, "move")).status(http.StatusNotFound)
			return
		}
		column, to := k.Home().Column.Name, s.make(k.Home().To, 9)
		now := key
		if k.OneToOne() != nil {
			now = to
		}
		var preview *page
		s.writesNothing(func() {
			s.get(at(k, key, "move")).status(http.StatusOK)
			s.get(at(k, key, "move") + "?" + column + "=" + to).status(http.StatusOK).form("post")
			preview = s.post(at(k, key, "move"), column, to).status(http.StatusOK)
		})
		stale := preview.form("post")
		s.edited(k, key, 1).send().status(http.StatusSeeOther)
		s.writesNothing(func() {
			preview = stale.send().status(http.StatusConflict).says("Nothing was done").leads("/history/" + strconv.Itoa(s.newest()))
		})
		preview.form("post").send().leadTo(at(k, now)).leads(at(k.Home().To, to))
	})
}

func TestAnUnknownRecordIsNotFound(t *testing.T) {
	eachKind(t, func(t *testing.T, s *site, k *graph.Kind) {
		key := s.make(k, 1)
		pages := []string{"", "/edit", "/delete"}
		if k.Home() != nil {
			pages = append(pages, "/move")
		}
		if k.OneToOne() != nil {
			pages = append(pages, "/copy")
		}
		for _, id := range []string{"0", "-1", "007", "1e3", "abc", "99", "99999999999999999999", "+" + key, "0" + key, key + "%20", "%00", "%ff", key + ".0"} {
			for _, more := range pages {
				s.get("/" + k.Table + "/" + id + more).status(http.StatusNotFound)
				if more != "/edit" {
					s.writesNothing(func() {
						s.post("/"+k.Table+"/"+id+more, append(s.nothing(k), "version", "1", "fingerprint", "x")...).status(http.StatusNotFound)
					})
				}
			}
		}
		s.get(at(k, key, "nonsense")).status(http.StatusNotFound)
		s.get("/" + k.Table + "/").status(http.StatusNotFound)
	})
	s := emptySite(t)
	for _, path := range []string{"/nonsense", "/history/0", "/history/99", "/history/abc", "/places/1/bring", "/..", "//", "/%2e%2e/etc/passwd"} {
		s.get(path).status(http.StatusNotFound)
	}
}

// nothing are fields that name a target which exists, so that only the record itself is unknown.
func (s *site) nothing(k *graph.Kind) []string {
	if k.Home() == nil {
		return nil
	}
	return []string{k.Home().Column.Name, "1"}
}

func TestAWrongMethodIsRefusedAndTheRightOnesAreNamed(t *testing.T) {
	eachKind(t, func(t *testing.T, s *site, k *graph.Kind) {
		key := s.make(k, 1)
		both := []string{"GET", "HEAD", "POST"}
		allowed := map[string][]string{
			"/" + k.Table: both, at(k, key): both, at(k, key, "delete"): both,
			at(k, key, "edit"): both[:2], "/": both[:2], "/history": both[:2], "/history/1": both[:2],
		}
		if k.Home() != nil {
			allowed[at(k, key, "move")] = both
		}
		for path, methods := range allowed {
			for _, method := range []string{"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "TRACE", "BREW"} {
				if slices.Contains(methods, method) {
					continue
				}
				s.writesNothing(func() {
					p := s.do(s.request(method, path, "")).status(http.StatusMethodNotAllowed)
					for _, m := range methods {
						if !strings.Contains(p.Header.Get("Allow"), m) {
							t.Errorf("%s %s: Allow is %q, want %q in it", method, path, p.Header.Get("Allow"), m)
						}
					}
				})
			}
		}
	})
}

func TestHeadAnswersLikeGetWithoutABody(t *testing.T) {
	eachKind(t, func(t *testing.T, s *site, k *graph.Kind) {
		key := s.make(k, 1)
		for _, path := range []string{"/", "/history", "/history/1", "/" + k.Table, "/" + k.Table + "/new", at(k, key), at(k, key, "edit"), at(k, key, "delete"), at(k, "99")} {
			get, head := s.get(path), s.do(s.request(http.MethodHead, path, ""))
			if head.Status != get.Status || head.Body != "" || head.Header.Get("Content-Type") != get.Header.Get("Content-Type") {
				t.Errorf("HEAD %s: %d %q with %d bytes; GET has %d %q", path,
					head.Status, head.Header.Get("Content-Type"), len(head.Body), get.Status, get.Header.Get("Content-Type"))
			}
		}
	})
}

func TestABodyThatIsTooLargeIsRefused(t *testing.T) {
	eachKind(t, func(t *testing.T, s *site, k *graph.Kind) {
		key := s.make(k, 1)
		form := values(s.fresh(k, 2)...)
		s.writesNothing(func() {
			for _, path := range []string{"/" + k.Table, at(k, key), at(k, key, "delete")} {
				form.Set("more", strings.Repeat("x", 64<<10))
				s.send(path, form).status(http.StatusRequestEntityTooLarge).says("64 kB")
			}
		})
		form.Set("more", strings.Repeat("x", 60<<10))
		s.send("/"+k.Table, form).status(http.StatusSeeOther)
	})
}

func TestAQuestionThatMakesNoSenseIsRefusedAndSaysWhatIsKnown(t *testing.T) {
	eachKind(t, func(t *testing.T, s *site, k *graph.Kind) {
		s.make(k, 1)
		column := own(k).Name
		var known []string
		for _, c := range k.Columns {
			if !c.Inside {
				known = append(known, c.Name)
			}
		}
		for query, says := range map[string][]string{
			"nonsense=1":                 known,
			"version=1":                  known,
			column + "__nonsense=1":      {"exact"},
			column + "__exact__exact=1":  {"exact"},
			"pk__contains=1":             {"exact", "in", "gt"},
			"pk=one":                     {"whole number"},
			"pk__isnull=maybe":           {"true", "false"},
			"exclude__nonsense=1":        known,
			"=1":                         nil,
			"__=1":                       nil,
			"pk__=1":                     nil,
			"exclude__=1":                nil,
			"1%3D1%3BDROP%20TABLE%20x=1": known,
			"sort=nonsense":              {k.Sorts[0].Name},
			"sort=--" + k.Sorts[0].Name:  {k.Sorts[0].Name},
			"sort=version":               {k.Sorts[0].Name},
			"after=nonsense":             {"first page"},
			"before=W10":                 {"first page"},
			"after=WzFd":                 {"first page"},
			"after=x&before=y":           {"first page"},
			column + "=%zz":              nil,
			"q=%":                        nil,
		} {
			s.get("/" + k.Table + "?" + query).status(http.StatusBadRequest).says(says...)
		}
	})
}

func TestTheSameFormSentTwiceWritesOnce(t *testing.T) {
	eachKind(t, func(t *testing.T, s *site, k *graph.Kind) {
		f := s.get("/" + k.Table + "/new").form("post").with(s.fresh(k, 1)...)
		first := f.send().status(http.StatusSeeOther)
		s.writesNothing(func() {
			if second := f.send().status(http.StatusSeeOther); second.Header.Get("Location") != first.Header.Get("Location") {
				t.Errorf("the second answer leads to %s, the first to %s", second.Header.Get("Location"), first.Header.Get("Location"))
			}
		})
		key := s.get("/" + k.Table).listed()[0]
		edit := s.edited(k, key, 1)
		edit.send().leadTo(at(k, key))
		s.writesNothing(func() { edit.send().leadTo(at(k, key)) })
		preview := s.get(at(k, key, "delete")).form("post")
		preview.send().leadTo("/" + k.Table)
		s.writesNothing(func() { preview.send().leadTo("/" + k.Table) })
	})
}

func TestTheSameFormSentTwentyTimesAtOnceWritesOnce(t *testing.T) {
	eachKind(t, func(t *testing.T, s *site, k *graph.Kind) {
		key := s.make(k, 3)
		for what, f := range map[string]*filled{
			"add":    s.get("/" + k.Table + "/new").form("post").with(s.fresh(k, 1)...),
			"edit":   s.edited(k, key, 1),
			"delete": s.get(at(k, s.make(k, 5), "delete")).form("post"),
		} {
			before := s.changes()
			var requests []*http.Request
			for range 20 {
				requests = append(requests, f.request())
			}
			statuses, led := s.many(requests)
			if statuses[0] != http.StatusSeeOther || statuses[19] != http.StatusSeeOther || led[0] != led[19] {
				t.Errorf("%s: answered %v and led to %q", what, statuses, slices.Compact(led))
			}
			if n := s.changes() - before; n != 1 {
				t.Errorf("%s: %d changes were written", what, n)
			}
		}
	})
}

func TestAFormWithAnotherFieldIsANewRequest(t *testing.T) {
	eachKind(t, func(t *testing.T, s *site, k *graph.Kind) {
		f := s.get("/" + k.Table + "/new").form("post").with(s.fresh(k, 1)...)
		first := f.send().status(http.StatusSeeOther)
		second := f.with(s.fresh(k, 2)...).send().status(http.StatusSeeOther)
		if first.Header.Get("Location") == second.Header.Get("Location") || s.rows(k.Table) != 2 {
			t.Errorf("led to %s and %s, and wrote %d", first.Header.Get("Location"), second.Header.Get("Location"), s.rows(k.Table))
		}
	})
}

func TestTwoRequestsWithoutATokenAreTwo(t *testing.T) {
	eachKind(t, func(t *testing.T, s *site, k *graph.Kind) {
		fields := s.fresh(k, 1)
		s.post("/"+k.Table, fields...).status(http.StatusSeeOther)
		if k.OneToOne() != nil { // the second finds its parent taken
			s.post("/"+k.Table, fields...).status(http.StatusUnprocessableEntity).saysAt(k.Key.Name, "already has")
			return
		}
		s.post("/"+k.Table, fields...).status(http.StatusSeeOther)
		if n := s.rows(k.Table); n != 2 {
			t.Errorf("%d records were written", n)
		}
	})
}

func TestARelationIsShownOnThePagesOfBothRecords(t *testing.T) {
	eachKind(t, func(t *testing.T, s *site, k *graph.Kind) {
		for _, r := range k.Parents {
			fields := s.fresh(k, 1)
			parent := fields[slices.Index(fields, r.Column.Name)+1]
			if p := s.get(at(r.To, parent)); p.Find("main form.quick").Length() == 0 { // what is added by its name needs no page for that
				p.leads("/" + k.Table + "/new?" + r.Column.Name + "=" + parent)
			} else {
				p.form("post").with("name", fields[slices.Index(fields, "name")+1]).send().status(http.StatusSeeOther)
			}
			key := s.add("/"+k.Table, fields...)
			s.get(at(k, key)).leads(at(r.To, parent))
			s.get(at(r.To, parent)).leads(at(k, key))
		}
	})
}

func TestEveryWriteIsOneChangeThatIsShownOnTheRecordAndInHistory(t *testing.T) {
	eachKind(t, func(t *testing.T, s *site, k *graph.Kind) {
		fields := s.fresh(k, 1)
		key := ""
		wrote := func(what string, do func() *page) {
			t.Helper()
			before := s.changes()
			do().status(http.StatusSeeOther)
			if n := s.changes() - before; n != 1 {
				t.Errorf("%s wrote %d changes", what, n)
			}
			change := "/history/" + strconv.Itoa(s.newest())
			s.get("/history").leads(change)
			if s.get(change).status(http.StatusOK).says("Someone").Find("main table tbody tr").Length() == 0 {
				t.Errorf("%s: the change shows no row", what)
			}
			if what != "delete" {
				s.get(at(k, key)).leads(change)
			}
		}
		wrote("add", func() *page {
			p := s.post("/"+k.Table, fields...)
			key = strings.TrimPrefix(p.Header.Get("Location"), "/"+k.Table+"/")
			return p
		})
		wrote("edit", func() *page { return s.edited(k, key, 1).send() })
		if k.Home() != nil {
			column, to := k.Home().Column.Name, s.make(k.Home().To, 7)
			wrote("move", func() *page {
				f := s.get(at(k, key, "move") + "?" + column + "=" + to).form("post")
				if k.OneToOne() != nil {
					key = to
				}
				return f.send()
			})
		}
		wrote("delete", func() *page { return s.get(at(k, key, "delete")).form("post").send() })
	})
}

func TestTurningPagesShowsEveryRecordOnceInEveryOrder(t *testing.T) {
	repeats(t)
	t.Parallel()
	s := emptySite(t)
	const many = 101 // two pages and one record
	for _, k := range s.Graph.Kinds() {
		for n := s.rows(k.Table); n < many; n++ {
			s.make(k, n%17)
		}
	}
	for _, k := range s.Graph.Kinds() {
		for _, sort := range k.Sorts {
			for _, name := range []string{sort.Name, "-" + sort.Name} {
				t.Run(k.Table+" by "+name, func(t *testing.T) {
					forward := s.turn(t, k, "/"+k.Table+"?sort="+name, "next")
					all := s.rows(k.Table)
					if distinct := slices.Compact(slices.Sorted(slices.Values(forward))); len(forward) != all || len(distinct) != all {
						t.Errorf("%d rows were shown, %d different ones; there are %d", len(forward), len(distinct), all)
					}
					last := s.get("/" + k.Table + "?sort=" + name).rel("last")
					backward := s.turn(t, k, last, "prev")
					slices.Reverse(backward)
					if !slices.Equal(forward, backward) {
						t.Errorf("backward the pages show\n%v, forward\n%v", backward, forward)
					}
					first := s.get(last).rel("first")
					if got, want := s.get(first).listed(), s.get("/"+k.Table+"?sort="+name).listed(); !slices.Equal(got, want) {
						t.Errorf("the first page by its link shows %v, want %v", got, want)
					}
				})
			}
		}
	}
}

// rel is where the page's link with this rel leads; "" when there is none.
func (p *page) rel(rel string) string {
	return p.Find("main a[rel~="+rel+"]").AttrOr("href", "")
}

// turn follows the links with this rel to their end and returns the keys of all rows; of a page
// that is read backward, the last row first.
func (s *site) turn(t *testing.T, k *graph.Kind, path, rel string) (keys []string) {
	t.Helper()
	for turned := 0; path != ""; turned++ {
		if turned > 20 {
			t.Fatal("the pages do not end")
		}
		p := s.get(path).status(http.StatusOK).says(k.Counted(int64(s.rows(k.Table))))
		rows := p.listed()
		if rel == "prev" {
			slices.Reverse(rows)
		}
		keys = append(keys, rows...)
		path = p.rel(rel)
	}
	return keys
}

func TestAListSaysHowManyRecordsMatch(t *testing.T) {
	eachKind(t, func(t *testing.T, s *site, k *graph.Kind) {
		s.get("/" + k.Table).says(s.Graph.ByTable(k.Table).Plural())
		s.make(k, 1)
		s.make(k, 2)
		last := s.make(k, 3)
		s.get("/"+k.Table+"?pk="+last).lists(last).says(": 1.", "This "+k.Singular()).silentAbout("This 1")
		s.get("/" + k.Table + "?exclude__pk=" + last).says("2 " + k.Plural())
		s.get("/" + k.Table + "?q=nowhere").lists().says("No " + k.Singular()).leads("/" + k.Table)
	})
}

func TestAPartOfAPageIsOnlyForThoseWhoAskForAPartThatExists(t *testing.T) {
	eachKind(t, func(t *testing.T, s *site, k *graph.Kind) {
		s.make(k, 1)
		path := "/" + k.Table
		target := s.get(path).Find("main search form, main form[hx-get]").AttrOr("hx-target", "")
		if !strings.HasPrefix(target, "#") {
			t.Fatalf("the search replaces %q", target)
		}
		asking := []string{"HX-Request", "true", "HX-Request-Type", "partial", "HX-Target", "div" + target}
		whole := func(p *page) bool { return strings.Contains(p.Body, "<html") }
		for what, c := range map[string]struct {
			headers []string
			whole   bool
		}{
			"a part":                   {asking, false},
			"nothing":                  {nil, true},
			"an unknown part":          {append(slices.Clone(asking[:4]), "HX-Target", "div#nonsense"), true},
			"no part in particular":    {asking[:4], true},
			"all":                      {[]string{"HX-Request", "true", "HX-Request-Type", "full", "HX-Target", "body"}, true},
			"a page gone back to":      {[]string{"HX-History-Restore-Request", "true"}, true},
			"a page gone back to, too": {append(slices.Clone(asking), "HX-History-Restore-Request", "true"), true},
		} {
			p := s.get(path, c.headers...).status(http.StatusOK)
			if whole(p) != c.whole {
				t.Errorf("asked for %s, a whole page: %v", what, whole(p))
			}
			if p.Find(target).Length() != 1 {
				t.Errorf("asked for %s, got no %s", what, target)
			}
			vary := strings.Join(p.Header.Values("Vary"), ", ")
			for _, h := range []string{"HX-Request", "HX-Request-Type", "HX-Target", "HX-History-Restore-Request"} {
				if !slices.Contains(strings.Split(vary, ", "), h) {
					t.Errorf("asked for %s, Vary is %q without %s", what, vary, h)
				}
			}
		}
		if p := s.get(path+"?nonsense=1", asking...).status(http.StatusBadRequest); !whole(p) {
			t.Error("an error page is not whole")
		}
	})
}

func TestEveryPageIsOneClickAwayFromAnother(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	seen := map[string]bool{}
	todo := []string{"/"}
	for len(todo) > 0 {
		path := todo[0]
		todo = todo[1:]
		if u, err := url.Parse(path); err != nil || u.Host != "" || seen[path] || strings.HasPrefix(path, "/static/") {
			continue
		}
		seen[path] = true
		if len(seen) > 500 {
			t.Fatal("the pages do not end")
		}
		todo = append(todo, s.get(path).status(http.StatusOK).links("a:not([href^='#'])")...)
	}
	for _, k := range s.Graph.Kinds() {
		for _, path := range []string{"/" + k.Table, "/" + k.Table + "/new", at(k, "1"), at(k, "1", "edit"), at(k, "1", "delete")} {
			if !seen[path] {
				t.Errorf("no link leads to %s", path)
			}
		}
	}
}

// The sorts of a list promise an order by the normalised column and then by the key.
func TestAListIsInTheOrderOfItsSortAndThenOfTheKey(t *testing.T) {
	eachKind(t, func(t *testing.T, s *site, k *graph.Kind) {
		for _, n := range []int{3, 1, 2, 1, 3} {
			s.make(k, n)
		}
		for _, sort := range k.Sorts {
			path := k.Must(sort.Path)
			if path.Column.Norm != nil {
				path.Column = path.Column.Norm
			}
			ordered := func(desc string) (keys []string) {
				for i := range 5 {
					keys = append(keys, strconv.Itoa(s.counted(fmt.Sprintf("SELECT %s FROM %s ORDER BY %s %s, %s %s LIMIT 1 OFFSET %d",
						k.Key.Name, k.Table, path.SQL(k.Table), desc, k.Key.Name, desc, i))))
				}
				return keys
			}
			for name, want := range map[string][]string{sort.Name: ordered("ASC"), "-" + sort.Name: ordered("DESC")} {
				if got := s.get("/" + k.Table + "?sort=" + name).listed(); !slices.Equal(got[:5], want) {
					t.Errorf("sort=%s lists %v, want %v", name, got, want)
				}
			}
		}
	})
}

func TestTheColumnThatAListIsSortedByIsMarkedAndTurnsAround(t *testing.T) {
	eachKind(t, func(t *testing.T, s *site, k *graph.Kind) {
		s.make(k, 1)
		for _, sort := range k.Sorts {
			for name, c := range map[string]struct{ marked, other string }{sort.Name: {"ascending", "-" + sort.Name}, "-" + sort.Name: {"descending", sort.Name}} {
				p := s.get("/" + k.Table + "?sort=" + name)
				marked := p.Find("main th[aria-sort]")
				if marked.Length() != 1 || marked.AttrOr("aria-sort", "") != c.marked {
					t.Errorf("sort=%s: %d columns are marked, the first as %q", name, marked.Length(), marked.AttrOr("aria-sort", ""))
				}
				if href := marked.Find("a").AttrOr("href", ""); !strings.Contains(href+"&", "sort="+c.other+"&") {
					t.Errorf("sort=%s: the marked column leads to %s", name, href)
				}
				if stray := p.Find("[else], [if]"); stray.Length() > 0 {
					t.Errorf("sort=%s: a template leaks its own words into %s", name, goquery.NodeName(stray))
				}
			}
		}
	})
}

// What is declared twice must be said once: no two sorts or relations of a kind share a name.
func TestNamesOfAKindAreNotUsedTwice(t *testing.T) {
	t.Parallel()
	for _, k := range emptySite(t).Graph.Kinds() {
		var names []string
		for _, r := range slices.Concat(k.Parents, k.Children) {
			names = append(names, r.Name)
		}
		for _, c := range k.Columns {
			names = append(names, c.Name)
		}
		slices.SortFunc(names, cmp.Compare)
		if !reflect.DeepEqual(names, slices.Compact(slices.Clone(names))) {
			t.Errorf("%s: lookups cannot tell apart %q", k.Table, names)
		}
	}
}
