// Package backup makes backups of a database while it is served, and keeps the newest ones in a folder.
//
// When the next one is due and which of them may go follows from the files in the folder and the clock,
// and from nothing that is remembered: a restart changes neither. A backup is a file whose name says of
// which moment it is, in UTC, so that names sort as moments do; other files in the folder are left alone.
package backup

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"time"

	"github.com/gofrs/flock"
)

// Settings say how often backups are made and where they are kept.
type Settings struct {
	Database string
	Folder   string        // made when it is not there; "": beside the database
	Every    time.Duration // Least or more
	Keep     int           // how many stay; 1 or more
}

// Least is the shortest time from one backup to the next.
const Least = time.Minute

// folderSuffix follows the name of the database in that of the usual folder.
const folderSuffix = "-backups"

// Backups are those of one database. They may be asked by many at once.
type Backups struct {
	Settings
	Log *slog.Logger

	// The clock, and what tells when some time has passed on it.
	Now   func() time.Time
	After func(time.Duration) <-chan time.Time

	stem   string       // with which the names of the backups begin
	lock   *flock.Flock // keeps others off the folder
	asked  chan struct{}
	cancel context.CancelFunc
	ended  chan struct{}

	mu     sync.Mutex
	looks  map[string]look // by name: what was found when it was read
	making *Making
	failed *Failure
	next   time.Time
}

// Making is a backup that is being made.
type Making struct {
	Since time.Time
	Part  float64 // how much of it is done, from 0 to 1
}

// Failure is that the last tries to make a backup failed.
type Failure struct {
	At    time.Time // of the last one
	Tries int
	Why   string // a sentence for people; "" when it makes sense to the log only
}

// Open makes the folder, if it is not there, and keeps every other maitred off it until Close: each would take
// the backups of the other for its own. Nothing is made before Start. Errors are sentences about the settings.
func Open(s Settings) (*Backups, error) {
	s.Folder = cmp.Or(s.Folder, s.Database+folderSuffix)
	if err := s.Check(); err != nil {
		return nil, err
	}
	if err := os.Mkdir(s.Folder, 0o700); err != nil && !errors.Is(err, os.ErrExist) {
		return nil, fmt.Errorf("the folder of the backups cannot be made: %w", err)
	}
	lock := flock.New(filepath.Join(s.Folder, "lock"), flock.SetPermissions(0o600))
	if alone, err := lock.TryLock(); err != nil {
		return nil, fmt.Errorf("backups cannot be kept in %s: %w", s.Folder, err)
	} else if !alone {
		return nil, errors.Join(fmt.Errorf("the backups of another maitred are in %s: name another folder with --backup-folder", s.Folder), lock.Close())
	}
	return &Backups{
		Settings: s, Log: slog.New(slog.DiscardHandler), Now: time.Now, After: time.After,
		stem: strings.TrimSuffix(filepath.Base(s.Database), ".db"), lock: lock,
		asked: make(chan struct{}, 1), looks: map[string]look{},
	}, nil
}

// Check refuses settings that make no sense. Errors are sentences about them.
func (s Settings) Check() error {
	switch {
	case s.Every < Least:
		return fmt.Errorf("--backup-every %v is too often: a minute is the least", s.Every)
	case s.Keep < 1:
		return fmt.Errorf("--backup-keep %d keeps nothing: 1 is the least", s.Keep)
	default:
		return nil
	}
}

// Start begins to make backups.
func (b *Backups) Start() {
	var ctx context.Context
	ctx, b.cancel = context.WithCancel(context.Background())
	b.ended = make(chan struct{})
	go func() {
		defer close(b.ended)
		b.run(ctx)
	}()
}

// Close ends it: of a backup that is being made nothing stays. A nil one has nothing to end.
func (b *Backups) Close() error {
	if b == nil {
		return nil
	}
	if b.cancel != nil {
		b.cancel()
		<-b.ended
	}
	return b.lock.Close()
}

// Ask lets a backup be made now, unless one is being made already.
func (b *Backups) Ask() {
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.making == nil {
		b.making = &Making{Since: b.Now()}
		b.asked <- struct{}{}
	}
}
