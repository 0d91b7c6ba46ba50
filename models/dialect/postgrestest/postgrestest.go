// Package postgrestest starts a PostgreSQL for tests: from the binaries that Debian installs, in a temporary
// folder, on a free loopback port, as a user who may do nothing else. One serves all tests of a package.
package postgrestest

import (
	"bytes"
	"context"
	"database/sql"
	"errors"
	"fmt"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"sync"
	"sync/atomic"
	"syscall"
	"time"

	_ "github.com/jackc/pgx/v5/stdlib" // the driver
)

// patience is how long a server may take to start.
const patience = time.Minute

// TB is as much of a test as is needed here.
type TB interface {
	Helper()
	Cleanup(func())
	Skip(...any)
	Error(...any)
	Fatal(...any)
}

// Main runs the tests of a package, a *testing.M, and stops the server in the end if one was started.
func Main(m interface{ Run() int }) {
	code := m.Run()
	if started.Load() {
		if s, err := server(); err == nil {
			err = s.stop()
			if err != nil {
				fmt.Fprintln(os.Stderr, "PostgreSQL does not stop:", err)
				code = 1
			}
		}
	}
	os.Exit(code)
}

// Database makes a new, empty database and returns its address, "postgres://…". Its texts sort by their bytes.
// The package's TestMain must be Main. Where no PostgreSQL is installed the test is skipped, but never where the
// environment says CI.
func Database(t TB) string {
	t.Helper()
	s, err := server()
	var missing *missing
	if errors.As(err, &missing) && os.Getenv("CI") == "" {
		t.Skip(missing.Error())
	}
	if err != nil {
		t.Fatal(err)
	}
	name := fmt.Sprintf("test%d", databases.Add(1))
	if err := s.ask("CREATE DATABASE " + name); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := s.ask("DROP DATABASE " + name + " WITH (FORCE)"); err != nil {
			t.Error(err)
		}
	})
	return s.address(name)
}

var databases atomic.Int64

// started says that somebody asked for the server.
var started atomic.Bool

var server = sync.OnceValues(func() (*running, error) {
	started.Store(true)
	return start()
})

// running is a server.
type running struct {
	cmd  *exec.Cmd
	dir  string
	port int
	said bytes.Buffer
}

// missing says that there are no binaries.
type missing struct{}

func (*missing) Error() string {
	return "PostgreSQL is not installed: there is no /usr/lib/postgresql/*/bin/postgres"
}

// binaries is the folder of the newest PostgreSQL.
func binaries() (string, error) {
	found, _ := filepath.Glob("/usr/lib/postgresql/*/bin/postgres")
	if len(found) == 0 {
		return "", &missing{}
	}
	version := func(path string) int {
		n, _ := strconv.Atoi(filepath.Base(filepath.Dir(filepath.Dir(path))))
		return n
	}
	return filepath.Dir(slices.MaxFunc(found, func(a, b string) int { return version(a) - version(b) })), nil
}

func start() (_ *running, err error) {
	bin, err := binaries()
	if err != nil {
		return nil, err
	}
	s := new(running)
	if s.dir, err = os.MkdirTemp("", "maitred-postgres"); err != nil {
		return nil, err
	}
	defer func() {
		if err != nil {
			err = errors.Join(err, s.stop())
		}
	}()
	prepare, err := unprivileged(s.dir)
	if err != nil {
		return nil, err
	}
	data := filepath.Join(s.dir, "data")
	// #nosec G204 -- the binaries of the distribution, for tests
	initdb := exec.Command(filepath.Join(bin, "initdb"), "--pgdata", data, "--username", "maitred", "--auth", "trust", "--encoding", "UTF8", "--locale", "C", "--no-sync")
	prepare(initdb)
	if out, err := initdb.CombinedOutput(); err != nil {
		return nil, fmt.Errorf("initdb: %w\n%s", err, out)
	}
	if s.port, err = freePort(); err != nil {
		return nil, err
	}
	// #nosec G204 -- as above
	s.cmd = exec.Command(filepath.Join(bin, "postgres"), "-D", data, "-p", strconv.Itoa(s.port),
		"-c", "listen_addresses=127.0.0.1", "-c", "unix_socket_directories=", "-c", "fsync=off", "-c", "max_connections=200")
	prepare(s.cmd)
	s.cmd.Stdout, s.cmd.Stderr = &s.said, &s.said
	if err := s.cmd.Start(); err != nil {
		return nil, err
	}
	for deadline := time.Now().Add(patience); ; time.Sleep(20 * time.Millisecond) {
		err := s.ask("SELECT 1")
		if err == nil {
			return s, nil
		}
		if time.Now().After(deadline) {
			return nil, fmt.Errorf("PostgreSQL does not answer: %w", err)
		}
	}
}

func freePort() (int, error) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return 0, err
	}
	return l.Addr().(*net.TCPAddr).Port, l.Close()
}

func (s *running) address(database string) string {
	return fmt.Sprintf("postgres://maitred@127.0.0.1:%d/%s?sslmode=disable", s.port, database)
}

// ask runs a statement in the database that every server has.
func (s *running) ask(statement string) error {
	db, err := sql.Open("pgx", s.address("postgres"))
	if err != nil {
		return err
	}
	defer db.Close()
	ctx, stop := context.WithTimeout(context.Background(), patience)
	defer stop()
	_, err = db.ExecContext(ctx, statement)
	return err
}

// stop ends the server at once, and takes its folder away.
func (s *running) stop() error {
	var errs []error
	if s.cmd != nil && s.cmd.Process != nil {
		errs = append(errs, s.cmd.Process.Signal(syscall.SIGQUIT)) // it is not to be started again
		_ = s.cmd.Wait()
	}
	return errors.Join(append(errs, os.RemoveAll(s.dir))...)
}
