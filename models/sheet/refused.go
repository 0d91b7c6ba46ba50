package sheet

import (
	"fmt"
	"strconv"
	"strings"
)

// Refused says why a file is not read: what is wrong with it, to be told to who brought it.
type Refused struct {
	Flaws    []Flaw // 20 at most, in the order of their lines
	More     int    // how many others there are, as far as it was read
	TooLarge bool   // it is beyond one of the Limits
}

// Flaw is one thing that is wrong with a file.
type Flaw struct {
	Line     int    // where in the file or its sheet, from 1; 0 where it is nowhere in particular
	Sentence string // for people, whole without Line, and with the sheet's name if there are several
}

// Error tells the flaws in one line.
func (r *Refused) Error() string {
	var all []string
	for _, f := range r.Flaws {
		all = append(all, f.Sentence)
	}
	if r.More > 0 {
		all = append(all, fmt.Sprintf("And %d more.", r.More))
	}
	return "the file is refused: " + strings.Join(all, " ")
}

func refuse(line int, sentence string, args ...any) *Refused {
	return &Refused{Flaws: []Flaw{{line, fmt.Sprintf(sentence, args...)}}}
}

func tooLarge(line int, sentence string, args ...any) *Refused {
	r := refuse(line, sentence, args...)
	r.TooLarge = true
	return r
}

// maxFlaws is how many flaws are told: more helps nobody, and a file may have one on each line.
const maxFlaws = 20

// flaws collects what is wrong while the reading goes on.
type flaws struct {
	told []Flaw
	more int
}

func (f *flaws) add(line int, sentence string, args ...any) {
	if len(f.told) == maxFlaws {
		f.more++
		return
	}
	f.told = append(f.told, Flaw{line, fmt.Sprintf(sentence, args...)})
}

// refused is the refusal with all flaws, or nil if there are none. A nil *Refused in an error is not nil.
func (f *flaws) refused() error {
	if len(f.told) == 0 {
		return nil
	}
	return &Refused{Flaws: f.told, More: f.more}
}

// bytesInWords is a number of bytes as people read it: "10 MiB".
func bytesInWords(n int64) string {
	switch {
	case n >= 1<<20 && n%(1<<20) == 0:
		return grouped(n>>20) + " MiB"
	case n >= 1<<10 && n%(1<<10) == 0:
		return grouped(n>>10) + " KiB"
	}
	return grouped(n) + " bytes"
}

// grouped is a number with its thousands parted: "50,000".
func grouped[N int | int64](n N) string {
	s := strconv.FormatInt(int64(n), 10)
	for i := len(s) - 3; i > 0; i -= 3 {
		s = s[:i] + "," + s[i:]
	}
	return s
}

// count is a number of things: "1 cell", "2 cells".
func count(n int, thing string) string {
	if n == 1 {
		return "1 " + thing
	}
	return grouped(n) + " " + thing + "s"
}
