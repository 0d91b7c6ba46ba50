package handlers

import (
	"context"

	"github.com/labstack/echo/v4"

	"maitred/models/store"
)

// sendKey is under what a request that reads as of one moment carries how its page is sent.
const sendKey = "send"

// inMoment lets fn read all parts of a page as of one moment. What fn renders is sent after that, so
// that a slow browser does not hold the database. Where the connection to a server is lost meanwhile, fn reads all of
// it once more.
func inMoment(c echo.Context, fn func() error) error {
	if c.Get(sendKey) != nil {
		return fn()
	}
	send := func() error { return nil }
	err := lookInMoment(c, &send, fn)
	if store.IsLost(err) && !c.Response().Committed {
		err = lookInMoment(c, &send, fn)
	}
	if err != nil {
		return err
	}
	return send()
}

// afterMoment sends an answer when the moment is over that the page is read in, if it is read in one.
func afterMoment(c echo.Context, send func() error) error {
	if later, ok := c.Get(sendKey).(*func() error); ok {
		*later = send
		return nil
	}
	return send()
}

// lookInMoment runs fn in one moment, in which render leaves in send how the page is sent.
func lookInMoment(c echo.Context, send *func() error, fn func() error) error {
	r := c.Request()
	c.Set(sendKey, send)
	defer func() {
		c.Set(sendKey, nil)
		c.SetRequest(r)
	}()
	return storeOf(c).Moment(r.Context(), func(ctx context.Context) error {
		c.SetRequest(r.WithContext(ctx))
		return fn()
	})
}
