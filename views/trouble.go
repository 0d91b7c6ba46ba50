package views

// troubleTitles head the error pages, by their HTTP status; what is not listed is our own fault.
var troubleTitles = map[int]string{
	400: "This address makes no sense",
	401: "Sign in",
	403: "Refused",
	404: "Not here",
	405: "This cannot be done here",
	408: "Too slow",
	409: "Changed meanwhile",
	413: "Too large",
	421: "Unknown site",
	422: "Nothing was done",
	429: "Too many tries",
	503: "Busy",
	507: "The disk is full",
}

// troubleSentences are said when the error brings none of its own.
var troubleSentences = map[int]string{
	400: "The request could not be understood. Nothing was changed. Go back and try again.",
	401: "This is for people who signed in. Nothing was shown or changed.",
	403: "This request came from another site, so nothing was changed. Open the page here and try again.",
	404: "There is nothing at this address.",
	405: "This address exists, but not for this kind of request. Nothing was changed.",
	408: "What was sent did not arrive in time, so nothing was saved. Go back and try again.",
	413: "What was sent is too large, so nothing was saved. A form can have 64 kB and 1,000 fields, an address 1,000 conditions.",
	421: "This server does not answer under this name. If it should, start it with --host and the name.",
}

// OwnFault is said of what is nobody's fault but ours.
const OwnFault = "Something went wrong on our side. Nothing was changed. Please try again; if it happens again, tell your administrator the number of the request."

// Unsure is said when it is not known whether a change was saved.
const Unsure = "Something went wrong on our side, and it is not known whether your change was saved. Look at the history before you try again; if it happens again, tell your administrator the number of the request."

// crowded is said to who comes when there is no room.
const crowded = "More people are using this site at this moment than it can answer. Nothing was done. Please wait a few seconds and try again."

// Titles of error pages whose status alone does not say it.
const (
	StoppedTitle  = "Stopped"
	ReadOnlyTitle = "Only to be read"
)

// TroubleTitle heads the page that answers with this status.
func TroubleTitle(status int) string {
	if t := troubleTitles[status]; t != "" {
		return t
	}
	return "Something went wrong"
}

// SentenceOf is said with this status where the error brings no sentence of its own; it may be "".
func SentenceOf(status int) string { return troubleSentences[status] }
