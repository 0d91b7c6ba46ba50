package main

import (
	"bytes"
	"fmt"
	"math/rand/v2"
	"mime/multipart"
	"net/http"
	"net/url"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/PuerkitoBio/goquery"
)

// brings uploads a file of a kind and returns the form that confirms it.
func brings(t testing.TB, p *program, kind, file string) (action string, form url.Values) {
	t.Helper()
	var body bytes.Buffer
	w := multipart.NewWriter(&body)
	part, err := w.CreateFormFile("file", "file.csv")
	if err == nil {
		_, err = part.Write([]byte(file))
	}
	if err == nil {
		err = w.Close()
	}
	if err != nil {
		t.Fatal(err)
	}
	res, err := client.Post(p.url+"/"+kind+"/import", w.FormDataContentType(), &body)
	if err != nil {
		t.Fatal(err)
	}
	defer res.Body.Close()
	page, err := goquery.NewDocumentFromReader(res.Body)
	if err != nil {
		t.Fatal(err)
	}
	shown := page.Find("main form[method=post]")
	if res.StatusCode != http.StatusOK || shown.Find("[name=confirm]").Length() != 1 {
		t.Fatalf("the upload is answered with %d: %s", res.StatusCode, strings.Join(strings.Fields(page.Find("main").Text()), " "))
	}
	form = url.Values{}
	for _, e := range shown.Find("input:not([type=checkbox])").EachIter() {
		form.Add(e.AttrOr("name", ""), e.AttrOr("value", ""))
	}
	return shown.AttrOr("action", ""), form
}

// A long import is killed at some moment. Afterwards all of its rows are there or none, and the page that
// showed how far it was says which.
func TestAKilledImportLeavesAllRowsOrNone(t *testing.T) {
	t.Parallel()
	const rows = 10_500
	var file strings.Builder
	file.WriteString("name,address\n")
	for i := range rows {
		fmt.Fprintf(&file, "Stall %d,%d Market Row\n", i, i+1)
	}
	whole, none := 0, 0
	for round := 0; round < 4 || round < 12 && (whole == 0 || none == 0); round++ {
		database := filepath.Join(t.TempDir(), "maitred.db")
		p := start(t, database)
		action, form := brings(t, p, "places", file.String())
		res, err := client.PostForm(p.url+action, form)
		if err != nil {
			t.Fatal(err)
		}
		_ = res.Body.Close()
		progress := res.Header.Get("Location")
		if res.StatusCode != http.StatusSeeOther || !strings.HasPrefix(progress, "/progress/") {
			t.Fatalf("confirming is answered with %d and leads to %q", res.StatusCode, progress)
		}
		if round%2 == 0 {
			time.Sleep(rand.N(300 * time.Millisecond))
		} else { // when it is done, or nearly
			for done := false; !done; {
				at := p.get(progress)
				done = at.status == http.StatusSeeOther
			}
		}
		if err := p.cmd.Process.Kill(); err != nil {
			t.Fatal(err)
		}
		_ = p.cmd.Wait()
		isSound(t, programFile(t), database)
		p = start(t, database)
		switch n := answer(t, database, "SELECT count(*) FROM places"); n {
		case "0":
			none++
			p.get(progress).answers(http.StatusNotFound).says("Nothing was done")
		case fmt.Sprint(rows):
			whole++
			p.get(progress).answers(http.StatusSeeOther)
		default:
			t.Errorf("%s of %d places are there", n, rows)
		}
		p.stop()
	}
	if whole == 0 || none == 0 {
		t.Errorf("all were there %d times, and none %d times", whole, none)
	}
}
