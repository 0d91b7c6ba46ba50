package handlers

import (
	"slices"
	"strconv"
	"strings"

	"github.com/a-h/templ"

	"maitred/models/account"
	"maitred/models/change"
	"maitred/models/graph"
	"maitred/models/text"
	"maitred/views"
	"maitred/views/ui"
)

// verb is something that can be done with a record of a kind, and how people ask for it.
type verb struct {
	phrases []string    // what they type before the name: "move", "let go of"
	object  *graph.Kind // whose name may follow: "hire a waiter at", "move the restaurant"
	path    func(change.Item) templ.SafeURL
	label   func(named string) string
	often   bool // it is offered for the best hit without being asked for
	free    bool // only for a record that is not taken
}

// verbs are what can be done with any record of a kind. They follow from the relations and from the
// words that pages use.
func (a *app) verbs(k *graph.Kind, words views.Words) []verb {
	at := func(last string) func(change.Item) templ.SafeURL {
		return func(i change.Item) templ.SafeURL { return views.PathTo(k, i.Key, last) }
	}
	before := func(word string) func(string) string {
		return func(named string) string { return word + " " + named }
	}
	verbs := []verb{{phrases: []string{"change", "edit", "rename"}, object: k, path: at("edit"), label: before("Change"), often: true}}
	if home := k.Home(); home != nil {
		to := " to another " + home.To.Singular()
		verbs = append(verbs, verb{phrases: []string{"move"}, object: k, path: at("move"), often: true,
			label: func(named string) string { return "Move " + named + to }})
	}
	if one := k.OneToOne(); one != nil {
		to := " at another " + one.To.Singular()
		verbs = append(verbs, verb{phrases: []string{"copy", "open a copy", "open a copy of"}, object: k, path: at("copy"),
			label: func(named string) string { return "Open a copy of " + named + to }})
	}
	for _, rel := range k.Children {
		verbs = append(verbs, a.adding(rel)...)
	}
	remove := []string{"delete", "remove", words.Delete, words.Remove}
	return append(verbs, verb{phrases: remove, object: k, path: at("delete"), label: before(words.Remove), often: true})
}

// adding is how a record gets another one: a new one or, where it can have only one, also one that
// is elsewhere.
func (a *app) adding(rel *graph.Relation) []verb {
	word := a.pagesOf(rel.To).said(rel.To).Add
	first, _, _ := strings.Cut(word, " ")
	verbs := []verb{{phrases: []string{"new", "add", "create", first}, object: rel.To, free: !rel.Many,
		label: func(named string) string { return word + " at " + named },
		path: func(i change.Item) templ.SafeURL {
			return ui.Address{Path: "/" + rel.To.Table + "/new"}.With(rel.Column.Name, strconv.FormatInt(i.Key, 10)).URL()
		}}}
	if !rel.Many {
		verbs = append(verbs, verb{phrases: []string{"bring"}, object: rel.To, free: true,
			label: func(named string) string { return "Bring a " + rel.To.Singular() + " to " + named },
			path:  func(i change.Item) templ.SafeURL { return views.PathTo(i.Kind, i.Key, "bring") }})
	}
	return verbs
}

func (v verb) with(i change.Item) views.Deed {
	return views.Deed{Label: v.label(change.Named(i.Kind, i.Label)), Href: v.path(i)}
}

// read takes the verb from the front of what was typed and returns it with the name that follows;
// phrase is "" where another verb was typed, or another kind was named.
func (v verb) read(typed []string, g *graph.Graph) (phrase string, name []string) {
	for _, p := range v.phrases {
		words := wordsOf(p)
		if len(words) <= len(typed) && len(p) > len(phrase) && slices.Equal(words, typed[:len(words)]) {
			phrase, name = strings.ToLower(p), typed[len(words):]
		}
	}
	name = without(name, articles)
	for _, k := range g.Kinds() {
		for _, called := range []string{k.Singular(), k.Plural()} {
			rest, is := after(name, wordsOf(called))
			switch {
			case !is:
			case k != v.object:
				return "", nil
			default:
				return phrase, without(rest, between)
			}
		}
	}
	return phrase, without(name, between)
}

// Words that say nothing about what is meant.
var (
	articles = []string{"a", "an", "the"}
	between  = []string{"a", "an", "the", "at", "to", "of", "for", "in"}
)

// without takes words from the front as long as they say nothing.
func without(words, nothing []string) []string {
	for len(words) > 0 && slices.Contains(nothing, words[0]) {
		words = words[1:]
	}
	return words
}

// after is what follows the words that others begin with.
func after(words, first []string) (rest []string, ok bool) {
	if len(words) < len(first) || !slices.Equal(words[:len(first)], first) {
		return nil, false
	}
	return words[len(first):], true
}

// standing is what can be done whatever was found, and the words by which people ask for it.
type standing struct {
	views.Deed
	words []string
}

// always is, for each kind, its list and, for who writes, a new record, and what belongs to no kind.
func (a *app) always(who account.Who) []standing {
	var all []standing
	for _, p := range a.resources {
		if !who.Role.Writes() {
			break
		}
		k := p.kindIn(a.Graph)
		add := p.said(k).Add
		all = append(all, stands(add, "/"+k.Table+"/new", "new add create", k.Singular(), k.Plural()))
	}
	for _, k := range a.menu() {
		all = append(all, stands("All "+k.Plural(), "/"+k.Table, "list show", k.Singular(), k.Plural()))
	}
	history := stands("History", "/history")
	if who.Role.Writes() {
		history = stands("History, where changes are undone", "/history", "undo")
	}
	return append(all, history,
		stands("The start page", "/", "home"))
}

func stands(label, href string, more ...string) standing {
	return standing{views.Deed{Label: label, Href: templ.SafeURL(href)}, wordsOf(label + " " + strings.Join(more, " "))}
}

// means says that all of what was typed speaks of it: in whole words, or in what three letters or
// more of a word begin.
func (s standing) means(typed []string) bool {
	says := func(word string) bool {
		return slices.ContainsFunc(s.words, func(w string) bool {
			return w == word || len(word) >= 3 && strings.HasPrefix(w, word)
		})
	}
	typed = slices.DeleteFunc(slices.Clone(typed), func(w string) bool { return slices.Contains(articles, w) })
	return len(typed) > 0 && !slices.ContainsFunc(typed, func(w string) bool { return !says(w) })
}

// said is what pages say about the kind.
func (r resource[T]) said(k *graph.Kind) views.Words { return r.words.WordsOr(k) }

// wordsOf are the words of what was typed, as a search reads them.
func wordsOf(typed string) []string { return text.Words(text.Normalise(typed)) }
