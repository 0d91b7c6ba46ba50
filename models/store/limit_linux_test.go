package store_test

import (
	"errors"
	"os"
	"os/exec"
	"syscall"
	"testing"

	"modernc.org/sqlite"

	"maitred/models"
	"maitred/models/store"
)

// limited says that this process may be forbidden to write.
const limited = "MAITRED_LIMITED"

// The operating system refuses to write further than it has room, at any byte of a commit. The
// limit is one of a whole process, so this test starts one for itself.
func TestACommitThatTheSystemRefusesToWriteIsNotDone(t *testing.T) {
	t.Parallel()
	if os.Getenv(limited) == "" {
		cmd := exec.Command(os.Args[0], "-test.run=^"+t.Name()+"$")
		cmd.Env = append(os.Environ(), limited+"=1")
		if said, err := cmd.CombinedOutput(); err != nil {
			t.Errorf("%v\n%s", err, said)
		}
		return
	}
	w := newWorld(t, false)
	before, refusals := w.stored(), 0
	for room := uint64(0); ; room += 512 {
		log, err := os.Stat(w.file + "-wal")
		must(t, err)
		var was syscall.Rlimit
		must(t, syscall.Getrlimit(syscall.RLIMIT_FSIZE, &was))
		must(t, syscall.Setrlimit(syscall.RLIMIT_FSIZE, &syscall.Rlimit{Cur: uint64(log.Size()) + room, Max: was.Max}))
		_, err = models.Places.Create(ctx, w.Store, "form", &models.Place{Name: "Third", Address: "3 Third St"})
		readErr := w.readOnAll(ctx, 4)
		must(t, syscall.Setrlimit(syscall.RLIMIT_FSIZE, &was))
		must(t, readErr)
		w.goesOn("a limit")
		if err == nil {
			break
		}
		refusals++
		if now := w.stored(); now != before {
			t.Fatalf("with room for %d bytes it answers %v, and there is stored:\n%s", room, err, now)
		}
		var e *sqlite.Error
		if !errors.As(err, &e) || errors.As(err, new(*store.Unconfirmed)) {
			t.Errorf("with room for %d bytes it answers %v", room, err)
		}
	}
	if refusals == 0 || w.stored() == before {
		t.Errorf("it was refused %d times; then there is stored:\n%s", refusals, w.stored())
	}
}
