//go:build !unix

package sandbox

import "io/fs"

// isOwn cannot be told here, where nobody shares a folder for such files.
func isOwn(fs.FileInfo) bool { return true }
