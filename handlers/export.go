package handlers

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"runtime/debug"
	"slices"
	"strings"
	"time"

	"github.com/labstack/echo/v4"

	"maitred/models/graph"
	"maitred/models/kind"
	"maitred/models/problem"
	"maitred/models/sheet"
	"maitred/models/spool"
	"maitred/models/store"
	"maitred/views"
	"maitred/views/ui"
)

// How much the files may take of what all share. Each that is being read has one of the four connections to the
// database that read, and each that is on its way may be on the disk.
const (
	exportsRead   = 2
	exportsSent   = 16
	exportWait    = 10 * time.Second // for the files that are read before this one
	exportReading = 2 * time.Minute  // until what searches or filters is given up
)

// exports are the files that are being made and sent at this moment. Safe for any number of goroutines.
type exports struct{ read, sent chan struct{} }

func newExports() exports {
	return exports{make(chan struct{}, exportsRead), make(chan struct{}, exportsSent)}
}

// fileTypes are the formats as headers call them.
var fileTypes = map[sheet.Format]string{
	sheet.CSV:  "text/csv; charset=utf-8",
	sheet.XLSX: "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
}

// export sends all that a list shows, on whatever page, as a file.
func (r resource[T]) export(a *app, f sheet.Format) echo.HandlerFunc {
	return func(c echo.Context) error {
		k := r.kind.Kind(storeOf(c))
		list := ui.Address{Path: "/" + k.Table, Query: c.Request().URL.Query()}.Without("after", "before", "count")
		q, err := kind.ParseQuery(k, list.Query)
		if err != nil {
			return &onward{err, []views.Happened{{Sentence: views.ToWholeList, Href: ui.Address{Path: list.Path}.URL()}}}
		}
		setting, err := settingOf(c, k)
		if err != nil {
			return err
		}
		file := &export{Query: q, kind: k, format: f, fields: inFile(k, r.columns, setting.Columns), list: list}
		return afterMoment(c, func() error { return a.sendExport(c, file) })
	}
}

// inFile are the fields of a file for who chose these columns: without what only other columns show. The key and
// what the record is called always stay, and who chose nothing gets all.
func inFile(k *graph.Kind, columns []views.Column, chosen []string) []kind.Field {
	label := k.Must(k.Label)
	return slices.DeleteFunc(kind.Fields(k), func(f kind.Field) bool {
		stays := f.Part == kind.KeyPart || f.Path.Column == label.Column && f.Path.Alias("") == label.Alias("")
		return chosen != nil && !stays && views.Chosen(columns, chosen).Hide(f.Name)
	})
}

// export is a list on its way into a file.
type export struct {
	kind.Query
	kind   *graph.Kind
	format sheet.Format
	fields []kind.Field
	list   ui.Address
}

// sendExport reads the rows as fast as it can and sends them as fast as they are taken: who has a slow line does
// not keep the database. Errors until the first bytes are there become a page; after that the answer is broken
// off, so that nobody takes a part of a file for all of it.
func (a *app) sendExport(c echo.Context, e *export) (err error) {
	if c.Request().Method == http.MethodHead {
		e.begin(c)
		return nil
	}
	select {
	case a.exports.sent <- struct{}{}:
	default:
		return e.busy()
	}
	defer func() { <-a.exports.sent }()
	ctx, stop := context.WithCancel(c.Request().Context())
	s := storeOf(c)
	if err := a.exports.toRead(ctx, e); err != nil {
		stop()
		return err
	}
	held, made := spool.New(s.Folders()...), make(chan struct{})
	go func() {
		defer close(made)
		defer func() { <-a.exports.read }()
		held.End(e.write(ctx, s, held))
	}()
	defer func() {
		stop()
		err = errors.Join(err, held.Close())
		<-made
	}()
	return a.deliver(c, e, held)
}

// deliver sends what is made. Each piece has its own time, the first one also that in which it is made.
func (a *app) deliver(c echo.Context, e *export, made io.Reader) error {
	to, piece := http.NewResponseController(c.Response()), make([]byte, 32<<10)
	_ = to.SetWriteDeadline(time.Now().Add(exportReading + slowest)) // where it cannot be set, writing is refused below
	n, err := made.Read(piece)
	if err != nil {
		return err
	}
	e.begin(c)
	for err == nil {
		if err = to.SetWriteDeadline(time.Now().Add(slowest)); err != nil && !errors.Is(err, http.ErrNotSupported) {
			break
		}
		if _, err = c.Response().Write(piece[:n]); err == nil {
			n, err = made.Read(piece)
		}
	}
	if err != io.EOF {
		a.breakOff(c, err)
	}
	return nil
}

// toRead waits until the rows may be read; whoever is let in has to leave. Errors: Busy.
func (x exports) toRead(ctx context.Context, e *export) error {
	defer store.StepAside(ctx)()
	late := time.NewTimer(exportWait)
	defer late.Stop()
	select {
	case x.read <- struct{}{}:
		return nil
	case <-late.C:
		return e.busy()
	case <-ctx.Done():
		return ctx.Err()
	}
}

func (e *export) busy() error {
	return &onward{problem.New(problem.Busy, "Others are downloading files at this moment, as many as can be made at once. Please try again in a minute."),
		[]views.Happened{{Sentence: views.ToList, Href: e.list.URL()}}}
}

// write makes the file. What it panics about ends the file and not the program.
func (e *export) write(ctx context.Context, s *store.Store, to io.Writer) (err error) {
	defer func() {
		if p := recover(); p != nil { // not where it would be caught
			err = fmt.Errorf("panic: %s\n%s", panicked(p), debug.Stack())
		}
	}()
	pieces := bufio.NewWriterSize(to, 64<<10)
	w, err := sheet.NewWriter(pieces, e.format, views.Title(e.kind.Plural()))
	if err != nil {
		return err
	}
	names := make([]string, len(e.fields))
	for i, f := range e.fields {
		names[i] = f.Name
	}
	if err := w.Header(names...); err != nil {
		return err
	}
	if err := e.Each(ctx, s.Within(exportReading), e.fields, w.Write); err != nil {
		return err
	}
	if err := w.Close(); err != nil {
		return err
	}
	return pieces.Flush()
}

// begin says what is sent.
func (e *export) begin(c echo.Context) {
	h := c.Response().Header()
	h.Set(echo.HeaderContentType, fileTypes[e.format])
	h.Set(echo.HeaderContentDisposition, fmt.Sprintf(`attachment; filename="%s-%s.%s"`,
		e.kind.Table, storeOf(c).Now().UTC().Format(time.DateOnly), strings.ToLower(string(e.format))))
	c.Response().WriteHeader(http.StatusOK)
}

// breakOff ends an answer of which a part was sent in a way that nobody takes it for all. That somebody went
// away is nothing to be told of.
func (a *app) breakOff(c echo.Context, err error) {
	if c.Request().Context().Err() == nil {
		id, _ := c.Get(requestIDKey).(string)
		a.Log.Error("a file was broken off", slog.String("id", id), slog.String("error", unspoken(err, c.Request())))
	}
	panic(http.ErrAbortHandler)
}
