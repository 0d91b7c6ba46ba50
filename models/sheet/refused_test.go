package sheet

import (
	"errors"
	"strings"
)

// sentences are what a refusal tells, one per line; of another error its text.
func sentences(err error) string {
	var r *Refused
	if !errors.As(err, &r) {
		if err == nil {
			return "not refused"
		}
		return "not refused: " + err.Error()
	}
	var all []string
	for _, f := range r.Flaws {
		all = append(all, f.Sentence)
	}
	return strings.Join(all, "\n")
}
