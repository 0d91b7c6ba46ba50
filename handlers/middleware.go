package handlers

import (
	"github.com/labstack/echo/v4"

	"maitred/models"
	"maitred/models/account"
)

// The names under which a request carries its own things.
const (
	storeKey = "store"
	whoKey   = "who"
)

// open finds the store that the request works on.
func (a *app) open(next echo.HandlerFunc) echo.HandlerFunc {
	return func(c echo.Context) error {
		if a.Demo != nil {
			return a.visit(c, next)
		}
		s, err := a.Store(c.Request())
		if err != nil {
			return err
		}
		if person := personOf(c); person != "" && a.Everyone != "" {
			s = s.For(person)
		}
		c.Set(storeKey, s)
		return next(c)
	}
}

// whoOf is who asks. The zero value, which may do nothing, where the request was refused before that
// was known.
func whoOf(c echo.Context) account.Who {
	who, _ := c.Get(whoKey).(account.Who)
	return who
}

func storeOf(c echo.Context) *models.Store { return c.Get(storeKey).(*models.Store) }
