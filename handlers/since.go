package handlers

import (
	"github.com/labstack/echo/v4"

	"maitred/models/change"
	"maitred/models/graph"
	"maitred/views"
)

// sinceShown tells what happened since a page was shown: records that were added or deleted one by
// one are summed up first, by name.
func (a *app) sinceShown(c echo.Context, changes []*change.Change) []views.Happened {
	list := []views.Happened{}
	if len(changes) < change.SinceTold { // of more, not all are known
		for _, k := range a.menu() {
			for _, what := range [][2]string{{"create", " were added since you looked: "}, {"delete", " were deleted since you looked: "}} {
				if names := called(changes, k, what[0]); len(names) > 1 {
					sum := views.Happened{Sentence: k.Counted(int64(len(names))) + what[1] + change.And(names) + "."}
					if whoOf(c).Lists() == 0 {
						sum.Href = "/history"
					}
					list = append(list, sum)
				}
			}
		}
	}
	return append(list, happened(c, changes)...)
}

// called are the names of the records of a kind that changes of one operation were about.
func called(changes []*change.Change, k *graph.Kind, operation string) (names []string) {
	for _, c := range changes {
		if c.Kind == k.Table && c.Operation == operation {
			names = append(names, change.Isolate(c.Label))
		}
	}
	return names
}
