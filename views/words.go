package views

import (
	"fmt"
	"strings"
	"time"

	"maitred/models/change"
	"maitred/models/graph"
)

// Words is what pages say about a kind beyond its name.
type Words struct {
	Add    string // on the button: "Hire a waiter"
	Quick  bool   // the page of what it belongs to has a form that asks for a name only
	Delete string // on the link: "Let go"
	Remove string // before what it is done to: "Let go of"
	Empty  string // what an empty list says, and what to do
	Set    string // what it is to answer the kind's yes-or-no questions for many: "Set what they serve"
}

// WordsOr fills in what a kind does not say of itself.
func (w Words) WordsOr(k *graph.Kind) Words {
	if w.Add == "" {
		w.Add = "Add " + aOne(k)
	}
	if w.Delete == "" {
		w.Delete = "Delete"
	}
	if w.Remove == "" {
		w.Remove = "Delete"
	}
	if w.Empty == "" {
		w.Empty = "There are no " + k.Plural() + " yet."
	}
	if w.Set == "" {
		var words []string
		for _, c := range k.Questions() {
			words = append(words, c.Words())
		}
		w.Set = "Set " + change.And(words)
	}
	return w
}

// aOne is the kind with its article: "a place", "an oven".
func aOne(k *graph.Kind) string {
	if strings.ContainsRune("aeiou", rune(k.Singular()[0])) {
		return "an " + k.Singular()
	}
	return "a " + k.Singular()
}

// Title is a word or a sentence with a capital letter in front; for our own words only.
func Title(s string) string { return strings.ToUpper(s[:1]) + s[1:] }

// ago says when something was, as people do; the exact time stands in the element's title.
func ago(t, now time.Time) string {
	switch d := now.Sub(t); {
	case d < time.Minute:
		return "just now"
	case d < time.Hour:
		return plural(int(d.Minutes()), "minute") + " ago"
	case d < 24*time.Hour:
		return plural(int(d.Hours()), "hour") + " ago"
	case d < 7*24*time.Hour:
		return plural(int(d.Hours()/24), "day") + " ago"
	default:
		return t.Format("2 January 2006")
	}
}

func plural(n int, word string) string {
	if n == 1 {
		return "1 " + word
	}
	return fmt.Sprintf("%d %ss", n, word)
}

// exactly is a time to the second, in UTC.
func exactly(t time.Time) string { return t.UTC().Format("2 January 2006, 15:04:05 UTC") }

func machine(t time.Time) string { return t.UTC().Format(time.RFC3339) }

// found says how many records a list has, after what it is asked for.
func (l List) found() Phrase {
	if l.Stopped != "" && l.Asked.Sentence != nil {
		return l.Asked.Sentence.then(say("."))
	}
	if l.Stopped != "" {
		return say("All " + l.Kind.Plural() + ".")
	}
	if l.Asked.Sentence == nil {
		return say(l.Kind.Counted(l.Count))
	}
	n := graph.Number(l.Count)
	if l.More {
		n = "more than " + n
	}
	return l.Asked.Sentence.then(say(": " + n + "."))
}

// all says what is meant by all that a list shows, on all its pages.
func (l List) all() string {
	n, match := l.Kind.Counted(l.Count), ""
	if l.Filtered {
		match = " that match"
	}
	switch {
	case l.More:
		return "All" + match + ", more than " + n
	case l.Count == 1:
		return "This " + l.Kind.Singular()
	default:
		return "All " + n + match
	}
}

// matching is what follows a number of records of which something is asked.
func matching(n int64) string {
	if n == 1 {
		return " that matches"
	}
	return " that match"
}

// going says what a deletion takes along, on its button.
func going(p *change.Plan) string { return "Delete " + change.Counts(p.Steps) }

// named is a record in the middle of a sentence.
func named(i change.Item) string { return change.Named(i.Kind, i.Label) }
