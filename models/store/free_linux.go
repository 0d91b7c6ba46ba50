package store

import "syscall"

// freeIn is how many bytes are free on the disk that a folder is on, for who is not its superuser.
func freeIn(folder string) (bytes int64, known bool) {
	var disk syscall.Statfs_t
	if err := syscall.Statfs(folder, &disk); err != nil {
		return 0, false
	}
	return int64(disk.Bavail) * disk.Bsize, true // #nosec G115 -- no disk has 2^63 bytes
}
