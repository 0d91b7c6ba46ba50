package views

import (
	"maitred/models/account"
	"maitred/models/change"
)

// What the page after a write says once, of accounts: what was done to records says their change.
const (
	SaidPassword   = "Your password is changed. You are signed out everywhere else."
	SaidSession    = "You are signed out there."
	SaidSessions   = "You are signed out everywhere else."
	SaidStep       = "You have a second step. You are signed out everywhere else."
	SaidCodes      = "You have new recovery codes. The old ones no longer work."
	SaidNoStep     = "You sign in with your password alone. You are signed out everywhere else."
	SaidStepForAll = "Everyone signs in with a second step from now on."
	SaidStepAsked  = "Everyone decides for themselves whether they sign in with a second step."
)

// SaidInvited says that someone was invited.
func SaidInvited(name string, r account.Role) string {
	return change.Isolate(name) + " may come in as " + RoleOf(r) + "."
}

// SaidRole says that someone has another role.
func SaidRole(name string, r account.Role) string {
	return change.Isolate(name) + " is now " + RoleOf(r) + "."
}

// SaidSwitched says that someone is switched off or on again.
func SaidSwitched(name string, off bool) string {
	if off {
		return change.Isolate(name) + " is switched off and signed out everywhere."
	}
	return change.Isolate(name) + " may come in again."
}

// SaidOut says that someone is signed out.
func SaidOut(name string) string { return change.Isolate(name) + " is signed out everywhere." }

// SaidStepTaken says that someone's second step was taken away.
func SaidStepTaken(name string) string {
	return change.Isolate(name) + " has no second step any more, and is signed out everywhere."
}
