// Package static holds what browsers fetch once and keep: the style sheet, the scripts, the icon.
// Each file is served under a name that contains its hash, so that it can be cached for ever and a
// new version is a new name.
package static

import (
	"bytes"
	"compress/gzip"
	"crypto/sha256"
	"embed"
	"encoding/hex"
	"mime"
	"net/http"
	"path"
	"strconv"
	"strings"
)

//go:embed *.css *.js *.svg
var files embed.FS

// Prefix is the path under which the files are served.
const Prefix = "/static/"

type asset struct {
	url, contentType string
	plain, gzipped   []byte
}

// byName and byURL are filled once and never changed.
var byName, byURL = load()

func load() (byName, byURL map[string]*asset) {
	byName, byURL = map[string]*asset{}, map[string]*asset{}
	entries, err := files.ReadDir(".")
	if err != nil {
		panic(err) // the folder is part of the program
	}
	for _, e := range entries {
		body, err := files.ReadFile(e.Name())
		if err != nil {
			panic(err)
		}
		sum := sha256.Sum256(body)
		ext := path.Ext(e.Name())
		a := &asset{
			url:         Prefix + strings.TrimSuffix(e.Name(), ext) + "." + hex.EncodeToString(sum[:6]) + ext,
			contentType: mime.TypeByExtension(ext),
			plain:       body,
			gzipped:     compress(body),
		}
		byName[e.Name()], byURL[a.url] = a, a
	}
	return byName, byURL
}

func compress(body []byte) []byte {
	var b bytes.Buffer
	w, _ := gzip.NewWriterLevel(&b, gzip.BestCompression)
	_, _ = w.Write(body) // a buffer takes everything
	_ = w.Close()
	return b.Bytes()
}

// URL returns the address of a file. It panics on a name that does not exist: a mistake in the
// program, found by the first page.
func URL(name string) string { return byName[name].url }

// Serve answers a file, compressed where the browser takes that. It returns false, and leaves the
// answer alone, when there is no file at this address.
func Serve(w http.ResponseWriter, r *http.Request) bool {
	a := byURL[r.URL.Path]
	if a == nil {
		return false
	}
	h := w.Header()
	h.Set("Content-Type", a.contentType)
	h.Set("Cache-Control", "public, max-age=31536000, immutable")
	h.Set("Vary", "Accept-Encoding")
	body := a.plain
	if strings.Contains(r.Header.Get("Accept-Encoding"), "gzip") {
		h.Set("Content-Encoding", "gzip")
		body = a.gzipped
	}
	h.Set("Content-Length", strconv.Itoa(len(body)))
	if r.Method != http.MethodHead {
		_, _ = w.Write(body) // the browser went away: nothing to do
	}
	return true
}
