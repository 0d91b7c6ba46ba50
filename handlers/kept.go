package handlers

import (
	"io"
	"net/http"
	"net/url"
	"strconv"
	"strings"

	"github.com/labstack/echo/v4"

	"maitred/models/account"
	"maitred/views"
)

// maxKeptForm is how large a form may be that goes along with signing in, in bytes of its body: sealed, it
// is a third larger, and must fit into a form itself.
const maxKeptForm = 40 << 10

// keep seals the form that was sent, so that it can be sent again by who signs in now. It goes along
// with the page in the browser and not into any memory of ours: who is not signed in must not be able
// to fill that. lost says that it was one that cannot be kept. Errors: those of a body that cannot be
// read.
func (a *app) keep(c echo.Context) (kept string, lost bool, err error) {
	r := c.Request()
	path := a.ownForm(r.URL.RequestURI())
	if path == "" {
		return "", false, nil
	}
	if err := ofForms.receive(c); err != nil {
		return "", false, err
	}
	body := r.PostForm.Encode()
	if len(body) > maxKeptForm || r.MultipartForm != nil && len(r.MultipartForm.File) > 0 {
		return "", true, nil
	}
	// The form says whose it is; someone else may have been signed in in this browser since.
	user, _ := strconv.ParseInt(r.PostForm.Get(views.AsField), 10, 64)
	if user <= 0 {
		if user, err = a.Accounts.Whose(r.Context(), sessionCookie.value(c)); err != nil {
			return "", false, err
		}
	}
	return a.Accounts.KeepForm(account.KeptForm{User: user, Address: path, Body: body}), false, nil
}

// ownForm is an address to which one of our forms about records is sent; "" for any other.
func (a *app) ownForm(address string) string {
	u, err := url.ParseRequestURI(address)
	if err != nil {
		return ""
	}
	first, _, _ := strings.Cut(strings.TrimPrefix(u.Path, "/"), "/")
	if first != "history" && a.Graph.ByTable(first) == nil {
		return ""
	}
	return u.RequestURI()
}

// mayResume refuses a form of a person who may no longer send it, and shows what they typed. Errors: Forbidden.
func (a *app) mayResume(c echo.Context, entered *account.Entered, to *url.URL, body string) error {
	found := c.Echo().NewContext(nil, nil)
	c.Echo().Router().Find(http.MethodPost, to.EscapedPath(), found)
	need := a.access[http.MethodPost+" "+found.Path()]
	if need == 0 {
		return nil // answered as any other
	}
	who := entered.User.Who()
	err := need.refuses(who)
	if err == nil {
		return nil
	}
	c.Set(whoKey, who)               // whose menu the page has
	typed, _ := url.ParseQuery(body) // we wrote it
	return a.withTyped(err, to.Path, form{typed})
}

// resume sends the form that was kept once more, now as the person who signed in, and answers as that
// form is answered: with the page of what was saved, or with the form and what is wrong with it. What
// someone else had typed is not done in this person's name.
func (a *app) resume(c echo.Context, entered *account.Entered, sealed string) error {
	kept, ok := a.Accounts.KeptForm(sealed)
	if !ok || kept.User != 0 && kept.User != entered.User.ID {
		return render(c, http.StatusOK, views.NotResumedPage(a.outside(views.SignedInTitle), ok))
	}
	r := c.Request().Clone(c.Request().Context())
	u, err := url.ParseRequestURI(kept.Address)
	if err != nil {
		return err
	}
	if err := a.mayResume(c, entered, u, kept.Body); err != nil {
		return err
	}
	r.URL, r.RequestURI, r.Body, r.ContentLength = u, kept.Address, io.NopCloser(strings.NewReader(kept.Body)), int64(len(kept.Body))
	r.Form, r.PostForm, r.MultipartForm = nil, nil, nil
	for name := range r.Header {
		if strings.HasPrefix(name, "Hx-") {
			r.Header.Del(name) // a whole page is wanted
		}
	}
	r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	r.Header.Del("Accept-Encoding") // this answer is compressed already
	r.Header.Del("Cookie")
	r.AddCookie(&http.Cookie{Name: sessionCookie.nameIn(c), Value: entered.Word}) // #nosec G124 -- of a request: it has a name and a value only
	c.Echo().ServeHTTP(c.Response(), r)
	return nil
}
