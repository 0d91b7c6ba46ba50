package main

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"os"

	"golang.org/x/term"
)

// maxTyped is how much is read as a password, in bytes: more than the longest that is taken, which is
// then said in better words than here.
const maxTyped = 64 << 10

// readPassword reads a password: all that comes in but one newline at its end or, where a person types
// it, twice and unseen.
func readPassword(ctx context.Context, in *os.File, asked io.Writer) (string, error) {
	if !term.IsTerminal(int(in.Fd())) {
		typed, err := io.ReadAll(io.LimitReader(in, maxTyped))
		if err != nil {
			return "", fmt.Errorf("read the password from standard input: %w", err)
		}
		if rest, cut := bytes.CutSuffix(typed, []byte("\r\n")); cut {
			return string(rest), nil
		}
		return string(bytes.TrimSuffix(typed, []byte("\n"))), nil
	}
	once, err := ask(ctx, in, asked, "Password: ")
	if err != nil {
		return "", err
	}
	twice, err := ask(ctx, in, asked, "The same again: ")
	if err != nil {
		return "", err
	}
	if once != twice {
		return "", errors.New("the two passwords are not the same, so nothing was changed. Please try again")
	}
	return once, nil
}

// ask reads a line that is not shown. Told to stop, it gives the terminal back as it was.
func ask(ctx context.Context, in *os.File, asked io.Writer, question string) (string, error) {
	before, err := term.GetState(int(in.Fd()))
	if err != nil {
		return "", fmt.Errorf("ask for the password: %w", err)
	}
	fmt.Fprint(asked, question)
	type answer struct {
		typed []byte
		err   error
	}
	answered := make(chan answer, 1)
	go func() {
		typed, err := term.ReadPassword(int(in.Fd()))
		answered <- answer{typed, err}
	}()
	select {
	case a := <-answered:
		fmt.Fprintln(asked)
		if a.err != nil {
			return "", fmt.Errorf("ask for the password: %w", a.err)
		}
		return string(a.typed), nil
	case <-ctx.Done():
		fmt.Fprintln(asked)
		return "", errors.Join(errors.New("stopped, so nothing was changed"), term.Restore(int(in.Fd()), before))
	}
}
