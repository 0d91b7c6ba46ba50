package main

import (
	"go/parser"
	"go/token"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"
)

// root is the top of the repository, seen from this folder.
const root = "../.."

// arrows is the picture of the house: what each room may import. cmd wires them all.
var arrows = map[string][]string{
	"cmd":        {"handlers", "views", "models", "migrations", "static"},
	"handlers":   {"views", "models", "static"},
	"views":      {"models", "static"},
	"models":     {},
	"migrations": {},
	"static":     {},
}

// visitors are the libraries that live in some rooms only.
var visitors = map[string][]string{
	"github.com/labstack/":         {"cmd", "handlers"},
	"github.com/uptrace/":          {"models", "migrations"},
	"modernc.org/":                 {"models"},
	"database/sql":                 {"models"},
	"github.com/a-h/templ":         {"handlers", "views"},
	"net/http":                     {"cmd", "handlers", "static"},
	"github.com/alecthomas/":       {"cmd"},
	"github.com/prometheus/":       {"handlers"},
	"golang.org/x/term":            {"cmd"},
	"os":                           {"cmd", "models"},
	"github.com/PuerkitoBio/":      {},
	"github.com/chromedp/":         {},
	"github.com/google/go-cmp":     {},
	"github.com/xuri/":             {},
	"testing":                      {},
	"golang.org/x/text/unicode/":   {"models"},
	"github.com/a-h/templ/runtime": {"views"},
}

// imports returns what the Go files of each folder import, tests left out.
func imports(t *testing.T) map[string][]string {
	t.Helper()
	found := map[string][]string{}
	err := filepath.WalkDir(root, func(file string, d fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		if d.IsDir() && (d.Name() == "testdata" || strings.HasPrefix(d.Name(), ".") && d.Name() != "..") {
			return fs.SkipDir
		}
		if d.IsDir() || !strings.HasSuffix(file, ".go") || strings.HasSuffix(file, "_test.go") {
			return nil
		}
		parsed, err := parser.ParseFile(token.NewFileSet(), file, nil, parser.ImportsOnly)
		if err != nil {
			return err
		}
		rel, err := filepath.Rel(root, filepath.Dir(file))
		if err != nil {
			return err
		}
		folder := filepath.ToSlash(rel)
		for _, i := range parsed.Imports {
			name, err := strconv.Unquote(i.Path.Value)
			if err != nil {
				return err
			}
			if !slices.Contains(found[folder], name) {
				found[folder] = append(found[folder], name)
			}
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	if len(found) < 10 {
		t.Fatalf("only %d folders with Go files were found", len(found))
	}
	return found
}

func roomOf(folder string) string {
	room, _, _ := strings.Cut(folder, "/")
	return room
}

func TestImportsFollowTheArrowsOfTheHouse(t *testing.T) {
	t.Parallel()
	for folder, imported := range imports(t) {
		from := roomOf(folder)
		for _, name := range imported {
			to, ours := strings.CutPrefix(name, "maitred/")
			if to = roomOf(to); ours && to != from && !slices.Contains(arrows[from], to) {
				t.Errorf("%s imports %s; there is no arrow from %s to %s", folder, name, from, to)
			}
		}
	}
}

func TestLibrariesLiveInTheirRoomsOnly(t *testing.T) {
	t.Parallel()
	for folder, imported := range imports(t) {
		for _, name := range imported {
			for library, rooms := range visitors {
				if (name == strings.TrimSuffix(library, "/") || strings.HasPrefix(name, strings.TrimSuffix(library, "/")+"/")) && !slices.Contains(rooms, roomOf(folder)) {
					t.Errorf("%s imports %s, which lives in %q only", folder, name, rooms)
				}
			}
		}
	}
}

func TestTheMachineryKnowsNoKindOfRecord(t *testing.T) {
	t.Parallel()
	for folder, imported := range imports(t) {
		for _, name := range imported {
			switch {
			case strings.HasPrefix(folder, "models/") && name == "maitred/models",
				strings.HasPrefix(folder, "views/ui") && (strings.HasPrefix(name, "maitred/models") || name == "maitred/views"):
				t.Errorf("%s imports %s", folder, name)
			}
		}
	}
}

// visible is the top level of the repository.
var visible = []string{"README.md", "cmd", "go.mod", "go.sum", "handlers", "migrations", "models", "static", "views"}

func TestTheTopLevelIsExactlyTheHouse(t *testing.T) {
	t.Parallel()
	entries, err := os.ReadDir(root)
	if err != nil {
		t.Fatal(err)
	}
	var names []string
	for _, e := range entries {
		if !strings.HasPrefix(e.Name(), ".") && !strings.HasPrefix(e.Name(), "maitred.db") { // a database of who tried it
			names = append(names, e.Name())
		}
	}
	if !slices.Equal(names, visible) {
		t.Errorf("the top level is\n%q, want\n%q", names, visible)
	}
}

func TestEachKindHasAFileOfTheSameNameInEveryLayer(t *testing.T) {
	t.Parallel()
	files, err := filepath.Glob(root + "/models/*.go")
	if err != nil {
		t.Fatal(err)
	}
	kinds := 0
	for _, file := range files {
		text, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		noun := strings.TrimSuffix(path.Base(filepath.ToSlash(file)), ".go")
		_, rest, declares := strings.Cut(string(text), `bun:"table:`)
		if strings.HasSuffix(noun, "_test") || !declares {
			continue
		}
		kinds++
		table, _, _ := strings.Cut(rest, ",")
		for _, pattern := range []string{"/views/" + noun + ".templ", "/views/" + noun + "_templ.go", "/handlers/" + noun + ".go", "/migrations/*_" + table + ".tx.up.sql"} {
			if found, _ := filepath.Glob(root + pattern); len(found) != 1 {
				t.Errorf("models/%s.go has %d counterparts %s", noun, len(found), pattern)
			}
		}
	}
	if kinds < 3 {
		t.Errorf("only %d kinds were found", kinds)
	}
}
