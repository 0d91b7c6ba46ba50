package main

import (
	"cmp"
	"fmt"
	"runtime/debug"

	"maitred/models/store"
)

// version is the command that says which program this is.
type version struct{}

// Run prints one line.
func (version) Run() error {
	info, ok := debug.ReadBuildInfo()
	if !ok {
		info = new(debug.BuildInfo)
	}
	fmt.Println(versionOf(info))
	return nil
}

// versionOf tells of a build what it was made from: the version of its module, the commit, and the SQLite in it.
func versionOf(info *debug.BuildInfo) string {
	set := map[string]string{}
	for _, s := range info.Settings {
		set[s.Key] = s.Value
	}
	commit := cmp.Or(set["vcs.revision"], "unknown")
	if set["vcs.modified"] == "true" {
		commit += " with changes"
	}
	return fmt.Sprintf("maitred %s, commit %s, SQLite %s, %s", cmp.Or(info.Main.Version, "(devel)"), commit, store.SQLite, cmp.Or(info.GoVersion, "go"))
}
