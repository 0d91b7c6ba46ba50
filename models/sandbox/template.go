package sandbox

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"slices"
	"time"

	"maitred/models/store"
)

// template is what all visitors read who came since it was made, until there is a newer one.
type template struct {
	*store.Template
	file     string
	made     time.Time
	replaced time.Time // zero for the newest
	uses     int       // requests that are being answered
}

const (
	// How old a template becomes: what it tells of today must be of today.
	templateAge = time.Hour

	// How often it is looked whose time is over.
	sweepEvery = 5 * time.Second
)

// Run ends demos whose time is over and keeps the template of the day, until ctx ends.
func (s *Sandboxes) Run(ctx context.Context) {
	tick := time.NewTicker(sweepEvery)
	defer tick.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case <-tick.C:
		}
		s.Sweep()
		if err := s.Renew(ctx); err != nil && ctx.Err() == nil {
			s.Log.Warn("the demo keeps showing the day before, as no new one can be made", slog.Any("error", err))
		}
	}
}

// Renew makes a new template where the newest is too old.
func (s *Sandboxes) Renew(ctx context.Context) error {
	s.mu.Lock()
	made, now := s.templates[len(s.templates)-1].made, s.Now()
	s.mu.Unlock()
	if now.Before(made.Add(templateAge)) && now.UTC().YearDay() == made.UTC().YearDay() {
		return nil
	}
	return s.renew(ctx)
}

func (s *Sandboxes) renew(ctx context.Context) error {
	s.mu.Lock()
	now := s.Now()
	s.made++
	file := s.Path(fmt.Sprintf("template-%d.db", s.made))
	s.mu.Unlock()
	err := s.Fill(ctx, file, now)
	var opened *store.Template
	if err == nil {
		opened, err = s.Open(ctx, file)
	}
	if err != nil {
		return errors.Join(fmt.Errorf("make what the demo begins with: %w", err), removeDatabase(file))
	}
	opened.Log, opened.Now = s.Log, s.Options.Now
	s.mu.Lock()
	defer s.mu.Unlock()
	if n := len(s.templates); n > 0 {
		s.templates[n-1].replaced = now
	}
	s.templates = append(s.templates, &template{Template: opened, file: file, made: now})
	return nil
}

// originAt is the template that a visitor reads who came at that time: a form of theirs must fit what it was
// made of.
func (s *Sandboxes) originAt(began time.Time) *template {
	for _, t := range slices.Backward(s.templates) {
		if !began.Before(t.made) {
			return t
		}
	}
	return s.templates[0]
}

// retire takes away the templates that nobody can come from any more.
func (s *Sandboxes) retire(now time.Time) (old []*template) {
	s.templates = slices.DeleteFunc(s.templates, func(t *template) bool {
		gone := !t.replaced.IsZero() && t.uses == 0 && now.After(t.replaced.Add(s.Life))
		if gone {
			old = append(old, t)
		}
		return gone
	})
	return old
}

func (t *template) remove(log *slog.Logger) {
	if err := errors.Join(t.Close(), removeDatabase(t.file)); err != nil {
		log.Warn("what the demo began with was not removed", slog.String("file", t.file), slog.Any("error", err))
	}
}
