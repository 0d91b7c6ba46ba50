package main

import (
	"bytes"
	"io"
	"net/http"
	"net/http/cookiejar"
	"net/url"
	"os"
	"strings"
	"testing"
)

// startDemo runs a demo whose files are made in a folder.
func startDemo(t *testing.T, folder string) *program {
	t.Helper()
	return startFile(t, programFile(t), []string{"demo", "--addr", "localhost:0", "--folder", folder}, nobody)
}

// browser keeps its cookies and follows where it is led.
func browser(t *testing.T) *http.Client {
	t.Helper()
	jar, err := cookiejar.New(nil)
	if err != nil {
		t.Fatal(err)
	}
	return &http.Client{Jar: jar}
}

func reads(t *testing.T, res *http.Response, err error, words ...string) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
	defer res.Body.Close()
	body, err := io.ReadAll(res.Body)
	if err != nil || res.StatusCode != http.StatusOK {
		t.Fatalf("%s: %d, %v: %.300s", res.Request.URL, res.StatusCode, err, body)
	}
	for _, w := range words {
		if !bytes.Contains(body, []byte(w)) {
			t.Errorf("%s does not say %q", res.Request.URL, w)
		}
	}
}

func folders(t *testing.T, in string) (names []string) {
	t.Helper()
	entries, err := os.ReadDir(in)
	if err != nil {
		t.Fatal(err)
	}
	for _, e := range entries {
		names = append(names, e.Name())
	}
	return names
}

func TestADemoThatWasKilledLeavesNothingToTheNextOne(t *testing.T) {
	t.Parallel()
	folder, ann := t.TempDir(), browser(t)
	p := startDemo(t, folder)
	res, err := ann.Get(p.url + "/")
	reads(t, res, err, "Your own demo", "30 minutes left")
	res, err = ann.PostForm(p.url+"/places", url.Values{"name": {"Ann’s"}, "address": {"1"}})
	reads(t, res, err, "Done:", "Ann’s")
	if err := p.cmd.Process.Kill(); err != nil {
		t.Fatal(err)
	}
	_ = p.cmd.Wait()
	left := folders(t, folder)
	if len(left) != 1 || !strings.HasPrefix(left[0], "maitred-demo-") {
		t.Fatalf("the demo left %q", left)
	}

	next := startDemo(t, folder)
	if now := folders(t, folder); len(now) != 1 || now[0] == left[0] {
		t.Errorf("there are %q, before it was %q", now, left)
	}
	at, err := url.Parse(p.url)
	if err != nil {
		t.Fatal(err)
	}
	kept := ann.Jar.Cookies(at)
	at, err = url.Parse(next.url)
	if err != nil {
		t.Fatal(err)
	}
	ann.Jar.SetCookies(at, kept)
	res, err = ann.Get(next.url + "/places/203")
	reads(t, res, err, "Your demo was over, and nothing of it is kept.", "30 minutes left")
	res, err = ann.Get(next.url + "/places")
	reads(t, res, err, "202 places")
	next.stop()
	if now := folders(t, folder); len(now) != 0 {
		t.Errorf("the demo that was stopped left %q", now)
	}
}

func TestWrongLimitsOfADemoAreRefusedInOneLine(t *testing.T) {
	t.Parallel()
	for flag, words := range map[string]string{
		"--minutes": "from 1 to 1,440", "--visitors": "from 1 to", "--per-address": "from 1 to", "--copies": "from 1 to", "--copy-size": "from 1 to",
	} {
		refuses(t, []string{"demo", "--addr", "localhost:0", flag, "0"}, flag+" 0", words)
	}
	refuses(t, []string{"demo", "--addr", "localhost:0", "--copy-size", "1"}, "--copy-size 1", "give more")
	refuses(t, []string{"demo", "--addr", "localhost:0", "--folder", "/nowhere"}, "make a folder for the demo", "/nowhere")
	refuses(t, []string{"demo", "--minutes", "many"}, "--minutes")
}
