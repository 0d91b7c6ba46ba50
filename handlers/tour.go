package handlers

import (
	"fmt"
	"net/http"
	"strconv"
	"strings"
	"time"

	"github.com/labstack/echo/v4"

	"maitred/models"
	"maitred/views"
)

// tourCookie carries whose tour it is and how far they are on it: "7-2" is the second step of the person
// with the number 7. It is kept after the tour, so that who took it or did not want it is not asked again.
var tourCookie = cookie{name: "maitred_tour", age: 400 * 24 * time.Hour}

// The fields of the tour's forms: the step that is to be next, 0 to end, and the page to come back to.
const (
	stepField = "step"
	atField   = "at"
)

// tour goes to a step of the tour, or ends it. It is a person's own way through the pages: nothing is
// written but a cookie.
func (a *app) tour(c echo.Context) error {
	f := sent(c)
	t := views.Tour{Step: int(min(f.key(stepField), views.TourOver))}
	a.setTour(c, t.Step)
	if t.Step == 0 {
		if at := a.ownPath(c, f.Get(atField)); at != "" {
			return see(c, at, nil)
		}
		return see(c, "/", nil)
	}
	if err := a.cast(c, &t); err != nil {
		return err
	}
	return see(c, string(t.Begins()), nil)
}

// guide shows on a page how far the person is on the tour. It goes on by itself when what its step asks
// for was just done; who never took it is offered it where the sample data is new to them.
func (a *app) guide(c echo.Context, p *views.Page) error {
	if !p.Who.Role.Writes() {
		return nil
	}
	step, known := tourOf(c)
	if !known && (c.Path() == "/" || p.Done != nil && p.Done.Sentence == models.SampleSentence) {
		left, err := models.SampleLeft(c.Request().Context(), storeOf(c))
		if err != nil {
			return err
		}
		if len(left) >= views.TourPlaces {
			p.Tour = &views.Tour{}
		}
	}
	if step == 0 {
		return nil
	}
	p.Tour = &views.Tour{Step: step}
	if p.Tour.Passes(p.Done) {
		p.Tour.Step, p.Tour.Passed = step+1, true
	}
	if p.Tour.Step >= views.TourOver {
		a.setTour(c, 0) // its end is told once
	} else if p.Tour.Passed {
		a.setTour(c, p.Tour.Step)
	}
	if c.Request().Method != http.MethodPost {
		p.Tour.At = c.Request().URL.RequestURI()
	}
	return a.cast(c, p.Tour)
}

// cast finds the records of the sample data that a step of the tour can be about. Where they are gone the
// tour speaks of any.
func (a *app) cast(c echo.Context, t *views.Tour) error {
	left, err := models.SampleLeft(c.Request().Context(), storeOf(c))
	if err == nil {
		t.Cast(left)
	}
	return err
}

// tourOf is how far the person is on the tour, 0 for who is not on it; known says that they were asked.
func tourOf(c echo.Context) (step int, known bool) {
	whose, text, _ := strings.Cut(tourCookie.value(c), "-")
	if whose != strconv.FormatInt(whoOf(c).ID, 10) {
		return 0, false
	}
	step, err := strconv.Atoi(text)
	if err != nil || step < 0 || step > views.TourOver {
		return 0, false
	}
	return step, true
}

func (a *app) setTour(c echo.Context, step int) {
	tourCookie.set(c, fmt.Sprintf("%d-%d", whoOf(c).ID, step))
}
