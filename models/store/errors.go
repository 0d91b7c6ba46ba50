package store

import (
	"context"
	"errors"

	"modernc.org/sqlite"
	sqlite3 "modernc.org/sqlite/lib"

	"maitred/models/problem"
)

// toProblem turns the database's errors into ours. A constraint that fires here was not foreseen
// by the operation's own checks, which name the field; it is still an answer and not a fault.
func toProblem(err error) error {
	var e *sqlite.Error
	if err == nil || !errors.As(err, &e) {
		return err
	}
	p := &problem.Error{Cause: err}
	switch {
	case e.Code() == sqlite3.SQLITE_CONSTRAINT_PRIMARYKEY, e.Code() == sqlite3.SQLITE_CONSTRAINT_UNIQUE:
		p.Code, p.Message = problem.Invalid, "Someone else was faster: what you wanted to fill is taken. Nothing was saved."
	case e.Code() == sqlite3.SQLITE_CONSTRAINT_FOREIGNKEY, e.Code() == sqlite3.SQLITE_CONSTRAINT_TRIGGER:
		p.Code, p.Message = problem.Invalid, "A record this one belongs to no longer exists. Nothing was saved."
	case e.Code()&0xff == sqlite3.SQLITE_FULL:
		p.Code, p.Message = problem.Full, "The disk is full. Nothing was saved; reading still works."
	case e.Code()&0xff == sqlite3.SQLITE_BUSY, e.Code()&0xff == sqlite3.SQLITE_LOCKED:
		p.Code, p.Message = problem.Busy, "Other changes are still being saved. Nothing was done yet; please try again in a moment."
	case e.Code()&0xff == sqlite3.SQLITE_INTERRUPT:
		return errors.Join(context.Canceled, err)
	default:
		return err
	}
	return p
}
