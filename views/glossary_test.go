package views_test

import (
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"maitred/views"
)

func TestTheGlossarySaysEachWordOnceAndOfCodeThatIsThere(t *testing.T) {
	t.Parallel()
	var code strings.Builder
	for _, pattern := range []string{"../models/*.go", "../models/*/*.go", "../handlers/*.go"} {
		files, err := filepath.Glob(pattern)
		if err != nil || len(files) == 0 {
			t.Fatal(pattern, err)
		}
		for _, file := range files {
			text, err := os.ReadFile(file)
			if err != nil {
				t.Fatal(err)
			}
			code.Write(text)
		}
	}
	words := map[string]bool{}
	for _, term := range views.Glossary {
		if words[term.Word] {
			t.Errorf("%q is explained twice", term.Word)
		}
		words[term.Word] = true
		name := term.Code[strings.LastIndexByte(term.Code, '.')+1:]
		if !regexp.MustCompile(`\b` + name + `\b`).MatchString(code.String()) {
			t.Errorf("the code has no %s", term.Code)
		}
	}
}
