package models_test

import (
	"fmt"
	"net"
	"net/url"
	"sync"
	"testing"

	"github.com/uptrace/bun"

	"maitred/migrations"
	"maitred/models"
	"maitred/models/change"
	"maitred/models/problem"
)

// line is a way to a server that can be cut.
type line struct {
	address string // of the database, this way

	mu       sync.Mutex
	left     int // messages to the server until it is cut; 0: it is not
	answered bool
	reached  bool
}

// lineTo makes a way to the server of a database, open until the test is over.
func lineTo(t *testing.T, database string) *line {
	t.Helper()
	to, err := url.Parse(database)
	if err != nil {
		t.Fatal(err)
	}
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = listener.Close() })
	server := to.Host
	to.Host = listener.Addr().String()
	l := &line{address: to.String()}
	go func() {
		for {
			from, err := listener.Accept()
			if err != nil {
				return
			}
			go l.carry(from, server)
		}
	}()
	return l
}

// cut cuts the connection over which the nth message from now on goes to the server: before it arrives, or after it
// was answered, and before the answer arrives.
func (l *line) cut(n int, answered bool) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.left, l.answered, l.reached = n, answered, false
}

// wasCut says whether it came to that.
func (l *line) wasCut() bool {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.left = 0
	return l.reached
}

// next says of the next message whether it is the one, and whether it is answered.
func (l *line) next() (cut, answered bool) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.left == 0 {
		return false, false
	}
	l.left--
	l.reached = l.reached || l.left == 0
	return l.left == 0, l.answered
}

func (l *line) carry(from net.Conn, server string) {
	defer from.Close()
	to, err := net.Dial("tcp", server)
	if err != nil {
		return
	}
	defer to.Close()
	answers := make(chan int, 1) // is told of each answer from then on that nobody gets
	var mu sync.Mutex
	lost := false
	go func() {
		defer from.Close()
		piece := make([]byte, 64<<10)
		for {
			n, err := to.Read(piece)
			mu.Lock()
			gone := lost
			mu.Unlock()
			if gone {
				answers <- n
				return
			}
			if err != nil {
				return
			}
			if _, err := from.Write(piece[:n]); err != nil {
				return
			}
		}
	}()
	piece := make([]byte, 64<<10)
	for {
		n, err := from.Read(piece)
		if err != nil {
			return
		}
		cut, answered := l.next()
		if cut && !answered {
			return
		}
		if cut {
			mu.Lock()
			lost = true
			mu.Unlock()
		}
		if _, err := to.Write(piece[:n]); err != nil {
			return
		}
		if cut {
			<-answers
			return
		}
	}
}

// Wherever the connection is lost while something is saved, it is saved once, and who asked is told so; or nothing was
// done and the same form does it, as people are told.
func TestAConnectionThatIsLostAtAnyStatementLosesNothing(t *testing.T) {
	t.Parallel()
	if !onServer {
		t.Skip("to a file there is no connection")
	}
	w := newWorld(t)
	l := lineTo(t, databaseAt(t, w.path))
	s, err := models.Open(ctx, l.address, migrations.Apply)
	w.must(err)
	defer func() { w.must(s.Close()) }()
	s.Patience = 0
	once := func(token string) {
		t.Helper()
		var n int
		w.view(func(tx bun.Tx) {
			w.must(tx.NewRaw("SELECT count(*) FROM changes WHERE token = ?", token).Scan(ctx, &n))
		})
		w.same("how often "+token+" was done", n, 1)
	}
	again := 0
	twice := func(do func() error) {
		t.Helper()
		err := do()
		if problem.Is(err, problem.Busy) {
			again++
			err = do()
		}
		w.must(err)
	}
	for _, answered := range []bool{false, true} {
		cuts := 0
		for n, more := 1, true; more; n++ {
			hired := &models.Waiter{RestaurantID: demonDogs, Name: fmt.Sprintf("Waiter %d", n)}
			token := fmt.Sprintf("hire %d %v", n, answered)
			l.cut(n, answered)
			twice(func() error {
				_, err := models.Waiters.Create(ctx, s, token, hired)
				return err
			})
			more = l.wasCut()
			once(token)

			op := change.Delete{Kind: models.Waiters.Kind(s), Key: hired.ID}
			shown, err := change.Preview(ctx, s, op)
			w.must(err)
			token = fmt.Sprintf("delete %d %v", n, answered)
			l.cut(n, answered)
			twice(func() error {
				_, err := change.Commit(ctx, s, op, change.Form{Token: token, Fingerprint: shown.Fingerprint()})
				return err
			})
			more = l.wasCut() || more
			once(token)
			cuts++
		}
		if cuts < 10 {
			t.Errorf("there were %d statements only", cuts)
		}
	}
	t.Logf("%d forms were sent again", again)
	w.same("who works there", w.staff(demonDogs), []string{"Joe"})
}
