package main

import (
	"database/sql"
	"os/exec"
	"regexp"
	"runtime/debug"
	"strings"
	"testing"
)

func TestTheVersionIsOneLineThatNamesTheCommitAndSQLite(t *testing.T) {
	t.Parallel()
	cmd := exec.CommandContext(t.Context(), programFile(t), "version")
	cmd.Dir = t.TempDir()
	out, err := cmd.Output()
	if err != nil {
		t.Fatal(err)
	}
	db, err := sql.Open("sqlite", ":memory:")
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	var engine string
	if err := db.QueryRow("SELECT sqlite_version()").Scan(&engine); err != nil {
		t.Fatal(err)
	}
	if said := string(out); !regexp.MustCompile(`^maitred \S+, commit ([0-9a-f]{40}( with changes)?|unknown), SQLite \S+, go1\S*\n$`).MatchString(said) || !strings.Contains(said, "SQLite "+engine+",") {
		t.Errorf("it says %q, and SQLite is %s", said, engine)
	}

	info := &debug.BuildInfo{GoVersion: "go1.26.0", Main: debug.Module{Version: "v1.2.3"}, Settings: []debug.BuildSetting{{Key: "vcs.revision", Value: "abc"}, {Key: "vcs.modified", Value: "true"}}}
	if said, want := versionOf(info), "maitred v1.2.3, commit abc with changes, SQLite "+engine+", go1.26.0"; said != want {
		t.Errorf("it says %q, want %q", said, want)
	}
}
