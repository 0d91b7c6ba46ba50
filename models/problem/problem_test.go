package problem

import (
	"errors"
	"fmt"
	"testing"
)

func TestAProblemIsRecognisedByItsCodeHoweverDeepItIsWrapped(t *testing.T) {
	err := fmt.Errorf("create: %w", errors.Join(errors.New("other"), At("name", "%s is taken.", "It")))
	if !Is(err, Invalid) || Is(err, NotFound) || Is(nil, Invalid) || Is(errors.New("invalid"), Invalid) {
		t.Errorf("%v is not recognised as %q alone", err, Invalid)
	}
	var p *Error
	if !errors.As(err, &p) || p.Message != "Nothing was saved." || p.Fields[0] != (Field{"name", "It is taken."}) {
		t.Errorf("got %+v", p)
	}
}

func TestTheCauseOfAProblemIsForTheLogOnly(t *testing.T) {
	cause := errors.New("constraint failed")
	err := &Error{Code: Busy, Message: "Please try again.", Cause: cause}
	if !errors.Is(err, cause) || err.Error() != "busy: Please try again.: constraint failed" || err.Message != "Please try again." {
		t.Errorf("got %v", err)
	}
}

func TestACheckThatFoundNothingIsNoError(t *testing.T) {
	var c Check
	name := "  Joe "
	c.Line("name", "The name", &name, 50)
	if err := c.Err(); err != nil || name != "Joe" {
		t.Errorf("%q: %v", name, err)
	}
}

func TestACheckCollectsOneSentenceAtEachFieldAndLeavesWhatWasTyped(t *testing.T) {
	for typed, want := range map[string]string{
		" ":             "The name is missing. Please type it.",
		"Jo\xff":        "The name contains characters that cannot be read. Please type it again.",
		"Jo\ne":         "The name must be one line without control characters.",
		" Jose\u0301 y": "The name has 6 characters; it can have 5 at most.",
	} {
		var c Check
		name, other := typed, ""
		c.Line("name", "The name", &name, 5)
		c.Line("address", "The address", &other, 5)
		var p *Error
		if !errors.As(c.Err(), &p) || p.Code != Invalid || len(p.Fields) != 2 || p.Fields[0] != (Field{"name", want}) || p.Fields[1].Name != "address" {
			t.Errorf("%q: got %+v", typed, p)
		}
		if name != typed {
			t.Errorf("%q became %q", typed, name)
		}
	}
}
