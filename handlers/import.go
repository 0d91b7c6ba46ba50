package handlers

import (
	"bytes"
	"cmp"
	"context"
	"errors"
	"mime"
	"mime/multipart"
	"net/http"
	"net/url"
	"path"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/labstack/echo/v4"

	"maitred/models"
	"maitred/models/change"
	"maitred/models/graph"
	"maitred/models/importer"
	"maitred/models/kind"
	"maitred/models/problem"
	"maitred/models/sheet"
	"maitred/views"
	"maitred/views/ui"
)

// intake is one request about a file that is brought in: the file as it was read, and what was chosen.
type intake struct {
	kind    *graph.Kind
	form    form
	upload  *importer.Upload
	sheet   string // which of the file's, by its place from 0; "" where nobody chose
	table   *sheet.Table
	columns []string
	chosen  bool // the columns, by a person
	view    views.Import
}

// The fields of an import.
const (
	fileField   = "file"
	uploadField = "upload"
	sheetField  = "sheet"
	columnField = "column"
)

// importOf is where files of a kind are brought in, and where one that was brought can be looked at again.
func (a *app) importOf(k *graph.Kind) echo.HandlerFunc {
	return func(c echo.Context) error {
		f := asked(c)
		if f.Get(uploadField) == "" {
			return a.askForFile(c, http.StatusOK, views.Import{Kind: k})
		}
		takesLong(c)
		in, err := a.intake(c, k, f)
		if err != nil {
			return err
		}
		if f.yes("columns") {
			return a.askForColumns(c, in, http.StatusOK, "")
		}
		return a.proceed(c, in)
	}
}

// takeIn takes a file, or what was chosen about one that was brought before, and goes as far as it can: to
// the dry run, and when that is confirmed, to the end.
func (a *app) takeIn(k *graph.Kind) echo.HandlerFunc {
	return func(c echo.Context) error {
		f := sent(c)
		if m := c.Request().MultipartForm; m != nil && len(m.File[fileField]) > 0 && m.File[fileField][0].Size > 0 {
			return a.receiveFile(c, k, m.File[fileField][0])
		}
		if f.Get(uploadField) == "" {
			return a.askForFile(c, http.StatusUnprocessableEntity, views.Import{Kind: k, Problem: "Nothing was imported. Choose a file first; an empty one has nothing in it."})
		}
		in, err := a.intake(c, k, f)
		if err != nil {
			return err
		}
		return a.proceed(c, in)
	}
}

// askForFile shows where a file is chosen.
func (a *app) askForFile(c echo.Context, status int, view views.Import) error {
	view.Page = a.page(c, views.ImportTitle(view.Kind), view.Kind)
	view.Hidden, view.Limits = hidden(c), a.importLimits()
	return render(c, status, views.ImportPage(view))
}

// readingFor is how long a file may be read: one that is made to take long takes no longer.
const readingFor = time.Minute

// nameOfFile is how much of a file's name is kept.
const nameOfFile = 120

// receiveFile reads a file that came.
func (a *app) receiveFile(c echo.Context, k *graph.Kind, header *multipart.FileHeader) error {
	name := views.Cut(path.Base(strings.ReplaceAll(ui.Clean(header.Filename), `\`, "/")), nameOfFile)
	file, err := header.Open()
	if err != nil {
		return err
	}
	defer file.Close()
	ctx, stop := context.WithTimeout(c.Request().Context(), readingFor)
	defer stop()
	book, err := sheet.Read(ctx, file, header.Size, name, a.importLimits())
	var refused *sheet.Refused
	if err != nil && ctx.Err() != nil && c.Request().Context().Err() == nil {
		err = &sheet.Refused{Flaws: []sheet.Flaw{{Sentence: "Reading it takes too long, so it was stopped. Save it as CSV, or split it into several files."}}, TooLarge: true}
	}
	if errors.As(err, &refused) {
		status := http.StatusUnprocessableEntity
		if refused.TooLarge {
			status = http.StatusRequestEntityTooLarge
		}
		return a.askForFile(c, status, views.Import{Kind: k, File: name, Refused: refused})
	}
	if err != nil {
		return err
	}
	in := &intake{kind: k, form: sent(c), upload: &importer.Upload{Name: name, Book: book}} // who sends it again may confirm it
	if len(book.Tables) == 1 {
		in.choose("0")
		if !slices.ContainsFunc(in.columns, func(c string) bool { return c != "" }) {
			return a.askForFile(c, http.StatusUnprocessableEntity, views.Import{Kind: k, File: name, Refused: &sheet.Refused{Flaws: []sheet.Flaw{{
				Line: in.table.Line, Sentence: "None of the columns is known here: " + headings(in.table.Header) + ". The first line of the file must name them.",
			}}}})
		}
	}
	if in.upload, err = importer.Keep(c.Request().Context(), storeOf(c), k, name, book); err != nil {
		return err
	}
	return a.proceed(c, in)
}

// headings are the first names of columns.
func headings(header []string) string {
	var some []string
	for _, h := range header[:min(len(header), 5)] {
		some = append(some, "“"+ui.Clean(h)+"”")
	}
	if len(header) > 5 {
		some = append(some, "…")
	}
	return strings.Join(some, ", ")
}

// intake finds a file that was brought, and what a form says of it. Errors: NotFound, BadRequest.
func (a *app) intake(c echo.Context, k *graph.Kind, f form) (*intake, error) {
	upload, err := importer.Find(c.Request().Context(), storeOf(c), k, f.Get(uploadField))
	if err != nil {
		return nil, &onward{err, []views.Happened{{Sentence: views.ImportTitle(k), Href: ui.Address{Path: "/" + k.Table + "/import"}.URL()}}}
	}
	in := &intake{kind: k, form: f, upload: upload}
	which := f.Get(sheetField)
	if len(upload.Book.Tables) == 1 {
		which = "0"
	}
	if which == "" {
		return in, nil
	}
	n, err := strconv.Atoi(which)
	if err != nil || n < 0 || n >= len(upload.Book.Tables) {
		return nil, problem.New(problem.BadRequest, "The file has no such sheet.")
	}
	in.choose(strconv.Itoa(n))
	if columns := f.Values[columnField]; columns != nil {
		if len(columns) != len(in.columns) {
			return nil, problem.New(problem.BadRequest, "The file has %d columns, and %d were chosen.", len(in.columns), len(columns))
		}
		in.columns, in.chosen = columns, true
	}
	return in, nil
}

// choose takes a sheet, and what its columns seem to be.
func (in *intake) choose(which string) {
	n, _ := strconv.Atoi(which)
	in.sheet, in.table = which, in.upload.Book.Tables[n]
	in.columns = importer.Recognise(in.kind, in.table.Header)
}

// proceed goes as far as is known what is meant.
func (a *app) proceed(c echo.Context, in *intake) error {
	if in.table == nil {
		return a.askForSheet(c, in)
	}
	if in.table.Refused != nil {
		return a.askForFile(c, http.StatusUnprocessableEntity, views.Import{Kind: in.kind, File: in.upload.Name, Refused: in.table.Refused})
	}
	err := importer.Unfit(in.kind, in.columns)
	var p *problem.Error
	switch {
	case errors.As(err, &p) && in.chosen:
		return a.askForColumns(c, in, http.StatusUnprocessableEntity, p.Message)
	case errors.As(err, &p):
		return a.askForColumns(c, in, http.StatusOK, p.Message)
	case !in.chosen && importer.Unknown(in.table.Header, in.columns):
		return a.askForColumns(c, in, http.StatusOK, "")
	}
	op, err := in.operation(storeOf(c))
	if err != nil {
		return err
	}
	if c.Request().Method != http.MethodPost || !in.form.yes("confirm") || in.form.Get(fingerprintField) == "" {
		return a.dryRun(c, in, op, http.StatusOK, nil, nil)
	}
	brief := *op
	brief.Brief = true
	done, err := commit(c, &brief, change.Form{Token: token(c), Fingerprint: in.form.Get(fingerprintField)})
	var stale *change.Stale
	switch {
	case errors.As(err, &stale) && stale.Cause != nil && len(stale.Since) == 0 && errors.As(stale.Cause, &p):
		return a.dryRun(c, in, op, http.StatusUnprocessableEntity, p, nil)
	case errors.As(err, &stale):
		return a.dryRun(c, in, op, http.StatusConflict, nil, a.sinceShown(c, stale.Since))
	case err != nil:
		return err
	case done == nil:
		return a.dryRun(c, in, op, http.StatusUnprocessableEntity, problem.New(problem.Invalid, "There was nothing to import: no row is new, changed or chosen."), nil)
	}
	return see(c, pathToChange(done.ID), done)
}

// operation is what the form asks for. Errors: BadRequest.
func (in *intake) operation(s *models.Store) (*models.Import, error) {
	op := models.NewImport(s, in.kind, in.upload.Name, in.table, in.columns)
	op.LeaveOut, op.AddTwins = in.form.yes("leave_out"), in.form.yes("add_twins")
	op.Choices = map[int]importer.Choice{}
	for name, values := range in.form.Values {
		digits, ok := strings.CutPrefix(name, views.TwinPrefix)
		line, err := strconv.Atoi(digits)
		if !ok || err != nil || name != views.TwinField(line) {
			continue
		}
		switch values[0] {
		case "skip":
			op.Choices[line] = importer.Choice{}
		case "add":
			op.Choices[line] = importer.Choice{Add: true}
		default:
			key, err := strconv.ParseInt(values[0], 10, 64)
			if err != nil || key < 1 {
				return nil, problem.New(problem.BadRequest, "“%.40s” is no choice for line %d.", ui.Clean(values[0]), line)
			}
			op.Choices[line] = importer.Choice{Use: key}
		}
	}
	return op, nil
}

// hidden are the fields that say which file is meant and what its columns are.
func (in *intake) hidden() []string {
	fields := []string{uploadField, in.upload.ID}
	if in.table == nil {
		return fields
	}
	fields = append(fields, sheetField, in.sheet)
	for _, c := range in.columns {
		fields = append(fields, columnField, c)
	}
	return fields
}

// address is where the file can be looked at again.
func (in *intake) address(path string) ui.Address {
	q := url.Values{}
	fields := in.hidden()
	for i := 0; i < len(fields); i += 2 {
		q.Add(fields[i], fields[i+1])
	}
	return ui.Address{Path: path, Query: q}
}

// takesLong lets an answer about a large file take longer than others.
func takesLong(c echo.Context) {
	_ = http.NewResponseController(c.Response()).SetWriteDeadline(time.Now().Add(2 * time.Minute)) // where it cannot be set, the server's holds
}

// begin is what all pages about a file that was read have.
func (a *app) begin(c echo.Context, in *intake, title string) *views.Import {
	v := &in.view
	v.Page, v.Kind = a.page(c, title, in.kind), in.kind
	if partOf(c.Request()) == "" { // so that reloading shows it again
		c.Response().Header().Set("HX-Replace-Url", string(in.address("/"+in.kind.Table+"/import").URL()))
	}
	v.File, v.Notes = in.upload.Name, in.upload.Book.Notes
	return v
}

// askForSheet asks which of several sheets is meant.
func (a *app) askForSheet(c echo.Context, in *intake) error {
	v := a.begin(c, in, views.SheetTitle)
	for i, t := range in.upload.Book.Tables {
		v.Sheets = append(v.Sheets, ui.Option{Value: strconv.Itoa(i), Label: views.SheetLabel(t)})
		if v.Sheet == "" && t.Refused == nil {
			v.Sheet = strconv.Itoa(i)
		}
	}
	v.Hidden = hidden(c, uploadField, in.upload.ID)
	return render(c, http.StatusOK, views.ImportColumnsPage(*v))
}

// sampledRows is from how many rows people are shown what stands in a column.
const sampledRows = 3

// askForColumns asks what the columns are.
func (a *app) askForColumns(c echo.Context, in *intake, status int, wrong string) error {
	v := a.begin(c, in, views.ColumnsTitle)
	v.Problem = wrong
	for i, h := range in.table.Header {
		column := views.ImportColumn{Heading: cmp.Or(h, "Column "+strconv.Itoa(i+1)), Field: in.columns[i]}
		for _, r := range in.table.Rows[:min(len(in.table.Rows), sampledRows)] {
			if r.Cells[i] != "" {
				column.Samples = append(column.Samples, views.Cut(r.Cells[i], 40))
			}
		}
		v.Columns = append(v.Columns, column)
	}
	v.Hidden = hidden(c, uploadField, in.upload.ID, sheetField, in.sheet)
	return render(c, status, views.ImportColumnsPage(*v))
}

// template sends a file that has the first line alone.
func (a *app) template(k *graph.Kind, format sheet.Format) echo.HandlerFunc {
	return func(c echo.Context) error {
		var names []string
		for _, f := range kind.Fields(k) {
			if f.Part != kind.CountPart {
				names = append(names, f.Name)
			}
		}
		return a.sendSheet(c, k.Table+"."+strings.ToLower(string(format)), format, names, func(func(...string) error) error { return nil })
	}
}

// sendSheet sends a small file of texts.
func (a *app) sendSheet(c echo.Context, name string, format sheet.Format, header []string, rows func(write func(cells ...string) error) error) error {
	var b bytes.Buffer
	w, err := sheet.NewWriter(&b, format, "Sheet")
	if err != nil {
		return err
	}
	if err := w.Header(header...); err != nil {
		return err
	}
	err = rows(func(texts ...string) error {
		cells := make([]sheet.Cell, len(texts))
		for i, t := range texts {
			cells[i].Text = t
		}
		return w.Write(cells)
	})
	if err := errors.Join(err, w.Close()); err != nil {
		return err
	}
	h := c.Response().Header()
	h.Set(echo.HeaderContentDisposition, mime.FormatMediaType("attachment", map[string]string{"filename": name}))
	return afterMoment(c, func() error { return c.Blob(http.StatusOK, fileTypes[format], b.Bytes()) })
}

// importLimits are how much a file may hold.
func (a *app) importLimits() sheet.Limits {
	l := sheet.Limits{Bytes: 10 << 20, Rows: 50_000, Columns: 200, Cell: 32 << 10}
	if a.ImportBytes > 0 {
		l.Bytes = a.ImportBytes
	}
	if a.ImportRows > 0 {
		l.Rows = a.ImportRows
	}
	return l
}
