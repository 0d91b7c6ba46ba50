package store_test

import (
	"database/sql"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"maitred/migrations"
	"maitred/models"
)

// refused expects that a file is not opened, with an error of these words.
func refused(t *testing.T, s *models.Store, err error, words ...string) {
	t.Helper()
	if err == nil {
		must(t, s.Close())
		t.Errorf("it was opened, and should be refused with %q", words)
		return
	}
	for _, w := range words {
		if !strings.Contains(err.Error(), w) {
			t.Errorf("the answer does not say %q, but %v", w, err)
		}
	}
}

func TestAFileIsServedOnceWhateverItIsCalled(t *testing.T) {
	t.Parallel()
	w := newWorld(t, false)
	link, folder := filepath.Join(t.TempDir(), "link.db"), filepath.Join(t.TempDir(), "folder")
	must(t, os.Symlink(w.file, link))
	must(t, os.Symlink(filepath.Dir(w.file), folder))
	here, err := os.Getwd()
	must(t, err)
	relative, err := filepath.Rel(here, w.file)
	must(t, err)
	names := []string{w.file, link, filepath.Join(folder, "maitred.db"), relative}
	for _, name := range names {
		s, err := models.Open(ctx, name, migrations.Apply)
		refused(t, s, err, name, "is open in another maitred: stop that one first")
	}
	for _, name := range names {
		s, err := models.OpenBeside(ctx, name, migrations.Apply)
		must(t, err)
		must(t, create(s, models.Places, &models.Place{Name: "Beside", Address: "1"}))
		must(t, s.Close())
	}
	w.goesOn("others had it open")
	must(t, w.Close())
	w.Store, err = models.Open(ctx, link, migrations.Apply)
	must(t, err)
	w.goesOn("another start")
}

// A name that leads to a file that is not there yet makes it where it leads.
func TestANewFileIsMadeWhereItsNameLeads(t *testing.T) {
	t.Parallel()
	there, link := filepath.Join(t.TempDir(), "there.db"), filepath.Join(t.TempDir(), "link.db")
	must(t, os.Symlink(there, link))
	s, err := models.Open(ctx, link, migrations.Apply)
	must(t, err)
	again, err := models.Open(ctx, there, migrations.Apply)
	refused(t, again, err, "is open in another maitred")
	must(t, s.Close())
	info, err := os.Stat(there)
	must(t, err)
	if info.Mode().Perm() != 0o600 {
		t.Errorf("others may look into the new file: %v", info.Mode())
	}
}

func TestAFileIsMigratedOnlyByWhoIsAloneWithIt(t *testing.T) {
	t.Parallel()
	w := newWorld(t, false)
	past(t, w.file)
	s, err := models.OpenBeside(ctx, w.file, migrations.Apply)
	refused(t, s, err, w.file, "is from an older maitred", "another program has it open: stop that one")
	must(t, w.Close())

	beside, err := models.OpenBeside(ctx, w.file, migrations.Apply) // alone, so it may
	must(t, err)
	past(t, w.file)
	s, err = models.Open(ctx, w.file, migrations.Apply)
	refused(t, s, err, "is from an older maitred", "another program has it open: stop that one")
	must(t, beside.Close())
	w.open()
	w.goesOn("a migration")
}

func TestLocksAreNobodyElsesBusiness(t *testing.T) {
	t.Parallel()
	w := newWorld(t, false)
	for _, lock := range []string{"-lock", "-server"} {
		info, err := os.Stat(w.file + lock)
		must(t, err)
		if info.Mode().Perm() != 0o600 || info.Size() != 0 {
			t.Errorf("%s is %v with %d bytes", lock, info.Mode(), info.Size())
		}
	}
}

// past makes a file one that an older program wrote.
func past(t *testing.T, file string) {
	t.Helper()
	db, err := sql.Open("sqlite", file)
	must(t, err)
	_, err = db.Exec("DELETE FROM bun_migrations WHERE id = (SELECT max(id) FROM bun_migrations)")
	must(t, errors.Join(err, db.Close()))
}
