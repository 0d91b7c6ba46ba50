package backup

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"time"

	"maitred/models/store"
)

// After a failure it is tried again, after a pause that doubles each time: from a minute to an hour, and never
// longer than to the next backup.
const (
	shortestPause = time.Minute
	longestPause  = time.Hour
)

// errInterrupted ends a look at the backups before its end.
var errInterrupted = errors.New("interrupted")

// run makes backups when they are due, until the context ends.
func (b *Backups) run(ctx context.Context) {
	for asked := false; ctx.Err() == nil; {
		b.round(ctx, asked)
		b.mu.Lock()
		wait := b.next.Sub(b.Now())
		b.mu.Unlock()
		select {
		case <-ctx.Done():
		case <-b.asked:
			asked = true
		case <-b.After(min(max(wait, 0), longestPause)): // a machine may sleep, or its clock be set
			asked = false
		}
	}
}

// round makes a backup if one is due or was asked for, looks at all there are, and removes what is too much.
func (b *Backups) round(ctx context.Context, asked bool) {
	if err := store.ClearUnfinished(b.Folder, b.isOurs); err != nil {
		b.Log.Warn("what a killed program left of a backup cannot be removed", slog.Any("error", err))
	}
	due := b.due(ctx)
	if asked || !b.Now().Before(due) {
		b.make(ctx)
		due = b.due(ctx)
	}
	b.mu.Lock()
	b.next = due
	b.mu.Unlock()
	err := b.lookAtAll(ctx)
	if err == nil {
		err = b.removeOld()
	}
	if err != nil && !errors.Is(err, errInterrupted) && ctx.Err() == nil {
		b.Log.Error("the backups cannot be looked after", slog.String("folder", b.Folder), slog.Any("error", err))
	}
}

// due is when the next backup is to be made: when the newest sound one is old enough, but after a failure not at
// once again. One from the future, by a clock that was wrong, says nothing.
func (b *Backups) due(ctx context.Context) (due time.Time) {
	files, err := b.files()
	if err != nil {
		b.Log.Error("the backups cannot be listed", slog.String("folder", b.Folder), slog.Any("error", err))
	}
	for _, f := range files {
		if ctx.Err() != nil {
			return b.Now().Add(b.Every)
		}
		if !b.fromFuture(f) && b.isSound(ctx, f) {
			due = f.At.Add(b.Every)
			break
		}
	}
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.failed != nil {
		if again := b.failed.At.Add(b.pause(b.failed.Tries)); again.After(due) {
			due = again
		}
	}
	return due
}

// pause is how long to wait after so many failures.
func (b *Backups) pause(tries int) time.Duration {
	pause := shortestPause
	for ; tries > 1 && pause < longestPause; tries-- {
		pause *= 2
	}
	return min(pause, longestPause, b.Every)
}

// make makes a backup.
func (b *Backups) make(ctx context.Context) {
	began := b.Now()
	b.mu.Lock()
	b.making = &Making{Since: began}
	b.mu.Unlock()
	select {
	case <-b.asked: // with this one
	default:
	}
	name, err := b.copy(ctx)
	b.mu.Lock()
	defer b.mu.Unlock()
	b.making = nil
	switch {
	case err == nil:
		b.failed = nil
		b.Log.Info("a backup was made", slog.String("file", b.path(name)), slog.Int64("bytes", b.looks[name].size), slog.Float64("s", b.Now().Sub(began).Seconds()))
	case ctx.Err() != nil: // nobody waits for it any more
	default:
		failed := Failure{At: b.Now(), Tries: 1}
		if b.failed != nil {
			failed.Tries += b.failed.Tries
		}
		var full *noRoom
		if errors.As(err, &full) {
			failed.Why = full.Error()
		}
		b.failed = &failed
		b.Log.Error("no backup could be made", slog.Int("tries", failed.Tries), slog.Duration("again in", b.pause(failed.Tries)), slog.Any("error", err))
	}
}

// copy copies the database into a new backup, and returns its name. It was read whole by then.
func (b *Backups) copy(ctx context.Context) (name string, err error) {
	if err := b.findRoom(); err != nil {
		return "", err
	}
	at := b.Now()
	for name = b.nameAt(at); exists(b.path(name)); name = b.nameAt(at) {
		at = at.Add(time.Second)
	}
	err = store.Backup(ctx, b.Database, b.path(name), func(_ string, part float64) {
		b.mu.Lock()
		defer b.mu.Unlock()
		b.making.Part = part
	})
	if err != nil {
		return "", err
	}
	info, err := os.Stat(b.path(name))
	if err != nil {
		return "", err
	}
	b.mu.Lock()
	defer b.mu.Unlock()
	b.looks[name] = look{at: b.Now(), size: info.Size(), changed: info.ModTime()}
	return name, nil
}

func exists(path string) bool {
	_, err := os.Lstat(path)
	return err == nil
}

// noRoom says that a backup does not fit.
type noRoom struct{ needed, free int64 }

func (n *noRoom) Error() string {
	return fmt.Sprintf("There is not enough room on the disk: %.0f MB are needed, and %.0f MB are free.", float64(n.needed)/1e6, float64(n.free)/1e6)
}

// findRoom refuses to begin what would fill the disk.
func (b *Backups) findRoom() error {
	size, err := store.SizeOf(b.Database)
	if err != nil {
		return err
	}
	if needed, free, ok := store.RoomFor(b.Folder, size); !ok {
		return &noRoom{needed, free}
	}
	return nil
}

// removeOld removes the backups that are older than the newest sound ones, of which as many stay as are to be kept. So
// however many are damaged, or however often it failed since, the sound ones stay.
func (b *Backups) removeOld() error {
	files, err := b.files()
	if err != nil {
		return err
	}
	sound := 0
	for _, f := range files {
		if b.fromFuture(f) {
			continue
		}
		if sound >= b.Keep {
			if err := os.Remove(b.path(f.Name)); err != nil {
				return err
			}
			b.Log.Info("an old backup was removed", slog.String("file", b.path(f.Name)))
		}
		if !f.Read.IsZero() && !f.Damaged {
			sound++
		}
	}
	return nil
}
