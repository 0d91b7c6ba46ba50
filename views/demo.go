package views

import (
	"fmt"
	"time"

	"maitred/models/account"
	"maitred/models/graph"
	"maitred/models/sandbox"
)

// Demo is what a page says of the demo that it belongs to.
type Demo struct {
	Left time.Duration // until it ends
	Over bool          // it has ended
	Role account.Role  // that the visitor chose
	At   string        // the page, to be come back to; "" for one that cannot be
	Said string        // one of the words below, for what just happened; "" for nothing
}

// What just happened to a demo. A role is said when it was chosen.
const (
	DemoOver     = "over"
	DemoNotSaved = "not saved"
	DemoAgain    = "again"
)

// soon is when the end is near.
const soon = 5 * time.Minute

// demoSaid are the sentences for what just happened.
var demoSaid = map[string]string{
	DemoOver:                "Your demo was over, and nothing of it is kept. This is a fresh one, yours alone.",
	DemoNotSaved:            "Your demo was over, so what you sent was not saved, and nothing of it is kept. This is a fresh one, yours alone.",
	DemoAgain:               "This is a fresh demo, yours alone. Nothing of the one before is kept.",
	string(account.Viewer):  "You are a viewer now: you can look at everything, but not change it.",
	string(account.Editor):  "You are an editor now: you can change everything, and undo what you did yourself.",
	string(account.Manager): "You are a manager now: you can change everything, undo what anybody did, and see who may come in.",
}

// left is how long the demo lasts, in words.
func (d *Demo) left() string {
	if d.Over || d.Left <= 0 {
		return " is over."
	}
	if n := int64((d.Left + time.Minute - 1) / time.Minute); n > 1 {
		return ", " + graph.Number(n) + " minutes left."
	}
	return ", less than a minute left."
}

// warning is said when the end is near; it stays the same for minutes, since it is read out when it changes.
func (d *Demo) warning() string {
	switch {
	case d.Over || d.Left <= 0:
		return "Whatever you press next begins a fresh one."
	case d.Left <= soon:
		return "Then all you did here is gone."
	}
	return ""
}

// others are the roles that the visitor could choose.
func (d *Demo) others() (roles []account.Role) {
	for _, r := range account.Roles() {
		if r != d.Role {
			roles = append(roles, r)
		}
	}
	return roles
}

// a is a role with its article.
func a(r account.Role) string {
	if r == account.Editor {
		return "an " + string(r)
	}
	return "a " + string(r)
}

// What is said of a demo.
const (
	DemoTitle      = "What is this demo?"
	DemoFullTitle  = "The demo is full"
	DemoLargeTitle = "Your demo is full"
	NotInDemoTitle = "Only shown in a demo"
	DemoFreshTitle = "A fresh demo"

	NotInDemo     = "In a demo this is shown and not done, so nothing was changed. It is done on a site of your own."
	BackupsInDemo = "Nothing of a demo is kept, so there are no backups of it. On a site of your own the database is copied while people work, as often as you like, each copy is read back, and managers see all of them here, make one now, and download them."
	DemoFresh     = "Your demo was over, and nothing of it is kept. From here on you are in a fresh one, yours alone."
	DemoBecome    = "In this demo you can become one, with the buttons at the top."
	DemoGone      = "If it was in a demo that you had before this one: nothing of that is kept."
	AccountInDemo = "In a demo nobody signs in, so you have no account. On a site of your own you would change your password here, add a second step, and see on which devices you are signed in."
	SignInInDemo  = "In a demo nobody signs in, or out: all that you see is yours alone, and is gone when your time is over. On a site of your own everyone has a name, a password and, if they like, a second step."
	DemoLarge     = "It is as large as a demo may become, with all that was ever changed in it, so this was not saved. Start again, with the button at the top, to have a fresh one."
)

// DemoFull says that there is no room in a demo, or for nobody else from an address.
func DemoFull(f *sandbox.Full) string {
	again := "The next place is free in " + inWords(f.Wait) + "."
	switch {
	case f.Reading:
		return "As many people as there is room for are changing something in demos of their own, so this was not done. " + again + " Until then you can look at everything."
	case f.Address:
		return "From your address nobody else can come in at this moment: as many are trying the demo as may from one. " + again
	default:
		return "As many people as there is room for are trying the demo at this moment. " + again
	}
}

// inWords is a time to wait, rounded up.
func inWords(d time.Duration) string {
	if n := int64((d + time.Minute - 1) / time.Minute); n > 1 {
		return graph.Number(n) + " minutes"
	}
	return "a minute"
}

// DemoRules are the rules of a demo, as sentences.
func DemoRules(l sandbox.Limits) []string {
	return []string{
		"It is yours for " + inWords(l.Life) + ". Then all you did is deleted, and you can begin anew.",
		fmt.Sprintf("Your records and their history may take %s MB.", graph.Number(l.Size>>20)),
		"Up to " + graph.Number(int64(l.Visitors)) + " people can try it at once, and " + graph.Number(int64(l.Copies)) + " of them change something. If there is no room, you are told when there will be.",
	}
}
