package main

import (
	"io"
	"log/slog"
)

// logging is how the program tells its operator what happens.
type logging struct {
	Log string `enum:"text,json" default:"text" help:"How the log is written: text or json."`
}

func (l logging) logger(w io.Writer) *slog.Logger {
	options := &slog.HandlerOptions{ReplaceAttr: inUTC}
	if l.Log == "json" {
		return slog.New(slog.NewJSONHandler(w, options))
	}
	return slog.New(slog.NewTextHandler(w, options))
}

// inUTC tells times as history and the trail do, so that the three can be laid side by side.
func inUTC(_ []string, a slog.Attr) slog.Attr {
	if a.Value.Kind() == slog.KindTime {
		a.Value = slog.TimeValue(a.Value.Time().UTC())
	}
	return a
}
