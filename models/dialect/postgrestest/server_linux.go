package postgrestest

import (
	"errors"
	"fmt"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
)

// Server is a PostgreSQL of one test, which may be killed, started again, or followed by a standby. What it confirmed
// it has.
type Server struct {
	t TB
	*running
}

// lasting are settings for a server that keeps what it confirmed, and can be followed.
var lasting = []string{"wal_level=replica", "max_wal_senders=4", "jit=off", "shared_buffers=32MB", "max_connections=100"}

// Start starts a server for this test, with settings, each "name=value". It is skipped as with Database.
func Start(t TB, settings ...string) *Server {
	t.Helper()
	s, err := start(append(lasting[:len(lasting):len(lasting)], settings...)...)
	var missing *missing
	if errors.As(err, &missing) && os.Getenv("CI") == "" {
		t.Skip(missing.Error())
	}
	if err != nil {
		t.Fatal(err)
	}
	return mine(t, s)
}

func mine(t TB, s *running) *Server {
	t.Cleanup(func() {
		if err := s.stop(); err != nil && !errors.Is(err, os.ErrProcessDone) {
			t.Error(err)
		}
	})
	return &Server{t, s}
}

// Database makes a new, empty database and returns its address.
func (s *Server) Database() string {
	s.t.Helper()
	address, _, err := s.create("")
	if err != nil {
		s.t.Fatal(err)
	}
	return address
}

// Kill ends the server and all its processes at once, as a machine that fails does.
func (s *Server) Kill() {
	s.t.Helper()
	s.tell(syscall.SIGKILL)
	_ = s.cmd.Wait()
}

// Stop ends all connections and the server, as for an upgrade.
func (s *Server) Stop() {
	s.t.Helper()
	if err := s.cmd.Process.Signal(syscall.SIGINT); err != nil {
		s.t.Fatal(err)
	}
	_ = s.cmd.Wait()
}

// Hang lets the server answer nothing until goOn is called.
func (s *Server) Hang() (goOn func()) {
	s.t.Helper()
	s.tell(syscall.SIGSTOP)
	return func() { s.tell(syscall.SIGCONT) }
}

// tell sends a signal to all processes of the server. Those that it begins meanwhile are told, too.
func (s *Server) tell(what syscall.Signal) {
	s.t.Helper()
	told := map[int]bool{}
	for fresh := true; fresh; {
		fresh = false
		for _, pid := range append([]int{s.cmd.Process.Pid}, childrenOf(s.cmd.Process.Pid)...) {
			if !told[pid] {
				told[pid], fresh = true, true
				if err := syscall.Kill(pid, what); err != nil && !errors.Is(err, syscall.ESRCH) {
					s.t.Fatal(err)
				}
			}
		}
	}
}

// Run starts a server again that was ended.
func (s *Server) Run() {
	s.t.Helper()
	if err := s.run(); err != nil {
		s.t.Fatal(err)
	}
}

// Ask runs a statement in the database postgres.
func (s *Server) Ask(statement string) {
	s.t.Helper()
	if err := s.ask(statement); err != nil {
		s.t.Fatal(err)
	}
}

// Standby starts a server that follows this one.
func (s *Server) Standby(settings ...string) *Server {
	s.t.Helper()
	follower, err := prepared(func(f *running, bin string) *exec.Cmd {
		// #nosec G204 -- the binaries of the distribution, for tests
		return exec.Command(filepath.Join(bin, "pg_basebackup"), "--pgdata", f.data(), "--host", "127.0.0.1", "--port", fmt.Sprint(s.port), "--username", "maitred", "--write-recovery-conf", "--checkpoint", "fast", "--no-sync")
	}, append(lasting[:len(lasting):len(lasting)], settings...))
	if err == nil {
		err = follower.run()
	}
	if err != nil {
		s.t.Fatal(err)
	}
	return mine(s.t, follower)
}

// Promote makes of a standby a server that is written to.
func (s *Server) Promote() {
	s.t.Helper()
	s.Ask("SELECT pg_promote()")
}

// Of is the address of a database that another server has, at this one.
func (s *Server) Of(address string) string {
	u, err := url.Parse(address)
	if err != nil {
		s.t.Fatal(err)
	}
	return s.address(strings.TrimPrefix(u.Path, "/"))
}
