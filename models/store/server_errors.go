package store

import (
	"context"
	"database/sql/driver"
	"errors"
	"io"
	"net"
	"slices"
	"strings"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"

	"maitred/models/problem"
)

// SQLSTATE codes, by what they mean for us.
const (
	stateUnique      = "23505"
	stateForeignKey  = "23503"
	stateRestrict    = "23001"
	stateDiskFull    = "53100"
	stateReadOnly    = "25006"
	stateCanceled    = "57014"
	stateSerialize   = "40001"
	stateDeadlock    = "40P01"
	stateLockTimeout = "55P03"
	stateUnknown     = "40003" // whether a statement was completed
	classConnection  = "08"
)

// serverProblem is toProblem for errors of PostgreSQL; nil for one of another kind.
func serverProblem(err error) error {
	var e *pgconn.PgError
	if IsLost(err) {
		return Unreachable(err)
	}
	if !errors.As(err, &e) {
		return nil
	}
	p := &problem.Error{Cause: err}
	switch e.Code {
	case stateUnique:
		p.Code, p.Message = problem.Invalid, taken
	case stateForeignKey, stateRestrict:
		p.Code, p.Message = problem.Invalid, orphaned
	case stateDiskFull:
		p.Code, p.Message = problem.Full, diskFull
	case stateLockTimeout, stateSerialize, stateDeadlock:
		p.Code, p.Message = problem.Busy, stillSaving
	case stateCanceled:
		return errors.Join(context.Canceled, err)
	default:
		return nil
	}
	return p
}

// IsLost says of an error that there is no connection to the server any more, or none could be made: nothing that
// was not committed is there. With SQLite there is no such error.
func IsLost(err error) bool {
	var e *pgconn.PgError
	if errors.As(err, &e) {
		return slices.Contains(gone, e.Code) || strings.HasPrefix(e.Code, "08") // connection exceptions
	}
	var connecting *pgconn.ConnectError
	if errors.As(err, &connecting) {
		return true
	}
	if errors.Is(err, context.DeadlineExceeded) || errors.Is(err, context.Canceled) { // of who asks; the first is a net.Error, too
		return false
	}
	var network net.Error
	return errors.As(err, &network) || errors.Is(err, driver.ErrBadConn) || errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF) ||
		errors.Is(err, net.ErrClosed) || pgconn.SafeToRetry(err) || err != nil && strings.HasSuffix(err.Error(), "conn closed") // pgx has no name for it
}

// gone are what a server says when it ends connections or takes none: it is told to stop, another process of it died,
// it starts, or it has as many as it may; and that it is the standby of another now.
var gone = []string{"57P01", "57P02", "57P03", "53300", stateReadOnly}

// Unreachable is what people are told whom the server does not answer.
func Unreachable(cause error) error {
	return &problem.Error{Code: problem.Busy, Cause: cause, Message: "The database cannot be reached at the moment. Please try again in a moment."}
}

// isNotDone says of the answer to a commit that nothing was written, since the server says so itself: it rolled back
// instead, as after a statement that failed, or could not keep a promise of the schema.
func isNotDone(err error) bool {
	var e *pgconn.PgError
	return errors.Is(err, pgx.ErrTxCommitRollback) ||
		errors.As(err, &e) && e.SeverityUnlocalized == "ERROR" && e.Code != stateUnknown && !strings.HasPrefix(e.Code, classConnection)
}

// isToBeRepeated says that a transaction failed only because of others, and may well do when it is run again whole.
// Where the connection was lost, nothing of it is there, but for what a commit was sent for.
func isToBeRepeated(err error) bool {
	var e *pgconn.PgError
	return errors.As(err, &e) && (e.Code == stateSerialize || e.Code == stateDeadlock) || IsLost(err)
}
