package main

import (
	"bytes"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"
)

// disk is a folder on a disk of its own of so many bytes ("8m"), and how to mount it again. Only who
// may mount disks can have one.
func disk(t *testing.T, size string) (folder string, again func(flags uintptr)) {
	t.Helper()
	folder = t.TempDir()
	if err := syscall.Mount("tmpfs", folder, "tmpfs", 0, "size="+size); err != nil {
		t.Skipf("no disk can be mounted here: %v", err)
	}
	t.Cleanup(func() { _ = syscall.Unmount(folder, syscall.MNT_DETACH) })
	return folder, func(flags uintptr) {
		t.Helper()
		if err := syscall.Mount("tmpfs", folder, "tmpfs", syscall.MS_REMOUNT|flags, "size="+size); err != nil {
			t.Fatal(err)
		}
	}
}

func TestOnADiskThatCanOnlyBeReadTheSiteIsReadAndSaysSo(t *testing.T) {
	t.Parallel()
	folder, again := disk(t, "32m")
	database := filepath.Join(folder, "maitred.db")
	p := start(t, database)
	p.post("/sample").answers(http.StatusSeeOther)
	if err := p.cmd.Process.Kill(); err != nil { // so that the sample is in the log alone
		t.Fatal(err)
	}
	_ = p.cmd.Wait()

	again(syscall.MS_RDONLY)
	const notice = "This site can only be read at the moment, because its disk cannot be written to."
	p = start(t, database)
	p.get("/").answers(http.StatusOK).says(notice)
	p.get("/places?q=demon").answers(http.StatusOK).says(notice, "Demon Dogs")
	p.get("/places/1/delete").answers(http.StatusOK).says(notice)
	p.get("/places/999").answers(http.StatusNotFound).says(notice)
	g := p.post("/places", "name", "Third", "address", "3").answers(http.StatusServiceUnavailable)
	g.says(notice, "Nothing was saved; reading still works", "tell your administrator")
	p.get("/places/1/delete").confirm().answers(http.StatusServiceUnavailable).says("Nothing was saved")
	isSound(t, programFile(t), database, "1 change with 75 rows")
	p.stop()

	again(0)
	p = start(t, database)
	if bytes.Contains([]byte(p.get("/").sentence()), []byte(notice)) {
		t.Error("it says so when it can be written to again")
	}
	p.post("/places", "name", "Third", "address", "3").answers(http.StatusSeeOther)
	p.stop()
}

func TestOnAFullDiskTheSiteIsReadAndWritesAgainWhenThereIsRoom(t *testing.T) {
	t.Parallel()
	folder, _ := disk(t, "4m")
	database, ballast := filepath.Join(folder, "maitred.db"), filepath.Join(folder, "ballast")
	p := start(t, database)
	p.post("/sample").answers(http.StatusSeeOther)
	full := func() {
		t.Helper()
		f, err := os.Create(ballast)
		if err != nil {
			t.Fatal(err)
		}
		for err == nil {
			_, err = f.Write(make([]byte, 4096))
		}
		_ = f.Close()
	}
	writes := func() int {
		t.Helper()
		g := p.post("/places", "name", "Third", "address", "3")
		if g.status == http.StatusInsufficientStorage {
			g.says("The disk is full. Nothing was saved; reading still works.")
		}
		return g.status
	}
	for round := range 3 {
		full()
		saved := 0
		for ; writes() == http.StatusSeeOther; saved++ { // what is left of the log
			if saved > 2000 {
				t.Fatal("the disk does not get full")
			}
		}
		if status := writes(); status != http.StatusInsufficientStorage {
			t.Errorf("on a full disk the answer is %d", status)
		}
		p.get("/places?q=demon").answers(http.StatusOK).says("Demon Dogs")
		p.get("/places/1/delete").confirm().answers(http.StatusInsufficientStorage)
		if round == 1 { // also for who starts then
			p.stop()
			p = start(t, database)
			p.get("/places?q=demon").answers(http.StatusOK).says("Demon Dogs")
			if status := writes(); status < 500 {
				t.Errorf("after a start on a full disk the answer is %d", status)
			}
		}
		if err := os.Remove(ballast); err != nil {
			t.Fatal(err)
		}
		if status := writes(); status != http.StatusSeeOther {
			t.Errorf("when there is room again the answer is %d", status)
		}
	}
	p.stop()
	isSound(t, programFile(t), database)
}

func TestABackupThatDoesNotFitIsNotBegunAndThePageSaysWhy(t *testing.T) {
	t.Parallel()
	folder, _ := disk(t, "8m")
	p := startWithBackups(t, filepath.Join(t.TempDir(), "maitred.db"), "--backup-folder", folder)
	inFolder(t, folder, func(name string) bool { return name == "lock" })
	g := p.get("/backups")
	for deadline := time.Now().Add(time.Minute); !strings.Contains(g.sentence(), "failed") && time.Now().Before(deadline); g = p.get("/backups") {
		time.Sleep(time.Millisecond)
	}
	g.says("There is no backup yet.", "The last try, on", "There is not enough room on the disk: 67 MB are needed, and 8 MB are free.", "The next one is made on")
	p.post("/places", "name", "Third", "address", "3").answers(http.StatusSeeOther)
	p.stop()
	alone(t, folder, "lock")
}
