package answertest

import (
	"bytes"
	"fmt"
	"io"
	"regexp"
	"slices"
	"strings"

	"golang.org/x/net/html"
	"golang.org/x/net/html/atom"
)

var void = []string{"area", "base", "br", "col", "embed", "hr", "img", "input", "link", "meta", "source", "track", "wbr"}

// htmlFaults say what is wrong with a page or a part of one: elements that are not closed, or where
// they may not be, so that a browser would read another page than was written; what must not be there
// twice; and what the site's own policy would block.
func htmlFaults(body []byte) []string {
	w := &walk{ids: map[string]bool{}}
	w.read(body)
	if len(w.open) > 0 {
		w.fault("these are not closed: %q", w.open)
	}
	if w.doctype {
		w.checkWhole(body)
	}
	if len(w.faults) == 0 { // else it would say the same again
		w.checkTree(body)
	}
	return w.faults
}

type walk struct {
	open    []string
	shape   []string // the tags in their order
	ids     map[string]bool
	refs    [][2]string // what refers to an id, and the id
	doctype bool
	faults  []string
}

func (w *walk) fault(format string, args ...any) {
	w.faults = append(w.faults, fmt.Sprintf(format, args...))
}

func (w *walk) read(body []byte) {
	z := html.NewTokenizer(bytes.NewReader(body))
	for {
		kind := z.Next()
		raw := string(z.Raw())
		switch kind {
		case html.ErrorToken:
			if z.Err() != io.EOF {
				w.fault("the page cannot be read: %v", z.Err())
			}
			return
		case html.DoctypeToken:
			w.doctype = true
		case html.StartTagToken, html.SelfClosingTagToken:
			t := z.Token()
			w.shape = append(w.shape, "<"+t.Data)
			w.attributes(t, raw)
			foreign := slices.Contains(w.open, "svg") || t.Data == "svg"
			closed := slices.Contains(void, t.Data) && !foreign || kind == html.SelfClosingTagToken && foreign
			if kind == html.SelfClosingTagToken && !closed {
				w.fault("<%s/> does not close itself", t.Data)
			}
			switch {
			case !closed:
				w.open = append(w.open, t.Data)
			case foreign:
				w.shape = append(w.shape, "/"+t.Data)
			}
		case html.EndTagToken:
			t := z.Token()
			if n := len(w.open); n == 0 || w.open[n-1] != t.Data {
				w.fault("</%s> closes nothing; open are %q", t.Data, w.open)
				return
			}
			w.open = w.open[:len(w.open)-1]
			w.shape = append(w.shape, "/"+t.Data)
		case html.TextToken:
			if n := len(w.open); n > 0 && w.open[n-1] == "noscript" { // which the tokenizer does not look into
				w.read([]byte(raw))
			}
		}
	}
}

// attribute finds the names of a tag's attributes: the tokenizer leaves out the second of a name.
var attribute = regexp.MustCompile(`\s([^\s"'>/=]+)(?:\s*=\s*(?:"[^"]*"|'[^']*'|[^\s"'>]+))?`)

// mayRepeat says whether it is worth looking for an attribute that is there twice: most tags cannot
// have one, and these are most of the work of a test run.
func mayRepeat(t html.Token, raw string) bool {
	raw = strings.ToLower(raw)
	return slices.ContainsFunc(t.Attr, func(a html.Attribute) bool {
		times := 0
		for _, blank := range []string{" ", "\n", "\t", "\r", "\f"} {
			times += strings.Count(raw, blank+a.Key)
		}
		return times > 1
	})
}

func (w *walk) attributes(t html.Token, raw string) {
	if mayRepeat(t, raw) {
		names := map[string]bool{}
		for _, m := range attribute.FindAllStringSubmatch(raw, -1) {
			if name := strings.ToLower(m[1]); names[name] {
				w.fault("<%s> has %s twice", t.Data, name)
			} else {
				names[name] = true
			}
		}
	}
	src := false
	for _, a := range t.Attr {
		src = src || a.Key == "src"
		switch a.Key {
		case "id":
			if a.Val == "" || strings.ContainsAny(a.Val, " \t\n") || w.ids[a.Val] {
				w.fault("the id %q is empty, has blanks, or is there twice", a.Val)
			}
			w.ids[a.Val] = true
		case "for", "list", "aria-labelledby", "aria-describedby", "aria-controls", "popovertarget", "commandfor":
			for _, id := range strings.Fields(a.Val) {
				w.refs = append(w.refs, [2]string{a.Key, id})
			}
		case "form":
			if a.Val != "filter-form" { // a list carries a field for the form above it, which need not be open
				w.refs = append(w.refs, [2]string{a.Key, a.Val})
			}
		case "href", "src", "action", "formaction":
			app := t.Data == "a" && strings.HasPrefix(a.Val, "otpauth://totp/") // of the phone, for its codes
			if !app && !ownPath(a.Val) && !strings.HasPrefix(a.Val, "#") && !strings.HasPrefix(a.Val, "?") && a.Val != "" {
				w.fault("<%s %s> leads to %q", t.Data, a.Key, a.Val)
			}
		case "style", "srcdoc":
			w.fault("<%s> has the attribute %s, which the policy blocks", t.Data, a.Key)
		}
		if strings.HasPrefix(a.Key, "on") || strings.HasPrefix(a.Key, "hx-on") {
			w.fault("<%s> has the attribute %s, which the policy blocks", t.Data, a.Key)
		}
		if strings.HasPrefix(a.Key, "hx-") && strings.HasPrefix(strings.TrimSpace(a.Val), "js:") {
			w.fault("<%s %s> is a script", t.Data, a.Key)
		}
	}
	if t.Data == "script" && !src || t.Data == "style" || t.Data == "iframe" || t.Data == "object" || t.Data == "base" {
		w.fault("there is a <%s>, which the policy blocks", t.Data)
	}
}

// checkWhole looks at what only a whole page must have.
func (w *walk) checkWhole(body []byte) {
	for _, tag := range []string{"<html", "<head", "<title", "<body", "<main", "<h1"} {
		if n := count(w.shape, tag); n != 1 {
			w.fault("the page has %d %s>", n, tag)
		}
	}
	if !bytes.Contains(body, []byte(`<html lang="`)) {
		w.fault("the page does not say its language")
	}
	for _, ref := range w.refs {
		if !w.ids[ref[1]] {
			w.fault("%s refers to %q, which is not there", ref[0], ref[1])
		}
	}
}

func count(words []string, word string) (n int) {
	for _, w := range words {
		if w == word {
			n++
		}
	}
	return n
}

// checkTree parses the page as a browser does and writes it again: a browser puts an element that is
// where it may not be somewhere else.
func (w *walk) checkTree(body []byte) {
	var b bytes.Buffer
	var nodes []*html.Node
	var err error
	if w.doctype {
		var page *html.Node
		page, err = html.ParseWithOptions(bytes.NewReader(body), html.ParseOptionEnableScripting(false))
		nodes = []*html.Node{page}
	} else {
		nodes, err = html.ParseFragmentWithOptions(bytes.NewReader(body), w.context(), html.ParseOptionEnableScripting(false))
	}
	for _, n := range nodes {
		if err == nil {
			err = html.Render(&b, n)
		}
	}
	if err != nil {
		w.fault("the page cannot be parsed: %v", err)
		return
	}
	again := &walk{ids: map[string]bool{}}
	again.read(b.Bytes())
	for i := range min(len(w.shape), len(again.shape)) {
		if w.shape[i] != again.shape[i] {
			w.fault("a browser reads %q where %q is written, after %q", again.shape[i], w.shape[i], w.shape[max(0, i-4):i])
			return
		}
	}
	if len(w.shape) != len(again.shape) {
		w.fault("a browser reads %d tags of %d", len(again.shape), len(w.shape))
	}
}

// context is the element in which a part of a page stands.
func (w *walk) context() *html.Node {
	name := "body"
	if len(w.shape) > 0 {
		switch w.shape[0] {
		case "<tr":
			name = "tbody"
		case "<td", "<th":
			name = "tr"
		case "<tbody", "<thead", "<caption":
			name = "table"
		}
	}
	return &html.Node{Type: html.ElementNode, Data: name, DataAtom: atom.Lookup([]byte(name))}
}
