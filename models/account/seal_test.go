package account

import (
	"bytes"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"
)

var noon = time.Date(2026, 5, 1, 12, 0, 0, 0, time.UTC)

func TestASealedValueOpensForItsPurposeUntilItsEnd(t *testing.T) {
	s := newSealer([32]byte{1})
	text := s.seal("form", []byte("Ace Hardware"), noon.Add(time.Hour))
	for _, late := range []time.Duration{-24 * time.Hour, 0, time.Hour - time.Millisecond} {
		if got, ok := s.open("form", text, noon.Add(late)); !ok || string(got) != "Ace Hardware" {
			t.Errorf("after %v: %q, %v", late, got, ok)
		}
	}
	for _, late := range []time.Duration{time.Hour, 24 * time.Hour, 1 << 62} {
		if got, ok := s.open("form", text, noon.Add(late)); ok || got != nil {
			t.Errorf("after %v: %q", late, got)
		}
	}
	for _, purpose := range []string{"", "forms", "totp", "Form"} {
		if _, ok := s.open(purpose, text, noon); ok {
			t.Errorf("opens for %q", purpose)
		}
	}
	if _, ok := newSealer([32]byte{2}).open("form", text, noon); ok {
		t.Error("opens with another secret")
	}
}

func TestASealWithoutAnEndHoldsForEverAndOneOfThePastNever(t *testing.T) {
	s := newSealer([32]byte{1})
	if _, ok := s.open("totp", s.seal("totp", []byte("x"), time.Time{}), noon.AddDate(200, 0, 0)); !ok {
		t.Error("for ever is over")
	}
	for _, until := range []time.Time{time.Unix(0, 0), time.Unix(-1, 0), noon} {
		if _, ok := s.open("totp", s.seal("totp", []byte("x"), until), noon); ok {
			t.Errorf("opens after %v", until)
		}
	}
}

func TestASealShowsNothingAndIsNeverTheSameTwice(t *testing.T) {
	s := newSealer([32]byte{1})
	one, two := s.seal("form", []byte(strings.Repeat("A", 60)), noon), s.seal("form", []byte(strings.Repeat("A", 60)), noon)
	if one == two || strings.Contains(one, "AAAA") || strings.Contains(one, "QUFB") {
		t.Errorf("%s and %s", one, two)
	}
	if len(one) != (60+36)*4/3 {
		t.Errorf("%d bytes", len(one))
	}
	if strings.Trim(one, "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_") != "" {
		t.Errorf("%s does not fit an address", one)
	}
}

func TestASealedTextChangedAnywhereDoesNotOpen(t *testing.T) {
	s := newSealer([32]byte{1})
	rapid.Check(t, func(t *rapid.T) {
		value := rapid.SliceOf(rapid.Byte()).Draw(t, "value")
		text := s.seal("form", value, time.Time{})
		if got, ok := s.open("form", text, noon); !ok || !bytes.Equal(got, value) {
			t.Fatalf("%x came back as %x, %v", value, got, ok)
		}
		at := rapid.IntRange(0, len(text)).Draw(t, "at")
		other := rapid.SampledFrom([]string{"", "A", "_", "=", "\n", "\r\n", " ", "é"}).Draw(t, "other")
		cut := rapid.IntRange(0, min(2, len(text)-at)).Draw(t, "cut")
		if changed := text[:at] + other + text[at+cut:]; changed != text {
			if got, ok := s.open("form", changed, noon); ok {
				t.Fatalf("%q opens as %x", changed, got)
			}
		}
	})
}

func TestASealedTextIsWrittenInOneWayOnly(t *testing.T) {
	s := newSealer([32]byte{1})
	for n := range 4 {
		text := s.seal("form", make([]byte, n), time.Time{})
		for _, last := range "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_" {
			other := text[:len(text)-1] + string(last)
			if _, ok := s.open("form", other, noon); ok != (other == text) {
				t.Errorf("%s opens as well as %s: %v", other, text, ok)
			}
		}
	}
}

func FuzzOpen(f *testing.F) {
	s := newSealer([32]byte{1})
	// Sealed once and for all: "Ace Hardware", for "form", for ever.
	const good = "w8fjnaEH8MaXBkStsvj5irwwJWku9UntFE_5ffvUlvJvZwYMDzFZMVFTPcoxnVsD"
	for _, text := range []string{"", good, good + "=", good + "\n", good[1:], good[:len(good)-1], "....", s.seal("totp", nil, noon)} {
		f.Add("form", text)
	}
	f.Fuzz(func(t *testing.T, purpose, text string) {
		value, ok := s.open(purpose, text, noon)
		if ok != (purpose == "form" && text == good) || ok && string(value) != "Ace Hardware" {
			t.Errorf("%q opens for %q as %q", text, purpose, value)
		}
		again, ok := s.open(purpose, s.seal(purpose, []byte(text), noon.Add(time.Second)), noon)
		if !ok || string(again) != text {
			t.Errorf("%q came back as %q", text, again)
		}
	})
}
