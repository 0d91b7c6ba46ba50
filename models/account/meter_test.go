package account

import (
	"strings"
	"testing"
)

func TestAFewCharactersThatStandForManyAreNoMoreWork(t *testing.T) {
	const phrase = "\ufdfa" // one character that is compared as 18
	for _, typed := range []string{strings.Repeat(phrase, maxPassword/len(phrase)), strings.Repeat("a name ", 1000)} {
		if n := len(fold(typed)); n > maxPassword {
			t.Errorf("%d characters are compared", n)
		}
	}
}

func TestStrangersWhoAskForThePasswordMeterWaitForNoOne(t *testing.T) {
	a := &Accounts{meter: make(chan struct{}, strengthsAtOnce)}
	if said := a.Strength("Anna", "purple monkeys sing"); said != "Good." {
		t.Errorf("one who asks alone hears %q", said)
	}
	for range strengthsAtOnce {
		a.meter <- struct{}{}
	}
	if said := a.Strength("Anna", "purple monkeys sing"); said != "It will be looked at when you send it." {
		t.Errorf("one too many hears %q", said)
	}
	<-a.meter
	if said := a.Strength("Anna", "purple monkeys sing"); said != "Good." {
		t.Errorf("the next one hears %q", said)
	}
}
