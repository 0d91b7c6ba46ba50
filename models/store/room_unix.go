//go:build linux || darwin

package store

import (
	"math"
	"syscall"
)

// freeIn is how many bytes are free on the disk that a folder is on, for who is not its superuser.
func freeIn(folder string) (int64, error) {
	var s syscall.Statfs_t
	if err := syscall.Statfs(folder, &s); err != nil {
		return 0, err
	}
	free := s.Bavail * uint64(s.Bsize) // #nosec G115 -- the size of a block is not negative
	return int64(min(free, math.MaxInt64)), nil
}
