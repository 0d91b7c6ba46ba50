package handlers

import (
	"maitred/models"
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
}
