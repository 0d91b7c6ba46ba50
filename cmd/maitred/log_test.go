package main

import (
	"bytes"
	"context"
	"log/slog"
	"strings"
	"testing"
	"time"
)

func TestALineOfTheLogHasItsTimeInUTCAndStaysOneLine(t *testing.T) {
	for _, format := range []string{"text", "json"} {
		var written bytes.Buffer
		at := time.Date(2026, 11, 23, 17, 30, 0, 0, time.FixedZone("", 5*3600))
		r := slog.NewRecord(at, slog.LevelInfo, "account", 0)
		r.AddAttrs(slog.String("did", "tried\nlevel=ERROR msg=forged\r\u2028\x1b[2J"))
		if err := (logging{Log: format}).logger(&written).Handler().Handle(context.Background(), r); err != nil {
			t.Fatal(err)
		}
		if said := written.String(); !strings.Contains(said, "2026-11-23T12:30:00.000Z") && !strings.Contains(said, "2026-11-23T12:30:00Z") {
			t.Errorf("%s: the time is in %s", format, said)
		}
		if said := strings.TrimSuffix(written.String(), "\n"); strings.ContainsAny(said, "\n\r\u2028\x1b") {
			t.Errorf("%s: a word wrote a line of its own: %q", format, said)
		}
	}
}
