package account

import (
	"fmt"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"testing"
)

func TestTheSecretIsMadeOnceForItsOwnerAndKept(t *testing.T) {
	folder := t.TempDir()
	file := filepath.Join(folder, "maitred.db-secret")
	first, err := readSecret(file)
	if err != nil {
		t.Fatal(err)
	}
	again, err := readSecret(file)
	if err != nil || again != first || first == [32]byte{} {
		t.Errorf("%x then %x, %v", first, again, err)
	}
	if about, err := os.Stat(file); err != nil || about.Mode() != 0o600 {
		t.Errorf("mode %v, %v", about.Mode(), err)
	}
	if kept, _ := os.ReadFile(file); string(kept) != fmt.Sprintf("%x\n", first) {
		t.Errorf("kept as %q", kept)
	}
	if left, _ := os.ReadDir(folder); len(left) != 1 {
		t.Errorf("left beside it: %v", left)
	}
	if other, _ := readSecret(filepath.Join(folder, "other")); other == first {
		t.Error("two installations share a secret")
	}
}

func TestASecretThatOthersMayReadIsRefusedWithTheWayOut(t *testing.T) {
	for _, mode := range []fs.FileMode{0o640, 0o604, 0o620, 0o602, 0o610, 0o601, 0o644} {
		file := filepath.Join(t.TempDir(), "maitred.db-secret")
		secret, err := readSecret(file)
		if err != nil {
			t.Fatal(err)
		}
		if err := os.Chmod(file, mode); err != nil {
			t.Fatal(err)
		}
		got, err := readSecret(file)
		if err == nil || !strings.Contains(err.Error(), "chmod 600 '"+file+"'") || got != [32]byte{} {
			t.Errorf("mode %v: %v", mode, err)
		}
		if err := os.Chmod(file, 0o600); err != nil {
			t.Fatal(err)
		}
		if got, err := readSecret(file); err != nil || got != secret {
			t.Errorf("after chmod: %v", err)
		}
	}
}

func TestADamagedSecretIsRefusedAndStaysAsItIs(t *testing.T) {
	for _, text := range []string{
		"", "\n", "00", strings.Repeat("0", 63), strings.Repeat("0", 65), strings.Repeat("0", 66), strings.Repeat("g", 64),
		strings.Repeat("0", 64) + "\n" + strings.Repeat("0", 64), strings.Repeat("0", 4096), "\x00",
	} {
		file := filepath.Join(t.TempDir(), "maitred.db-secret")
		if err := os.WriteFile(file, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		if got, err := readSecret(file); err == nil || !strings.Contains(err.Error(), "damaged") || got != [32]byte{} {
			t.Errorf("%q: %v", text, err)
		}
		if kept, _ := os.ReadFile(file); string(kept) != text {
			t.Errorf("%q became %q", text, kept)
		}
	}
}

func TestWhereNoSecretCanBeKeptThereIsAnError(t *testing.T) {
	if _, err := readSecret(filepath.Join(t.TempDir(), "nowhere", "maitred.db-secret")); err == nil {
		t.Error("a secret in no folder")
	}
	if _, err := readSecret(t.TempDir()); err == nil {
		t.Error("a secret in a folder's place")
	}
}

// secretFile names the file to the processes that the next test starts of this program itself.
const secretFile = "MAITRED_TEST_SECRET"

func TestProcessesThatStartAtOnceGetTheSameSecret(t *testing.T) {
	if file := os.Getenv(secretFile); file != "" {
		_, _ = os.Stdin.Read(make([]byte, 1)) // until all are there
		secret, err := readSecret(file)
		fmt.Printf("secret %x %v\n", secret, err)
		return
	}
	for range 5 {
		file := filepath.Join(t.TempDir(), "maitred.db-secret")
		start, begin, err := os.Pipe()
		if err != nil {
			t.Fatal(err)
		}
		said := make([]strings.Builder, 6)
		var running []*exec.Cmd
		for i := range said {
			other := exec.Command(os.Args[0], "-test.run", "^TestProcessesThatStartAtOnceGetTheSameSecret$")
			other.Env = append(os.Environ(), secretFile+"="+file)
			other.Stdin, other.Stdout = start, &said[i]
			if err := other.Start(); err != nil {
				t.Fatal(err)
			}
			running = append(running, other)
		}
		_, _ = start.Close(), begin.Close()
		for _, other := range running {
			if err := other.Wait(); err != nil {
				t.Fatal(err)
			}
		}
		secret, err := readSecret(file)
		for i := range said {
			if want := fmt.Sprintf("secret %x <nil>\n", secret); err != nil || !strings.Contains(said[i].String(), want) {
				t.Fatalf("want %s, one got %s, %v", want, said[i].String(), err)
			}
		}
	}
}

func TestGoroutinesThatStartAtOnceGetTheSameSecret(t *testing.T) {
	for range 20 {
		folder := t.TempDir()
		file := filepath.Join(folder, "maitred.db-secret")
		got := make([][32]byte, 16)
		var all sync.WaitGroup
		for i := range got {
			all.Go(func() {
				var err error
				if got[i], err = readSecret(file); err != nil {
					t.Error(err)
				}
			})
		}
		all.Wait()
		for _, secret := range got {
			if secret != got[0] {
				t.Fatalf("%x and %x", secret, got[0])
			}
		}
		if left, _ := os.ReadDir(folder); len(left) != 1 {
			t.Errorf("left beside it: %v", left)
		}
	}
}
