package account

import (
	"fmt"
	"strings"
	"unicode/utf8"

	"golang.org/x/text/unicode/norm"

	"maitred/models/problem"
)

// How long a password is. NIST SP 800-63B asks for at least 8 characters, better 15, and that 64
// are allowed; the upper bound only keeps a form from becoming work, and nothing is ever cut off.
const (
	minPassword  = 12  // characters (Unicode code points)
	longPassword = 20  // characters from which a password is called very good
	maxPassword  = 512 // bytes
)

// CheckPassword says whether the person of this name may take this password: an Invalid problem at
// the field "password", with one sentence, if not. Any characters are allowed, spaces and emoji
// among them, none is asked for, and none is cut off; what is refused is what is guessed first
// (NIST SP 800-63B, "Password Verifiers"; OWASP ASVS 5.0, 6.2).
func CheckPassword(name, password string) error {
	if sentence := flawOf(name, password); sentence != "" {
		return problem.At("password", "%s", sentence)
	}
	return nil
}

// Strength is CheckPassword for a page that asks while one types: one sentence, and whether the
// password may be taken.
func Strength(name, password string) (sentence string, good bool) {
	if missing := minPassword - characters(password); utf8.ValidString(password) && missing > 0 {
		switch missing {
		case minPassword:
			return fmt.Sprintf("%d characters or more are needed.", minPassword), false
		case 1:
			return "1 more character is needed.", false
		default:
			return fmt.Sprintf("%d more characters are needed.", missing), false
		}
	}
	if sentence := flawOf(name, password); sentence != "" {
		return sentence, false
	}
	if characters(password) >= longPassword {
		return "Very good: long.", true
	}
	return "Good.", true
}

// strengthsAtOnce is how many passwords are judged at one time while they are typed. Each takes up to
// 30 ms of a core, and strangers may ask: who follows a link has not signed in yet.
const strengthsAtOnce = 2

// Strength is the sentence of the function Strength, for strangers, too: where many ask at once, it
// puts them off.
func (a *Accounts) Strength(name, password string) (sentence string) {
	select {
	case a.meter <- struct{}{}:
		defer func() { <-a.meter }()
	default:
		return "It will be looked at when you send it."
	}
	sentence, _ = Strength(name, password)
	return sentence
}

// flawOf is what keeps the password from being taken, "" when nothing does.
func flawOf(name, password string) string {
	switch n := characters(password); {
	case !utf8.ValidString(password):
		return "This one has characters in it that cannot be read. Please type it again."
	case strings.ContainsRune(password, 0):
		return "This one has a character in it that no keyboard types (NUL). Please type it again."
	case password == "":
		return fmt.Sprintf("Please choose a password of %d characters or more.", minPassword)
	case n < minPassword:
		return fmt.Sprintf("This one is too short: it has %d of at least %d characters. A few words make it longer.", n, minPassword)
	case len(password) > maxPassword:
		return fmt.Sprintf("This one is too long: it takes %d of at most %d bytes. Nothing was cut off; please shorten it.", len(password), maxPassword)
	}
	folded := fold(password)
	switch {
	case isRun(folded):
		return "This one is little more than keys or letters in their order. Please choose another, such as a few words that do not belong together."
	case isRepetition(folded):
		return "This one repeats a few characters. Please choose another, such as a few words that do not belong together."
	case isCommon(folded):
		return "This one is on the list of common passwords, or differs from one there in a few characters. Please choose another, such as a few words that do not belong together."
	case isNamed(folded, name):
		return "This one is little more than the name. Please choose another, such as a few words that do not belong together."
	case isNamed(folded, "maitred"):
		return "This one is little more than the name of this program. Please choose another, such as a few words that do not belong together."
	}
	return ""
}

// characters counts as people do, as far as computers can: code points of the normalised password.
func characters(password string) int { return utf8.RuneCountInString(normalised(password)) }

// normalised is the password as it is hashed: NFC, so that one typed with an accent of its own key
// and one typed with a composed letter are the same. NIST SP 800-63B asks to normalise before
// hashing; of the forms we take NFC, as RFC 8265 (4.2.2, OpaqueString) does, since the others make
// different characters equal. Nothing is trimmed.
func normalised(password string) string { return norm.NFC.String(password) }
