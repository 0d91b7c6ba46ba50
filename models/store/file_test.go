package store_test

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"slices"
	"testing"

	"github.com/uptrace/bun"

	"maitred/migrations"
	"maitred/models"
)

// besides are the names of all files in the folder of a file.
func besides(t *testing.T, file string) (names []string) {
	t.Helper()
	entries, err := os.ReadDir(filepath.Dir(file))
	must(t, err)
	for _, e := range entries {
		names = append(names, e.Name())
	}
	return names
}

func TestAStartThatFailsMakesNoFile(t *testing.T) {
	t.Parallel()
	file := filepath.Join(t.TempDir(), "maitred.db")
	failure := errors.New("failure")
	s, err := models.Open(ctx, file, func(ctx context.Context, db *bun.DB) error {
		_, err := db.ExecContext(ctx, "CREATE TABLE half (n INTEGER)")
		return errors.Join(err, failure)
	})
	refused(t, s, err, "failure")
	if names := besides(t, file); !slices.Equal(names, []string{"maitred.db-lock", "maitred.db-server"}) {
		t.Errorf("there is now %q", names)
	}
}

func TestWhatIsLeftOfAStartThatWasKilledIsTakenAway(t *testing.T) {
	t.Parallel()
	for _, there := range []bool{false, true} {
		file := filepath.Join(t.TempDir(), "maitred.db")
		if there {
			content, err := prepared[false]()
			must(t, err)
			must(t, os.WriteFile(file, content, 0o600))
		}
		for _, part := range []string{"", "-wal", "-shm", "-journal"} {
			must(t, os.WriteFile(file+"-unfinished"+part, []byte("half of something"), 0o600))
		}
		s, err := models.Open(ctx, file, migrations.Apply)
		must(t, err)
		must(t, create(s, models.Places, &models.Place{Name: "Demon Dogs", Address: "944 W. Fullerton"}))
		must(t, s.Close())
		if names := besides(t, file); !slices.Equal(names, []string{"maitred.db", "maitred.db-lock", "maitred.db-server"}) {
			t.Errorf("there is now %q", names)
		}
	}
}

// The log of a file that was taken away would be played into a new one of that name.
func TestWhereOnlyTheLogOfAFileIsLeftNoNewOneIsMade(t *testing.T) {
	t.Parallel()
	for _, log := range []string{"-wal", "-journal"} {
		file := filepath.Join(t.TempDir(), "maitred.db")
		must(t, os.WriteFile(file+log, []byte("changes"), 0o600))
		s, err := models.Open(ctx, file, migrations.Apply)
		refused(t, s, err, file+" does not exist, but what belongs to it does, "+file+log)
		content, err := os.ReadFile(file + log)
		if err != nil || string(content) != "changes" {
			t.Errorf("the log is now %q, %v", content, err)
		}
	}
}
