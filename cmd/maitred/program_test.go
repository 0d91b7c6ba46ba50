package main

import (
	"bufio"
	"bytes"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/PuerkitoBio/goquery"

	"maitred/handlers/answertest"
	"maitred/models/dialect/postgrestest"
)

// binary is the program, built once for all tests.
var binary = sync.OnceValues(func() (string, error) {
	return build(root, filepath.Join(workshop, "maitred"))
})

// workshop is a folder for what all tests share.
var workshop string

func TestMain(m *testing.M) { postgrestest.Main(tests{m}) }

// tests are those of this package, and what is around all of them.
type tests struct{ all *testing.M }

func (t tests) Run() int {
	dir, err := os.MkdirTemp("", "maitred")
	if err != nil {
		panic(err)
	}
	workshop = dir
	code := t.all.Run()
	for _, fault := range told.all {
		fmt.Fprintln(os.Stderr, "an answer is not as it must be:", fault)
		code = 1
	}
	_ = os.RemoveAll(dir)
	return code
}

func build(dir, file string) (string, error) {
	cmd := exec.Command("go", "build", "-o", file, "./cmd/maitred")
	cmd.Dir = dir
	if out, err := cmd.CombinedOutput(); err != nil {
		return "", fmt.Errorf("go build: %w\n%s", err, out)
	}
	return file, nil
}

// program is a running maitred.
type program struct {
	t   testing.TB
	cmd *exec.Cmd
	url string

	database string // the file
	out      *bufio.Reader

	said *bytes.Buffer // on standard error; to be read when it has ended
}

// start runs the program on a free port and waits until it says its address. It is killed when the
// test is over.
func start(t testing.TB, database string, env ...string) *program {
	t.Helper()
	file, err := binary()
	if err != nil {
		t.Fatal(err)
	}
	return startFile(t, file, []string{"--addr", "localhost:0", "--database", database}, env...)
}

// nobody, among what is in the environment, says that nobody signs in to the program that is started.
const nobody = "SIGNED_IN=nobody"

func startFile(t testing.TB, file string, args []string, env ...string) *program {
	t.Helper()
	p := &program{t: t, cmd: exec.Command(file, args...), said: new(bytes.Buffer)}
	for i, arg := range args {
		if arg == "--database" {
			p.database = args[i+1]
		}
	}
	for _, e := range env {
		if file, ok := strings.CutPrefix(e, "MAITRED_DATABASE="); ok && p.database == "" {
			p.database = file
		}
	}
	p.cmd.Env = append(os.Environ(), env...)
	p.cmd.Dir = t.TempDir()
	p.cmd.Stderr = p.said
	out, err := p.cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := p.cmd.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		_ = p.cmd.Process.Kill()
		_ = p.cmd.Wait()
	})
	p.out = bufio.NewReader(out)
	line, err := p.out.ReadString('\n')
	if err != nil {
		_ = p.cmd.Wait()
		t.Fatalf("the program said no address: %v\n%s", err, p.said)
	}
	said, address, ok := strings.Cut(strings.TrimSpace(line), " at http")
	if !ok || said == "" {
		t.Fatalf("the program said %q", line)
	}
	p.url = "http" + address
	if !strings.HasPrefix(p.url, "https") && !slices.Contains(env, nobody) { // with whose certificate is for the test to say
		p.signIn()
	}
	return p
}

// stop tells the program to end and expects it to do so in time, without an error.
func (p *program) stop() {
	p.t.Helper()
	if err := p.cmd.Process.Signal(syscall.SIGTERM); err != nil {
		p.t.Fatal(err)
	}
	p.ends()
}

func (p *program) ends() {
	p.t.Helper()
	ended := make(chan error, 1)
	go func() { ended <- p.cmd.Wait() }()
	select {
	case err := <-ended:
		if err != nil {
			p.t.Errorf("the program ended with %v\n%s", err, p.said)
		}
	case <-time.After(10 * time.Second):
		p.t.Fatal("the program did not end within ten seconds")
	}
}

// refuses runs the program and expects it to end at once with one line that says each word.
func refuses(t *testing.T, args []string, words ...string) {
	t.Helper()
	file, err := binary()
	if err != nil {
		t.Fatal(err)
	}
	cmd := exec.CommandContext(t.Context(), file, args...)
	cmd.Dir = t.TempDir()
	var out, said bytes.Buffer
	cmd.Stdout, cmd.Stderr = &out, &said
	if err := cmd.Run(); err == nil || cmd.ProcessState.ExitCode() <= 0 {
		t.Errorf("maitred %q: the exit code is %d, %v", args, cmd.ProcessState.ExitCode(), err)
	}
	if strings.Count(said.String(), "\n") != 1 || out.Len() > 0 {
		t.Errorf("maitred %q: said not one line, but %q %q", args, out.String(), said.String())
	}
	for _, w := range words {
		if !strings.Contains(said.String(), w) {
			t.Errorf("maitred %q: does not say %q, but %q", args, w, said.String())
		}
	}
}

// runs runs a command of the program to its end and returns its exit code and what it said.
func runs(t testing.TB, file string, args ...string) (code int, out, said string) {
	t.Helper()
	cmd := exec.CommandContext(t.Context(), file, args...)
	cmd.Dir = t.TempDir()
	var stdout, stderr bytes.Buffer
	cmd.Stdout, cmd.Stderr = &stdout, &stderr
	_ = cmd.Run()
	return cmd.ProcessState.ExitCode(), stdout.String(), stderr.String()
}

// page is an answer of the program.
type page struct {
	*goquery.Document
	p      *program
	status int
	to     string // where it leads
	what   string
	body   string
}

// patience is how long an answer may take.
const patience = 20 * time.Second

func watched(by http.RoundTripper) http.RoundTripper {
	return answertest.Transport{RoundTripper: by, Tell: told.tell}
}

// told are the faults of all answers, which fail the tests in the end: programs outlive who asks them.
var told faults

type faults struct {
	mu  sync.Mutex
	all []string
}

func (f *faults) tell(fault string) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.all = append(f.all, fault)
}

func (p *program) get(path string) *page {
	p.t.Helper()
	res, err := client.Get(p.url + path)
	return p.read("GET "+path, res, err)
}

// post sends a form, its fields given as names and values in turn.
func (p *program) post(path string, pairs ...string) *page {
	p.t.Helper()
	form := url.Values{}
	for i := 0; i < len(pairs); i += 2 {
		form.Add(pairs[i], pairs[i+1])
	}
	res, err := client.PostForm(p.url+path, form)
	return p.read("POST "+path, res, err)
}

func (p *program) read(what string, res *http.Response, err error) *page {
	p.t.Helper()
	if err != nil {
		p.t.Fatal(err)
	}
	defer res.Body.Close()
	body, err := io.ReadAll(res.Body)
	if err != nil {
		p.t.Fatal(err)
	}
	doc, err := goquery.NewDocumentFromReader(bytes.NewReader(body))
	if err != nil {
		p.t.Fatal(err)
	}
	return &page{doc, p, res.StatusCode, res.Header.Get("Location"), what, string(body)}
}

func (g *page) answers(status int) *page {
	g.p.t.Helper()
	if g.status != status {
		g.p.t.Fatalf("%s: answered %d, want %d: %s", g.what, g.status, status, g.sentence())
	}
	return g
}

func (g *page) sentence() string { return strings.Join(strings.Fields(g.Find("body").Text()), " ") }

func (g *page) says(words ...string) *page {
	g.p.t.Helper()
	for _, w := range words {
		if !strings.Contains(g.sentence(), w) {
			g.p.t.Errorf("%s does not say %q, but: %s", g.what, w, g.sentence())
		}
	}
	return g
}

// lists expects a table with these many rows.
func (g *page) lists(rows int) *page {
	g.p.t.Helper()
	g.answers(http.StatusOK)
	if n := g.Find("main table tbody tr").Length(); n != rows {
		g.p.t.Errorf("%s lists %d rows, want %d: %s", g.what, n, rows, g.sentence())
	}
	return g
}

// leads expects a link to an address.
func (g *page) leads(href string) *page {
	g.p.t.Helper()
	if g.Find("a[href='"+href+"']").Length() == 0 {
		g.p.t.Errorf("%s has no link to %s", g.what, href)
	}
	return g
}

// confirm sends the form to be confirmed as it was shown.
func (g *page) confirm() *page {
	g.p.t.Helper()
	form := g.Find("main form[method=post]")
	if form.Length() != 1 {
		g.p.t.Fatalf("%s: answered %d with %d forms", g.what, g.status, form.Length())
	}
	var pairs []string
	for _, e := range form.Find("input:not([type=radio]), input[checked]").EachIter() {
		pairs = append(pairs, e.AttrOr("name", ""), e.AttrOr("value", ""))
	}
	return g.p.post(form.AttrOr("action", ""), pairs...)
}
