package account_test

import (
	"fmt"
	"sync"
	"testing"
	"time"

	"maitred/models/account"
	"maitred/models/problem"
)

func TestFromOneAddressThereAreTenTriesInThreeMinutes(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	for i := range account.MaxTries {
		w.wrong(w.guess(fmt.Sprintf("Nobody %d", i), "", office)) // whatever the name
		w.at = w.at.Add(time.Second)
	}
	_, err := w.SignIn(ctx, account.Try{Name: "Ben", Password: password, By: office})
	w.tooMany(err) // the right password is not looked at either
	if _, err := w.SignIn(ctx, account.Try{Name: "Ben", Password: password, By: from("192.0.2.8")}); err != nil {
		t.Errorf("next door: %v", err)
	}
	w.at = noon.Add(account.TryWindow + time.Millisecond) // the first of them is forgotten
	w.signIn(w.ben)
}

func TestForOneNameThereAreTenTriesInThreeMinutesAndOneForAFreshAddress(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	for i := range account.MaxTries {
		w.wrong(w.guess("Ben", "", from(fmt.Sprintf("192.0.2.%d", i))))
	}
	w.tooMany(w.guess("ben ", "", from("192.0.2.3"))) // tried before
	fresh := from("198.51.100.1")
	w.wrong(w.guess("Ben", "", fresh))
	w.tooMany(w.guess("Ben", "", fresh))
	if _, err := w.SignIn(ctx, account.Try{Name: "Ben", Password: password, By: from("198.51.100.2")}); err != nil {
		t.Errorf("Ben is kept out by others: %v", err)
	}
	if _, err := w.SignIn(ctx, account.Try{Name: "Cleo", Password: password, By: fresh}); err != nil {
		t.Errorf("Cleo is kept out: %v", err)
	}
}

func TestManyTriesAtOnceAreNotMoreThanOneAfterAnother(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	before := w.Hashed()
	var all sync.WaitGroup
	errs := make([]error, 40)
	for i := range errs {
		all.Go(func() { errs[i] = w.guess("Ben", "", office) })
	}
	all.Wait()
	looked := 0
	for _, err := range errs {
		if problem.Is(err, problem.Invalid) {
			looked++
		}
	}
	if hashed := w.Hashed() - before; looked != account.MaxTries || hashed != account.MaxTries {
		t.Errorf("%d of 40 tries were answered and %d looked at", looked, hashed)
	}
}

func TestABrowserThatIsKnownIsCountedByItself(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	known := w.signIn(w.ben).Device
	for range account.MaxTries {
		w.wrong(w.guess("Ben", "", office)) // a thief in the same office
	}
	w.tooMany(w.guess("Ben", "", office))
	e, err := w.SignIn(ctx, account.Try{Name: "Ben", Password: password, Device: known, By: office})
	if err != nil {
		t.Fatalf("Ben is kept out of his own browser: %v", err)
	}
	for range account.MaxTries {
		w.wrong(w.guess("Ben", e.Device, from("192.0.2.9"))) // Ben forgot it
	}
	w.tooMany(w.guess("Ben", e.Device, from("192.0.2.9")))
	if _, err := w.SignIn(ctx, account.Try{Name: "Cleo", Password: password, By: from("192.0.2.9")}); err != nil {
		t.Errorf("Ben keeps Cleo out: %v", err)
	}
	if _, err := w.SignIn(ctx, account.Try{Name: "Ben", Password: password, By: from("192.0.2.9")}); err != nil {
		t.Errorf("his own browser keeps Ben out of others: %v", err)
	}
}

func TestTheCookieOfABrowserIsForOneName(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	cleos := w.signIn(w.cleo).Device
	for _, device := range []string{cleos, "", "made up", cleos + "x"} {
		w.at = w.at.Add(time.Hour)
		for range account.MaxTries {
			w.wrong(w.guess("Ben", device, office))
		}
		w.tooMany(w.guess("Ben", device, office))
		w.tooMany(w.guess("Anna", "", office)) // counted at the address
	}
	w.at = w.at.Add(401 * 24 * time.Hour) // browsers have forgotten it
	for range account.MaxTries {
		w.wrong(w.guess("Cleo", cleos, office))
	}
	w.tooMany(w.guess("Ben", "", office))
}

func TestACustomerOfIPv6IsOneAddress(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	for i := range account.MaxTries {
		w.wrong(w.guess(fmt.Sprint("Nobody", i), "", from(fmt.Sprintf("2001:db8:1:2::%x", i+1))))
	}
	w.tooMany(w.guess("Ben", "", from("2001:db8:1:2:ffff::1")))
	w.wrong(w.guess("Ben", "", from("2001:db8:1:3::1")))
	for i := range account.MaxTries {
		w.wrong(w.guess(fmt.Sprint("Nobody", i), "", from("::ffff:192.0.2.77"))) // IPv4 in other words
	}
	w.tooMany(w.guess("Ben", "", from("192.0.2.77")))
	w.wrong(w.guess("Ben", "", from("::ffff:192.0.2.78")))
}

func TestBeingRightForgivesOnesOwnMistakesOnly(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	for range 4 {
		w.wrong(w.guess("Ben", "", office))
		w.wrong(w.guess("Anna", "", office))
	}
	w.signIn(w.ben) // forgives the four for Ben
	for range account.MaxTries - 4 {
		w.wrong(w.guess("Anna", "", office))
	}
	w.tooMany(w.guess("Anna", "", office))
	w.tooMany(w.guess("Cleo", "", office))
}

func TestWhoKnowsThePasswordAloneIsNotForgiven(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.addStep(w.ben)
	thief := from("203.0.113.5")
	tries := 0
	for ; tries < 100; tries++ {
		e, err := w.SignIn(ctx, account.Try{Name: "Ben", Password: password, By: thief})
		if problem.Is(err, problem.TooMany) {
			break
		}
		w.must(err)
		_, err = w.Confirm(ctx, e.Pending, "000000", "", thief)
		if problem.Is(err, problem.TooMany) {
			break
		}
		w.refused(err, problem.Invalid, "not right")
	}
	if tries > account.MaxTries/2 {
		t.Errorf("%d codes were tried", tries)
	}
}

func TestAFullQueueGivesNoNewTries(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	for range account.MaxTries - 1 {
		w.wrong(w.guess("Ben", "", office))
	}
	leave := w.Crowd()
	for range 5 {
		err := w.guess("Ben", "", office)
		w.refused(err, problem.TooMany, "Too many people")
		w.refused(w.SetPassword(ctx, by(w.ben), w.ben.ID, account.Proof{Password: password}, another), problem.TooMany, "Too many people")
	}
	leave()
	w.wrong(w.guess("Ben", "", office)) // the tenth
	w.tooMany(w.guess("Ben", "", office))
}

func TestThePasswordThatASessionAsksForIsCountedToo(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	for range account.MaxTries {
		w.refused(w.SetPassword(ctx, by(w.ben), w.ben.ID, account.Proof{Password: "a wrong guess"}, another), problem.Invalid, "not your password")
	}
	w.tooMany(w.SetPassword(ctx, by(w.ben), w.ben.ID, account.Proof{Password: password}, another))
}
