package models_test

import (
	"fmt"
	"sync"
	"testing"

	"maitred/migrations"
	"maitred/models"
	"maitred/models/saved"
)

// reopened is the same file opened again, as after a start.
func (w *world) reopened(t *testing.T) *world {
	t.Helper()
	w.must(w.Close())
	again := openWorld(t, w.path)
	w.Store = again.Store
	return w
}

// indexing puts a row into the search index of waiters.
func indexing(key int64, name string) string {
	return fmt.Sprintf(either("INSERT INTO waiters_search (rowid, name) VALUES (%d, '%s')", "INSERT INTO waiters_search (rowid, name, trigrams) VALUES (%d, '%s', '')"), key, name)
}

func TestAnIndexThatIsNotAsItShouldBeIsMadeAnewAtTheStart(t *testing.T) {
	t.Parallel()
	for name, spoil := range map[string][]string{
		"nothing happened":       nil,
		"it is gone":             {"DROP TABLE waiters_search"},
		"its entries are gone":   {either("DROP TABLE waiters_search_entries", "DROP INDEX waiters_search_trigrams")},
		"both are gone":          {either("DROP TABLE waiters_search_entries", "DROP INDEX waiters_search_trigrams"), "DROP TABLE waiters_search"},
		"it is empty":            {"DELETE FROM waiters_search"},
		"it is half full":        {"DELETE FROM waiters_search WHERE rowid % 2 = 0"},
		"it has rows too many":   {indexing(99, "  joe")},
		"it is of another kind":  {"DROP TABLE waiters_search", either("CREATE VIRTUAL TABLE waiters_search USING fts5(name)", "CREATE TABLE waiters_search (rowid BIGINT PRIMARY KEY, name TEXT)")},
		"it is a table":          {"DROP TABLE waiters_search", "CREATE TABLE waiters_search (name TEXT)"},
		"rows came that it lost": {indexing(98, "  ann"), indexing(99, "  ann"), "DELETE FROM waiters_search WHERE rowid IN (1)"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w := aNeighbourhood(t)
			w.keeps("Ann", "Mine", "q=zoe", saved.Draft{Start: true})
			for _, statement := range spoil {
				w.exec(statement)
			}
			w.reopened(t)
			w.same("who is found", [][]string{waitersOf(w)("q=zora"), waitersOf(w)("q=oot"), waitersOf(w)("q=an")}, [][]string{{"Zora"}, {"Al Zoot"}, {"Ann"}})
			w.same("who else is found", waitersOf(w)("q=joe"), []string{"Joe"})
			w.same("the views", w.offered("Ann"), []string{"Mine: q=zoe"})
			settings, err := saved.Settings(ctx, w.For("Ann"))
			w.must(err)
			w.same("the view to start with", settings[0].Start.Name, "Mine")
		})
	}
}

func TestSeveralThatOpenAFileWithoutAnIndexMakeOne(t *testing.T) {
	t.Parallel()
	w := newCrowd(t, 5000)
	w.exec("DROP TABLE waiters_search")
	w.exec("DROP TABLE places_search")
	w.must(w.Close())
	var all sync.WaitGroup
	for range 6 { // each has a connection of its own, as another process would
		all.Go(func() {
			s, err := models.OpenBeside(ctx, databaseAt(t, w.path), migrations.Apply)
			if err == nil {
				err = s.Close()
			}
			if err != nil {
				t.Error(err)
			}
		})
	}
	all.Wait()
	w.Store = openWorld(t, w.path).Store
	w.same("who is found", waitersOf(w)("q=joe"), []string{"Joe"})
}
