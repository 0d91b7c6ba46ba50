package main

import (
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"
)

// startWithBackups starts a site that makes a backup each hour, if none is younger.
func startWithBackups(t *testing.T, database string, more ...string) *program {
	t.Helper()
	return startFile(t, programFile(t), append([]string{"--addr", "localhost:0", "--database", database, "--backup-every", "1h"}, more...))
}

// inFolder waits until there is what it looks for, and returns the names of all that is there.
func inFolder(t *testing.T, folder string, found func(name string) bool) (names []string) {
	t.Helper()
	for deadline := time.Now().Add(time.Minute); time.Now().Before(deadline); time.Sleep(time.Millisecond) {
		entries, _ := os.ReadDir(folder) // it may not be there yet
		names, there := names[:0], false
		for _, e := range entries {
			names = append(names, e.Name())
			there = there || found(e.Name())
		}
		if there {
			return names
		}
	}
	t.Fatalf("in %s is %q", folder, names)
	return nil
}

func isFinished(name string) bool {
	return strings.HasSuffix(name, ".db") && !strings.Contains(name, "unfinished")
}

func isUnfinished(name string) bool { return strings.Contains(name, ".db-unfinished-") }

func TestAServedSiteMakesBackupsByItself(t *testing.T) {
	t.Parallel()
	database := filepath.Join(t.TempDir(), "maitred.db")
	p := start(t, database)
	p.post("/sample").answers(http.StatusSeeOther)
	p.stop()
	was := everything(t, database)
	p = startWithBackups(t, database)
	folder := database + "-backups"
	name := inFolder(t, folder, isFinished)[1]
	p.get("/backups").answers(http.StatusOK).leads("/backups/" + name)
	p.post("/places", "name", "Later", "address", "4").answers(http.StatusSeeOther)
	p.post("/backups").answers(http.StatusSeeOther)
	inFolder(t, folder, func(other string) bool { return isFinished(other) && other != name })
	p.stop()

	if code, _, said := restores(t, database, filepath.Join(folder, name)); code != 0 {
		t.Fatal(said)
	}
	if is := everything(t, database); is != was {
		t.Errorf("it was\n%s\nand is\n%s", was, is)
	}
	startWithBackups(t, database, "--backup-keep", "1").get("/places?q=later").lists(0)
	other := filepath.Join(t.TempDir(), "other.db")
	refuses(t, []string{"--addr", "localhost:0", "--database", other, "--backup-every", "24h", "--backup-folder", folder}, "the backups of another maitred are in "+folder)
}

// Whoever is killed while a backup is made leaves half a file, under a name by which nobody takes it for one; the
// next start makes another one and takes the half away.
func TestABackupThatIsCutOffIsMadeByTheNextStart(t *testing.T) {
	t.Parallel()
	database := filepath.Join(t.TempDir(), "maitred.db")
	if code, _, said := filled(t, database, "--places", "5000"); code != 0 {
		t.Fatal(said)
	}
	folder := filepath.Join(t.TempDir(), "kept")
	for i := range 6 {
		how := []os.Signal{syscall.SIGKILL, syscall.SIGTERM}[i%2]
		cmd := exec.Command(programFile(t), "--addr", "localhost:0", "--database", database, "--backup-every", "1h", "--backup-folder", folder)
		if err := cmd.Start(); err != nil {
			t.Fatal(err)
		}
		inFolder(t, folder, isUnfinished)
		_ = cmd.Process.Signal(how)
		_ = cmd.Wait()
		if how == syscall.SIGTERM && cmd.ProcessState.ExitCode() != 0 {
			t.Errorf("it ended with %v", cmd.ProcessState)
		}
		if how == syscall.SIGTERM && len(inFolder(t, folder, func(string) bool { return true })) == 1 {
			alone(t, folder, "lock")
		}
		p := startWithBackups(t, database, "--backup-folder", folder)
		names := inFolder(t, folder, isFinished)
		for deadline := time.Now().Add(time.Minute); len(names) != 2 && time.Now().Before(deadline); names = inFolder(t, folder, isFinished) {
			time.Sleep(time.Millisecond) // until the lock of the one that is finished is gone, too
		}
		p.stop()
		alone(t, folder, "lock", names[1])
		backup := filepath.Join(folder, names[1])
		isSound(t, programFile(t), backup)
		for _, name := range []string{backup, backup + "-wal", backup + "-shm"} {
			_ = os.Remove(name)
		}
	}
}

func TestBackupsThatMakeNoSenseAreRefusedBeforeAnythingIsMade(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	at := func(more ...string) []string {
		return append([]string{"--addr", "localhost:0", "--database", filepath.Join(dir, "new.db")}, more...)
	}
	refuses(t, at("--backup-every", "nonsense"), "--backup-every", "nonsense")
	refuses(t, at("--backup-every", "10s"), "--backup-every 10s is too often", "a minute is the least")
	refuses(t, at("--backup-every=-24h"), "--backup-every -24h0m0s is too often")
	refuses(t, at("--backup-every", "24h", "--backup-keep", "0"), "--backup-keep 0 keeps nothing")
	refuses(t, at("--backup-every", "24h", "--backup-keep", "many"), "--backup-keep")
	refuses(t, at("--backup-folder", dir), "--backup-folder", "--backup-every")
	alone(t, dir)
	database := filepath.Join(dir, "maitred.db")
	start(t, database).stop()
	refuses(t, []string{"--addr", "localhost:0", "--database", database, "--backup-every", "24h", "--backup-folder", filepath.Join(dir, "no", "folder")}, "the folder of the backups cannot be made", "no such file")
	refuses(t, []string{"--addr", "localhost:0", "--database", database, "--backup-every", "24h", "--backup-folder", database}, "cannot be kept in "+database)
}
