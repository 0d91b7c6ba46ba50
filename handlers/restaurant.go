package handlers

import (
	"context"

	"maitred/models"
	"maitred/models/change"
	"maitred/views"
)

var restaurants = resource[models.Restaurant]{
	words: views.RestaurantWords,
	read: func(f form, r *models.Restaurant) {
		r.ServesHotDogs, r.ServesPizza = f.yes("serves_hot_dogs"), f.yes("serves_pizza")
	},
	columns: views.RestaurantColumns,
	rows:    views.RestaurantRows,
	fields:  views.RestaurantFields,
	page:    views.RestaurantPage,
	option:  views.RestaurantOption,
	needs:   views.RestaurantNeeds,
	drawn:   views.RestaurantPictures,
	set:     "serves",
	place:   func(r *models.Restaurant) *models.Place { return r.Place },
	save:    saveRestaurant,
}

// saveRestaurant opens a restaurant at a place that exists or, with new_place=1, at a place that
// is saved together with it.
func saveRestaurant(ctx context.Context, s *models.Store, f form, token string, r *models.Restaurant) (*change.Change, error) {
	if !f.yes("new_place") {
		return models.Restaurants.Create(ctx, s, token, r)
	}
	p := new(models.Place)
	places.read(f, p)
	return models.OpenAtNewPlace(ctx, s, token, p, r)
}
