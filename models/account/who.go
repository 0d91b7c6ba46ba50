package account

import "strconv"

// Who is a person as a request carries them: who asks, and what they may do.
type Who struct {
	ID   int64  // 0: nobody signs in here
	Name string // as history calls them
	Role Role

	Demo string // which demo it is, of those whose visitors all have the same number; "" elsewhere
}

// Mark is by what a form says to whom it was shown.
func (w Who) Mark() string {
	mark := strconv.FormatInt(w.ID, 10)
	if w.Demo != "" {
		mark += "-" + w.Demo
	}
	return mark
}

// MayUndo says whether the person may take back a change that the person with this number made.
func (w Who) MayUndo(author int64) bool {
	return w.Role.Manages() || w.Role.Writes() && w.Made(author)
}

// Made says whether a change that the person with this number made is this person's own. Where nobody
// signs in, everyone's are: those that no person made. For who signed in these are nobody's own.
func (w Who) Made(author int64) bool { return w.Role.Known() && w.ID == author }

// MaySee says whether the person may look at a change that the person with this number made.
func (w Who) MaySee(author int64) bool { return w.Role.Manages() || w.Made(author) }

// Lists is whose changes the person is shown in lists: the number of one person, 0 for everyone's.
func (w Who) Lists() int64 {
	if w.Role.Manages() {
		return 0
	}
	return w.ID
}
