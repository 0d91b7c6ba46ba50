package handlers

import (
	"errors"
	"maps"
	"net/http"
	"slices"
	"strconv"
	"strings"

	"github.com/labstack/echo/v4"

	"maitred/models/change"
	"maitred/models/graph"
	"maitred/models/problem"
	"maitred/views"
	"maitred/views/ui"
)

// delete shows what the deletion of a record does, with what was chosen for what belongs to it, and
// does it. For each kind below, the field by its table says delete, move or each.
func (r resource[T]) delete(a *app) echo.HandlerFunc {
	return func(c echo.Context) error {
		key, err := id(c)
		if err != nil {
			return err
		}
		s, ctx := storeOf(c), c.Request().Context()
		k := r.kind.Kind(s)
		f := asked(c)
		if c.Request().Method == http.MethodPost {
			f = sent(c)
		}
		op := change.Delete{Kind: k, Key: key}
		if op.Spare, err = spared(f, s.Graph, k); err != nil {
			return err
		}
		if c.Request().Method != http.MethodPost {
			return a.showDelete(c, http.StatusOK, op, r.words, f, nil, nil)
		}
		done, err := commit(c, op, change.Form{Token: token(c), Fingerprint: f.Get(fingerprintField)})
		var stale *change.Stale
		var p *problem.Error
		switch {
		case errors.Is(err, change.ErrUnseen):
			return a.showDelete(c, http.StatusOK, op, r.words, f, nil, nil)
		case errors.As(err, &stale):
			return a.showDelete(c, http.StatusConflict, op, r.words, f, nil, a.sinceShown(c, stale.Since))
		case errors.As(err, &p) && p.Code == problem.Invalid:
			return a.showDelete(c, http.StatusUnprocessableEntity, op, r.words, f, p, nil)
		case problem.Is(err, problem.NotFound):
			return became(ctx, s, k, key, err)
		case err != nil:
			return err
		}
		return see(c, "/"+k.Table, done)
	}
}

// showDelete shows the plan as of now, and what can be chosen in it. wrong is why it was refused
// just now, since what happened after the plan was shown.
func (a *app) showDelete(c echo.Context, status int, op change.Delete, words views.Words, f form, wrong *problem.Error, since []views.Happened) error {
	var view views.Deletion
	view.Kind, view.Words, view.Key, view.Since = op.Kind, words.WordsOr(op.Kind), op.Key, since
	err := inMoment(c, func() (err error) {
		view.Plan, err = change.Preview(c.Request().Context(), storeOf(c), op)
		var p *problem.Error
		switch {
		case errors.As(err, &p) && p.Code == problem.Invalid && view.Plan != nil:
			view.Problem, view.Asks = p, status == http.StatusOK && asks(p, f)
		case problem.Is(err, problem.NotFound):
			return became(c.Request().Context(), storeOf(c), op.Kind, op.Key, err)
		case err != nil:
			return err
		case wrong != nil: // nothing is wrong any more, but it was not done
			return wrong
		}
		view.Branches, err = a.branches(c, op, view, f)
		return err
	})
	if err != nil {
		return err
	}
	if view.Problem != nil && !view.Asks && status == http.StatusOK {
		status = http.StatusUnprocessableEntity
	}
	view.Label = view.Plan.Steps[0].First[0].Label
	view.Hidden = hidden(c, append(choicesIn(f, a.Graph, op.Kind), fingerprintField, view.Plan.Fingerprint())...)
	view.Page = a.page(c, view.Heading(), op.Kind)
	return render(c, status, views.DeletePage(view))
}

// asks says that nothing is wrong but that something is not chosen yet.
func asks(p *problem.Error, f form) bool {
	return !slices.ContainsFunc(p.Fields, func(field problem.Field) bool { return f.Get(field.Name) != "" })
}

// spared reads what was chosen for each kind below the one that is deleted. Errors: BadRequest.
func spared(f form, g *graph.Graph, root *graph.Kind) (map[*graph.Kind]change.Spare, error) {
	spare := map[*graph.Kind]change.Spare{}
	for _, k := range below(g, root) {
		switch choice := f.Get(change.ChoiceField(k)); choice {
		case "", "delete":
		case "move":
			spare[k] = change.Spare{To: f.key(change.ToField(k))}
		case "each":
			to := map[int64]int64{}
			for key, field := range eachIn(f, k) {
				to[key] = f.key(field)
			}
			spare[k] = change.Spare{Each: to}
		default:
			return nil, problem.New(problem.BadRequest, "The address says “%.80s” of the %s, but it can only say: delete, move, each. Nothing was changed.",
				strings.ToValidUTF8(choice, "\ufffd"), k.Plural())
		}
	}
	return spare, nil
}

// below are the kinds that belong to another one, directly or through others.
func below(g *graph.Graph, root *graph.Kind) []*graph.Kind {
	return slices.DeleteFunc(slices.Clone(g.Kinds()), func(k *graph.Kind) bool { return !k.Above(root) })
}

// eachIn are the fields that choose for one row of a kind, by the key of the row.
func eachIn(f form, k *graph.Kind) map[int64]string {
	fields := map[int64]string{}
	for name, values := range f.Values {
		digits, ok := strings.CutPrefix(name, k.Name+"_")
		key, err := strconv.ParseInt(digits, 10, 64)
		if ok && err == nil && name == change.EachField(k, key) && values[0] != "" {
			fields[key] = name
		}
	}
	return fields
}

// choicesIn are the fields that choose, with their values, as names and values in turn.
func choicesIn(f form, g *graph.Graph, root *graph.Kind) (fields []string) {
	for _, k := range below(g, root) {
		names := []string{change.ChoiceField(k), change.ToField(k), queryField(k)}
		names = slices.AppendSeq(names, slices.Values(slices.Sorted(maps.Values(eachIn(f, k)))))
		for _, name := range names {
			if v := f.Get(name); v != "" {
				fields = append(fields, name, v)
			}
		}
	}
	return fields
}

// queryField is the search of the parent that rows of a kind move to.
func queryField(k *graph.Kind) string { return k.Table + "_q" }

// branches are what can be chosen for what belongs to the record.
func (a *app) branches(c echo.Context, op change.Delete, view views.Deletion, f form) (branches []views.Branch, err error) {
	lists := map[*graph.Kind]string{op.Kind: ""}
	for _, found := range view.Plan.Branches {
		if found.Count == 0 {
			continue
		}
		k := found.Kind
		b := views.Branch{Branch: found, Choice: "delete", Wrong: wrongAt(view.Problem, change.ChoiceField(k)), List: ui.Address{Path: "/" + k.Table}}
		if found.By != nil {
			lists[k] = strings.TrimSuffix(found.By.Name+"__"+lists[found.By.To], "__")
			if op.Of == nil {
				b.List = b.List.With(lists[k], strconv.FormatInt(op.Key, 10))
			}
			if err := a.choose(c, &b, op.Spare, view, f); err != nil {
				return nil, err
			}
		}
		branches = append(branches, b)
	}
	return branches, nil
}

// choose fills in what was chosen for a branch, and what more can be.
func (a *app) choose(c echo.Context, b *views.Branch, spare map[*graph.Kind]change.Spare, view views.Deletion, f form) (err error) {
	k := b.Kind
	chosen, ok := spare[k]
	if !ok {
		return nil
	}
	p := ui.Picker{Name: change.ToField(k), Query: queryField(k), Legend: views.ToWhich(b.By.To), Action: view.Address()}
	if chosen.Each == nil {
		b.Choice = "move"
		if b.To, err = a.pick(c, p, b.By, f, chosen.To); err != nil {
			return err
		}
		if !view.Asks {
			b.To.Error = wrongAt(view.Problem, p.Name)
		}
		return a.markGoing(c, b, b.To.Options)
	}
	b.Choice = "each"
	p.Legend = views.ToWhichEach(b.By.To)
	b.ToEach = ui.Assignment{None: "Delete"}
	if b.ToEach.Picker, err = a.pick(c, p, b.By, f, slices.Collect(maps.Values(chosen.Each))...); err != nil {
		return err
	}
	b.ToEach.Chosen = ""
	for _, row := range b.Each {
		field := change.EachField(k, row.Key)
		b.ToEach.Rows = append(b.ToEach.Rows, ui.Assigned{Name: field, Label: row.Label, Value: f.Get(field), Error: wrongAt(view.Problem, field)})
	}
	return a.markGoing(c, b, b.ToEach.Options)
}

// markGoing marks the options that are part of the deletion.
func (a *app) markGoing(c echo.Context, b *views.Branch, options []ui.Option) error {
	var keys []int64
	for _, o := range options {
		key, _ := strconv.ParseInt(o.Value, 10, 64)
		keys = append(keys, key)
	}
	going, err := b.Going(c.Request().Context(), storeOf(c), keys)
	for i, key := range keys {
		if slices.Contains(going, key) {
			options[i].Taken, options[i].Note = true, "part of this deletion"
		}
	}
	return err
}
