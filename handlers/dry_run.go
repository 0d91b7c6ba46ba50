package handlers

import (
	"errors"
	"net/http"
	"slices"
	"strconv"

	"github.com/labstack/echo/v4"

	"maitred/models"
	"maitred/models/change"
	"maitred/models/graph"
	"maitred/models/importer"
	"maitred/models/problem"
	"maitred/models/sheet"
	"maitred/views"
)

// dryRun shows what the file does. wrong is why it was not done just now; since, if not nil, what happened
// after it was shown.
func (a *app) dryRun(c echo.Context, in *intake, op *models.Import, status int, wrong *problem.Error, since []views.Happened) error {
	plan, err := change.Preview(c.Request().Context(), storeOf(c), op)
	var p *problem.Error
	if err != nil && !(plan != nil && errors.As(err, &p) && p.Code == problem.Invalid) {
		return err
	}
	v := a.begin(c, in, views.DryRunTitle(in.kind))
	v.Outcome, v.LeaveOut, v.AddTwins, v.Choices, v.Since = op.Outcome, op.LeaveOut, op.AddTwins, op.Choices, since
	if wrong != nil {
		v.Problem = wrong.Message
	} else if p != nil && !errors.Is(err, importer.ErrProblems) {
		v.Problem, status = p.Message, http.StatusUnprocessableEntity
	}
	v.Rows = in.address("/" + in.kind.Table + "/import/rows")
	v.Again = in.address("/"+in.kind.Table+"/import").With("columns", "1").URL()
	fields := in.hidden()
	v.Hidden = hidden(c, fields...)
	if n := op.Outcome.Counts; n[importer.New]+n[importer.Changed]+n[importer.Twin] > 0 {
		v.Confirm = named(fingerprintField, plan.Fingerprint(), "confirm", "1")
	}
	return render(c, status, views.DryRunPage(*v))
}

// importedRows sends the rows of one group of a dry run as a file, each with its line and what becomes of it.
func (a *app) importedRows(k *graph.Kind) echo.HandlerFunc {
	return func(c echo.Context) error {
		takesLong(c)
		in, err := a.intake(c, k, asked(c))
		if err != nil {
			return err
		}
		group := importer.Group(c.QueryParam("group"))
		if in.table == nil || importer.Unfit(k, in.columns) != nil || !slices.Contains(importer.Groups, group) {
			return problem.New(problem.BadRequest, "The address does not say which rows are meant.")
		}
		op, err := in.operation(storeOf(c))
		if err != nil {
			return err
		}
		if _, err := change.Preview(c.Request().Context(), storeOf(c), op); err != nil && !errors.Is(err, importer.ErrProblems) {
			return err
		}
		return a.sendSheet(c, k.Table+"-"+string(group)+".csv", sheet.CSV, append(slices.Clone(in.table.Header), importer.LineColumn, importer.ResultColumn), func(write func(...string) error) error {
			for _, l := range op.Outcome.Of(group) {
				if err := write(append(slices.Clone(l.Cells), strconv.Itoa(l.Number), views.WhatOf(l))...); err != nil {
					return err
				}
			}
			return nil
		})
	}
}
