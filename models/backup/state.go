package backup

import "time"

// State is how things stand.
type State struct {
	Files  []File // newest first
	Making *Making
	Failed *Failure  // nil: the last try went well, or there was none yet
	Next   time.Time // when the next is made; zero: as soon as it is known
}

// State tells how things stand. Errors: the folder cannot be read.
func (b *Backups) State() (s State, err error) {
	s.Files, err = b.files()
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.making != nil {
		making := *b.making
		s.Making = &making
	}
	if b.failed != nil {
		failed := *b.failed
		s.Failed = &failed
	}
	s.Next = b.next
	return s, err
}

// LastBackup is the moment of the newest backup that is not known to be damaged; zero when there is none.
func (b *Backups) LastBackup() time.Time {
	files, _ := b.files() // who cannot read the folder has no backup
	for _, f := range files {
		if !f.Damaged && !b.fromFuture(f) {
			return f.At
		}
	}
	return time.Time{}
}
