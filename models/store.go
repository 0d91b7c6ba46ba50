// Package models is the records of maitred: places, the restaurants in them and their waiters.
//
// Each kind has a file of its own; what every kind can do is in package kind, what a change is in
// package change, and how the kinds hang together in package graph.
package models

import (
	"context"

	"github.com/uptrace/bun"

	"maitred/models/graph"
	"maitred/models/store"
)

// Store is an open database of these kinds, for one actor.
type Store = store.Store

// Open opens the database file at path for the one who serves it, and makes it if there is none.
// migrate brings its schema up to date. Every kind that is related to a place, directly or through
// others, is found by itself.
func Open(ctx context.Context, path string, migrate func(context.Context, *bun.DB) error) (*Store, error) {
	return store.Open(ctx, path, migrate, Place{})
}

// OpenBeside opens a database file that may be served meanwhile. migrate must find nothing to do then.
func OpenBeside(ctx context.Context, path string, migrate func(context.Context, *bun.DB) error) (*Store, error) {
	return store.OpenBeside(ctx, path, migrate, Place{})
}

// Backup copies a database file, which may be served meanwhile, into a new file.
func Backup(ctx context.Context, path, file string, tell func(doing string, part float64)) error {
	return store.Backup(ctx, path, file, tell)
}

// Restore puts a copy of a backup, brought up to date by migrate, in the place of a database that is not
// served, and returns where that is now. ready is called right before.
func Restore(ctx context.Context, backup, path string, migrate func(context.Context, *bun.DB) error, ready func() error, tell func(doing string, part float64)) (aside string, err error) {
	return store.Restore(ctx, backup, path, migrate, ready, tell, Place{})
}

// Rehearsal is a start on a copy of a database.
type Rehearsal = store.Rehearsal

// Rehearse does to a copy of a database file, which may be served meanwhile, what a start would do to it.
func Rehearse(ctx context.Context, path string, migrate func(context.Context, *bun.DB) error, tell func(doing string, part float64)) (*Rehearsal, error) {
	return store.Rehearse(ctx, path, migrate, tell, Place{})
}

// OpenToRead opens a database file that must exist, only to look at it. current says with an error
// when its schema is not the newest.
func OpenToRead(ctx context.Context, path string, current func(context.Context, *bun.DB) error) (*Store, error) {
	return store.OpenToRead(ctx, path, current, Place{})
}

// Template is a database of which copies are made.
type Template = store.Template

// OpenTemplate opens a database file that nobody writes to any more, in order to make copies of it. g is the
// graph of the site it is for; nil: it has one of its own.
func OpenTemplate(ctx context.Context, path string, g *graph.Graph) (*Template, error) {
	return store.OpenTemplate(ctx, path, g, Place{})
}
