package account

import (
	"encoding/json"
	"time"
)

// KeptForm is what somebody typed and sent when their session had ended.
type KeptForm struct {
	User    int64  // who typed it; 0: nobody who signed in here lately
	Address string // where it was sent
	Body    string // its fields, as a form's body
}

const (
	keptPurpose = "form"
	keptFor     = 12 * time.Hour
)

// KeepForm seals a form, to be sent along with signing in. Nobody without the site's secret can make
// or read one.
func (a *Accounts) KeepForm(f KeptForm) string {
	b, _ := json.Marshal(f) // a number and two texts
	return a.sealer.seal(keptPurpose, b, a.Now().Add(keptFor))
}

// KeptForm opens what KeepForm sealed; false for anything else, and after twelve hours.
func (a *Accounts) KeptForm(sealed string) (f KeptForm, ok bool) {
	b, ok := a.sealer.open(keptPurpose, sealed, a.Now())
	return f, ok && json.Unmarshal(b, &f) == nil
}
