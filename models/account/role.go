package account

// Role is what a person may do. Each includes the ones before it.
type Role string

// The roles.
const (
	Viewer  Role = "viewer"  // reads and exports
	Editor  Role = "editor"  // also writes, and undoes their own changes
	Manager Role = "manager" // also undoes other people's, manages people, and sees the whole history
)

// Roles are all there are, the one that may least first.
func Roles() []Role { return []Role{Viewer, Editor, Manager} }

// Known says that there is such a role.
func (r Role) Known() bool { return r == Viewer || r == Editor || r == Manager }

// Writes says whether a person with this role may change records.
func (r Role) Writes() bool { return r == Editor || r == Manager }

// Manages says whether a person with this role may manage people, undo what others did, and see the
// whole history.
func (r Role) Manages() bool { return r == Manager }

// May is the role's sentence on the page where people are managed.
func (r Role) May() string {
	switch r {
	case Manager:
		return "also undoes what others did, sees the whole history, and manages people"
	case Editor:
		return "also adds, changes, moves and deletes, and undoes their own changes"
	default:
		return "reads and exports"
	}
}
