package handlers

import (
	"maitred/models"
	"maitred/views"
)

var waiters = resource[models.Waiter]{
	words: views.WaiterWords,
	read: func(f form, w *models.Waiter) {
		w.Name = f.Get("name")
	},
	columns: views.WaiterColumns,
	rows:    views.WaiterRows,
	fields:  views.WaiterFields,
	page:    views.WaiterPage,
	option:  views.WaiterOption,
}
