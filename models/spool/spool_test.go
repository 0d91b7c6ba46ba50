package spool

import (
	"bytes"
	"errors"
	"io"
	"math/rand/v2"
	"os"
	"path/filepath"
	"testing"

	"maitred/models/problem"
)

func TestWhatIsTakenIsWhatWasMade(t *testing.T) {
	t.Parallel()
	for seed := range uint64(30) {
		random := rand.New(rand.NewPCG(seed, 1))
		folder := t.TempDir()
		s := New(folder)
		made := make([]byte, random.IntN(8*Memory))
		for i := range made {
			made[i] = byte(random.Uint32())
		}
		go func() {
			random := rand.New(rand.NewPCG(seed, 2))
			for rest := made; len(rest) > 0; {
				n := min(1+random.IntN(Memory/3), len(rest))
				if _, err := s.Write(rest[:n]); err != nil {
					t.Error(err)
				}
				rest = rest[n:]
			}
			s.End(nil)
		}()
		var got bytes.Buffer
		piece := make([]byte, 1+random.IntN(Memory/3))
		if _, err := io.CopyBuffer(struct{ io.Writer }{&got}, struct{ io.Reader }{s}, piece); err != nil {
			t.Fatal(err)
		}
		if !bytes.Equal(got.Bytes(), made) {
			t.Fatalf("%d bytes were made and %d others taken", len(made), got.Len())
		}
		if err := s.Close(); err != nil {
			t.Fatal(err)
		}
	}
}

func TestWhoMakesItDoesNotWaitAndLittleOfItIsInMemory(t *testing.T) {
	t.Parallel()
	folder := t.TempDir()
	s := New(filepath.Join(folder, "there is no such folder"), folder)
	portion := bytes.Repeat([]byte("x"), Memory/2)
	for range 20 {
		if _, err := s.Write(portion); err != nil {
			t.Fatal(err)
		}
	}
	if s.held.Cap() > 2*Memory || s.wrote != 9*Memory {
		t.Errorf("%d bytes are held, and %d in the file", s.held.Cap(), s.wrote)
	}
	if left, _ := os.ReadDir(folder); !s.named && len(left) > 0 {
		t.Errorf("the file has the name %s", left[0].Name())
	}
	s.End(nil)
	if n, err := io.Copy(io.Discard, s); n != 10*Memory || err != nil || s.wrote != 0 {
		t.Errorf("%d bytes were taken, %v, and %d left", n, err, s.wrote)
	}
	if err := s.Close(); err != nil {
		t.Error(err)
	}
	if left, _ := os.ReadDir(folder); len(left) > 0 {
		t.Errorf("%s is left", left[0].Name())
	}
}

func TestWhoTakesItIsToldWhyThereIsNoMoreAfterAllThatThereWas(t *testing.T) {
	t.Parallel()
	s := New(t.TempDir())
	broken := errors.New("broken")
	if _, err := s.Write([]byte("half")); err != nil {
		t.Fatal(err)
	}
	s.End(broken)
	if all, err := io.ReadAll(s); string(all) != "half" || !errors.Is(err, broken) {
		t.Errorf("%q was taken, %v", all, err)
	}
}

func TestWhereThereIsNoRoomNoMoreIsMade(t *testing.T) {
	t.Parallel()
	s := New(filepath.Join(t.TempDir(), "gone"))
	if _, err := s.Write(make([]byte, Memory)); err != nil {
		t.Errorf("what fits into memory needs no file: %v", err)
	}
	if _, err := s.Write([]byte("x")); !problem.Is(err, problem.Full) {
		t.Errorf("without a folder: %v", err)
	}
	if err := s.Close(); err != nil {
		t.Error(err)
	}
	if _, err := s.Write([]byte("x")); !errors.Is(err, io.ErrClosedPipe) {
		t.Errorf("when nobody takes it: %v", err)
	}
}
