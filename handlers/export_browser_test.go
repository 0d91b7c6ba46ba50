package handlers_test

import (
	"os"
	"path/filepath"
	"testing"
	"time"

	tab "github.com/chromedp/cdproto/browser"
	"github.com/chromedp/chromedp"
	"github.com/chromedp/chromedp/kb"
)

// A list is downloaded by keyboard, with scripts and without, and the page stays where it is.
func TestAListIsDownloadedByKeyboardAlone(t *testing.T) {
	t.Parallel()
	for _, scripts := range []string{"with", "without"} {
		t.Run(scripts+" scripts", func(t *testing.T) {
			folder := t.TempDir()
			b := openBrowser(t, newSite(t))
			if _, err := chromedp.Call(b.ctx, tab.SetDownloadBehavior, tab.SetDownloadBehaviorParams{Behavior: "allow", DownloadPath: folder}); err != nil {
				t.Fatal(err)
			}
			if scripts == "without" {
				b.withoutScripts()
			}
			b.goTo("/places?q=demon")
			b.tabTo("what a list can be downloaded as", func(e element) bool { return e.Tag == "summary" && e.Words == "Download" })
			b.press(kb.Enter)
			b.follow("As CSV, for any program")
			var names []string
			for deadline := time.Now().Add(20 * time.Second); len(names) != 1 && time.Now().Before(deadline); time.Sleep(20 * time.Millisecond) {
				names, _ = filepath.Glob(filepath.Join(folder, "*.csv"))
			}
			if len(names) != 1 {
				t.Fatalf("there are %q", names)
			}
			content, err := os.ReadFile(names[0])
			if err != nil {
				t.Fatal(err)
			}
			if got, want := string(content), "\ufeffid,name,address\r\n1,Demon Dogs,944 W. Fullerton\r\n"; got != want {
				t.Errorf("%s holds %q, want %q", filepath.Base(names[0]), got, want)
			}
			b.sees("/places", "Demon Dogs")
		})
	}
}
