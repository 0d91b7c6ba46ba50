package importer

import (
	"runtime/debug"
	"sync"
)

// large is from how many rows on an import spares memory.
const large = 20_000

// spareAt is how much more than what is in use the program may hold while a large import is looked at, in per
// cent. Usually it is as much again, and a large file with all that it comes to is most of what is in use.
const spareAt = 20

// sparing is how many large imports are looked at, and what the program holds otherwise.
var sparing struct {
	sync.Mutex
	n     int
	usual int
}

// giveBack gives the machine what is in use no longer, at once: by itself that takes minutes, and meanwhile it
// would count for how much more there may be.
func giveBack() { debug.FreeOSMemory() }

// spare lets the program hold less until done is called.
func spare() (done func()) {
	sparing.Lock()
	defer sparing.Unlock()
	if sparing.n++; sparing.n == 1 {
		sparing.usual = debug.SetGCPercent(spareAt)
	}
	return func() {
		sparing.Lock()
		defer sparing.Unlock()
		if sparing.n--; sparing.n == 0 {
			debug.SetGCPercent(sparing.usual)
			giveBack()
		}
	}
}
