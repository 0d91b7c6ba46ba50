package backup_test

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"maitred/migrations"
	"maitred/models"
	"maitred/models/backup"
)

// site is a database that is open as one that is served, with its backups, on a clock that the test moves.
type site struct {
	*backup.Backups
	*clock
	t      *testing.T
	store  *models.Store
	log    *strings.Builder
	places int
}

// newSite is a site with a backup each hour, of which three stay. Nothing runs yet.
func newSite(t *testing.T) *site {
	t.Helper()
	path := filepath.Join(t.TempDir(), "maitred.db")
	store, err := models.Open(context.Background(), path, migrations.Apply)
	must(t, err)
	t.Cleanup(func() { must(t, store.Close()) })
	s := &site{t: t, store: store, clock: newClock(), log: new(strings.Builder)}
	s.open(backup.Settings{Database: path, Every: time.Hour, Keep: 3})
	t.Cleanup(func() { must(t, s.Close()) })
	return s
}

func must(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

func (s *site) open(settings backup.Settings) {
	s.t.Helper()
	b, err := backup.Open(settings)
	must(s.t, err)
	b.Now, b.After, b.Log = s.clock.Now, s.clock.After, slog.New(slog.NewTextHandler(io.MultiWriter(s.log, s.t.Output()), nil))
	s.Backups = b
}

// starts starts the backups and lets them do what they find to do.
func (s *site) starts() *site {
	s.t.Helper()
	s.Start()
	s.waits(s.t)
	return s
}

// restarts ends the backups and starts them anew, as a program does that is started again.
func (s *site) restarts() {
	s.t.Helper()
	must(s.t, s.Close())
	s.log.Reset()
	s.open(s.Settings)
	s.starts()
}

// adds adds a place, so that each backup has another number of them.
func (s *site) adds() {
	s.t.Helper()
	s.places++
	_, err := models.Places.Create(context.Background(), s.store, "", &models.Place{Name: fmt.Sprint("Place ", s.places), Address: "1"})
	must(s.t, err)
}

// has expects these backups, newest first, by their time of the day; "!" behind it for one that is damaged.
func (s *site) has(want ...string) {
	s.t.Helper()
	state, err := s.State()
	must(s.t, err)
	var got []string
	for _, f := range state.Files {
		text := f.At.Format("2 15:04")
		if f.Damaged {
			text += "!"
		}
		got = append(got, text)
	}
	if !slices.Equal(got, want) {
		s.t.Errorf("there are the backups %q, want %q", got, want)
	}
}

// comes expects the next backup at a time.
func (s *site) comes(want string) {
	s.t.Helper()
	state, err := s.State()
	must(s.t, err)
	if got := state.Next.Format("2 15:04"); got != want {
		s.t.Errorf("the next one is made at %s, want %s", got, want)
	}
}

// inBackup counts the places in the newest backup, after a look at it as an ordinary database.
func (s *site) inBackup() (n int) {
	s.t.Helper()
	state, err := s.State()
	must(s.t, err)
	db, err := sql.Open("sqlite", "file:"+filepath.Join(s.Folder, state.Files[0].Name)+"?mode=ro&immutable=1")
	must(s.t, err)
	must(s.t, errors.Join(db.QueryRow("SELECT count(*) FROM places").Scan(&n), db.Close()))
	return n
}

// breaks damages a backup in the middle.
func (s *site) breaks(i int) {
	s.t.Helper()
	state, err := s.State()
	must(s.t, err)
	file := filepath.Join(s.Folder, state.Files[i].Name)
	content, err := os.ReadFile(file)
	must(s.t, err)
	for at := len(content) / 4; at < len(content)/2; at++ {
		content[at] ^= 0xff
	}
	must(s.t, os.WriteFile(file, content, 0o600))
}

func (s *site) write(name, content string) {
	s.t.Helper()
	must(s.t, os.WriteFile(filepath.Join(s.Folder, name), []byte(content), 0o600))
}

func (s *site) listed() (names []string) {
	s.t.Helper()
	entries, err := os.ReadDir(s.Folder)
	must(s.t, err)
	for _, e := range entries {
		names = append(names, e.Name())
	}
	return names
}
