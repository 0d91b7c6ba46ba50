package views

// Term is a word that pages use, always the same for the same thing.
type Term struct {
	Code  string // what the code calls it
	Word  string // what pages call it, in the middle of a sentence
	Means string // how it is explained to people; "" for what needs no explanation
}

// Glossary is the words of the pages beside those of the code. The help page is made of it.
//
// All that pages say stands in this package, so that another language is another set of these files:
// titles in titles.go, what is said after a write in told.go, what error pages say in trouble.go, what is
// said of a list in sentence*.go, and the rest in the page's own file. Two things stand elsewhere. What is
// wrong with a request is said where that is found out, in models and handlers, as a problem.Error. And
// what history says of a change is written down with the change, by package change, in the words that
// were said then. Both keep to this glossary.
var Glossary = []Term{
	{"models.Place", "place", "Somewhere with a name and an address. It is free, or it has one restaurant."},
	{"models.Restaurant", "restaurant", "It is at exactly one place and is called by the name of that place."},
	{"models.Waiter", "waiter", "Someone who works at one restaurant."},
	{"models.Place.Free", "free", "A place without a restaurant. One can be opened there or brought there."},
	{"change.Create", "open", "A restaurant is opened, a place is added, a waiter is hired: each makes a new record."},
	{"change.Update", "change", "To correct what a record says. When someone else saves the same record meanwhile, you choose what stays."},
	{"change.Move", "move", "A restaurant goes to a free place, and its waiters go along. A waiter goes to another restaurant."},
	{"change.Move.Swap", "swap", "Two restaurants trade places, each with its waiters."},
	{"pages.bring", "bring", "To move a restaurant, asked for on the page of the place where it is to be."},
	{"change.Copy", "copy", "Another restaurant that serves the same, opened at a free place. It has no waiters yet."},
	{"change.Delete", "delete", "A record goes, with all that belongs to it. Of a waiter it is said that you let them go."},
	{"change.Undo", "undo", "To take back what was done, all of it at once."},
	{"change.Change", "history", "All that was done: what, when and by whom. Nothing is ever taken out of it."},
	{"lookup.condition", "condition", "What the records of a list have in common, such as “serves pizza”. A list can have several."},
	{"saved.View", "view", "A list with its conditions, kept under a name, for you or for everybody."},
	{"many.id", "tick", "To choose records of a list, so as to do something with all of them at once."},
	{"account.Viewer", "viewer", "Someone who reads everything and changes nothing."},
	{"account.Editor", "editor", "Someone who changes records, and undoes what they did themselves."},
	{"account.Manager", "manager", "Someone who also undoes what others did, and invites people."},
	{"time.UTC", "UTC", "The time in London in winter, the same all over the world. All times here are told in it."},

	{"graph.Kind", "record", ""},            // or its kind: a place, a restaurant, a waiter
	{"change.Plan", "what will happen", ""}, // before it is done
	{"change.Plan.Branches", "what goes along", ""},
	{"change.Stale", "changed since you looked", ""},
	{"problem.Error", "what is wrong", ""}, // never an error: the person made none
	{"account.Account", "account", ""},
	{"graph.Kind.Key", "number", ""}, // of a record
}

// Unsaid are words of the code and of its makers that no page says.
var Unsaid = []string{
	"fingerprint", "token", "cascade", "foreign key", "primary key", "database", "transaction", "query", "predicate", "operator",
	"null", "invalid", "illegal", "forbidden", "failed", "error", "abort", "submit", "payload", "cookie", "browser cache", "regex", "boolean",
}
