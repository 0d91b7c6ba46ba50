package main

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/http"
	"sync/atomic"
	"time"
)

// When the server is told to stop, it lets nobody new in, and answers those who are in for shutdown at
// most. A connection that idles cannot just be closed: a request may be on its way on it, and would be
// lost. For farewell such connections are still served, and each answer says that it was the last one.
const (
	shutdown = 10 * time.Second
	farewell = time.Second
)

// serveUntil serves what comes to the listener, which lets in so many at once, until the context ends, and
// then lets everybody finish.
// Errors: the listener failed, or requests took longer than shutdown and were cut.
func serveUntil(ctx context.Context, server *http.Server, listener net.Listener, most int) error {
	guests := receive(server, most)
	failed := make(chan error, 1)
	go func() { failed <- server.Serve(listener) }()
	select {
	case err := <-failed:
		return errors.Join(err, server.Close())
	case <-ctx.Done():
	}
	late, cancel := context.WithTimeout(context.Background(), shutdown)
	defer cancel()
	guests.leaving.Store(true)
	_ = listener.Close()
	<-failed // nobody is let in any more
	for end := time.Now().Add(farewell); guests.here.Load() > 0 && time.Now().Before(end); {
		time.Sleep(farewell / 50)
	}
	if err := server.Shutdown(late); err != nil {
		return errors.Join(fmt.Errorf("requests that took longer than %v were cut when the server stopped: %w", shutdown, err), server.Close())
	}
	return nil
}

// guests are those who are connected to a server.
type guests struct {
	here    atomic.Int64
	leaving atomic.Bool // the next answer to each is the last one
}

// receive counts who is connected to a server, which must not be serving yet, and tells them to leave
// when it is time: when the server stops, and already when three quarters of those who can be let in are
// there, so that browsers which keep a connection for later do not keep others out.
func receive(server *http.Server, most int) *guests {
	g := new(guests)
	many := int64(most) * 3 / 4
	handler := server.Handler
	server.Handler = http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if g.leaving.Load() || g.here.Load() > many {
			w.Header().Set("Connection", "close")
		}
		handler.ServeHTTP(w, r)
	})
	server.ConnState = func(_ net.Conn, state http.ConnState) {
		switch state {
		case http.StateNew:
			g.here.Add(1)
		case http.StateClosed, http.StateHijacked:
			g.here.Add(-1)
		}
	}
	return g
}
