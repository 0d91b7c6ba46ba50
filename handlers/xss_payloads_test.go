package handlers_test

import (
	"strings"
	"testing"
	"unicode/utf8"

	"maitred/models/text"
)

// shortened are those of the hostile words that are too long for a name.
var shortened = map[string]string{
	`<iframe srcdoc="&lt;script&gt;alert(1)&lt;/script&gt;">`:                    `<iframe srcdoc="&lt;script&gt;alert(1)//">`,
	`data:text/html;base64,PHNjcmlwdD5hbGVydCgxKTwvc2NyaXB0Pg==`:                 `data:text/html;base64,PHNjcmlwdD5hbGVydCgxKS8v`,
	`<meta http-equiv=refresh content="0;url=//evil.example">`:                   `<meta http-equiv=refresh content=0;//evil.example>`,
	`&NewLine;&Tab;javascript&colon;alert&lpar;1&rpar;`:                          `&Tab;javascript&colon;alert&lpar;1&rpar;`,
	`<noscript><p title="</noscript><img src=x onerror=alert(1)>">`:              `<noscript><p title="</noscript><svg onload=x()>">`,
	`<listing>&lt;img src=x onerror=alert(1)&gt;</listing>`:                      `<listing>&lt;img src=x onerror=alert(1)&gt;`,
	`<xmp><p title="</xmp><img src=x onerror=alert(1)>">`:                        `<xmp><p title="</xmp><svg onload=alert(1)>">`,
	`<svg></p><style><a id="</style><img src=x onerror=alert(1)>">`:              `<svg></p><style><a id="</style><img onload=x()>">`,
	`<math><mtext></form><form><mglyph><style></math><img src onerror=alert(1)>`: `<math><mtext></form><form><mglyph><style></math>`,
	`<noembed><img title="</noembed><img src onerror=alert(1)>">`:                `<noembed><p id="</noembed><svg onload=alert(1)>">`,
}

// payload is one of the hostile words in the lengths that fields take.
type payload struct {
	typed   string // as it is sent, with what no line of text can have
	name    string // up to 50 characters, as it can be saved
	address string // the same in an address, so that a search finds both alike
	long    string // up to 80 characters
	asked   string // of a list: finds the name, unless it has what no name can have
	flaw    string // why no name can be so
}

// harmless words differ in nothing from others but in what they are. What a field or a list refuses
// needs some that it refuses for the same reason.
var harmless = map[string]string{
	"":        "Harmless words",
	"control": "Harmless\x01 words",
	"NUL":     "Harmless\x00 words",
	"broken":  "Harmless\xff words",
}

func newPayload(typed string) payload {
	line, flaw := text.Line(typed, 80)
	if flaw != text.Sound {
		line = strings.TrimSpace(strings.Map(func(r rune) rune {
			if _, flaw := text.Line("x"+string(r)+"x", 3); flaw != text.Sound {
				return ' ' // as a search parts words there
			}
			return r
		}, strings.ToValidUTF8(line, "")))
	}
	p := payload{typed, line, line, line, typed, string(flaw)}
	if short := shortened[typed]; short != "" {
		p.name, p.address, p.long = short, short, line
	}
	if flaw == text.Sound {
		p.asked = p.name
	}
	if strings.Contains(typed, "\x00") {
		p.flaw = "NUL"
	}
	return p
}

// overlong is the payload with more than a field of that many characters can take.
func (p payload) overlong() string {
	line, _ := text.Line(p.typed, 1000)
	return p.typed + strings.Repeat("x", 200-utf8.RuneCountInString(line))
}

func TestThereAreEnoughHostileWordsAndAllFit(t *testing.T) {
	t.Parallel()
	if sent := len(hostile) - len(hostile)/3; sent < 120 {
		t.Errorf("%d hostile words are sent in every run, fewer than 120", sent)
	}
	seen := map[string]bool{}
	for _, typed := range hostile {
		if seen[typed] {
			t.Errorf("%q is there twice", typed)
		}
		seen[typed] = true
		p := newPayload(typed)
		if line, flaw := text.Line(p.name, 50); flaw != text.Sound || line != p.name {
			t.Errorf("%q is no name: %s, %d characters", p.name, flaw, utf8.RuneCountInString(p.name))
		}
		if line, flaw := text.Line(p.long, 80); flaw != text.Sound || line != p.long {
			t.Errorf("%q is no address: %s, %d characters", p.long, flaw, utf8.RuneCountInString(p.long))
		}
		if harmless[p.flaw] == "" {
			t.Errorf("%q has no harmless counterpart: %s", typed, p.flaw)
		}
	}
	for long := range shortened {
		if !seen[long] {
			t.Errorf("%q is shortened, and not there", long)
		}
	}
}
