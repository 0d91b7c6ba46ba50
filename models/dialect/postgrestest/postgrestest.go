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
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
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
	address, drop, err := s.create("")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := drop(); err != nil {
			t.Error(err)
		}
	})
	return address
}

// Create is Database for who is no test: the database is there until it is dropped, or the tests are over.
func Create() (address string, drop func() error, err error) {
	s, err := server()
	if err != nil {
		return "", nil, err
	}
	return s.create("")
}

// CopyOf is Create for a database that begins as a copy of another, to which nobody may be connected meanwhile.
func CopyOf(address string) (copied string, drop func() error, err error) {
	s, err := server()
	if err != nil {
		return "", nil, err
	}
	u, err := url.Parse(address)
	if err != nil {
		return "", nil, err
	}
	// Its files are copied, which takes half as long as to write all that is in them to the log.
	return s.create(" TEMPLATE " + strings.TrimPrefix(u.Path, "/") + " STRATEGY FILE_COPY")
}

// CopyAt is CopyOf for a database of a server that somebody else started, by its address.
func CopyAt(address string) (copied string, drop func() error, err error) {
	u, err := url.Parse(address)
	if err != nil {
		return "", nil, err
	}
	like := strings.TrimPrefix(u.Path, "/")
	name := fmt.Sprintf("%s_copy%d", like, databases.Add(1))
	ask := func(statement string) error {
		beside := *u
		beside.Path = "/postgres"
		db, err := sql.Open("pgx", beside.String())
		if err == nil {
			_, err = db.Exec(statement)
			err = errors.Join(err, db.Close())
		}
		return err
	}
	drop = func() error { return ask("DROP DATABASE IF EXISTS " + name + " WITH (FORCE)") }
	u.Path = "/" + name
	return u.String(), drop, errors.Join(drop(), ask("CREATE DATABASE "+name+" TEMPLATE "+like+" STRATEGY FILE_COPY")) // one that failed may have left it
}

func (s *running) create(like string) (address string, drop func() error, err error) {
	name := fmt.Sprintf("test%d", databases.Add(1))
	return s.address(name), func() error { return s.ask("DROP DATABASE " + name + " WITH (FORCE)") }, s.ask("CREATE DATABASE " + name + like)
}

var databases atomic.Int64

// started says that somebody asked for the server.
var started atomic.Bool

var server = sync.OnceValues(func() (*running, error) {
	started.Store(true)
	return start(hasty...)
})

// running is a server.
type running struct {
	cmd      *exec.Cmd
	bin, dir string
	settings []string
	prepare  func(*exec.Cmd)
	port     int
	said     bytes.Buffer
	db       *sql.DB // the database that every server has
}

// missing says that there are no binaries.
type missing struct{}

func (*missing) Error() string {
	return "PostgreSQL is not installed: there is no /usr/lib/postgresql/*/bin/postgres"
}

// binaries is the folder of the newest PostgreSQL, or the one that MAITRED_TEST_POSTGRES names: that of another
// version than the distribution's.
func binaries() (string, error) {
	if named := os.Getenv("MAITRED_TEST_POSTGRES"); named != "" {
		return named, nil
	}
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

// hasty are settings for a server whose data nobody needs when the machine fails, whose databases do not grow, and
// which is asked little, in many ways: to compile a question would take longer than to answer it.
var hasty = []string{
	"fsync=off", "full_page_writes=off", "wal_level=minimal", "max_wal_senders=0", "autovacuum=off", "jit=off",
	"shared_buffers=32MB", "max_connections=200",
}

// start starts a server with settings, each "name=value".
func start(settings ...string) (_ *running, err error) {
	s, err := prepared(func(s *running, bin string) *exec.Cmd {
		// #nosec G204 -- the binaries of the distribution, for tests
		return exec.Command(filepath.Join(bin, "initdb"), "--pgdata", s.data(), "--username", "maitred", "--auth", "trust", "--encoding", "UTF8", "--locale", "C", "--no-sync")
	}, settings)
	if err != nil {
		return nil, err
	}
	if err := s.run(); err != nil {
		return nil, errors.Join(err, s.stop())
	}
	return s, nil
}

// prepared is a server whose data a command made, and which does not run yet.
func prepared(makes func(s *running, bin string) *exec.Cmd, settings []string) (_ *running, err error) {
	s := &running{settings: settings}
	if s.bin, err = binaries(); err != nil {
		return nil, err
	}
	if s.dir, err = os.MkdirTemp("", "maitred-postgres"); err != nil {
		return nil, err
	}
	defer func() {
		if err != nil {
			err = errors.Join(err, s.stop())
		}
	}()
	if s.prepare, err = unprivileged(s.dir); err != nil {
		return nil, err
	}
	if s.port, err = freePort(); err != nil {
		return nil, err
	}
	makesIt := makes(s, s.bin)
	s.prepare(makesIt)
	if out, err := makesIt.CombinedOutput(); err != nil {
		return nil, fmt.Errorf("make a server: %w\n%s", err, out)
	}
	s.db, err = sql.Open("pgx", s.address("postgres"))
	if err == nil {
		s.db.SetMaxIdleConns(4)
	}
	return s, err
}

func (s *running) data() string { return filepath.Join(s.dir, "data") }

// run runs a server that does not, and waits until it answers.
func (s *running) run() error {
	args := []string{"-D", s.data(), "-p", strconv.Itoa(s.port)}
	for _, set := range append(slices.Clone(s.settings), "listen_addresses=127.0.0.1", "unix_socket_directories=") {
		args = append(args, "-c", set)
	}
	// #nosec G204 -- the binaries of the distribution, for tests
	s.cmd = exec.Command(filepath.Join(s.bin, "postgres"), args...)
	s.prepare(s.cmd)
	s.cmd.Stdout, s.cmd.Stderr = &s.said, &s.said
	if err := s.cmd.Start(); err != nil {
		return err
	}
	for deadline := time.Now().Add(patience); ; time.Sleep(20 * time.Millisecond) {
		err := s.ask("SELECT 1")
		if err == nil {
			return nil
		}
		if time.Now().After(deadline) {
			return fmt.Errorf("PostgreSQL does not answer: %w", err)
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
	ctx, stop := context.WithTimeout(context.Background(), patience)
	defer stop()
	_, err := s.db.ExecContext(ctx, statement)
	return err
}

// stop ends the server at once, and takes its folder away.
func (s *running) stop() error {
	var errs []error
	if s.db != nil {
		errs = append(errs, s.db.Close())
	}
	if s.cmd != nil && s.cmd.Process != nil {
		errs = append(errs, s.cmd.Process.Signal(syscall.SIGQUIT)) // it is not to be started again
		_ = s.cmd.Wait()
	}
	return errors.Join(append(errs, os.RemoveAll(s.dir))...)
}
