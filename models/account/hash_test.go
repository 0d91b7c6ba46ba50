package account

import (
	"context"
	"errors"
	"strings"
	"sync"
	"testing"
	"testing/synctest"

	"maitred/models/problem"
)

const joes = "correct horse battery staple"

// cheapHasher costs next to nothing, whatever other tests ask for.
func cheapHasher() *hasher {
	cheap := owasp
	cheap.Memory, cheap.Iterations = 64, 1
	return hasherFor(&cheap)
}

func TestAPasswordMatchesItsHashAndNoOther(t *testing.T) {
	h := hasherFor(&owasp)
	hash, err := h.hash(t.Context(), joes)
	if err != nil {
		t.Fatal(err)
	}
	if !strings.HasPrefix(hash, "$argon2id$v=19$m=19456,t=2,p=1$") {
		t.Errorf("not the cost that OWASP asks for: %s", hash)
	}
	if again, _ := h.hash(t.Context(), joes); again == hash {
		t.Error("two hashes of one password are equal")
	}
	for password, want := range map[string]bool{joes: true, joes + " ": false, "": false, strings.ToUpper(joes): false} {
		if got, err := h.matches(t.Context(), password, hash); err != nil || got != want {
			t.Errorf("%q: %v, %v", password, got, err)
		}
	}
}

func TestAnAccentTypedInTwoWaysIsTheSamePassword(t *testing.T) {
	h := cheapHasher()
	hash, _ := h.hash(t.Context(), "cafe\u0301 au lait noir")
	if ok, err := h.matches(t.Context(), "caf\u00e9 au lait noir", hash); !ok || err != nil {
		t.Errorf("%v, %v", ok, err)
	}
}

func TestANobodyCostsAsMuchAsAPersonAndIsNeverLetIn(t *testing.T) {
	h := cheapHasher()
	for _, password := range []string{joes, ""} {
		before := h.count()
		if ok, err := h.matches(t.Context(), password, ""); ok || err != nil {
			t.Errorf("%q: %v, %v", password, ok, err)
		}
		if h.count() != before+1 {
			t.Error("nothing was computed for a nobody")
		}
	}
	real, _ := h.hash(t.Context(), joes)
	unlucky := &hasher{params: h.params, nobody: real, places: h.places, running: h.running}
	if ok, err := unlucky.matches(t.Context(), joes, ""); ok || err != nil {
		t.Errorf("a nobody is let in with the password that was drawn for them: %v, %v", ok, err)
	}
	if nobody := h.nobody; nobody[:strings.LastIndex(nobody[:len(nobody)-44], "$")] != real[:strings.LastIndex(real[:len(real)-44], "$")] ||
		len(nobody) != len(real) {
		t.Errorf("a nobody's hash costs something else: %s and %s", nobody, real)
	}
}

func TestADamagedHashIsAnErrorAndNoPanic(t *testing.T) {
	h := cheapHasher()
	for _, hash := range []string{
		"x", "$argon2id$v=19$m=64,t=0,p=1$c2FsdHNhbHQ$a2V5a2V5a2V5a2V5a2V5", "$argon2id$v=19$m=64,t=1,p=0$c2FsdHNhbHQ$a2V5a2V5a2V5a2V5a2V5",
		"$argon2id$v=19$m=4000000000,t=1,p=1$c2FsdHNhbHQ$a2V5a2V5a2V5a2V5a2V5", "$argon2id$v=19$m=64,t=1,p=1$c2FsdHNhbHQ$",
	} {
		if ok, err := h.matches(t.Context(), joes, hash); ok || err == nil {
			t.Errorf("%s: %v, %v", hash, ok, err)
		}
	}
	if h.count() != 0 {
		t.Error("computed with a damaged hash")
	}
}

func TestTwoHashAtATimeTwentyWaitAndTheNextIsTurnedAway(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		h := cheapHasher()
		ctx, giveUp := context.WithCancel(t.Context())
		first, err := h.enter(ctx)
		if err != nil {
			t.Fatal(err)
		}
		second, err := h.enter(ctx)
		if err != nil {
			t.Fatal(err)
		}
		var crowd sync.WaitGroup
		results := make(chan error, 20)
		for range 20 {
			crowd.Go(func() {
				_, err := h.hash(ctx, joes)
				results <- err
			})
		}
		synctest.Wait()
		if h.count() != 2 {
			t.Errorf("%d have had a turn, not 2", h.count())
		}
		if _, err := h.hash(ctx, joes); !errors.Is(err, errBusy) || !problem.Is(err, problem.Busy) {
			t.Errorf("the 23rd: %v", err)
		}
		if _, err := h.matches(ctx, joes, ""); !errors.Is(err, errBusy) {
			t.Errorf("the 23rd, comparing: %v", err)
		}
		giveUp()
		crowd.Wait()
		for range 20 {
			if err := <-results; !errors.Is(err, context.Canceled) {
				t.Errorf("one who gave up waiting: %v", err)
			}
		}
		first()
		second()
		if _, err := h.hash(t.Context(), joes); err != nil {
			t.Errorf("after the crowd: %v", err)
		}
	})
}

func TestHashingIsCheapForTestsThatAskForIt(t *testing.T) {
	before := cost.Load()
	defer cost.Store(before)
	Cheaply()
	if hash, err := newHasher().hash(t.Context(), joes); err != nil || !strings.Contains(hash, "$m=64,t=1,p=1$") {
		t.Errorf("%s, %v", hash, err)
	}
}

func BenchmarkHash(b *testing.B) {
	h := hasherFor(&owasp)
	for b.Loop() {
		if _, err := h.hash(b.Context(), joes); err != nil {
			b.Fatal(err)
		}
	}
}

func BenchmarkMatches(b *testing.B) {
	h := hasherFor(&owasp)
	hash, _ := h.hash(b.Context(), joes)
	for name, hash := range map[string]string{"known": hash, "nobody": ""} {
		b.Run(name, func(b *testing.B) {
			for b.Loop() {
				if _, err := h.matches(b.Context(), "wrong", hash); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}
