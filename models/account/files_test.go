package account_test

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
)

func TestAllFilesOfAccountsAreForTheirOwnerAlone(t *testing.T) {
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
