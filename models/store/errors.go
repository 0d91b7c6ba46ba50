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
	if err == nil {
		return nil
	}
	if !errors.As(err, &e) {
		if p := serverProblem(err); p != nil {
			return p
		}
		return err
	}
	p := &problem.Error{Cause: err}
	switch {
	case e.Code() == sqlite3.SQLITE_CONSTRAINT_PRIMARYKEY, e.Code() == sqlite3.SQLITE_CONSTRAINT_UNIQUE:
		p.Code, p.Message = problem.Invalid, taken
	case e.Code() == sqlite3.SQLITE_CONSTRAINT_FOREIGNKEY, e.Code() == sqlite3.SQLITE_CONSTRAINT_TRIGGER:
		p.Code, p.Message = problem.Invalid, orphaned
	case e.Code()&0xff == sqlite3.SQLITE_FULL:
		p.Code, p.Message = problem.Full, diskFull
	case e.Code()&0xff == sqlite3.SQLITE_READONLY:
		return onlyRead(err)
	case e.Code()&0xff == sqlite3.SQLITE_BUSY, e.Code()&0xff == sqlite3.SQLITE_LOCKED:
		p.Code, p.Message = problem.Busy, stillSaving
	case e.Code()&0xff == sqlite3.SQLITE_INTERRUPT:
		return errors.Join(context.Canceled, err)
	default:
		return err
	}
	return p
}

// What people are told, whichever database it is.
const (
	taken       = "Someone else was faster: what you wanted to fill is taken. Nothing was saved."
	orphaned    = "A record this one belongs to no longer exists. Nothing was saved."
	diskFull    = "The disk is full. Nothing was saved; reading still works."
	stillSaving = "Other changes are still being saved. Nothing was done yet; please try again in a moment."
)

// onlyRead is the answer to who wants to change what cannot be written to.
func onlyRead(cause error) error {
	return &problem.Error{Code: problem.ReadOnly, Cause: cause,
		Message: "This site can only be read at the moment, because its disk cannot be written to. Nothing was saved; reading still works. Please tell your administrator."}
}

// cannotWrite are what SQLite says when the system refuses to write to a file that it let it open: a
// disk that failed and can only be read since.
var cannotWrite = map[int]bool{
	sqlite3.SQLITE_IOERR_WRITE:     true,
	sqlite3.SQLITE_IOERR_FSYNC:     true,
	sqlite3.SQLITE_IOERR_DIR_FSYNC: true,
	sqlite3.SQLITE_IOERR_TRUNCATE:  true,
	sqlite3.SQLITE_IOERR_SHMSIZE:   true,
}

// notWritten makes of an error that ended a change one that says that the disk cannot be written to,
// if that is the cause.
func notWritten(err error) error {
	var e *sqlite.Error
	if !errors.As(err, &e) || e.Code()&0xff != sqlite3.SQLITE_READONLY && !cannotWrite[e.Code()] {
		return err
	}
	if u := (*Unconfirmed)(nil); errors.As(err, &u) {
		return &Unconfirmed{onlyRead(u.Cause)}
	}
	return onlyRead(err)
}

// hasClass says that the database failed in this way, or a special case of it.
func hasClass(err error, class int) bool {
	var e *sqlite.Error
	return errors.As(err, &e) && e.Code()&0xff == class
}
