package main

import (
	"fmt"
	"os"
	"strings"
	"time"
)

// progress shows how far something is: on a terminal as a bar in one line that is drawn again and
// again, elsewhere as a line for each thing that is begun.
type progress struct {
	out      *os.File
	terminal bool
	doing    string
	drawn    time.Time
}

func newProgress(out *os.File) *progress {
	info, err := out.Stat()
	return &progress{out: out, terminal: err == nil && info.Mode()&os.ModeCharDevice != 0}
}

const (
	barWidth  = 24 // so that all of it fits into a narrow window
	barPause  = 100 * time.Millisecond
	eraseLine = "\r\x1b[K"
)

// tell shows what is being done and which part of all is done, from 0 to 1.
func (p *progress) tell(doing string, part float64) {
	begun := doing != p.doing
	p.doing = doing
	switch {
	case doing == "":
	case !p.terminal && begun:
		fmt.Fprintf(p.out, "%3.0f %%  %s\n", part*100, doing)
	case p.terminal && (begun || time.Since(p.drawn) > barPause):
		full := int(part * barWidth)
		fmt.Fprintf(p.out, "%s%s%s %3.0f %%  %s", eraseLine, strings.Repeat("█", full), strings.Repeat("░", barWidth-full), part*100, doing)
		p.drawn = time.Now()
	}
}

// end takes the bar away.
func (p *progress) end() {
	if p.terminal {
		fmt.Fprint(p.out, eraseLine)
	}
}
