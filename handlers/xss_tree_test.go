package handlers_test

import (
	"fmt"
	"net/url"
	"regexp"
	"slices"
	"strings"

	"golang.org/x/net/html"
)

// What a browser makes of a page is compared, not its text: two pages are the same tree when they have
// the same elements with the same attributes and differ only where the one has harmless words.

// shown are the attributes in which a person's words stand as they are, and nothing obeys them.
var shown = []string{"value", "aria-label", "title", "data-for", "placeholder"}

// addressed are the attributes that lead somewhere. People's words stand behind the question mark only.
var addressed = []string{"href", "action", "formaction", "hx-get", "hx-post"}

// ours are the hidden fields whose values no person typed and no two pages share.
var ours = []string{"token", "fingerprint"}

// schemes are beginnings of an attribute that a browser, or htmx, would run.
var schemes = regexp.MustCompile(`(?i)^[\x00-\x20]*(javascript|vbscript|data|js|blob)[\x00-\x20]*:`)

// other returns what is not the same in the tree of a page as in that of the page with harmless words,
// "" if nothing is.
func other(want, got *html.Node) string {
	if want.Type != got.Type || want.Type != html.TextNode && (want.Data != got.Data || want.Namespace != got.Namespace) {
		return fmt.Sprintf("%s instead of %s", described(got), described(want))
	}
	if want.Type == html.TextNode && !saysHarmless(want.Data) && !varies(want) && want.Data != got.Data {
		return fmt.Sprintf("the text %q instead of %q", got.Data, want.Data)
	}
	if what := otherAttributes(want, got); what != "" {
		return what
	}
	w, g := want.FirstChild, got.FirstChild
	for ; w != nil && g != nil; w, g = w.NextSibling, g.NextSibling {
		if what := other(w, g); what != "" {
			return what
		}
	}
	if w != nil {
		return fmt.Sprintf("in %s no %s", described(got), described(w))
	}
	if g != nil {
		return fmt.Sprintf("in %s also %s", described(got), described(g))
	}
	return ""
}

func otherAttributes(want, got *html.Node) string {
	for i, a := range got.Attr {
		if i >= len(want.Attr) || want.Attr[i].Key != a.Key || want.Attr[i].Namespace != a.Namespace {
			return fmt.Sprintf("the attribute %s=%q in %s", a.Key, a.Val, described(got))
		}
		if w := want.Attr[i].Val; !sameValue(want, a.Key, w, a.Val) {
			return fmt.Sprintf("the attribute %s=%q instead of %q in %s", a.Key, a.Val, w, described(want))
		}
		if !slices.Contains(shown, a.Key) && schemes.MatchString(a.Val) {
			return fmt.Sprintf("the attribute %s=%q, which is run, in %s", a.Key, a.Val, described(want))
		}
	}
	if len(want.Attr) > len(got.Attr) {
		return fmt.Sprintf("no attribute %s in %s", want.Attr[len(got.Attr)].Key, described(got))
	}
	return ""
}

// sameValue says that an attribute is as it must be.
func sameValue(e *html.Node, name, want, got string) bool {
	if want == got {
		return true
	}
	if slices.Contains(addressed, name) {
		wantPath, wantQuery, _ := strings.Cut(want, "?")
		gotPath, gotQuery, _ := strings.Cut(got, "?")
		return wantPath == gotPath && saysHarmless(unescaped(wantQuery)) && !strings.ContainsAny(gotQuery, "<>\"'` ")
	}
	if name == "value" && slices.Contains(ours, attribute(e, "name")) || e.Data == "time" {
		return true
	}
	return slices.Contains(shown, name) && saysHarmless(unescaped(want))
}

func saysHarmless(s string) bool {
	return strings.Contains(s, "Harmless") || strings.Contains(s, "harmless")
}

// unescaped is a query in clear, one in which another one stands, too.
func unescaped(query string) string {
	for range 3 {
		if clear, err := url.QueryUnescape(query); err == nil {
			query = clear
		}
	}
	return query
}

// varies says that a text is about the clock or the request.
func varies(text *html.Node) bool {
	return text.Parent != nil && text.Parent.Data == "time" || requestNumber.MatchString(text.Data)
}

func attribute(e *html.Node, name string) string {
	for _, a := range e.Attr {
		if a.Key == name {
			return a.Val
		}
	}
	return ""
}

// described is a node as a message names it.
func described(n *html.Node) string {
	switch n.Type {
	case html.TextNode:
		return fmt.Sprintf("the text %.80q", n.Data)
	case html.ElementNode:
		var b strings.Builder
		for _, a := range n.Attr {
			fmt.Fprintf(&b, " %s=%.60q", a.Key, a.Val)
		}
		return "<" + n.Data + b.String() + ">"
	default:
		return fmt.Sprintf("%q, which is no element", n.Data)
	}
}

// spots are the places of a tree that show harmless words: the elements around each, and the attribute.
func spots(tree *html.Node) (found []string) {
	var walk func(n *html.Node, around string)
	walk = func(n *html.Node, around string) {
		if n.Type == html.TextNode && saysHarmless(n.Data) {
			found = append(found, around)
		}
		if n.Type == html.ElementNode {
			around += ">" + n.Data + "." + attribute(n, "class")
			for _, a := range n.Attr {
				if saysHarmless(a.Val) {
					found = append(found, around+"@"+a.Key)
				}
			}
		}
		for c := n.FirstChild; c != nil; c = c.NextSibling {
			walk(c, around)
		}
	}
	walk(tree, "")
	return found
}
