package handlers_test

import (
	"net/http"
	"net/url"
	"strings"
	"testing"

	"maitred/models/graph"
)

// questions are all conditions on a kind over a few relations, with a value that fits.
func questions(k *graph.Kind, prefix string, reach int) (all []url.Values) {
	ask := func(name, value string) {
		all = append(all, url.Values{prefix + name: {value}}, url.Values{"exclude__" + prefix + name: {value}})
	}
	number := func(name string) {
		for _, op := range []string{"", "__gt", "__gte", "__lt", "__lte"} {
			ask(name+op, "1")
		}
		ask(name+"__in", "1,2")
	}
	for _, c := range k.Columns {
		switch {
		case c.Inside:
			continue
		case c.Type == graph.Text:
			for _, op := range []string{"", "__iexact", "__contains", "__icontains", "__startswith", "__istartswith", "__endswith", "__iendswith", "__in"} {
				ask(c.Name+op, "Joe")
			}
		case c.Type == graph.Boolean:
			ask(c.Name, "true")
			ask(c.Name, "0")
			ask(c.Name+"__in", "1,0")
		default:
			number(c.Name)
		}
		ask(c.Name+"__isnull", "1")
		ask(c.Name+"__isnull", "false")
	}
	for _, rs := range [][]*graph.Relation{k.Parents, k.Children} {
		for _, r := range rs {
			number(r.Name)
			if !r.Parent {
				number(r.Name + "__count")
			}
			if reach > 0 {
				all = append(all, questions(r.To, prefix+r.Name+"__", reach-1)...)
			}
		}
	}
	return all
}

// Whatever can be asked has a sentence and a chip, and where the chip can be changed, the form that
// it opens asks the same.
func TestEveryQuestionHasASentenceAndItsFormAsksTheSame(t *testing.T) {
	repeats(t)
	t.Parallel()
	s := newSite(t)
	for _, k := range s.Graph.Kinds() {
		changed := 0
		for _, q := range questions(k, "", 2) {
			list := s.get("/" + k.Table + "?" + q.Encode()).status(http.StatusOK)
			said := list.question()
			if !strings.HasPrefix(said, strings.ToUpper(k.Plural()[:1])+k.Plural()[1:]+" ") || !strings.HasSuffix(said, ".") || strings.Contains(said, "  ") || len(list.chips()) != 1 || list.chips()[0] == "" {
				t.Errorf("%s says %q, with the chips %q", q.Encode(), said, list.chips())
			}
			change := list.Find("main .chips a[href*='change=']")
			if change.Length() == 0 {
				continue
			}
			changed++
			form := s.get(change.AttrOr("href", "")).status(http.StatusOK)
			f := form.form("get")
			if how := form.Find("main button[name=how]"); how.Length() == 1 {
				f.Set("how", how.AttrOr("value", ""))
			}
			sent := f.send()
			if again := s.get(sent.status(http.StatusSeeOther).Header.Get("Location")); again.question() != said {
				t.Errorf("%s says\n%s, changed to nothing else\n%s", q.Encode(), said, again.question())
			}
		}
		if changed < 50 {
			t.Errorf("only %d conditions on %s can be changed", changed, k.Plural())
		}
	}
}
