package handlers

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"mime"
	"net/http"
	"time"

	"github.com/labstack/echo/v4"

	"maitred/models/backup"
	"maitred/models/problem"
	"maitred/views"
)

// backups lists the backups, and says what to do where there are none.
func (a *app) backups(c echo.Context) (err error) {
	view := views.Backups{Page: a.page(c, views.BackupsTitle, nil), On: a.keepsBackups(), Server: storeOf(c).OnServer()}
	view.Here = "backups"
	if view.On {
		if view.State, err = a.Backups.State(); err != nil {
			return err
		}
		if view.Making != nil {
			view.Refresh = 2
		}
	}
	return render(c, http.StatusOK, views.BackupsPage(view))
}

// keepsBackups says whether there is anything to look at. Where nobody signs in nobody can prove who they are, and
// a backup is not for everybody.
func (a *app) keepsBackups() bool { return a.Backups != nil && a.Everyone == "" }

// backUp lets a backup be made now, beside the request.
func (a *app) backUp(c echo.Context) error {
	if !a.keepsBackups() {
		return toBackups(problem.New(problem.Conflict, "Backups are switched off here, so none was made."))
	}
	a.Backups.Ask()
	return see(c, "/backups", nil)
}

func toBackups(err error) error {
	return &onward{err, []views.Happened{{Sentence: views.BackupsTitle, Href: "/backups"}}}
}

// download sends a backup to who proved a moment ago who they are, and asks everybody else to.
func (a *app) download(c echo.Context) error {
	file, info, err := a.openBackup(c)
	if err != nil {
		return err
	}
	if !a.provedLately(c) {
		return errors.Join(a.askForProof(c, http.StatusForbidden, info, nil), file.Close())
	}
	return afterMoment(c, func() error { return errors.Join(a.sendBackup(c, file, info), file.Close()) })
}

// openBackup opens the backup that the address names. Errors: NotFound.
func (a *app) openBackup(c echo.Context) (file io.ReadSeekCloser, info backup.File, err error) {
	err = fs.ErrNotExist
	if a.keepsBackups() {
		file, info, err = a.Backups.Open(c.Param("name"))
	}
	if errors.Is(err, fs.ErrNotExist) {
		err = toBackups(problem.New(problem.NotFound, "There is no backup of this name. The oldest are removed when there are enough newer ones."))
	}
	return file, info, err
}

func (a *app) askForProof(c echo.Context, status int, f backup.File, p *problem.Error) (err error) {
	view := views.Download{Page: a.page(c, views.DownloadTitle, nil), File: f, Problem: p}
	view.Here = "backups"
	if view.User, err = a.Accounts.User(c.Request().Context(), whoOf(c).ID); err != nil {
		return err
	}
	return render(c, status, views.DownloadPage(view))
}

// slowest is how long a browser may take for each piece of a file, of at most 32 kB.
const slowest = 30 * time.Second

// sendBackup sends the file, however long that takes.
func (a *app) sendBackup(c echo.Context, file io.ReadSeeker, info backup.File) error {
	if c.Request().Method == http.MethodGet {
		a.Accounts.Downloaded(c.Request().Context(), a.by(c), info.Name)
	}
	h := c.Response().Header()
	h.Set(echo.HeaderContentType, "application/vnd.sqlite3")
	h.Set(echo.HeaderContentDisposition, mime.FormatMediaType("attachment", map[string]string{"filename": info.Name}))
	http.ServeContent(c.Response(), c.Request(), "", time.Time{}, &patient{file, http.NewResponseController(c.Response())})
	return nil
}

// patient is a file that is sent piece by piece: each has its own time, since all of it may take longer than an
// answer may.
type patient struct {
	io.ReadSeeker
	to *http.ResponseController
}

func (p *patient) Read(b []byte) (int, error) {
	if err := p.to.SetWriteDeadline(time.Now().Add(slowest)); err != nil && !errors.Is(err, http.ErrNotSupported) {
		return 0, err
	}
	return p.ReadSeeker.Read(b[:min(len(b), 32<<10)])
}

// provedCookie says that the person proved a moment ago who they are, in this session.
var provedCookie = cookie{name: "maitred_proved", age: 2 * time.Minute}

func provedIn(c echo.Context) string { return fmt.Sprint("proved in session ", sessionOf(c).ID) }

func (a *app) provedLately(c echo.Context) bool {
	words, ok := a.Accounts.Carried(whoOf(c).ID, provedCookie.value(c))
	return ok && string(words) == provedIn(c)
}

// proveAndDownload takes the proof, and leads to the file.
func (a *app) proveAndDownload(c echo.Context) error {
	file, info, err := a.openBackup(c)
	if err != nil {
		return err
	}
	if err := file.Close(); err != nil {
		return err
	}
	err = a.Accounts.Prove(c.Request().Context(), a.by(c), whoOf(c).ID, proofIn(c))
	var p *problem.Error
	if errors.As(err, &p) && p.Code == problem.Invalid {
		return a.askForProof(c, http.StatusUnprocessableEntity, info, p)
	}
	if err != nil {
		return err
	}
	provedCookie.set(c, a.Accounts.Carry(whoOf(c).ID, []byte(provedIn(c))))
	return see(c, c.Request().URL.EscapedPath(), nil)
}
