package main

import (
	"net/http"
	"os"
	"path/filepath"
	"testing"
)

func TestASecondServerOnTheSameFileIsRefusedInOneLine(t *testing.T) {
	t.Parallel()
	database, link := filepath.Join(t.TempDir(), "maitred.db"), filepath.Join(t.TempDir(), "link.db")
	if err := os.Symlink(database, link); err != nil {
		t.Fatal(err)
	}
	p := start(t, database)
	for _, name := range []string{database, link} {
		refuses(t, []string{"serve", "--addr", "localhost:0", "--database", name}, "maitred: "+name, "is open in another maitred: stop that one first, or name another file with --database")
	}
	p.post("/places", "name", "Demon Dogs", "address", "944 W. Fullerton").answers(http.StatusSeeOther)
	if code, _, said := filled(t, link, "--places", "2"); code != 0 { // that may be done beside it
		t.Errorf("the exit code is %d, it said %s", code, said)
	}
	isSound(t, programFile(t), link)
	if err := p.cmd.Process.Kill(); err != nil { // with it goes its lock
		t.Fatal(err)
	}
	_ = p.cmd.Wait()
	p = start(t, link)
	p.get("/places/1").answers(http.StatusOK).says("Demon Dogs")
	p.stop()
}
