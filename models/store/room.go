package store

import "os"

// spareRoom is how much a copy leaves on its disk, which may be the database's own: a site on a full disk cannot
// be written to.
const spareRoom = 64 << 20

// RoomFor says whether a copy of so many bytes may be made in a folder, and if not, how much is needed and how
// much is free. Where the system does not tell, it may.
func RoomFor(folder string, size int64) (needed, free int64, ok bool) {
	free, err := freeIn(folder)
	return size + spareRoom, free, err != nil || free >= size+spareRoom
}

// SizeOf is how many bytes the database at path has, its log included: so much a copy takes at most.
func SizeOf(path string) (int64, error) {
	info, err := os.Stat(path)
	if err != nil {
		return 0, err
	}
	return info.Size() + size(path+"-wal"), nil
}
