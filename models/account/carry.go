package account

import (
	"strconv"
	"time"
)

// carriedFor is how long what is to be shown once may take to the page that shows it.
const carriedFor = 2 * time.Minute

// Carry seals words that one page hands to the next through the browser of a person, such as codes that
// are shown once. Nobody else can read them, and nobody can make them up.
func (a *Accounts) Carry(user int64, words []byte) string {
	return a.sealer.seal(carriedBy(user), words, a.Now().Add(carriedFor))
}

// Carried is what Carry sealed for this person, a moment ago.
func (a *Accounts) Carried(user int64, sealed string) (words []byte, ok bool) {
	return a.sealer.open(carriedBy(user), sealed, a.Now())
}

func carriedBy(user int64) string { return "carried by " + strconv.FormatInt(user, 10) }
