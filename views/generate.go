package views

// The pages are compiled to Go by the same version of templ that go.mod names, and committed, so
// that the program builds right after cloning.
//go:generate go run github.com/a-h/templ/cmd/templ@v0.3.977 generate
