package main

import (
	"bytes"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"reflect"
	"strings"
	"syscall"
	"testing"
	"time"
	"unsafe"

	"golang.org/x/term"
)

// terminal opens a terminal and returns both of its ends.
func terminal(t *testing.T) (person, program *os.File) {
	t.Helper()
	person, err := os.OpenFile("/dev/ptmx", os.O_RDWR|syscall.O_NOCTTY, 0)
	if err != nil {
		t.Skipf("there are no terminals here: %v", err)
	}
	t.Cleanup(func() { _ = person.Close() })
	var number, locked uint32
	for request, arg := range map[uintptr]*uint32{syscall.TIOCSPTLCK: &locked, syscall.TIOCGPTN: &number} {
		if _, _, errno := syscall.Syscall(syscall.SYS_IOCTL, person.Fd(), request, uintptr(unsafe.Pointer(arg))); errno != 0 {
			t.Fatal(errno)
		}
	}
	program, err = os.OpenFile(fmt.Sprintf("/dev/pts/%d", number), os.O_RDWR|syscall.O_NOCTTY, 0)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = program.Close() })
	return person, program
}

// stopIt is an answer of someone who changed their mind.
const stopIt = "Ctrl-C"

// onTerminal runs the program at a terminal where somebody types an answer to each question.
func onTerminal(t *testing.T, database string, answers ...string) (shown string, code int) {
	t.Helper()
	file, err := binary()
	if err != nil {
		t.Fatal(err)
	}
	person, program := terminal(t)
	cmd := exec.CommandContext(t.Context(), file, "user", "--database", database, "add", "Anna", "--role", "manager")
	cmd.Stdin, cmd.Stdout, cmd.Stderr = program, program, program
	before, err := term.GetState(int(person.Fd()))
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	_ = program.Close()
	var seen bytes.Buffer
	part := make([]byte, 256)
	for {
		n, err := person.Read(part)
		seen.Write(part[:n])
		if err != nil { // the program has ended
			break
		}
		if len(answers) > 0 && strings.HasSuffix(seen.String(), ": ") {
			for { // until what is typed is not shown: a person is not as fast
				state, err := term.GetState(int(person.Fd()))
				if err != nil || !reflect.DeepEqual(state, before) {
					break
				}
				time.Sleep(time.Millisecond)
			}
			if answers[0] == stopIt {
				_ = cmd.Process.Signal(os.Interrupt)
			} else {
				fmt.Fprint(person, answers[0])
			}
			answers = answers[1:]
		}
	}
	_ = cmd.Wait()
	state, err := term.GetState(int(person.Fd()))
	if err != nil || !reflect.DeepEqual(state, before) {
		t.Errorf("the terminal is left in another state, %v", err)
	}
	return seen.String(), cmd.ProcessState.ExitCode()
}

func TestAtATerminalThePasswordIsAskedTwiceAndNotShown(t *testing.T) {
	t.Parallel()
	database := filepath.Join(t.TempDir(), "maitred.db")
	shown, code := onTerminal(t, database, password+"\r", "another one here\r")
	if code != 1 || !strings.Contains(shown, "are not the same") || strings.Contains(shown, password) {
		t.Errorf("exit code %d: %q", code, shown)
	}
	shown, code = onTerminal(t, database, password+"\r", password+"\r")
	if code != 0 || !strings.Contains(shown, "Anna can sign in") || strings.Contains(shown, password) {
		t.Errorf("exit code %d: %q", code, shown)
	}
	shown, code = onTerminal(t, database, stopIt)
	if code != 1 || !strings.Contains(shown, "stopped, so nothing was changed") {
		t.Errorf("stopped: exit code %d: %q", code, shown)
	}
	signIn(t, accountsOf(t, database), "Anna", password)
}
