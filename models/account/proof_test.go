package account_test

import (
	"context"
	"testing"
	"time"

	"github.com/uptrace/bun"

	"maitred/models/account"
	"maitred/models/problem"
)

// What somebody asked for with the password alone must not get past a second step that was added since:
// all that lets people in is carried out for who they were when they proved it.
func TestWhatWasProvedIsGoodForThePersonAsTheyWereThen(t *testing.T) {
	t.Parallel()
	for what, ask := range map[string]func(w *world, p account.Proof) error{
		"another password": func(w *world, p account.Proof) error { return w.SetPassword(ctx, by(w.ben), w.ben.ID, p, another) },
		"a second step": func(w *world, p account.Proof) error {
			secret, draft, err := w.NewStep(w.ben)
			w.must(err)
			_, err = w.AddStep(ctx, by(w.ben), w.ben.ID, p, draft, codeOf(secret, w.at))
			return err
		},
		"none":           func(w *world, p account.Proof) error { return w.GiveUpStep(ctx, by(w.ben), w.ben.ID, p) },
		"recovery codes": func(w *world, p account.Proof) error { _, err := w.NewCodes(ctx, by(w.ben), w.ben.ID, p); return err },
	} {
		t.Run(what, func(t *testing.T) {
			t.Parallel()
			w := newWorld(t)
			before, hashed := w.now(w.ben), w.Hashed()
			writing, answer, ended := make(chan bool), make(chan error, 1), make(chan error)
			var written []byte
			go func() {
				ended <- w.store.Change(ctx, func(ctx context.Context, tx bun.Tx) error {
					close(writing)
					for w.Hashed() == hashed && len(answer) == 0 {
						time.Sleep(time.Millisecond) // until they proved who they are and wait for their turn
					}
					return tx.NewRaw("UPDATE users SET epoch = epoch + 1, secret = 'added meanwhile' WHERE id = ? RETURNING secret", w.ben.ID).Scan(ctx, &written)
				})
			}()
			<-writing
			go func() { answer <- ask(w, account.Proof{Password: password}) }()
			w.must(<-ended)
			w.refused(<-answer, problem.Conflict, "nothing was done")
			if now := w.now(w.ben); before.SecondStep || !now.SecondStep || w.signIn(w.ben).Pending == "" {
				t.Error("the second step that was added meanwhile is gone")
			}
		})
	}
}
