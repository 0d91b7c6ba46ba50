package handlers

import (
	"maitred/models"
	"maitred/views"
)

var dishes = resource[models.Dish]{
	words: views.DishWords,
	read: func(f form, d *models.Dish) {
		d.Name, d.Vegetarian = f.Get("name"), f.yes("vegetarian")
	},
	rows:   views.DishRows,
	fields: views.DishFields,
	page:   views.DishPage,
	option: views.DishOption,
	drawn:  views.DishPictures,
}
