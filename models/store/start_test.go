package store_test

import (
	"errors"
	"fmt"
	"path/filepath"
	"slices"
	"testing"

	"modernc.org/sqlite"

	"maitred/migrations"
	"maitred/models"
)

// faulty are the failures that can meet a start; nobody gives it up.
var faulty = slices.DeleteFunc(slices.Clone(failures), func(f failure) bool { return f.code == 0 })

// Starting on a file that exists fails wherever the database does, and leaves the file as it was.
func TestAfterAStartThatFailedTheNextOneSucceeds(t *testing.T) {
	t.Parallel()
	for _, how := range every(faulty) {
		w := newWorld(t, false)
		before := w.stored()
		must(t, w.Close())
		for n := 1; ; n++ {
			w.arm(n, how(n), nil)
			s, err := models.Open(ctx, w.file, migrations.Apply)
			call := w.heal()
			if err == nil {
				err = s.Close()
			} else if !errors.As(err, new(*sqlite.Error)) {
				t.Errorf("after %s at call %d, %q, it answers %v", how(n).name, n, call, err)
			}
			if now := w.stored(); now != before {
				t.Fatalf("after %s at call %d, %q, there is stored:\n%s", how(n).name, n, call, now)
			}
			if call == "" {
				must(t, err)
				break
			}
		}
		w.open()
		w.goesOn("the starts")
	}
}

func TestAfterAFirstStartThatFailedTheNextOneSucceeds(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	for n := 1; ; n++ {
		file := filepath.Join(dir, fmt.Sprint(n, ".db"))
		f := faultsOf(file)
		how := faulty[n%len(faulty)]
		f.arm(n, how, nil)
		s, err := models.Open(ctx, file, migrations.Apply)
		call := f.heal()
		if err == nil && s.ReadOnly {
			must(t, s.Close())
		}
		if err != nil || s.ReadOnly {
			s, err = models.Open(ctx, file, migrations.Apply)
		}
		if err != nil {
			t.Fatalf("after %s at call %d, %q, the next start answers %v", how.name, n, call, err)
		}
		must(t, create(s, models.Places, &models.Place{Name: "Demon Dogs", Address: "944 W. Fullerton"}))
		must(t, s.Close())
		if call == "" {
			break
		}
	}
}
