package views

import (
	"context"
	"html"
	"io"
	"strings"
	"unicode/utf8"

	"maitred/models/change"
	"maitred/models/graph"
	"maitred/views/ui"
)

// Phrase is a part of a sentence, in which what people typed or named is kept apart from our own
// words, so that neither its direction nor its length disturbs them.
type Phrase []piece

type piece struct {
	text   string
	theirs bool // a value or a name, not a word of ours
	quoted bool
}

// shownValue is how many characters of a value stand in a sentence, shownValues how many values.
const (
	shownValue  = 60
	shownValues = 20
)

func say(text string) Phrase { return Phrase{{text: text}} }

// value is a text that was typed: in quotes, and shortened.
func value(text string) Phrase { return Phrase{{text: shorten(text), theirs: true, quoted: true}} }

// name is what a record is called.
func name(text string) Phrase { return Phrase{{text: shorten(text), theirs: true}} }

func shorten(text string) string {
	text = ui.Clean(text)
	if utf8.RuneCountInString(text) <= shownValue {
		return text
	}
	return string([]rune(text)[:shownValue]) + "…"
}

// then is a phrase with others behind it.
func (p Phrase) then(more ...Phrase) Phrase {
	all := append(Phrase(nil), p...)
	for _, m := range more {
		all = append(all, m...)
	}
	return all
}

// capital is the phrase as the beginning of a sentence. Words of ours begin with a letter of ASCII.
func (p Phrase) capital() Phrase {
	if len(p) == 0 || p[0].theirs || p[0].text == "" {
		return p
	}
	return append(say(Title(p[0].text)), p[1:]...)
}

// bare is the phrase without its inner quotes, to be quoted as a whole.
func (p Phrase) bare() Phrase {
	all := append(Phrase(nil), p...)
	for i := range all {
		all[i].quoted = false
	}
	return all
}

// joined puts a word between phrases: "A and B and C".
func joined(parts []Phrase, between string) (all Phrase) {
	for i, p := range parts {
		if i > 0 {
			all = append(all, piece{text: between})
		}
		all = append(all, p...)
	}
	return all
}

// enumerated lists phrases as people do: "A, B and C". Of in, those that are left out are counted.
func enumerated(parts []Phrase, in int, between string) Phrase {
	if more := in - len(parts); more > 0 {
		parts = append(parts, say(graph.Number(int64(more))+" more"))
	}
	if last := len(parts) - 1; last > 0 {
		return joined(parts[:last], ", ").then(say(between), parts[last])
	}
	return joined(parts, "")
}

// String is the phrase as plain text, for titles and buttons.
func (p Phrase) String() string {
	var b strings.Builder
	for _, w := range p {
		text := w.text
		if w.theirs {
			text = change.Isolate(text)
		}
		if w.quoted {
			text = "“" + text + "”"
		}
		b.WriteString(text)
	}
	return b.String()
}

// Render implements templ.Component. Between its words stands no space but their own, which a
// template could not promise.
func (p Phrase) Render(_ context.Context, w io.Writer) error {
	var b strings.Builder
	for _, w := range p {
		text := html.EscapeString(w.text)
		if w.theirs {
			text = "<bdi>" + text + "</bdi>"
		}
		if w.quoted {
			text = "“" + text + "”"
		}
		b.WriteString(text)
	}
	_, err := io.WriteString(w, b.String())
	return err
}
