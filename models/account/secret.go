package account

import (
	"crypto/rand"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
)

// readSecret reads the 32 random bytes from which all keys of this installation are derived, kept
// in the file as a line of hex. Where there is no such file it makes one that only its owner may
// read and write, and it is on the disk before this returns; of two processes that start at once,
// both get what the first one kept.
//
// A file that others may read is refused, and so is a damaged one: taking another secret instead
// would make everything sealed with the first one useless without a word.
func readSecret(file string) ([32]byte, error) {
	secret, err := secretIn(file)
	if !errors.Is(err, fs.ErrNotExist) {
		return secret, err
	}
	if err := makeSecret(file); err != nil && !errors.Is(err, fs.ErrExist) {
		return [32]byte{}, fmt.Errorf("make the secret: %w", err)
	}
	return secretIn(file)
}

// secretIn reads a file that is there.
func secretIn(file string) (secret [32]byte, err error) {
	f, err := os.Open(file) // #nosec G304 -- named by whoever starts the program
	if err != nil {
		return secret, fmt.Errorf("read the secret: %w", err)
	}
	defer func() { _ = f.Close() }() // read only
	about, err := f.Stat()
	if err != nil {
		return secret, fmt.Errorf("read the secret: %w", err)
	}
	if mode := about.Mode().Perm(); mode&0o077 != 0 {
		return secret, fmt.Errorf("the secret %s is open to others than its owner (mode %04o) and was not used. Run: chmod 600 '%s'", file, mode, file)
	}
	text, err := io.ReadAll(io.LimitReader(f, 1<<10))
	if err != nil {
		return secret, fmt.Errorf("read the secret: %w", err)
	}
	bytes, err := hex.DecodeString(strings.TrimSpace(string(text)))
	if err != nil || len(bytes) != len(secret) {
		return secret, fmt.Errorf("the secret %s is damaged: it should be one line of %d hexadecimal digits. Put back a copy of it; without one remove the file, and a new secret is made at the next start", file, 2*len(secret))
	}
	return [32]byte(bytes), nil
}

// makeSecret writes a new secret beside the file and gives it its name when it is whole, so that
// nobody reads half of one. The error is fs.ErrExist when somebody else was faster.
func makeSecret(file string) (err error) {
	folder := filepath.Dir(file)
	// Only its owner may read what CreateTemp makes.
	f, err := os.CreateTemp(folder, "."+filepath.Base(file)+"-")
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, os.Remove(f.Name())) }()
	secret := make([]byte, 32)
	_, _ = rand.Read(secret) // never fails
	_, err = f.WriteString(hex.EncodeToString(secret) + "\n")
	if err = errors.Join(err, f.Sync(), f.Close()); err != nil {
		return err
	}
	// A link, unlike a new name, does not replace a file that is there. File systems without links
	// have no modes either, and would be refused anyway.
	if err := os.Link(f.Name(), file); err != nil {
		return err
	}
	return syncFolder(folder)
}

// syncFolder makes the names in the folder survive a loss of power.
func syncFolder(folder string) error {
	f, err := os.Open(folder) // #nosec G304 -- named by whoever starts the program
	if err != nil {
		return err
	}
	return errors.Join(f.Sync(), f.Close())
}
