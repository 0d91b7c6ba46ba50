package main

import (
	"errors"
	"runtime"
)

// limits bound what the server takes on, so that who is more than it can carry is told so at once, and the
// others notice little.
type limits struct {
	RequestsAtOnce int  `placeholder:"N" help:"How many requests are worked on at once. Others wait a moment and are then asked to come again. When not given, two for each processor core, four at least."`
	Connections    int  `placeholder:"N" help:"How many connections are open at once. Others wait until one is closed. When not given, 4096, or half of the files that the system lets the program open, if that is less."`
	ImportSize     size `default:"10MiB" placeholder:"SIZE" help:"How large a file may be that is imported; 10MiB when not given."`
	ImportRows     int  `default:"50000" placeholder:"N" help:"How many rows a file may have that is imported; 50000 when not given. A hundred thousand take some 150 MiB of memory while they are looked at."`
	memory
}

// check refuses limits that let nobody in.
func (l *limits) check() error {
	if l.RequestsAtOnce < 0 || l.Connections < 0 {
		return errors.New("--requests-at-once and --connections are numbers from 1 on; 0 is what is usual")
	}
	if l.ImportRows < 1 {
		return errors.New("--import-rows is a number from 1 on")
	}
	return l.memory.check()
}

// atOnce is how many requests are worked on at once. A page is work for the processor, and waits for little
// else: with twice as many at once each takes longer and fewer are done (BenchmarkTenTimesTheLoad).
func (l *limits) atOnce() int {
	if l.RequestsAtOnce > 0 {
		return l.RequestsAtOnce
	}
	return max(4, 2*runtime.GOMAXPROCS(0))
}

// connections is how many connections may be open: each takes a file and some 20 kB, with TLS 50 kB, whether
// anything is asked on it or not. The system keeps the others waiting.
func (l *limits) connections() int {
	if l.Connections > 0 {
		return l.Connections
	}
	return min(4096, openFiles()/2)
}
