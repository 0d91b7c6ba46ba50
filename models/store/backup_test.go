package store

import (
	"context"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

func TestACopyThatIsNotWhatItShouldBeIsNoBackup(t *testing.T) {
	t.Parallel()
	ctx, file := context.Background(), filepath.Join(t.TempDir(), "copy.db")
	db, err := openPool(file, writer)
	if err != nil {
		t.Fatal(err)
	}
	for _, q := range []string{"CREATE TABLE t (a TEXT)", "CREATE INDEX i ON t (a)", "INSERT INTO t VALUES ('oak'), ('elm'), ('ash')"} {
		if _, err := db.Exec(q); err != nil {
			t.Fatal(err)
		}
	}
	if err := db.Close(); err != nil {
		t.Fatal(err)
	}
	if err := readBack(ctx, file, map[string]int64{"t": 3}); err != nil {
		t.Errorf("a good copy: %v", err)
	}
	if err := readBack(ctx, file, map[string]int64{"t": 4}); err == nil || !strings.Contains(err.Error(), "t has 3 rows instead of 4") {
		t.Errorf("a row is missing: %v", err)
	}
	content, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	at := strings.LastIndex(string(content), "elm") // in the index
	copy(content[at:], "fir")
	if err := os.WriteFile(file, content, 0o600); err != nil {
		t.Fatal(err)
	}
	if err := readBack(ctx, file, map[string]int64{"t": 3}); err == nil {
		t.Error("an index that does not fit is not seen")
	}
}
