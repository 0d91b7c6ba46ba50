// Package problem holds the errors that people see. A problem is a code, from which the HTTP
// layer makes a status, and sentences that say what happened, what was not done and what to do
// next. Any other error is for the log; people are told that something went wrong on our side.
package problem

import (
	"errors"
	"fmt"
)

// Code says what kind of problem it is.
type Code string

// The codes, each with the HTTP status the contract gives it.
const (
	BadRequest Code = "bad request" // 400: makes no sense
	SignedOut  Code = "signed out"  // 401: not signed in
	Forbidden  Code = "forbidden"   // 403: not allowed
	NotFound   Code = "not found"   // 404
	Conflict   Code = "conflict"    // 409: changed meanwhile
	TooLarge   Code = "too large"   // 413
	Invalid    Code = "invalid"     // 422: wrong input
	TooLong    Code = "too long"    // 422: finding it takes too long
	TooMany    Code = "too many"    // 429: too many tries
	Busy       Code = "busy"        // 503
	ReadOnly   Code = "read only"   // 503: the disk cannot be written to; not 403, as it is nobody's fault
	Full       Code = "full"        // 507: no room on the disk
)

// Error is a problem. Message is a whole sentence for people; Cause, for the log, may be nil.
type Error struct {
	Code    Code
	Message string
	Fields  []Field
	Cause   error
}

// Field is one sentence about one field of a form.
type Field struct{ Name, Message string }

func (e *Error) Error() string {
	if e.Cause != nil {
		return fmt.Sprintf("%s: %s: %v", e.Code, e.Message, e.Cause)
	}
	return fmt.Sprintf("%s: %s %v", e.Code, e.Message, e.Fields)
}

func (e *Error) Unwrap() error { return e.Cause }

// New makes a problem with one sentence.
func New(code Code, format string, args ...any) *Error {
	return &Error{Code: code, Message: fmt.Sprintf(format, args...)}
}

// At makes an Invalid problem with one sentence at one field.
func At(field, format string, args ...any) *Error {
	return &Error{Code: Invalid, Message: "Nothing was saved.", Fields: []Field{{field, fmt.Sprintf(format, args...)}}}
}

// Is says whether err is, or wraps, a problem of this code.
func Is(err error, code Code) bool {
	var p *Error
	return errors.As(err, &p) && p.Code == code
}
