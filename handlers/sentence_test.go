package handlers_test

import (
	"fmt"
	"net/url"
	"strings"
	"testing"

	"github.com/PuerkitoBio/goquery"
)

// question is what the list says it shows.
func (p *page) question() string {
	p.s.t.Helper()
	live := p.Find("main #list .above > [role=status]")
	if live.Length() != 1 {
		p.s.t.Fatalf("%s has %d live sentences: %s", p.what, live.Length(), p.short())
	}
	return squeezed(live)
}

// chips are the words of what can be taken back.
func (p *page) chips() (chips []string) {
	p.Find("main .chips .remove .unseen").Each(func(_ int, e *goquery.Selection) {
		chips = append(chips, strings.TrimPrefix(squeezed(e), "Remove: "))
	})
	return chips
}

func TestAnAddressReadsAsASentence(t *testing.T) {
	t.Parallel()
	s := newSite(t) // Demon Dogs with hot dogs and Joe; Ace Hardware is free
	for address, want := range map[string]string{
		"/restaurants": "1 restaurant",
		"/restaurants?place__name__startswith=Demon&exclude__place__address__contains=Ashland": "Restaurants whose place's name starts with “Demon” and whose place's address does not contain “Ashland”: 1.",

		// Texts, mind they case or not, and their opposites.
		"/places?name=Ace+Hardware":                                                     "Places whose name is “Ace Hardware”: 1.",
		"/places?name__iexact=ace":                                                      "Places whose name is “ace”: 0.",
		"/places?name__icontains=a&name__iendswith=e":                                   "Places whose name contains “a” and ends with “e”: 1.",
		"/places?name__istartswith=a&exclude__name__contains=x":                         "Places whose name starts with “a” and does not contain “x”: 1.",
		"/places?exclude__name=x&exclude__name__startswith=y&exclude__name__endswith=z": "Places whose name is not “x” and does not end with “z” and does not start with “y”: 2.",
		"/places?name__in=A,B,C":                                                        "Places whose name is one of “A”, “B” and “C”: 0.",
		"/places?exclude__name__in=A,B":                                                 "Places whose name is not one of “A” and “B”: 2.",
		"/places?name__contains=":                                                       "Places whose name contains “”: 2.",
		"/places?name__isnull=true":                                                     "Places whose name is missing: 0.",
		"/places?name__isnull=false":                                                    "Places whose name is not missing: 2.",
		"/places?name=A&name=B":                                                         "Places whose name is “A” and is “B”: 0.",
		"/places?name__contains=a&q=dem":                                                "Places that match “dem” and whose name contains “a”: 0.",
		"/places?q=dem":                                                                 "Places that match “dem”: 1.",

		// Yes and no.
		"/restaurants?serves_hot_dogs=true":                     "Restaurants that serve hot dogs: 1.",
		"/restaurants?serves_hot_dogs=0&serves_pizza=1":         "Restaurants that serve pizza and do not serve hot dogs: 0.",
		"/restaurants?exclude__serves_pizza=true":               "Restaurants that do not serve pizza: 1.",
		"/restaurants?exclude__serves_pizza=false&q=x":          "Restaurants that match “x” and serve pizza: 0.",
		"/restaurants?serves_pizza__in=true,false":              "Restaurants that serve pizza or do not: 1.",
		"/places?restaurant__serves_pizza=true":                 "Places with a restaurant that serves pizza: 0.",
		"/places?restaurant__serves_pizza=false":                "Places with a restaurant that does not serve pizza: 1.",
		"/places?exclude__restaurant__serves_pizza=true":        "Places without a restaurant that serves pizza: 2.",
		"/restaurants?serves_pizza__isnull=true":                "Restaurants that do not say whether they serve pizza: 0.",
		"/waiters?restaurant__serves_pizza__isnull=false":       "Waiters whose restaurant says whether it serves pizza: 1.",
		"/waiters?restaurant__serves_pizza=true":                "Waiters whose restaurant serves pizza: 0.",
		"/waiters?exclude__restaurant__serves_pizza=true":       "Waiters whose restaurant does not serve pizza: 1.",
		"/waiters?restaurant__place__name__startswith=Demon":    "Waiters whose restaurant's place's name starts with “Demon”: 1.",
		"/places?restaurant__serves_pizza=1&name__icontains=de": "Places whose name contains “de” and with a restaurant that serves pizza: 0.",

		// One related row, of which all is so.
		"/restaurants?waiter__name__startswith=A&waiter__name__contains=Zo":       "Restaurants with a waiter whose name contains “Zo” and starts with “A”: 0.",
		"/restaurants?exclude__waiter__name=Joe":                                  "Restaurants without a waiter whose name is “Joe”: 0.",
		"/places?restaurant__serves_pizza=true&restaurant__waiter__name=Joe":      "Places with a restaurant that serves pizza and that has a waiter whose name is “Joe”: 0.",
		"/places?restaurant__waiter__name=Joe&restaurant__waiter__count__gt=2":    "Places with a restaurant that has more than 2 waiters and that has a waiter whose name is “Joe”: 0.",
		"/waiters?restaurant__waiter__name=Ann&restaurant__serves_hot_dogs=true":  "Waiters whose restaurant serves hot dogs and has a waiter whose name is “Ann”: 0.",
		"/waiters?exclude__restaurant__waiter__name=Ann":                          "Waiters whose restaurant has no waiter whose name is “Ann”: 1.",
		"/restaurants?waiter__restaurant__place__name=x":                          "Restaurants with a waiter whose restaurant's place's name is “x”: 0.",
		"/places?exclude__restaurant__waiter__name=Joe&exclude__restaurant__pk=2": "Places without the restaurant number 2 and without a restaurant that has a waiter whose name is “Joe”: 1.",

		// Whether there is one.
		"/places?restaurant__isnull=true":                                    "Places without a restaurant: 1.",
		"/places?restaurant__isnull=false":                                   "Places with a restaurant: 1.",
		"/places?restaurant__serves_pizza__isnull=true":                      "Places without a restaurant: 1.",
		"/places?restaurant__place__name__isnull=true":                       "Places without a restaurant: 1.",
		"/places?exclude__restaurant__isnull=true":                           "Places with a restaurant: 1.",
		"/places?exclude__restaurant__isnull=false":                          "Places without a restaurant: 1.",
		"/restaurants?waiter__isnull=true":                                   "Restaurants without waiters: 0.",
		"/restaurants?waiter__name__isnull=false":                            "Restaurants with waiters: 1.",
		"/restaurants?exclude__waiter__isnull=false":                         "Restaurants without waiters: 0.",
		"/waiters?restaurant__waiter__isnull=true":                           "Waiters whose restaurant has no waiters: 0.",
		"/places?restaurant__waiter__isnull=false":                           "Places with a restaurant that has waiters: 1.",
		"/places?restaurant__waiter__isnull=true":                            "Places either without a restaurant or with a restaurant that has no waiters: 1.",
		"/places?exclude__restaurant__waiter__isnull=true":                   "Places with a restaurant that has waiters: 1.",
		"/places?exclude__restaurant__waiter__isnull=false":                  "Places without a restaurant that has waiters: 1.",
		"/places?restaurant__waiter__isnull=true&restaurant__isnull=false":   "Places with a restaurant that has no waiters: 0.",
		"/places?restaurant__waiter__isnull=true&restaurant__serves_pizza=0": "Places with a restaurant that does not serve pizza and has no waiters: 0.",

		// How many there are.
		"/restaurants?waiter__count=0":                     "Restaurants with no waiters: 0.",
		"/restaurants?waiter__count=1":                     "Restaurants with exactly 1 waiter: 1.",
		"/restaurants?waiter__count__gte=3":                "Restaurants with at least 3 waiters: 0.",
		"/restaurants?waiter__count__lt=1200":              "Restaurants with fewer than 1,200 waiters: 1.",
		"/restaurants?waiter__count__lte=3":                "Restaurants with at most 3 waiters: 1.",
		"/restaurants?waiter__count__in=1,2,3":             "Restaurants with 1, 2 or 3 waiters: 1.",
		"/restaurants?exclude__waiter__count__gt=2":        "Restaurants with at most 2 waiters: 1.",
		"/restaurants?exclude__waiter__count=0":            "Restaurants with waiters: 1.",
		"/restaurants?exclude__waiter__count=4":            "Restaurants with not exactly 4 waiters: 1.",
		"/places?restaurant__waiter__count__gt=2":          "Places with a restaurant that has more than 2 waiters: 0.",
		"/places?exclude__restaurant__waiter__count__gt=2": "Places without a restaurant that has more than 2 waiters: 2.",
		"/waiters?restaurant__waiter__count__gt=2":         "Waiters whose restaurant has more than 2 waiters: 0.",
		"/places?restaurant__count=0":                      "Places without a restaurant: 1.",
		"/places?restaurant__count__gt=0":                  "Places with a restaurant: 1.",
		"/places?exclude__restaurant__count=1":             "Places without a restaurant: 1.",

		// Records by their names, however their keys are spelled.
		"/waiters?restaurant=1":                  "Waiters whose restaurant is Demon Dogs: 1.",
		"/waiters?restaurant_id=1":               "Waiters whose restaurant is Demon Dogs: 1.",
		"/waiters?restaurant__pk=1":              "Waiters whose restaurant is Demon Dogs: 1.",
		"/waiters?restaurant__place=1":           "Waiters whose restaurant's place is Demon Dogs: 1.",
		"/waiters?restaurant__place__id=1":       "Waiters whose restaurant's place is Demon Dogs: 1.",
		"/waiters?exclude__restaurant=1":         "Waiters whose restaurant is not Demon Dogs: 0.",
		"/restaurants?place=1":                   "Restaurants whose place is Demon Dogs: 1.",
		"/restaurants?place__pk=1":               "Restaurants whose place is Demon Dogs: 1.",
		"/restaurants?place_id=77":               "Restaurants whose place is number 77: 0.",
		"/restaurants?place__in=1,2,77":          "Restaurants whose place is one of Demon Dogs, Ace Hardware and number 77: 1.",
		"/restaurants?exclude__place__in=1,2":    "Restaurants whose place is not one of Demon Dogs and Ace Hardware: 0.",
		"/restaurants?place__gt=5":               "Restaurants whose place's number is more than 5: 0.",
		"/places?pk=1":                           "Places that are Demon Dogs: 1.",
		"/places?exclude__id__in=1,2":            "Places that are not one of Demon Dogs and Ace Hardware: 0.",
		"/places?restaurant=1":                   "Places with the restaurant at Demon Dogs: 1.",
		"/places?restaurant__place=1":            "Places with the restaurant at Demon Dogs: 1.",
		"/places?exclude__restaurant=1":          "Places without the restaurant at Demon Dogs: 1.",
		"/restaurants?waiter=1":                  "Restaurants with the waiter Joe: 1.",
		"/restaurants?waiter__pk__in=1,9":        "Restaurants with one of the waiters Joe and number 9: 1.",
		"/restaurants?exclude__waiter__in=1,9":   "Restaurants without any of the waiters Joe and number 9: 0.",
		"/restaurants?waiter=1&waiter__name=Joe": "Restaurants with a waiter that is Joe and whose name is “Joe”: 1.",
		"/places?restaurant__waiter=1":           "Places with a restaurant that has the waiter Joe: 1.",
	} {
		if got := s.get(address).question(); got != want {
			t.Errorf("%s\n says %s\nwants %s", address, got, want)
		}
	}
}

func TestManyRecordsOfOneConditionAreCounted(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	var keys []string
	for i := range 500 {
		keys = append(keys, fmt.Sprint(i+1))
	}
	said := s.get("/places?pk__in=" + strings.Join(keys, ",")).question()
	if !strings.HasPrefix(said, "Places that are one of Demon Dogs, Ace Hardware, number 3, ") || !strings.HasSuffix(said, ", number 20 and 480 more: 2.") {
		t.Errorf("the list says %s", said)
	}
}

// What people type stands in a sentence as it is, apart from our own words, and not at any length.
func TestWhateverIsTypedDoesNotDisturbTheSentence(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	for _, typed := range []string{
		`"quoted"`, "<script>alert(1)</script>", "</bdi>&amp;", "🌭🍕", "שלום", "a\u202eb", "one\ntwo", "  two  spaces ", "%41%", "js:alert(1)",
	} {
		p := s.get("/places?" + values("name", typed, "exclude__restaurant__waiter__name__icontains", typed, "q", typed).Encode())
		live := p.Find("main #list .above > [role=status]")
		live.Find("bdi").Each(func(_ int, e *goquery.Selection) {
			if e.Text() != typed {
				t.Errorf("%q stands there as %q", typed, e.Text())
			}
		})
		if n := live.Find("bdi").Length(); n != 3 || live.Children().Length() != 3 {
			t.Errorf("%q stands there %d times, beside %d other elements", typed, n, live.Children().Length())
		}
		// The form takes it up as it is.
		change, _ := p.Find("main .chips a[href*='change=name']").Attr("href")
		if got := s.get(change).form("get").Get("value"); got != typed {
			t.Errorf("%q is in the form as %q", typed, got)
		}
	}
	long := strings.Repeat("é", 5000)
	p := s.get("/places?name=" + url.QueryEscape(long))
	if said := p.question(); said != "Places whose name is “"+strings.Repeat("é", 60)+"…”: 0." {
		t.Errorf("5,000 letters are told as %s", said)
	}
}

func TestANameThatRunsTheOtherWayStandsApart(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	key := s.add("/places", "name", "שלום (<b>)", "address", "1")
	live := s.get("/restaurants?place=" + key).Find("main #list .above > [role=status]")
	if said := squeezed(live.Find("bdi")); said != "שלום (<b>)" || live.Find("b").Length() != 0 {
		t.Errorf("the name stands there as %q", said)
	}
}
