package change

import (
	"testing"

	"maitred/models/graph"
)

func TestWordsAreJoinedAsInASentence(t *testing.T) {
	for want, words := range map[string][]string{
		"": nil, "a": {"a"}, "a and b": {"a", "b"}, "a, b and c": {"a", "b", "c"},
	} {
		if got := And(words); got != want {
			t.Errorf("%q became %q, want %q", words, got, want)
		}
	}
	kind := func(name string) *graph.Kind { return &graph.Kind{Name: name, Table: name + "s"} }
	steps := []*Step{{Rows: Rows{Kind: kind("restaurant"), Count: 1}}, {Rows: Rows{Kind: kind("waiter"), Count: 12_408}}}
	if got := Counts(steps); got != "1 restaurant and 12,408 waiters" {
		t.Errorf("got %q", got)
	}
}

func TestOnlyNamesThatCanTurnTheDirectionAreIsolated(t *testing.T) {
	for _, name := range []string{"Demon Dogs", "Café", "漢字", "😀", "", "100%", "Привет"} {
		if got := Isolate(name); got != name {
			t.Errorf("%q became %q", name, got)
		}
	}
	for _, name := range []string{"שלום", "مرحبا", "a\u202eb", "a\u200fb", "Joe's שלום"} {
		if got := Isolate(name); got != "\u2068"+name+"\u2069" {
			t.Errorf("%q became %q", name, got)
		}
	}
	for _, name := range []string{"\u2069\u202ex", "\u2067\u202ex", "\u2066\u202e\u2068x\u2069\u2069"} {
		if got := Isolate(name); got != "\u2068\u202ex\u2069" {
			t.Errorf("%q breaks out as %q", name, got)
		}
	}
}
