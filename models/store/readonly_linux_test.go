package store_test

import (
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"

	"maitred/migrations"
	"maitred/models"
	"maitred/models/kind"
	"maitred/models/problem"
)

// disk is a folder on a disk of its own, which can be made one that can only be read. Only who may
// mount disks can have one; who may not is stopped by the modes of files, so these must do.
func disk(t *testing.T) (folder string, onlyRead, both func()) {
	t.Helper()
	folder = t.TempDir()
	if err := syscall.Mount("tmpfs", folder, "tmpfs", 0, "size=32m"); err != nil {
		if os.Getuid() == 0 {
			t.Skipf("no disk can be mounted here, and modes of files do not stop root: %v", err)
		}
		modes := func(files, folders os.FileMode) func() {
			return func() {
				must(t, os.Chmod(folder, 0o700))
				for _, name := range besides(t, filepath.Join(folder, "any")) {
					must(t, os.Chmod(filepath.Join(folder, name), files))
				}
				must(t, os.Chmod(folder, folders))
			}
		}
		t.Cleanup(modes(0o600, 0o700))
		return folder, modes(0o400, 0o500), modes(0o600, 0o700)
	}
	t.Cleanup(func() { must(t, syscall.Unmount(folder, 0)) })
	again := func(flags uintptr) func() {
		return func() {
			t.Helper()
			must(t, syscall.Mount("tmpfs", folder, "tmpfs", syscall.MS_REMOUNT|flags, "size=32m"))
		}
	}
	return folder, again(syscall.MS_RDONLY), again(0)
}

// left are the ways in which a file is found on a disk that can only be read: as a program left it
// that ended, that was killed, and as someone copied it who did not know what belongs to it.
var left = map[string]func(t *testing.T, from, to string){
	"closed": func(t *testing.T, from, to string) { copies(t, from, to, "") },
	"closed, and locked once": func(t *testing.T, from, to string) {
		copies(t, from, to, "")
		must(t, os.WriteFile(to+"-lock", nil, 0o600))
		must(t, os.WriteFile(to+"-server", nil, 0o600))
	},
	"killed":                func(t *testing.T, from, to string) { copies(t, from, to, "", "-wal", "-shm", "-lock", "-server") },
	"killed, without locks": func(t *testing.T, from, to string) { copies(t, from, to, "", "-wal", "-shm") },
	"killed, then copied":   func(t *testing.T, from, to string) { copies(t, from, to, "", "-wal") },
	"with an empty log": func(t *testing.T, from, to string) {
		copies(t, from, to, "")
		must(t, os.WriteFile(to+"-wal", nil, 0o600))
	},
}

func copies(t *testing.T, from, to string, parts ...string) {
	t.Helper()
	for _, part := range parts {
		content, err := os.ReadFile(from + part)
		must(t, err)
		must(t, os.WriteFile(to+part, content, 0o600))
	}
}

// Whatever is beside the file, what is read is the newest of it, and nothing is written.
func TestAFileOnADiskThatCanOnlyBeReadIsReadWithAllThatBelongsToIt(t *testing.T) {
	t.Parallel()
	for how, leave := range left {
		t.Run(how, func(t *testing.T) {
			t.Parallel()
			folder, onlyRead, both := disk(t)
			file := filepath.Join(folder, "maitred.db")
			w := newWorld(t, false)
			must(t, create(w.Store, models.Places, &models.Place{Name: "Third", Address: "3"}))
			if !strings.HasPrefix(how, "killed") { // else it is in the log alone
				must(t, w.clean.Close())
				must(t, w.Close())
			}
			leave(t, w.file, file)
			onlyRead()
			before := besides(t, file)

			s, err := models.Open(ctx, file, migrations.Apply)
			must(t, err)
			defer func() { must(t, s.Close()) }()
			if !s.ReadOnly {
				t.Error("the store does not say that it can only be read")
			}
			if names := placesIn(t, s); !strings.Contains(names, "Third") {
				t.Errorf("it shows older places: %s", names)
			}
			err = create(s, models.Places, &models.Place{Name: "Fourth", Address: "4"})
			if !problem.Is(err, problem.ReadOnly) || !strings.Contains(err.Error(), "can only be read at the moment") {
				t.Errorf("who saves is answered %v", err)
			}
			looking, err := models.OpenToRead(ctx, file, migrations.Current)
			must(t, err)
			if names := placesIn(t, looking); !strings.Contains(names, "Third") {
				t.Errorf("a look shows older places: %s", names)
			}
			must(t, looking.Close())
			if now := besides(t, file); strings.Join(now, " ") != strings.Join(before, " ") {
				t.Errorf("there is now %q", now)
			}

			must(t, s.Close())
			both()
			s, err = models.Open(ctx, file, migrations.Apply)
			must(t, err)
			must(t, create(s, models.Places, &models.Place{Name: "Fourth", Address: "4"}))
			if names := placesIn(t, s); s.ReadOnly || !strings.Contains(names, "Third") || !strings.Contains(names, "Fourth") {
				t.Errorf("when it can be written to again it shows %s", names)
			}
		})
	}
}

// placesIn are the names of all places.
func placesIn(t *testing.T, s *models.Store) string {
	t.Helper()
	q, err := kind.ParseQuery(models.Places.Kind(s), nil)
	must(t, err)
	list, err := models.Places.List(ctx, s, q)
	must(t, err)
	var names []string
	for _, p := range list.Rows {
		names = append(names, p.Name)
	}
	return strings.Join(names, ", ")
}

func TestOnADiskThatCanOnlyBeReadNothingIsMadeOrMigrated(t *testing.T) {
	t.Parallel()
	folder, onlyRead, _ := disk(t)
	older := filepath.Join(folder, "older.db")
	s, err := models.Open(ctx, older, migrations.Apply)
	must(t, err)
	must(t, s.Close())
	past(t, older)
	onlyRead()
	s, err = models.Open(ctx, filepath.Join(folder, "new.db"), migrations.Apply)
	refused(t, s, err, "new.db cannot be locked")
	s, err = models.Open(ctx, older, migrations.Apply)
	refused(t, s, err, "older.db is from an older maitred", "it cannot be written to: start this one where it can be")
}
