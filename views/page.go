// Package views is what pages look like. Each kind of record has a file of its own with its rows,
// its form and its page; what all kinds share stands in the files named after the page. The bricks
// that know no model are in package ui.
package views

import (
	"strconv"
	"time"

	"github.com/a-h/templ"

	"maitred/models/account"
	"maitred/models/change"
	"maitred/models/graph"
)

// Page is what every page needs around its own content.
type Page struct {
	Title  string
	Here   string         // the table whose menu entry is marked; "history" for the history
	Kinds  []*graph.Kind  // the menu
	Starts []Start        // where it leads this person, if not to all there is
	Done   *change.Change // what was just done, to be told once; may be nil
	Demo   *Demo          // the demo it belongs to; nil for none
	Tour   *Tour          // how far the person is on the tour; nil for who is not on it
	Now    time.Time
	Who    account.Who // who reads it: what they may not do is not shown

	Outside bool // for who is not signed in: it leads nowhere

	ReadOnly bool // nothing can be changed, as the disk cannot be written to

	Refresh int // in how many seconds a page without scripts is loaded again; 0: never
}

// PathTo is the address of a record, or of something about it: PathTo(k, 7, "delete").
func PathTo(k *graph.Kind, key int64, more ...string) templ.SafeURL {
	path := "/" + k.Table + "/" + strconv.FormatInt(key, 10)
	for _, m := range more {
		path += "/" + m
	}
	return templ.SafeURL(path)
}

func pathToChange(c *change.Change) templ.SafeURL { return pathToNumber(c.ID) }

func pathToNumber(change int64) templ.SafeURL { return templ.SafeURL("/history/" + itoa(change)) }

func pathToUndo(c *change.Change) templ.SafeURL { return pathToChange(c) + "/undo" }

// pathToHistory is the address of all changes of one record.
func pathToHistory(k *graph.Kind, identity int64) templ.SafeURL {
	return templ.SafeURL("/history?record=" + k.Table + "-" + itoa(identity))
}

func itoa(n int64) string { return strconv.FormatInt(n, 10) }
