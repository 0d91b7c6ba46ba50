package models_test

import (
	"path/filepath"
	"slices"
	"testing"
	"time"

	"maitred/migrations"
	"maitred/models"
	"maitred/models/account"
	"maitred/models/change"
	"maitred/models/check"
	"maitred/models/kind"
)

// aDemo is what a demo begins with at a time.
func aDemo(t *testing.T, now time.Time) *models.Store {
	t.Helper()
	account.Cheaply()
	file := filepath.Join(t.TempDir(), "demo.db")
	if err := models.MakeDemo(ctx, file, now, migrations.Apply, migrations.ApplySessions); err != nil {
		t.Fatal(err)
	}
	s, err := models.OpenTemplate(ctx, file, nil)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := s.Close(); err != nil {
			t.Error(err)
		}
	})
	return s.Store
}

func TestADemoBeginsWithTwoHundredPlacesAndAStoryUpToNow(t *testing.T) {
	t.Parallel()
	now := time.Date(2031, 3, 14, 15, 9, 26, 0, time.UTC)
	s := aDemo(t, now)
	var counts []int64
	for _, k := range s.Graph.Kinds() {
		n, err := kind.Count(ctx, s, k)
		if err != nil {
			t.Fatal(err)
		}
		counts = append(counts, n)
	}
	if counts[0] != 202 || counts[1] < 100 || counts[1] > 150 || counts[2] < 200 {
		t.Errorf("there are %v", counts)
	}
	story, _, err := change.List(ctx, s, change.Query{}, 100)
	if err != nil {
		t.Fatal(err)
	}
	if len(story) < 30 {
		t.Errorf("only %d things were done", len(story))
	}
	var who []string
	for i, c := range story {
		if c.When().After(now) || now.Sub(c.When()) > 21*24*time.Hour || i > 0 && c.When().After(story[i-1].When()) {
			t.Errorf("%s %s at %s", c.Actor, c.Sentence, c.At)
		}
		if c.Author == 0 {
			t.Errorf("nobody %s", c.Sentence)
		}
		who = append(who, c.Actor)
	}
	slices.Sort(who)
	if who = slices.Compact(who); !slices.Equal(who, []string{"Aisha Khan", "Rosa Delgado", "Tom Whitfield"}) {
		t.Errorf("it was done by %q", who)
	}
	left, err := models.SampleLeft(ctx, s)
	if err != nil || len(left) < 24 {
		t.Errorf("of the sample %d places are left, %v", len(left), err)
	}
	if report, err := check.Run(ctx, s); err != nil || report.Count() > 0 {
		t.Error(report, err)
	}
	t.Log(counts, len(story))
}
