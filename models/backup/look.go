package backup

import (
	"context"
	"errors"
	"io/fs"
	"log/slog"
	"os"
	"time"

	"maitred/models/store"
)

// A backup is read whole when it is made, when the program starts, and once a day after that: disks forget.
const lookAgain = 24 * time.Hour

// look is what was found when a file was read. It counts as long as the file is the same.
type look struct {
	at      time.Time
	size    int64
	changed time.Time
	damaged bool
}

// known adds to a file what is known of it from reading it.
func (b *Backups) known(f File, changed time.Time) File {
	b.mu.Lock()
	defer b.mu.Unlock()
	if l, ok := b.looks[f.Name]; ok && l.size == f.Size && l.changed.Equal(changed) {
		f.Read, f.Damaged = l.at, l.damaged
	}
	return f
}

// isSound says of a file whether it is a whole backup, and reads it for that if it was not read yet.
func (b *Backups) isSound(ctx context.Context, f File) bool {
	if f.Read.IsZero() {
		f.Damaged = b.look(ctx, f)
	}
	return !f.Damaged
}

// look reads a file and notes what it found. That it was stopped is no finding.
func (b *Backups) look(ctx context.Context, f File) (damaged bool) {
	info, err := os.Stat(b.path(f.Name))
	if err == nil {
		err = store.ReadWhole(ctx, b.path(f.Name))
	}
	if ctx.Err() != nil {
		return false
	}
	if errors.Is(err, fs.ErrNotExist) { // somebody removed it meanwhile
		return true
	}
	if err != nil {
		b.Log.Error("a backup is damaged and cannot be restored", slog.String("file", b.path(f.Name)), slog.Any("error", err))
	}
	l := look{at: b.Now(), damaged: err != nil}
	if info != nil {
		l.size, l.changed = info.Size(), info.ModTime()
	}
	b.mu.Lock()
	defer b.mu.Unlock()
	b.looks[f.Name] = l
	return l.damaged
}

// lookAtAll reads all backups that were not read for a day. It leaves off when somebody asks for a new one.
func (b *Backups) lookAtAll(ctx context.Context) error {
	files, err := b.files()
	if err != nil {
		return err
	}
	b.forget(files)
	for _, f := range files {
		if ctx.Err() != nil || len(b.asked) > 0 {
			return errInterrupted
		}
		if f.Read.IsZero() || b.Now().Sub(f.Read) >= lookAgain {
			b.look(ctx, f)
		}
	}
	return ctx.Err()
}

// forget drops what is known of files that are gone.
func (b *Backups) forget(files []File) {
	b.mu.Lock()
	defer b.mu.Unlock()
	looks := make(map[string]look, len(files))
	for _, f := range files {
		if l, ok := b.looks[f.Name]; ok {
			looks[f.Name] = l
		}
	}
	b.looks = looks
}
