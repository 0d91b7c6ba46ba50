package handlers

import (
	"context"
	"reflect"
	"slices"
	"strconv"
	"strings"

	"github.com/labstack/echo/v4"

	"maitred/models"
	"maitred/models/change"
	"maitred/models/graph"
	"maitred/models/problem"
	"maitred/views"
	"maitred/views/ui"
)

// choices are what a person chose at the fields for which someone else had saved another value.
func (f form) choices(k *graph.Kind) (choices []change.Choice) {
	for _, c := range k.Columns {
		if c.Inside || c == k.Key || k.ParentBy(c) != nil {
			continue
		}
		switch f.Get(ui.KeepField(c.Name)) {
		case ui.KeepMine:
			choices = append(choices, change.Choice{Column: c.Name})
		case ui.KeepTheirs:
			choices = append(choices, change.Choice{Column: c.Name, Theirs: true})
		}
	}
	return choices
}

// takeOver puts into a record, as it was typed, what others changed and nobody disputes.
func takeOver(record any, o *change.Outdated) {
	for _, f := range o.Fields {
		if !f.Collides {
			f.Column.Set(reflect.ValueOf(record), f.Theirs)
		}
	}
}

// conflicting is the form that asks what stays.
func conflicting(c echo.Context, k *graph.Kind, o *change.Outdated) views.Form {
	view := views.Form{Meanwhile: o.Fields, Hidden: hidden(c, versionField, strconv.FormatInt(o.Version, 10))}
	if o.Known {
		view.Since = happened(c, o.Since)
		view.Problem = problem.New(problem.Conflict, "%s saved this %s while you were typing. Nothing of yours was saved yet. What you typed is below; choose what stays, then press Save.",
			change.And(rivals(o)), k.Singular())
	} else {
		view.Problem = problem.New(problem.Conflict, "This form does not say which version of the %s you saw. Nothing was saved yet. What you typed is below; compare it with what is saved, then press Save.",
			k.Singular())
	}
	view.Problem.Fields = choicesAt(o)
	return view
}

// rivals are those who saved what collides.
func rivals(o *change.Outdated) (actors []string) {
	for _, f := range o.Fields {
		if actor := change.Isolate(f.By.Actor); f.Collides && !slices.Contains(actors, actor) {
			actors = append(actors, actor)
		}
	}
	return actors
}

func choicesAt(o *change.Outdated) (fields []problem.Field) {
	for _, f := range o.Fields {
		if f.Collides {
			fields = append(fields, problem.Field{
				Name:    f.Column.Name,
				Message: views.Title(f.Column.Words()) + ": choose yours or what " + change.Isolate(f.By.Actor) + " saved.",
			})
		}
	}
	return fields
}

// lost says that the record was deleted before the form came, and shows what was typed.
func lost(ctx context.Context, s *models.Store, seen change.Seen, f form, notFound error) error {
	trace, err := seen.Trace(ctx, s)
	if err != nil {
		return err
	}
	if trace == nil {
		return became(ctx, s, seen.Kind, seen.Key, notFound)
	}
	return &unsaved{&gone{error: notFound, kind: seen.Kind, trace: trace}, f.typed(seen.Kind)}
}

// unsaved adds to an error what was to be saved.
type unsaved struct {
	error
	typed []ui.Param
}

func (u *unsaved) Unwrap() error { return u.error }

// withTyped adds to an error what was typed into a form that was sent to a path, if it is one about a record.
func (a *app) withTyped(err error, path string, f form) error {
	first, _, _ := strings.Cut(strings.TrimPrefix(path, "/"), "/")
	if k := a.Graph.ByTable(first); k != nil {
		return &unsaved{err, f.typed(k)}
	}
	return err
}

// typed is what was typed into a form about a record of a kind.
func (f form) typed(k *graph.Kind) (typed []ui.Param) {
	for _, c := range k.Columns {
		if c.Type == graph.Text && f.Has(c.Name) {
			typed = append(typed, ui.Param{Name: views.Title(c.Words()), Value: f.Get(c.Name)})
		}
	}
	return typed
}
