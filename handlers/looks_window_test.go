package handlers_test

import (
	"cmp"
	"context"
	"encoding/json"
	"fmt"
	"net/url"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/chromedp/cdproto/cdp"
	"github.com/chromedp/cdproto/emulation"
	"github.com/chromedp/cdproto/network"
	tab "github.com/chromedp/cdproto/page"
	"github.com/chromedp/chromedp"
)

// window is one of a browser that counts what it fetches.
type window struct {
	ctx    context.Context
	width  int64
	scheme string

	mu       sync.Mutex
	cached   map[network.RequestID]bool
	requests int
	bytes    int
	said     []string
}

// openWindows opens a browser with so many windows, which share nothing.
func openWindows(t *testing.T, n int) chan *window {
	t.Helper()
	browser, closeBrowser := chromedp.NewContext(launch(t))
	browser, late := context.WithTimeout(browser, 20*time.Minute)
	t.Cleanup(func() { _ = chromedp.Cancel(browser); late(); closeBrowser() })
	if err := chromedp.Do(browser); err != nil {
		t.Fatal(err)
	}
	opened := make(chan *window, n)
	for range n {
		ctx, closeTab := chromedp.NewContext(browser, chromedp.WithNewBrowserContext())
		t.Cleanup(closeTab)
		b := &window{ctx: ctx, cached: map[network.RequestID]bool{}}
		if err := chromedp.Listen(ctx, b.hear); err != nil {
			t.Fatal(err)
		}
		_, errNetwork := chromedp.Call(ctx, network.Enable, network.EnableParams{})
		_, errPage := chromedp.Call(ctx, tab.Enable, tab.EnableParams{})
		_, errBars := chromedp.Call(ctx, emulation.SetScrollbarsHidden, emulation.SetScrollbarsHiddenParams{Hidden: true})
		if err := cmp.Or(errNetwork, errPage, errBars); err != nil {
			t.Fatal(err)
		}
		console := chromedp.Console(ctx)
		go func() {
			for m, err := range console {
				if err != nil {
					return
				}
				b.mu.Lock()
				refused := strings.Contains(m.Text, "Failed to load resource: the server responded with a status of") // as it should be
				asks := strings.Contains(m.Text, "Blocked attempt to show a 'beforeunload'")                          // whether to leave, somebody who did nothing
				if !refused && !asks {
					b.said = append(b.said, string(m.Type)+": "+m.Text)
				}
				b.mu.Unlock()
			}
		}()
		opened <- b
	}
	return opened
}

// hear counts what comes over the network.
func (b *window) hear(ev any) {
	b.mu.Lock()
	defer b.mu.Unlock()
	switch ev := ev.(type) {
	case *network.EventRequestServedFromCache:
		b.cached[ev.RequestID] = true
	case *network.EventResponseReceived:
		if ev.Response.FromDiskCache || strings.HasPrefix(ev.Response.URL, "data:") {
			b.cached[ev.RequestID] = true
		}
	case *network.EventLoadingFinished:
		if !b.cached[ev.RequestID] {
			b.requests++
			b.bytes += int(ev.EncodedDataLength)
		}
	}
}

// weight is what the tab fetched since its last page began.
func (b *window) weight() (requests, bytes int) {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.requests, b.bytes
}

// console is what was said on it, once.
func (b *window) console() (said []string) {
	b.mu.Lock()
	defer b.mu.Unlock()
	said, b.said = b.said, nil
	return said
}

// forget makes the next visit the first one.
func (b *window) forget() {
	_, _ = chromedp.Call(b.ctx, network.ClearBrowserCache, cdp.Empty{})
}

// signIn lets the browser have these cookies and no others.
func (b *window) signIn(t *testing.T, site string, cookies map[string]string) {
	t.Helper()
	_, err := chromedp.Call(b.ctx, network.ClearBrowserCookies, cdp.Empty{})
	var all []*network.CookieParam
	for name, value := range cookies {
		all = append(all, &network.CookieParam{Name: name, Value: value, URL: site})
	}
	if len(all) > 0 && err == nil {
		_, err = chromedp.Call(b.ctx, network.SetCookies, network.SetCookiesParams{Cookies: all})
	}
	if err != nil {
		t.Fatal(err)
	}
}

// load goes to a page, by a form if there is one, and returns its status.
func (b *window) load(t *testing.T, site, path, form string) int64 {
	t.Helper()
	step := func(ctx context.Context) (*network.Response, error) {
		return chromedp.Run(ctx, chromedp.NavigateResponse(site+path))
	}
	if form != "" {
		if err := chromedp.Do(b.ctx, chromedp.Navigate(site+"/healthz")); err != nil { // a form of another site is refused
			t.Fatal(err)
		}
		fields, err := url.ParseQuery(form)
		if err != nil {
			t.Fatal(err)
		}
		sent, err := json.Marshal(map[string]any{"action": path, "fields": fields})
		if err != nil {
			t.Fatal(err)
		}
		step = func(ctx context.Context) (*network.Response, error) {
			return chromedp.RunResponse(ctx, chromedp.Evaluate[chromedp.Void](send+"("+string(sent)+")"))
		}
	}
	var response *network.Response
	var err error
	for again := 0; response == nil && again < 3; again++ { // a busy browser now and then tells nothing of a page, or not that it ended
		b.mu.Lock()
		b.requests, b.bytes = 0, 0
		b.mu.Unlock()
		ctx, enough := context.WithTimeout(b.ctx, time.Minute)
		response, err = step(ctx)
		enough()
		if err != nil && b.ctx.Err() == nil && ctx.Err() != nil {
			t.Logf("%s: the browser did not say within a minute that it is there", path)
			continue
		}
		if err != nil {
			break
		}
	}
	if err != nil || response == nil {
		t.Fatal(path, response, err)
	}
	return response.Status
}

// send makes a form and sends it.
const send = `(({action, fields}) => {
	const form = Object.assign(document.createElement("form"), {method: "post", action});
	for (const name in fields) for (const value of fields[name]) form.append(Object.assign(document.createElement("input"), {type: "hidden", name, value}));
	document.body.append(form);
	form.submit();
})`

// show makes the window so wide, in CSS pixels, and light or dark.
func (b *window) show(t *testing.T, width int64, scheme string) {
	t.Helper()
	height := int64(900)
	if width < 500 {
		height = 844
	}
	var errSize, errScheme error
	if b.width != width {
		_, errSize = chromedp.Call(b.ctx, emulation.SetDeviceMetricsOverride, emulation.SetDeviceMetricsOverrideParams{Width: width, Height: height, DeviceScaleFactor: 1})
	}
	if b.scheme != scheme {
		_, errScheme = chromedp.Call(b.ctx, emulation.SetEmulatedMedia, emulation.SetEmulatedMediaParams{Features: []*emulation.MediaFeature{{Name: "prefers-color-scheme", Value: scheme}}})
	}
	if err := cmp.Or(errSize, errScheme); err != nil {
		t.Fatal(err)
	}
	b.width, b.scheme = width, scheme
	wide := fmt.Sprintf(`new Promise((done) => { const look = () => innerWidth === %d ? done("") : requestAnimationFrame(look); look(); })`, width)
	if _, err := chromedp.Run(b.ctx, chromedp.Evaluate[string](wide, chromedp.EvalAwaitPromise)); err != nil {
		t.Fatal(err)
	}
}
