package models_test

import (
	"testing"

	"maitred/models/change"
)

// Kinds with two parents, without a text of their own, that share a key over two steps, and with a text that
// nobody searches: no line of the importer knows them.
func TestFilesOfKindsThatHangTogetherInOtherWays(t *testing.T) {
	t.Parallel()
	w := newStreet(t)
	kind := w.Graph.ByTable
	before := w.tables()

	lamps := w.reading(kind("lamps"), "id|name|Street No.|plot_id",
		"1|Lantern|1|1",
		"2|Torch|1|2",
		"|Lantern|1|1",
		"|Lantern|2|1",
		"|Beacon|2|4",
		"|Beacon||4",
		"|Beacon|2|99",
	)
	lamps.LeaveOut = true
	done := w.commits(lamps, w.comesTo(lamps,
		"2 same #1 Lantern",
		"3 changed #2 Torch [street: Second → First]",
		"4 same #1 Lantern",
		"5 new Lantern",
		"6 new Beacon",
		"7 problem  Nothing says which street it is. Fill in street id.",
		"8 problem  There is no plot with the number 99.",
	))
	w.undo(done)

	houses := w.reading(kind("houses"), "plot_id|plot_name",
		"|Left",
		"|right",
		"|Free",
		"4|Other",
		"|Nowhere",
		"2|Left",
	)
	houses.LeaveOut = true
	done = w.commits(houses, w.comesTo(houses,
		"2 same #1 Left",
		"3 same #2 Right",
		"4 new Free",
		"5 new Other",
		"6 problem  There is no plot like “Nowhere”. Add it first, or correct the row.",
		"7 problem  The plot with the number 2 is “Right”, and the row says “Left”. Correct one of the two; to rename it, import plots.",
	))

	roofs := w.reading(kind("roofs"), "plot_name", "Left", "Free", "Other", "Nowhere")
	roofs.LeaveOut = true
	w.undo(w.commits(roofs, w.comesTo(roofs,
		"2 same #1 Left",
		"3 new Free",
		"4 new Other",
		"5 problem  There is no plot like “Nowhere”. Add it first, or correct the row.",
	)))
	w.undo(done)

	trees := w.reading(kind("trees"), "name|species|street_id", "Elm|Ulmus|1", "Elm|Ulmus|2")
	w.undo(w.commits(trees, w.comesTo(trees, "2 new Elm", "3 new Elm")))

	chimneys := w.reading(kind("chimneys"), "id|house_id|roof_id", "1|2|1", "2|2|2")
	w.undo(w.commits(chimneys, w.comesTo(chimneys, "2 changed #1 left chimney [house: Left → Right]", "3 same #2 right chimney")))
	w.same("the tables when all is undone", withoutVersions(w.tables()), withoutVersions(before))
}

// commits does what was shown, which is something.
func (w *world) commits(op change.Operation, shown *change.Plan) *change.Change {
	w.t.Helper()
	done, err := w.commit(op, shown)
	w.must(err)
	if done == nil {
		w.t.Fatalf("nothing was done")
	}
	return done
}
