package main

import (
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

// reasons are how a cell begins that names no test.
var reasons = []string{"Met without a test: ", "Does not apply: ", "In part: ", "Not met: "}

var (
	testNamed    = regexp.MustCompile("`([a-z/]+)\\.((?:Test|Fuzz)[A-Za-z0-9]+)`")
	headingNamed = regexp.MustCompile(`\(SECURITY\.md#([a-z-]+)\)`)
)

// asked are the requirements of levels 1 and 2 and their levels.
func asked(t *testing.T) map[string]string {
	t.Helper()
	levels := map[string]string{}
	for line := range strings.Lines(readText(t, "testdata/asvs-5.0.0.txt")) {
		number, level, ok := strings.Cut(strings.TrimSpace(line), " ")
		if number != "#" && ok {
			levels[number] = level
		}
	}
	if len(levels) != 70+183 { // as the standard counts them
		t.Fatalf("%d requirements are known", len(levels))
	}
	return levels
}

func readText(t *testing.T, file string) string {
	t.Helper()
	text, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

// unanswered says what is wrong with a table of requirements, nothing if it is right. exists says
// whether there is such a test in a folder.
func unanswered(table string, levels map[string]string, exists func(folder, test string) bool) (faults []string) {
	seen := map[string]bool{}
	for line := range strings.Lines(table) {
		cells := strings.Split(strings.Trim(strings.TrimSpace(line), "|"), " | ")
		number := strings.TrimSpace(cells[0])
		if number == "" || !strings.HasPrefix(line, "| ") || strings.Trim(number, "0123456789.") != "" {
			continue
		}
		if len(cells) != 4 || levels[number] != cells[1] || seen[number] {
			faults = append(faults, number+" is no requirement of that level, is there twice, or has not four cells")
			continue
		}
		seen[number] = true
		shown := strings.TrimSpace(cells[3])
		tests, reason := testNamed.FindAllStringSubmatch(shown, -1), false
		for _, begin := range reasons {
			reason = reason || strings.HasPrefix(shown, begin) && len(shown) > len(begin)
		}
		if !reason && !(len(tests) > 0 && strings.HasPrefix(shown, tests[0][0])) {
			faults = append(faults, number+" has neither a test nor a reason")
		}
		for _, named := range tests {
			if !exists(named[1], named[2]) {
				faults = append(faults, number+" names "+named[1]+"."+named[2]+", which is not there")
			}
		}
	}
	for number := range levels {
		if !seen[number] {
			faults = append(faults, number+" is missing")
		}
	}
	return faults
}

// testExists looks for a test in the files of a folder.
func testExists(t *testing.T) func(folder, test string) bool {
	sources := map[string]string{}
	return func(folder, test string) bool {
		if _, read := sources[folder]; !read {
			files, err := filepath.Glob(filepath.Join(root, folder, "*_test.go"))
			if err != nil {
				t.Fatal(err)
			}
			for _, file := range files {
				sources[folder] += readText(t, file)
			}
		}
		return strings.Contains(sources[folder], "\nfunc "+test+"(")
	}
}

func TestEveryRequirementOfTheStandardHasATestOrAReason(t *testing.T) {
	t.Parallel()
	table := readText(t, filepath.Join(root, ".github/ASVS.md"))
	for _, fault := range unanswered(table, asked(t), testExists(t)) {
		t.Error(fault)
	}
	headings := map[string]bool{}
	for line := range strings.Lines(readText(t, filepath.Join(root, ".github/SECURITY.md"))) {
		if heading, is := strings.CutPrefix(line, "## "); is {
			headings[strings.ReplaceAll(strings.ToLower(strings.TrimSpace(heading)), " ", "-")] = true
		}
	}
	for _, named := range headingNamed.FindAllStringSubmatch(table, -1) {
		if !headings[named[1]] {
			t.Errorf("SECURITY.md has no heading %s", named[1])
		}
	}
}

func TestATableOfRequirementsThatRotsIsNoticed(t *testing.T) {
	t.Parallel()
	levels := map[string]string{"1.1.1": "1", "1.1.2": "2"}
	exists := func(folder, test string) bool { return folder+"."+test == "handlers.TestThere" }
	const right = "| number | level | requirement | shown by |\n|---|---|---|---|\n| 1.1.1 | 1 | this | `handlers.TestThere` and more |\n"
	const second = "| 1.1.2 | 2 | that | Does not apply: there is none. |\n"
	if faults := unanswered(right+second, levels, exists); faults != nil {
		t.Errorf("what is right has the faults %q", faults)
	}
	for what, table := range map[string]string{
		"a test that is gone":     right + "| 1.1.2 | 2 | that | `handlers.TestGone` |\n",
		"another one is there":    right + "| 1.1.2 | 2 | that | `handlers.TestThere`, `models/text.TestThere` |\n",
		"one that is missing":     right,
		"one that is there twice": right + second + second,
		"another level":           right + "| 1.1.2 | 1 | that | Does not apply: there is none. |\n",
		"one that is made up":     right + second + "| 1.1.3 | 1 | that | Does not apply: there is none. |\n",
		"no reason":               right + "| 1.1.2 | 2 | that | It is all right. |\n",
		"an empty reason":         right + "| 1.1.2 | 2 | that | Not met:  |\n",
	} {
		if faults := unanswered(table, levels, exists); len(faults) == 0 {
			t.Errorf("%s is not noticed", what)
		}
	}
}
