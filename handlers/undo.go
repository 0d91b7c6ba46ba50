package handlers

import (
	"context"
	"errors"
	"net/http"
	"strconv"
	"strings"

	"github.com/labstack/echo/v4"

	"maitred/models"
	"maitred/models/change"
	"maitred/models/graph"
	"maitred/models/problem"
	"maitred/views"
)

// The fields of the undo page: with seat_restaurants_7=3 the record with the identity 7 comes back at
// the parent 3; whose seat the picker chooses stands in who.
const (
	seatField = "seat_"
	whoField  = "who"
)

// undo shows what taking a change back would do, and does it. Sent without a fingerprint it does so
// at once if everything is as the change left it.
func (a *app) undo(c echo.Context) error {
	n, err := id(c)
	if err != nil {
		return err
	}
	s, ctx := storeOf(c), c.Request().Context()
	ch, err := change.Find(ctx, s, n)
	if err == nil {
		err = mayUndo(c, ch)
	}
	if err != nil {
		return err
	}
	f := asked(c)
	if c.Request().Method != http.MethodPost {
		op, err := a.undoing(ctx, s, n, f)
		if err != nil {
			return err
		}
		return a.showUndo(c, http.StatusOK, op, f, nil)
	}
	f = sent(c)
	before, err := change.Newest(ctx, s)
	if err != nil {
		return err
	}
	op, err := a.undoing(ctx, s, n, f)
	if err != nil {
		return err
	}
	form := change.Form{Token: token(c), Fingerprint: f.Get(fingerprintField)}
	if form.Fingerprint == "" { // a button pressed again later is not the same form sent twice
		if form.Token, err = change.Press(ctx, s, n); err != nil {
			return err
		}
	}
	done, err := commit(c, op, form)
	if done != nil {
		return see(c, pathToChange(done.ID), done)
	}
	var long *underway
	if errors.As(err, &long) {
		return err
	}
	if now := alongside(ctx, s, op, before, err); now != nil {
		if !whoOf(c).MaySee(now.Undoer) {
			return see(c, pathToChange(n), nil)
		}
		return see(c, pathToChange(now.UndoneBy), &change.Change{ID: now.UndoneBy})
	}
	var stale *change.Stale
	var undone *change.Undone
	var p *problem.Error
	switch {
	case errors.As(err, &stale):
		return a.showUndo(c, http.StatusConflict, op, f, a.sinceShown(c, stale.Since))
	case errors.As(err, &undone), errors.Is(err, change.ErrUnseen), err == nil:
		return a.showUndo(c, http.StatusConflict, op, f, nil)
	case errors.As(err, &p) && p.Code == problem.Invalid:
		return a.showUndo(c, http.StatusUnprocessableEntity, op, f, nil)
	}
	return err
}

// alongside returns the change as it is now if someone else undid it while this request waited for its
// turn, nil if nobody did: whoever pressed at the same time gets the same answer.
func alongside(ctx context.Context, s *models.Store, op change.Undo, before int64, err error) *change.Change {
	if err == nil {
		return nil
	}
	ch, err := change.Find(ctx, s, op.Change)
	if err != nil || ch.UndoneBy <= before {
		return nil
	}
	return ch
}

// undoing reads the choices of the undo page. A parent that was chosen without saying for whom is
// for the first record that cannot go back to its own.
func (a *app) undoing(ctx context.Context, s *models.Store, n int64, f form) (change.Undo, error) {
	op := change.Undo{Change: n, Swap: f.Get("resolve") == "swap", Elsewhere: map[string]map[int64]int64{}}
	seat := func(table string, identity, at int64) {
		if op.Elsewhere[table] == nil {
			op.Elsewhere[table] = map[int64]int64{}
		}
		op.Elsewhere[table][identity] = at
	}
	for name := range f.Values {
		if table, identity, ok := whose(strings.TrimPrefix(name, seatField)); ok && strings.HasPrefix(name, seatField) && f.key(name) != 0 {
			seat(table, identity, f.key(name))
		}
	}
	for _, k := range a.Graph.Kinds() {
		rel := k.OneToOne()
		if rel == nil || f.Get(rel.Column.Name) == "" {
			continue
		}
		table, identity, ok := whose(f.Get(whoField))
		if !ok {
			plan, err := change.Preview(ctx, s, op)
			if err != nil {
				continue // told when the page is made
			}
			row := unseated(plan, k)
			if row == nil {
				continue
			}
			table, identity = k.Table, row.Identity
		}
		if table == k.Table {
			seat(table, identity, f.key(rel.Column.Name))
		}
	}
	return op, nil
}

// whose reads a table and an identity: "restaurants_7".
func whose(text string) (table string, identity int64, ok bool) {
	i := strings.LastIndexByte(text, '_')
	if i < 0 {
		return "", 0, false
	}
	identity, err := strconv.ParseInt(text[i+1:], 10, 64)
	return text[:i], identity, err == nil && identity > 0
}

// unseated is the first record of a kind that could come back at another parent; nil for none.
func unseated(plan *change.Plan, k *graph.Kind) *change.LeftRow {
	for _, l := range plan.Back.Left {
		if l.Kind != k || k.OneToOne() == nil || l.Why != change.SeatTaken && l.Why != change.ParentGone {
			continue
		}
		for _, row := range l.First {
			if row.Removed {
				return row
			}
		}
	}
	return nil
}

// showUndo shows what an undo takes back, what it leaves, and the ways out.
func (a *app) showUndo(c echo.Context, status int, op change.Undo, f form, since []views.Happened) error {
	return inMoment(c, func() error {
		s, ctx := storeOf(c), c.Request().Context()
		ch, err := change.Find(ctx, s, op.Change)
		if err != nil {
			return err
		}
		view := views.Undo{Change: ch, Since: since, Swap: op.Swap}
		view.Page = a.page(c, views.UndoTitle(ch.ID), nil)
		view.Here = "history"
		if status >= http.StatusBadRequest {
			view.RequestID, _ = c.Get(requestIDKey).(string)
		}
		if ch.UndoneBy != 0 {
			if view.By, err = change.Find(ctx, s, ch.UndoneBy); err != nil {
				return err
			}
		}
		plan, err := change.Preview(ctx, s, op)
		var undone *change.Undone
		if errors.As(err, &undone) {
			return render(c, status, views.UndoPage(view))
		}
		var p *problem.Error
		if errors.As(err, &p) && p.Code == problem.Invalid { // the parent that was chosen cannot be
			wrong := op.Elsewhere
			status, view.Problem = http.StatusUnprocessableEntity, p
			op.Elsewhere = nil
			if plan, err = change.Preview(ctx, s, op); err == nil {
				op.Elsewhere = wrong
			}
		}
		if err != nil {
			return err
		}
		view.Plan = plan
		if err := a.tellAhead(c, plan, &view); err != nil {
			return err
		}
		if err := a.tellLeft(c, plan, &view); err != nil {
			return err
		}
		if err := a.offerSeat(c, plan, op, f, &view); err != nil {
			return err
		}
		fields := choices(op)
		if view.Problem != nil {
			fields = nil
		}
		view.Hidden = hidden(c, append(fields, fingerprintField, plan.Fingerprint())...)
		return render(c, status, views.UndoPage(view))
	})
}

// choices are the choices of an undo as names and values in turn.
func choices(op change.Undo) (fields []string) {
	if op.Swap {
		fields = append(fields, "resolve", "swap")
	}
	for table, seats := range op.Elsewhere {
		for identity, at := range seats {
			fields = append(fields, seatField+table+"_"+strconv.FormatInt(identity, 10), strconv.FormatInt(at, 10))
		}
	}
	return fields
}

// offerSeat offers another parent to the first record that cannot come back at its own.
func (a *app) offerSeat(c echo.Context, plan *change.Plan, op change.Undo, f form, view *views.Undo) error {
	for _, k := range a.Graph.Kinds() {
		row := unseated(plan, k)
		if row == nil {
			continue
		}
		rel := k.OneToOne()
		picker, err := a.picker(c, rel, f, f.key(rel.Column.Name), view.Address())
		if err != nil {
			return err
		}
		picker.Legend = views.AtWhich(rel.To)
		picker.Error = wrongAt(view.Problem, rel.Column.Name)
		chosen := op
		if view.Problem != nil {
			chosen.Elsewhere = nil
		}
		kept := choices(chosen)
		view.Seat = &views.UndoSeat{
			Who: change.Named(k, row.Label), Picker: picker, Kind: k,
			Hidden: named(append(kept, whoField, k.Table+"_"+strconv.FormatInt(row.Identity, 10))...),
		}
		return nil
	}
	return nil
}

func pathToChange(id int64) string { return "/history/" + strconv.FormatInt(id, 10) }
