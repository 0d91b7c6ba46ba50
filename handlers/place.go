package handlers

import (
	"github.com/labstack/echo/v4"

	"maitred/models"
	"maitred/models/change"
	"maitred/models/graph"
	"maitred/views"
)

var places = resource[models.Place]{
	words: views.PlaceWords,
	read: func(f form, p *models.Place) {
		p.Name, p.Address = f.Get("name"), f.Get("address")
	},
	columns: views.PlaceColumns,
	rows:    views.PlaceRows,
	fields:  views.PlaceFields,
	page:    views.PlacePage,
	option:  views.PlaceOption,
	needs:   views.PlaceNeeds,
	drawn:   views.PlacePictures,
	place:   func(p *models.Place) *models.Place { return p },
}

// alike are the places that look like this one, as they are called where there are several of a name.
func alike(c echo.Context, p *models.Place) (items []change.Item, err error) {
	s := storeOf(c)
	found, err := models.AlikePlaces(c.Request().Context(), s, p)
	for _, f := range found {
		items = append(items, change.Item{Kind: models.Places.Kind(s), Key: f.ID, Label: f.Name + ", " + f.Address})
	}
	return items, err
}

// namedPlace says that a change was the writing of a place's name or address, on the page of the kind that
// it was about: a restaurant's only where it was opened at a new place.
func namedPlace(done *change.Change, k *graph.Kind) bool {
	if done == nil || done.Kind != k.Table {
		return false
	}
	if k.BorrowsLabel() {
		return done.Operation == "create" && done.RowCount > 1
	}
	return done.Operation == "create" || done.Operation == "update"
}
