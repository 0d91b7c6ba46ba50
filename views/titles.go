package views

import "maitred/models/graph"

// The titles of pages. Those that name a record are made beside what they name.
const (
	HomeTitle       = "The front desk"
	WelcomeTitle    = "Welcome"
	SearchTitle     = "Search"
	HelpTitle       = "Help"
	HistoryTitle    = "History"
	OwnHistoryTitle = "Your changes"
	WorkTitle       = "In progress"
	SignInTitle     = "Sign in"
	CodeTitle       = "One more step"
	SignedInTitle   = "Signed in"
	SignOutTitle    = "Sign out"
	AccountTitle    = "Your account"
	StrengthTitle   = "How good the password is"
	StepTitle       = "Your second step"
	NewStepTitle    = "Add a second step"
	OtherStepTitle  = "Move your second step to another phone"
	PeopleTitle     = "People"
	InvitationTitle = "Invite someone"
	AgainTitle      = "Start again?"
	TrailTitle      = "What happened to accounts"
	BackupsTitle    = "Backups"
	DownloadTitle   = "Download a backup"
	ToWholeList     = "Show the whole list" // links that lead on from a refusal
	ToList          = "Back to the list"
	ToHistory       = "See the history"
	ToNewestChanges = "Show the newest changes"
	ToOwnChanges    = "See your changes"
	ToChangeDone    = "See what was done"
	ToAllPeople     = "All people"
	ToPageAgain     = "Open the page again"
)

// ChangeTitle is the title of the page of a change.
func ChangeTitle(number int64) string { return "Change " + itoa(number) }

// UndoTitle is the title of the page that shows what undoing a change would do.
func UndoTitle(number int64) string { return "Undo change " + itoa(number) }

// EditTitle is the title of the form that changes a record.
func EditTitle(label string) string { return "Change " + label }

// BringTitle is the title of the page that chooses what to bring to a record.
func BringTitle(k *graph.Kind, to string) string { return "Bring " + aOne(k) + " to " + to }

// ViewsTitle is the title of the page of all views of a kind.
func ViewsTitle(k *graph.Kind) string { return "Views of " + k.Plural() }

// ToAll is a link to all records of a kind.
func ToAll(k *graph.Kind) string { return "All " + k.Plural() }

// What a picker asks: for a record, or for where something goes or comes back.
func Which(k *graph.Kind) string   { return "Which " + k.Singular() + "?" }
func ToWhich(k *graph.Kind) string { return "To which " + k.Singular() + "?" }
func AtWhich(k *graph.Kind) string { return "At which " + k.Singular() + "?" }

// ToWhichEach asks where each of several goes.
func ToWhichEach(k *graph.Kind) string { return "Which " + k.Singular() + " does each move to?" }
