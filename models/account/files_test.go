package account_test

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"maitred/models/databasetest"
)

func TestAllFilesOfAccountsAreForTheirOwnerAlone(t *testing.T) {
	if databasetest.OnServer {
		t.Skip("a server has its sessions beside the records")
	}
	w := newWorld(t)
	w.signIn(w.ben)
	files, err := filepath.Glob(w.file + "*")
	if err != nil {
		t.Fatal(err)
	}
	sessions := false
	for _, file := range files {
		about, err := os.Stat(file)
		if err != nil {
			t.Fatal(err)
		}
		sessions = sessions || strings.HasSuffix(file, "-sessions")
		if mode := about.Mode().Perm(); mode&0o077 != 0 {
			t.Errorf("%s has the mode %04o", filepath.Base(file), mode)
		}
	}
	if !sessions {
		t.Errorf("the sessions are not among %q", files)
	}
}
