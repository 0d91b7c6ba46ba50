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
	if l.Log == "json" {
		return slog.New(slog.NewJSONHandler(w, nil))
	}
	return slog.New(slog.NewTextHandler(w, nil))
}
