package handlers_test

import (
	"net/http"
	"net/url"
	"slices"
	"strings"
	"testing"

	"github.com/PuerkitoBio/goquery"
)

// offered are the labels of what the form can ask, each with the word for it.
func (p *page) offered() map[string]string {
	offered := map[string]string{}
	p.Find("main select[name=what] optgroup option").Each(func(_ int, o *goquery.Selection) {
		group, _ := o.Parent().Attr("label")
		offered[o.AttrOr("value", "")] = group + ": " + o.Text()
	})
	return offered
}

func TestTheFormOffersWhatIsRelatedInPlainWords(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	for kind, want := range map[string]map[string]string{
		"places": {
			"name": "Place: Name", "address": "Place: Address", "restaurant__isnull": "Place: Has a restaurant",
			"restaurant": "Restaurant: The restaurant itself", "restaurant__serves_hot_dogs": "Restaurant: Restaurant serves hot dogs",
			"restaurant__serves_pizza": "Restaurant: Restaurant serves pizza", "restaurant__waiter__isnull": "Restaurant: Restaurant has waiters",
			"restaurant__waiter__count": "Restaurant: Restaurant's number of waiters",
			"restaurant__waiter":        "Waiters: A certain waiter", "restaurant__waiter__name": "Waiters: A waiter's name",
		},
		"restaurants": {
			"serves_hot_dogs": "Restaurant: Serves hot dogs", "serves_pizza": "Restaurant: Serves pizza",
			"waiter__isnull": "Restaurant: Has waiters", "waiter__count": "Restaurant: Number of waiters",
			"place": "Place: The place itself", "place__name": "Place: Place's name", "place__address": "Place: Place's address",
			"waiter": "Waiters: A certain waiter", "waiter__name": "Waiters: A waiter's name",
		},
		"waiters": {
			"name":       "Waiter: Name",
			"restaurant": "Restaurant: The restaurant itself", "restaurant__serves_hot_dogs": "Restaurant: Restaurant serves hot dogs",
			"restaurant__serves_pizza": "Restaurant: Restaurant serves pizza",
			"restaurant__place":        "Restaurant's place: The restaurant's place itself",
			"restaurant__place__name":  "Restaurant's place: Restaurant's place's name", "restaurant__place__address": "Restaurant's place: Restaurant's place's address",
		},
	} {
		got := s.get("/" + kind).click("Add a condition").offered()
		for what, label := range want {
			if got[what] != label {
				t.Errorf("%s: %s is offered as %q, want %q", kind, what, got[what], label)
			}
		}
		if len(got) != len(want) {
			t.Errorf("%s: %d are offered, want %d: %q", kind, len(got), len(want), got)
		}
	}
}

// fill goes through the form in two steps, as without scripts.
func (p *page) fill(what string, fields ...string) *page {
	p.s.t.Helper()
	second := p.form("get").with("what", what).send().status(http.StatusOK)
	f := second.form("get")
	if how := second.Find("main button[name=how]"); how.Length() == 1 {
		f.Set("how", how.AttrOr("value", ""))
	}
	return f.with(fields...).send()
}

func TestAConditionIsAddedInTwoSteps(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	for _, c := range []struct {
		list, what string
		fields     []string
		to, says   string
	}{
		{"/restaurants", "place__name", []string{"how", "istartswith", "value", "dem"}, "/restaurants?place__name__istartswith=dem", "Restaurants whose place's name starts with “dem”: 1."},
		{"/restaurants", "place__name", []string{"value", "n d"}, "/restaurants?place__name__icontains=n+d", "contains “n d”: 1."},
		{"/restaurants", "place__name", []string{"how", "iexact", "value", "demon dogs", "exactly", "1"}, "/restaurants?place__name=demon+dogs", "is “demon dogs”: 0."},
		{"/restaurants", "place__address", []string{"value", "ashland", "not", "1"}, "/restaurants?exclude__place__address__icontains=ashland", "does not contain “ashland”: 1."},
		{"/restaurants", "serves_pizza", []string{"value", "false"}, "/restaurants?serves_pizza=false", "that do not serve pizza: 1."},
		{"/restaurants", "waiter__count", []string{"how", "gte", "value", "1"}, "/restaurants?waiter__count__gte=1", "with at least 1 waiter: 1."},
		{"/restaurants", "waiter", []string{"value", "1"}, "/restaurants?waiter=1", "with the waiter Joe: 1."},
		{"/places", "restaurant__isnull", []string{"value", "true"}, "/places?restaurant__isnull=true", "without a restaurant: 1."},
		{"/places", "restaurant__serves_pizza", []string{"value", "true", "not", "1"}, "/places?exclude__restaurant__serves_pizza=true", "without a restaurant that serves pizza: 2."},
		{"/waiters", "restaurant__place", []string{"value", "1"}, "/waiters?restaurant__place=1", "whose restaurant's place is Demon Dogs: 1."},
		{"/waiters?q=jo&sort=-name", "name", []string{"value", " O"}, "/waiters?name__icontains=+O&q=jo&sort=-name", "that match “jo” and whose name contains “ O”: 0."},
		{"/places?name__icontains=d", "name", []string{"value", "a"}, "/places?name__icontains=d&name__icontains=a", "whose name contains “d” and contains “a”: 1."},
		{"/places?name__icontains=d", "name", []string{"value", "d"}, "/places?name__icontains=d", "whose name contains “d”: 2."},
	} {
		got := s.get(c.list).click("Add a condition").fill(c.what, c.fields...).leadTo(c.to).question()
		if !strings.HasSuffix(got, c.says) {
			t.Errorf("%s says %s, want %s", c.to, got, c.says)
		}
	}
}

func TestAConditionIsAddedByItsAddressAlone(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	s.get("/restaurants/filter?what=place__name&how=startswith&value=Demon").leadTo("/restaurants?place__name__startswith=Demon")
	s.get("/restaurants/filter?what=waiter__count&how=gt&value=0").leadTo("/restaurants?waiter__count__gt=0")
	if got := s.send("/restaurants/filter", url.Values{}); got.Status != http.StatusMethodNotAllowed {
		t.Errorf("the form can be posted: %d", got.Status)
	}
}

func TestAWrongValueIsToldAtItsFieldAndWhatWasTypedStays(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	for query, says := range map[string][2]string{
		"what=waiter__count&how=gt&value=many":                 {"value", "Type a whole number, such as 3."},
		"what=waiter__count&how=gt&value=1.5":                  {"value", "Type a whole number"},
		"what=waiter__count&how=gt&value=99999999999999999999": {"value", "Type a whole number"},
		"what=place__name&how=icontains&value=":                {"value", "Type the text to look for."},
		"what=place__name&how=icontains":                       {"value", "Type the text to look for."},
		"what=place__name&how=icontains&value=%FF":             {"value", "cannot be read"},
		"what=place__name&how=is&value=x":                      {"how", "Choose how it is compared."},
		"what=serves_pizza&how=exact":                          {"value", "Choose one of the two."},
		"what=serves_pizza&how=exact&value=perhaps":            {"value", "Choose one of the two."},
		"what=place&how=exact":                                 {"value", "Choose the place first."},
		"what=place&how=exact&value=99":                        {"value", "That place does not exist"},
		"what=place&how=exact&value=-1":                        {"value", "That place does not exist"},
		"what=color&how=exact&value=red":                       {"what", "Restaurants cannot be asked for that here."},
		"what=&next=1":                                         {"what", "Choose what the condition is about."},
	} {
		p := s.get("/restaurants/filter?" + query).status(http.StatusUnprocessableEntity).says(says[1])
		asked, _ := url.ParseQuery(query)
		p.saysAt(says[0], says[1])
		if f := p.form("get"); says[0] == "value" && !slices.Contains([]string{"", "\xff", "perhaps", "99", "-1"}, asked.Get("value")) && f.Get("value") != asked.Get("value") {
			t.Errorf("%s: what was typed is %q", query, f.Get("value"))
		}
	}
	s.get("/places/filter?list=color%3Dred").status(http.StatusBadRequest).says("places have no “color”").leads("/places")
	s.get("/places/filter?list=%25zz").status(http.StatusBadRequest).leads("/places")
	full := url.Values{"list": {strings.TrimSuffix(strings.Repeat("name__contains=a&", 50), "&")}, "what": {"name"}, "how": {"icontains"}, "value": {"b"}}
	s.get("/places/filter?"+full.Encode()).status(http.StatusUnprocessableEntity).says("An address can hold 50 conditions at most.").keepsAsked("value", "b")
}

// keepsAsked expects what was typed in a form that only asks to be still there.
func (p *page) keepsAsked(field, typed string) {
	p.s.t.Helper()
	if kept := p.form("get").Get(field); kept != typed {
		p.s.t.Errorf("%s: the field %s has %q, what was typed is %q", p.what, field, kept, typed)
	}
}

func TestAYesOrNoBeginsWithYes(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	for what, want := range map[string]string{"serves_pizza": "?serves_pizza=true", "serves_hot_dogs": "?serves_hot_dogs=true"} {
		s.get("/restaurants/filter?what="+what).form("get").with("how", "exact").send().leadTo("/restaurants" + want)
	}
	s.get("/restaurants/filter?list=serves_pizza%3Dfalse&change=serves_pizza%3Dfalse").chose("value", "false")
}

func TestAChipIsRemovedAndLeavesTheOthers(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	p := s.get("/places?name__contains=a&name__contains=e&exclude__restaurant__waiter__name=Joe&q=ace&sort=-restaurant&after=x")
	p.status(http.StatusBadRequest) // a mark that is none
	p = s.get("/places?name__contains=a&name__contains=e&exclude__restaurant__waiter__name=Joe&q=ace&sort=-restaurant")
	want := []string{"Matches “ace”", "Name contains “a”", "Name contains “e”", "Has no restaurant that has a waiter whose name is “Joe”", "Sorted by restaurant, most first"}
	if got := p.chips(); !slices.Equal(got, want) {
		t.Fatalf("the chips are %q, want %q", got, want)
	}
	left := p.links("main .chips .remove")
	for i, want := range []string{
		"/places?exclude__restaurant__waiter__name=Joe&name__contains=a&name__contains=e&sort=-restaurant",
		"/places?exclude__restaurant__waiter__name=Joe&name__contains=e&q=ace&sort=-restaurant",
		"/places?exclude__restaurant__waiter__name=Joe&name__contains=a&q=ace&sort=-restaurant",
		"/places?name__contains=a&name__contains=e&q=ace&sort=-restaurant",
		"/places?exclude__restaurant__waiter__name=Joe&name__contains=a&name__contains=e&q=ace",
	} {
		if left[i] != want {
			t.Errorf("without %s it is %s, want %s", p.chips()[i], left[i], want)
		}
	}
	if n := p.Find("main .chips abbr").Length(); n != 3 {
		t.Errorf("%d chips say that they mind case", n)
	}
	if n := s.get("/places?name__icontains=a&restaurant__isnull=true&restaurant__count=0&q=x").Find("main .chips abbr").Length(); n != 0 {
		t.Errorf("%d chips say that they mind case, though none does", n)
	}
	if got := s.get("/places?sort=name").chips(); got != nil {
		t.Errorf("the usual order is told as %q", got)
	}
}

func TestAChipIsChangedByTheFormThatMadeIt(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	s.add("/places", "name", "Taco Hut", "address", "3")
	for _, c := range []struct {
		list, chip string
		filled     string
		change     []string
		to         string
	}{
		{"/restaurants?place__name__startswith=Demon&q=x", "Place's name", "exactly=1&how=istartswith&value=Demon&what=place__name", []string{"value", "Taco", "exactly", ""}, "/restaurants?place__name__istartswith=Taco&q=x"},
		{"/restaurants?exclude__place__name__icontains=a", "Place's name", "how=icontains&not=1&value=a&what=place__name", []string{"not", ""}, "/restaurants?place__name__icontains=a"},
		{"/restaurants?serves_pizza=1", "Serves pizza", "value=true&what=serves_pizza", []string{"value", "false", "how", "exact"}, "/restaurants?serves_pizza=false"},
		{"/restaurants?exclude__serves_pizza=true", "Does not serve pizza", "value=false&what=serves_pizza", []string{"value", "true", "how", "exact"}, "/restaurants?serves_pizza=true"},
		{"/restaurants?waiter__count__gt=2", "Has more than 2", "how=gt&value=2&what=waiter__count", []string{"how", "lt"}, "/restaurants?waiter__count__lt=2"},
		{"/restaurants?place_id=1", "Place is Demon Dogs", "value=1&what=place", []string{"value", "2", "how", "exact"}, "/restaurants?place=2"},
		{"/places?restaurant__serves_pizza__isnull=true", "Has no restaurant", "value=true&what=restaurant__isnull", []string{"value", "false", "how", "isnull"}, "/places?restaurant__isnull=false"},
		{"/places?name__contains=a&name__contains=b&name__contains=c", "Name contains “b”", "exactly=1&how=icontains&value=b&what=name", []string{"value", "x"}, "/places?name__contains=a&name__contains=c&name__contains=x"},
	} {
		form := s.get(c.list).clickChip(c.chip).says("Change a condition").form("get")
		hidden := form.Values
		got := url.Values{}
		for name, values := range hidden {
			if name != "list" && name != "change" && name != "q" {
				got[name] = values
			}
		}
		if got.Encode() != c.filled {
			t.Errorf("%s: the form has %s, want %s", c.list, got.Encode(), c.filled)
		}
		form.with(c.change...).send().leadTo(c.to)
	}
	for _, beyond := range []string{"/places?name__in=A,B", "/places?pk=1", "/places?name__isnull=true", "/restaurants?waiter__restaurant__place__name=x", "/places?restaurant__in=1,2"} {
		p := s.get(beyond)
		if len(p.chips()) != 1 || p.Find("main .chips a[href*=change]").Length() != 0 {
			t.Errorf("%s: the form cannot say this, but offers to change it", beyond)
		}
	}
}

// clickChip follows the chip that begins with these words.
func (p *page) clickChip(words string) *page {
	p.s.t.Helper()
	chip := p.Find("main .chips a").FilterFunction(func(_ int, a *goquery.Selection) bool { return strings.HasPrefix(squeezed(a), words) })
	if chip.Length() != 1 {
		p.s.t.Fatalf("%s has %d chips %q: %q", p.what, chip.Length(), words, p.chips())
	}
	return p.s.get(chip.AttrOr("href", "")).status(http.StatusOK)
}

// A condition that is gone meanwhile is added anew.
func TestAChipThatIsGoneIsAdded(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	query := url.Values{"list": {"name__icontains=a"}, "change": {"name__icontains=b"}, "what": {"name"}, "how": {"iexact"}, "value": {"c"}}
	s.get("/places/filter?" + query.Encode()).leadTo("/places?name__icontains=a&name__iexact=c")
}

func TestThePickerOfTheFormSearchesAndKeepsWhatIsChosen(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	p := s.get("/restaurants/filter?what=place&value=1&q=ashland&not=1").status(http.StatusOK).says("Ace Hardware", "Demon Dogs")
	if f := p.form("get"); f.Get("value") != demonDogs || f.Get("not") != "1" || f.Get("q") != "ashland" {
		t.Errorf("the form has %s", f.Encode())
	}
	part := s.get("/restaurants/filter?what=place&q=ashland", "HX-Request", "true", "HX-Request-Type", "partial", "HX-Target", "div#value-hits")
	if strings.Contains(part.Body, "<html") || !strings.Contains(part.Body, "Ace Hardware") || strings.Contains(part.Body, "Demon Dogs") {
		t.Errorf("the part of the hits is %s", part.Body)
	}
}

// Where scripts run, the form is a part of the list's page, and choosing what it is about never
// refuses or completes it.
func TestTheFormIsAPartOfTheListWhereScriptsRun(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	list := s.get("/restaurants?place__name=x")
	if list.Find("main #filter").Children().Length() != 0 || list.Find("main input[form=filter-form][name=list]").AttrOr("value", "") != "?place__name=x" {
		t.Error("the list has no room for the form, or does not carry its query along")
	}
	part := s.get("/restaurants/filter?show=1&what=serves_pizza&how=icontains&value=x", "HX-Request", "true", "HX-Request-Type", "partial", "HX-Target", "div#filter").status(http.StatusOK)
	if strings.Contains(part.Body, "<html") || part.Find("#filter form input[type=radio][name=value]").Length() != 2 {
		t.Errorf("the part is %s", part.Body)
	}
	// The search was changed while the form stood open.
	s.get("/restaurants/filter?list=%3Fq%3Ddemon&what=serves_pizza&how=exact&value=true&list=%3Fq%3Dace").leadTo("/restaurants?q=ace&serves_pizza=true")
	s.get("/restaurants/filter?list=%3Fq%3Ddemon&what=serves_pizza&how=exact&value=true&list=%3F").leadTo("/restaurants?serves_pizza=true")
}
