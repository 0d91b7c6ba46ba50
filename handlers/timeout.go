package handlers

import (
	"context"
	"errors"
	"net/http"
	"time"

	"github.com/labstack/echo/v4"

	"maitred/models/store"
)

// maxWrite is how long a form may wait for a database server, which may hang. It is below the server's write timeout
// (30 s). A long change that was begun in it goes on.
const maxWrite = 25 * time.Second

// inTime bounds how long a form waits for a server.
func (a *app) inTime(next echo.HandlerFunc) echo.HandlerFunc {
	return func(c echo.Context) error {
		r := c.Request()
		if r.Method != http.MethodPost || !storeOf(c).OnServer() {
			return next(c)
		}
		ctx, stop := context.WithTimeout(r.Context(), maxWrite)
		defer stop()
		c.SetRequest(r.WithContext(ctx))
		err := next(c)
		c.SetRequest(c.Request().WithContext(r.Context())) // an error is still to be answered
		if errors.Is(err, context.DeadlineExceeded) && r.Context().Err() == nil {
			err = store.Unreachable(err)
		}
		return err
	}
}
