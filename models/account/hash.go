package account

import (
	"context"
	"crypto/rand"
	"encoding/base64"
	"flag"
	"fmt"
	"sync/atomic"

	"github.com/alexedwards/argon2id"
	"golang.org/x/crypto/argon2"

	"maitred/models/problem"
	"maitred/models/store"
)

// How much work hashing may be at one time. Each takes 19 MiB and some 20 ms of a core, so that
// strangers who try passwords can take no more than two cores and 38 MiB from those at work.
const (
	hashesAtOnce  = 2
	hashesWaiting = 20
)

// owasp is what one hash takes: 19 MiB, twice, in one lane (OWASP, Password Storage Cheat Sheet).
// Hashes carry their cost, so that it may change here.
var owasp = argon2id.Params{Memory: 19 << 10, Iterations: 2, Parallelism: 1, SaltLength: 16, KeyLength: 32}

// cost is owasp unless a test made it cheap.
var cost atomic.Pointer[argon2id.Params]

func init() { cost.Store(&owasp) }

// Cheaply makes the hashes of all hashers made from now on cost next to nothing, for tests that sign
// in often. It is for TestMain and for tests, and panics anywhere else, init among them.
func Cheaply() {
	// The flags of a test's own main; the package testing stays out of the program.
	if flag.Lookup("test.v") == nil {
		panic("account: hashes are cheap in tests alone")
	}
	cheap := owasp
	cheap.Memory, cheap.Iterations = 64, 1
	cost.Store(&cheap)
}

// errBusy is the answer to one person too many at once.
var errBusy = problem.New(problem.Busy, "Too many people are signing in at this moment. Nothing was done; please try again in a few seconds.")

// hasher turns passwords into what is kept of them, and compares the two. Safe for any number of
// goroutines.
type hasher struct {
	params  *argon2id.Params
	nobody  string        // a hash that no password has, of the same cost
	places  chan struct{} // room for those that run and those that wait
	running chan struct{}
	made    atomic.Int64
}

func newHasher() *hasher { return hasherFor(cost.Load()) }

func hasherFor(params *argon2id.Params) *hasher {
	return &hasher{
		params:  params,
		nobody:  hashOfNobody(params),
		places:  make(chan struct{}, hashesAtOnce+hashesWaiting),
		running: make(chan struct{}, hashesAtOnce),
	}
}

// hashOfNobody is 32 random bytes in the form of a hash: to compare with it costs as much as with
// any other, and no password is known to match.
func hashOfNobody(params *argon2id.Params) string {
	salt, key := make([]byte, params.SaltLength), make([]byte, params.KeyLength)
	_, _ = rand.Read(salt) // never fails
	_, _ = rand.Read(key)
	return fmt.Sprintf("$argon2id$v=%d$m=%d,t=%d,p=%d$%s$%s", argon2.Version, params.Memory, params.Iterations,
		params.Parallelism, base64.RawStdEncoding.EncodeToString(salt), base64.RawStdEncoding.EncodeToString(key))
}

// hash is what to keep of the password: an Argon2id hash with its salt and cost, in the usual form
// ("$argon2id$v=19$m=…"). It is errBusy at once when too many wait already, and ctx's error when
// that ends first.
func (h *hasher) hash(ctx context.Context, password string) (string, error) {
	leave, err := h.enter(ctx)
	if err != nil {
		return "", err
	}
	defer leave()
	hash, err := argon2id.CreateHash(normalised(password), h.params)
	if err != nil {
		return "", fmt.Errorf("hash a password: %w", err)
	}
	return hash, nil
}

// matches says whether hash was made of the password. The hash "" stands for a person who does not
// exist or has no password: nothing matches, and it takes as long to find out. Errors as with hash,
// and for a hash that is damaged.
func (h *hasher) matches(ctx context.Context, password, hash string) (bool, error) {
	known := hash != ""
	if !known {
		hash = h.nobody
	}
	if err := sound(hash); err != nil {
		return false, fmt.Errorf("compare a password: %w", err)
	}
	leave, err := h.enter(ctx)
	if err != nil {
		return false, err
	}
	defer leave()
	same, err := argon2id.ComparePasswordAndHash(normalised(password), hash)
	if err != nil {
		return false, fmt.Errorf("compare a password: %w", err)
	}
	return same && known, nil
}

// sound refuses a hash that would make the computation panic or take the memory of the machine: the
// database may have been changed by hand or restored from anywhere.
func sound(hash string) error {
	params, salt, key, err := argon2id.DecodeHash(hash)
	if err != nil {
		return err
	}
	if params.Iterations < 1 || params.Iterations > 16 || params.Memory > 256<<10 || params.Parallelism < 1 ||
		params.Parallelism > 16 || len(salt) < 8 || len(key) < 16 {
		return fmt.Errorf("a hash of m=%d,t=%d,p=%d with %d bytes of salt and %d of key is none of ours",
			params.Memory, params.Iterations, params.Parallelism, len(salt), len(key))
	}
	return nil
}

// enter waits for a turn and counts it.
func (h *hasher) enter(ctx context.Context) (leave func(), err error) {
	select {
	case h.places <- struct{}{}:
	default:
		return nil, errBusy
	}
	back := store.StepAside(ctx)
	select {
	case h.running <- struct{}{}:
	case <-ctx.Done():
		back()
		<-h.places
		return nil, fmt.Errorf("wait for a turn to hash: %w", ctx.Err())
	}
	h.made.Add(1)
	return func() { back(); <-h.running; <-h.places }, nil
}

// count is how many hashes were made, comparisons among them.
func (h *hasher) count() int64 { return h.made.Load() }
