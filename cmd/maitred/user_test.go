package main

import (
	"bytes"
	"context"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"maitred/migrations"
	"maitred/models"
	"maitred/models/account"
)

// runUser runs maitred user on a database, with a text on standard input, and returns what it said.
func runUser(t *testing.T, database, typed string, args ...string) (out, said string, ok bool) {
	t.Helper()
	file, err := binary()
	if err != nil {
		t.Fatal(err)
	}
	cmd := exec.CommandContext(t.Context(), file, append([]string{"user", "--database", database}, args...)...)
	cmd.Dir = t.TempDir()
	cmd.Stdin = strings.NewReader(typed)
	var o, e bytes.Buffer
	cmd.Stdout, cmd.Stderr = &o, &e
	err = cmd.Run()
	if err != nil && (cmd.ProcessState.ExitCode() != 1 || strings.Count(e.String(), "\n") != 1 || o.Len() > 0) {
		t.Errorf("maitred user %q: exit code %d, %q %q", args, cmd.ProcessState.ExitCode(), o.String(), e.String())
	}
	return o.String(), e.String(), err == nil
}

func mustUser(t *testing.T, database, typed string, args ...string) (out string) {
	t.Helper()
	out, said, ok := runUser(t, database, typed, args...)
	if !ok {
		t.Fatalf("maitred user %q: %s", args, said)
	}
	return out
}

func mustNotUser(t *testing.T, words, database, typed string, args ...string) {
	t.Helper()
	out, said, ok := runUser(t, database, typed, args...)
	if ok || !strings.Contains(said, words) {
		t.Errorf("maitred user %q: said %q %q, want %q", args, out, said, words)
	}
	if len(typed) > 4 && strings.Contains(said, typed) {
		t.Errorf("maitred user %q: says the password", args)
	}
}

// accountsOf opens the accounts of a database, as a server does.
func accountsOf(t *testing.T, database string) *account.Accounts {
	t.Helper()
	store, err := models.Open(context.Background(), database, migrations.Apply)
	if err != nil {
		t.Fatal(err)
	}
	a, err := account.Open(context.Background(), store, account.Beside(database), migrations.ApplySessions)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = a.Close(); _ = store.Close() })
	return a
}

func signIn(t *testing.T, a *account.Accounts, name, password string) *account.Entered {
	t.Helper()
	e, err := a.SignIn(context.Background(), account.Try{Name: name, Password: password})
	if err != nil {
		t.Fatalf("%s: %v", name, err)
	}
	return e
}

func TestPeopleAreAddedBeforeTheFirstStart(t *testing.T) {
	t.Parallel()
	database := filepath.Join(t.TempDir(), "new.db")
	for name, typed := range map[string]string{"Anna": password, "Ben": password + "\n", "Cleo": password + "\r\n", "Dora": password + "\n\n"} {
		if out := mustUser(t, database, typed, "add", name, "--role", "manager"); out != name+" can sign in, as manager.\n" {
			t.Errorf("it is said %q", out)
		}
	}
	p := start(t, database, nobody)
	p.get("/healthz").answers(200)
	p.stop()
	a := accountsOf(t, database)
	for name, typed := range map[string]string{"Anna": password, "Ben": password, "Cleo": password, "Dora": password + "\n"} {
		signIn(t, a, name, typed)
	}
}

func TestPeopleAreLookedAfterBesideARunningServer(t *testing.T) {
	t.Parallel()
	database := filepath.Join(t.TempDir(), "maitred.db")
	p := start(t, database)
	mustUser(t, database, password, "add", "Anna", "--role", "manager")
	mustUser(t, database, password, "add", "Ben", "--role", "viewer")
	mustUser(t, database, "", "role", "ben", "editor")
	mustUser(t, database, "", "disable", "Ben")
	if out := mustUser(t, database, "", "list"); !strings.Contains(out, "Anna   manager   with a password    never\n") || !strings.Contains(out, "Ben    editor    no, switched off   never\n") {
		t.Errorf("the list is\n%s", out)
	}
	mustUser(t, database, "", "enable", "Ben")
	mustUser(t, database, "seven swans a-swimming\n", "password", "Ben")
	p.stop()
	a := accountsOf(t, database)
	signIn(t, a, "Ben", "seven swans a-swimming")
}

func TestWhatTheShellChangesEndsSessionsAtTheNextRequest(t *testing.T) {
	t.Parallel()
	database := filepath.Join(t.TempDir(), "maitred.db")
	a := accountsOf(t, database)
	mustUser(t, database, password, "add", "Anna", "--role", "manager")
	mustUser(t, database, password, "add", "Ben", "--role", "viewer")
	for _, do := range [][]string{{"role", "Ben", "editor"}, {"sign-out", "Ben"}, {"disable", "Ben"}} {
		ben, anna := signIn(t, a, "Ben", password), signIn(t, a, "Anna", password)
		mustUser(t, database, "", do...)
		if s, err := a.Session(t.Context(), ben.Word); s != nil || err != nil {
			t.Errorf("%q: Ben is still in, %v", do, err)
		}
		if s, err := a.Session(t.Context(), anna.Word); s == nil || err != nil {
			t.Errorf("%q: Anna is out, %v", do, err)
		}
	}
	mustUser(t, database, "", "enable", "Ben")
	path := strings.TrimSpace(mustUser(t, database, "", "link", "Ben"))
	word, ok := strings.CutPrefix(path, "/welcome?link=")
	if !ok {
		t.Fatalf("the path of the link is %q", path)
	}
	if _, err := a.Redeem(t.Context(), word, "", "seven swans a-swimming", account.By{}); err != nil {
		t.Error(err)
	}
	if err := a.RequireStep(t.Context(), account.Shell, true); err != nil {
		t.Fatal(err)
	}
	mustUser(t, database, "", "remove-second-step", "Ben") // there is none
}

func TestTheShellSaysWhatItRefusesAndWhatToDo(t *testing.T) {
	t.Parallel()
	database := filepath.Join(t.TempDir(), "maitred.db")
	mustNotUser(t, "does not exist", database, "", "list")
	mustNotUser(t, "does not exist", database, password, "password", "Anna")
	if _, err := os.Stat(database); err == nil {
		t.Error("looking made a database")
	}
	mustUser(t, database, password, "add", "Anna", "--role", "manager")
	mustUser(t, database, password, "add", "Ben", "--role", "editor")
	mustNotUser(t, "a person of this name already", database, password, "add", "ANNA", "--role", "viewer")
	mustNotUser(t, "viewer, editor or manager", database, password, "add", "Cleo")
	mustNotUser(t, "viewer, editor or manager", database, password, "add", "Cleo", "--role", "owner")
	mustNotUser(t, "viewer, editor or manager", database, "", "role", "Ben", "owner")
	mustNotUser(t, "too short", database, "bottles", "add", "Cleo", "--role", "viewer")
	mustNotUser(t, "choose a password", database, "", "add", "Cleo", "--role", "viewer")
	mustNotUser(t, "common", database, "password1234", "add", "Cleo", "--role", "viewer")
	mustNotUser(t, "too long", database, strings.Repeat("abcd efgh ", 10_000), "password", "Ben")
	mustNotUser(t, "cannot be read", database, "\xff\xfe nine green bottles", "password", "Ben")
	mustNotUser(t, "nobody of the name \"Cleo\"", database, "", "role", "Cleo", "viewer")
	for _, do := range [][]string{{"role", "Anna", "editor"}, {"disable", "Anna"}} {
		mustNotUser(t, "Anna is the only manager", database, "", do...)
	}
	mustUser(t, database, "", "disable", "Ben")
	mustNotUser(t, "switched off", database, "", "link", "Ben")
	if out := mustUser(t, database, "", "list"); strings.Count(out, "\n") != 3 {
		t.Errorf("the list is\n%s", out)
	}
	empty := filepath.Join(t.TempDir(), "empty.db")
	if err := os.WriteFile(empty, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	mustNotUser(t, "empty", empty, password, "add", "Anna", "--role", "manager")
}
