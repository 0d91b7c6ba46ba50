package main

import (
	"bufio"
	"bytes"
	"fmt"
	"net"
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"
)

func TestTheProgramSaysItsAddressAndServesANewSite(t *testing.T) {
	t.Parallel()
	database := filepath.Join(t.TempDir(), "new.db")
	p := start(t, database)
	if !strings.HasPrefix(p.url, "http://localhost:") {
		t.Errorf("the program says it is at %s", p.url)
	}
	p.get("/healthz").answers(http.StatusOK).says("ok")
	p.get("/").answers(http.StatusOK).says("Load the sample data")
	p.post("/places", "name", "Demon Dogs", "address", "944 W. Fullerton").answers(http.StatusSeeOther)
	p.stop()
	again := start(t, database)
	again.get("/places/1").answers(http.StatusOK).says("Demon Dogs")
	again.stop()
}

func TestARequestThatWasAcceptedIsFinishedWhenTheProgramIsToldToStop(t *testing.T) {
	t.Parallel()
	database := filepath.Join(t.TempDir(), "maitred.db")
	p := start(t, database)
	at, err := url.Parse(p.url)
	if err != nil {
		t.Fatal(err)
	}
	conn, err := net.Dial("tcp", at.Host)
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	const body = "name=Demon+Dogs&address=944+W.+Fullerton"
	fmt.Fprintf(conn, "POST /places HTTP/1.1\r\nHost: %s\r\nCookie: maitred_session=%s\r\nContent-Type: application/x-www-form-urlencoded\r\nContent-Length: %d\r\n\r\n%s", at.Host, visits.of(at.Host), len(body), body[:10])
	time.Sleep(100 * time.Millisecond) // until the server has read so far
	if err := p.cmd.Process.Signal(syscall.SIGTERM); err != nil {
		t.Fatal(err)
	}
	for deadline := time.Now().Add(5 * time.Second); ; time.Sleep(10 * time.Millisecond) {
		other, err := net.Dial("tcp", at.Host)
		if err != nil {
			break // nobody new is let in
		}
		_ = other.Close()
		if time.Now().After(deadline) {
			t.Fatal("the program still accepts connections")
		}
	}
	fmt.Fprint(conn, body[10:])
	res, err := http.ReadResponse(bufio.NewReader(conn), nil)
	if err != nil {
		t.Fatal(err)
	}
	defer res.Body.Close()
	if res.StatusCode != http.StatusSeeOther {
		t.Errorf("the request was answered with %d", res.StatusCode)
	}
	p.ends()
	start(t, database).get(res.Header.Get("Location")).answers(http.StatusOK).says("Demon Dogs")
}

func TestWhatWasConfirmedOutlivesAKill(t *testing.T) {
	t.Parallel()
	database := filepath.Join(t.TempDir(), "maitred.db")
	var confirmed []string
	for round := range 3 {
		p := start(t, database)
		for _, path := range confirmed {
			p.get(path).answers(http.StatusOK)
		}
		saved := make(chan string)
		for writer := range 4 {
			go func() {
				for i := 0; ; i++ {
					name := fmt.Sprintf("Place %d.%d.%d", round, writer, i)
					res, err := client.PostForm(p.url+"/places", url.Values{"name": {name}, "address": {"1"}})
					if err != nil { // killed
						saved <- ""
						return
					}
					_ = res.Body.Close()
					if res.StatusCode == http.StatusSeeOther {
						saved <- res.Header.Get("Location")
					}
				}
			}()
		}
		for range 30 {
			confirmed = append(confirmed, <-saved)
		}
		if err := p.cmd.Process.Kill(); err != nil {
			t.Fatal(err)
		}
		for ended := 0; ended < 4; {
			if path := <-saved; path != "" {
				confirmed = append(confirmed, path)
			} else {
				ended++
			}
		}
		_ = p.cmd.Wait()
	}
	p := start(t, database)
	for _, path := range confirmed {
		p.get(path).answers(http.StatusOK)
	}
	p.stop()
}

func TestADatabaseThatIsNoneIsRefusedInOneLine(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	empty, garbage := filepath.Join(dir, "empty.db"), filepath.Join(dir, "garbage.db")
	for file, content := range map[string]string{empty: "", garbage: strings.Repeat("this is no database ", 100)} {
		if err := os.WriteFile(file, []byte(content), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	other, newer, half := filepath.Join(dir, "other.db"), filepath.Join(dir, "newer.db"), filepath.Join(dir, "half.db")
	tamper(t, other, "CREATE TABLE recipes (id INTEGER PRIMARY KEY)")
	for _, file := range []string{newer, half} {
		start(t, file).stop()
	}
	tamper(t, newer, "INSERT INTO bun_migrations (name, group_id, migrated_at) VALUES ('29990101000000', 9, '2999-01-01')")
	if err := os.Truncate(half, 64<<10); err != nil {
		t.Fatal(err)
	}
	for file, words := range map[string][]string{
		other: {"is not a database of maitred", "leave it as it is"},
		newer: {"is from a newer maitred: try again with that one"},
		half:  {"is not a database of maitred, or a damaged one: leave it as it is and look for a copy"},
	} {
		before, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		refuses(t, []string{"--addr", "localhost:0", "--database", file}, append(words, "maitred: "+file)...)
		refuses(t, []string{"fill", "--places", "1", "--database", file}, append(words, "maitred: "+file)...)
		if after, err := os.ReadFile(file); err != nil || !bytes.Equal(before, after) {
			t.Errorf("%s was touched: %v", file, err)
		}
	}
	refuses(t, []string{"--addr", "localhost:0", "--database", empty}, "maitred:", empty, "empty", "remove it")
	refuses(t, []string{"--addr", "localhost:0", "--database", garbage}, "maitred:", garbage)
	refuses(t, []string{"--addr", "localhost:0", "--database", filepath.Join(dir, "no", "folder.db")}, "maitred:", "folder.db")
	refuses(t, []string{"--addr", "localhost:0", "--database", dir}, "maitred:", dir)
	if info, err := os.Stat(empty); err != nil || info.Size() != 0 {
		t.Errorf("the empty file was touched: %v %v", info, err)
	}
	if content, err := os.ReadFile(garbage); err != nil || !bytes.HasPrefix(content, []byte("this is no database")) {
		t.Errorf("the other file was touched: %v", err)
	}
}

func TestTheEnvironmentSetsWhatFlagsDoNot(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	file, err := binary()
	if err != nil {
		t.Fatal(err)
	}
	byEnvironment, byFlag := filepath.Join(dir, "environment.db"), filepath.Join(dir, "flag.db")
	env := []string{"MAITRED_ADDR=127.0.0.1:0", "MAITRED_DATABASE=" + byEnvironment}
	p := startFile(t, file, nil, env...)
	if !strings.HasPrefix(p.url, "http://127.0.0.1:") {
		t.Errorf("the program says it is at %s", p.url)
	}
	p.stop()
	p = startFile(t, file, []string{"serve", "--database", byFlag}, env...)
	p.stop()
	for _, database := range []string{byEnvironment, byFlag} {
		if _, err := os.Stat(database); err != nil {
			t.Error(err)
		}
	}
}

func TestAWrongCommandLineIsRefusedInOneLine(t *testing.T) {
	t.Parallel()
	refuses(t, []string{"--nonsense"}, "maitred:", "--nonsense")
	refuses(t, []string{"nonsense"}, "maitred:", "nonsense")
	refuses(t, []string{"--addr"}, "maitred:", "--addr")
	refuses(t, []string{"--addr", "nonsense"}, "maitred:", "nonsense")
	refuses(t, []string{"--addr", "localhost:99999999"}, "maitred:", "99999999")
}

func TestAnAddressThatIsInUseIsRefusedInOneLine(t *testing.T) {
	t.Parallel()
	taken, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer taken.Close()
	refuses(t, []string{"--addr", taken.Addr().String()}, "maitred:", taken.Addr().String(), "in use")
}
