package store

import "os"

// Room is how many bytes can still be written in a folder. Errors: errors.ErrUnsupported where the system
// does not tell.
func Room(folder string) (int64, error) { return freeIn(folder) }

// SizeOf is how many bytes the database at path has, its log included: so much a copy takes at most.
func SizeOf(path string) (int64, error) {
	info, err := os.Stat(path)
	if err != nil {
		return 0, err
	}
	return info.Size() + size(path+"-wal"), nil
}
