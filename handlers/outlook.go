package handlers

import (
	"github.com/labstack/echo/v4"

	"maitred/models/change"
	"maitred/views"
)

// tellAhead puts into words how the first rows of each step are and how they will be.
func (a *app) tellAhead(c echo.Context, plan *change.Plan, view *views.Undo) error {
	for _, step := range plan.Steps {
		shown, err := a.changeRows(c, step.Ahead)
		if err != nil {
			return err
		}
		group := views.UndoStep{Step: step}
		for i, r := range step.Ahead {
			if shown[i].Href = ""; r.BeforeKey != nil {
				shown[i].Href = views.PathTo(step.Kind, *r.BeforeKey)
			}
			group.Rows = append(group.Rows, views.UndoRow{ChangeRow: shown[i], Row: r})
		}
		view.Steps = append(view.Steps, group)
	}
	return nil
}

// tellLeft puts into words what an undo leaves as it is.
func (a *app) tellLeft(c echo.Context, plan *change.Plan, view *views.Undo) error {
	for _, l := range plan.Back.Left {
		rows := make([]*change.Row, len(l.First))
		for i, r := range l.First {
			rows[i] = &r.Row
		}
		shown, err := a.changeRows(c, rows)
		if err != nil {
			return err
		}
		group := views.UndoLeft{Left: l}
		called, err := a.calledNow(c, l)
		if err != nil {
			return err
		}
		for i, r := range l.First {
			row := views.UndoLeftRow{ChangeRow: shown[i], LeftRow: r}
			if r.AfterKey != nil && called[*r.AfterKey] != "" {
				row.Called = called[*r.AfterKey]
				row.ChangeRow.Label = views.Title(change.Named(l.Kind, row.Called))
			}
			if l.Why != change.ChangedSince {
				row.Fields = nil
			}
			group.Rows = append(group.Rows, row)
		}
		view.Left = append(view.Left, group)
	}
	return nil
}

// calledNow is what the records that are still there are called by now, by their keys: history knows
// them by the names that they had when they were written.
func (a *app) calledNow(c echo.Context, l *change.Left) (map[int64]string, error) {
	var keys []int64
	for _, r := range l.First {
		if r.AfterKey != nil {
			keys = append(keys, *r.AfterKey)
		}
	}
	return change.Names(c.Request().Context(), storeOf(c), l.Kind, keys)
}
