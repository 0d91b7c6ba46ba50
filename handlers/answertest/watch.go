package answertest

import (
	"bytes"
	"io"
	"net/http"
	"strings"
)

// Handler passes requests on and tells of each answer that is not as it must be. It sees also those
// that a browser asked for.
func Handler(next http.Handler, tell func(fault string)) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		seen := &recorder{ResponseWriter: w}
		next.ServeHTTP(seen, r)
		if seen.status == 0 { // the browser went away before there was an answer
			if r.Context().Err() != nil {
				return
			}
			seen.WriteHeader(http.StatusOK)
		}
		told(r, Faults(r, seen.status, seen.sent, seen.body.Bytes()), tell)
	})
}

// recorder keeps what goes through it.
type recorder struct {
	http.ResponseWriter
	status int
	sent   http.Header
	body   bytes.Buffer
}

func (w *recorder) WriteHeader(status int) {
	if w.status == 0 {
		w.status, w.sent = status, w.Header().Clone()
	}
	w.ResponseWriter.WriteHeader(status)
}

func (w *recorder) Write(b []byte) (int, error) {
	if w.status == 0 {
		w.WriteHeader(http.StatusOK)
	}
	w.body.Write(b)
	return w.ResponseWriter.Write(b)
}

// Unwrap is for http.ResponseController.
func (w *recorder) Unwrap() http.ResponseWriter { return w.ResponseWriter }

// Transport sends requests and tells of each answer that is not as it must be.
type Transport struct {
	http.RoundTripper
	Tell func(fault string)
}

// RoundTrip reads the whole answer.
func (t Transport) RoundTrip(r *http.Request) (*http.Response, error) {
	res, err := t.RoundTripper.RoundTrip(r)
	if err != nil {
		return nil, err
	}
	body, err := io.ReadAll(res.Body)
	if err != nil {
		_ = res.Body.Close()
		return nil, err
	}
	if err := res.Body.Close(); err != nil {
		return nil, err
	}
	res.Body = io.NopCloser(bytes.NewReader(body))
	asked := r.Clone(r.Context())
	asked.TLS = res.TLS
	if asked.Host == "" {
		asked.Host = r.URL.Host
	}
	told(asked, Faults(asked, res.StatusCode, res.Header, body), t.Tell)
	return res, nil
}

func told(r *http.Request, faults []string, tell func(string)) {
	for _, f := range faults {
		address := r.URL.RequestURI()
		tell(r.Method + " " + strings.ToValidUTF8(address[:min(200, len(address))], "…") + ": " + f)
	}
}
