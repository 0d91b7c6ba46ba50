//go:build unix

package sandbox

import (
	"io/fs"
	"os"
	"syscall"
)

// isOwn says that a file is of the user of this program.
func isOwn(info fs.FileInfo) bool {
	s, ok := info.Sys().(*syscall.Stat_t)
	return ok && int(s.Uid) == os.Geteuid()
}
