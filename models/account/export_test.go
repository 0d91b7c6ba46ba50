package account

// Hashed is how many passwords were hashed or compared.
func (a *Accounts) Hashed() int64 { return a.hasher.count() }

// Crowd fills the queue of passwords until the function that it returns is called.
func (a *Accounts) Crowd() (leave func()) {
	n := cap(a.hasher.places)
	for range n {
		a.hasher.places <- struct{}{}
	}
	return func() {
		for range n {
			<-a.hasher.places
		}
	}
}

// The bounds that tests go to.
const (
	MaxTries  = maxTries
	TryWindow = tryWindow
	DraftFor  = draftFor
	Pending   = pendingFor
)
