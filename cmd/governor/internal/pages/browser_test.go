//go:build integration

package pages

import (
	"context"
	"errors"
	"fmt"
	"net/url"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/chromedp/cdproto/cdp"
	"github.com/chromedp/cdproto/emulation"
	"github.com/chromedp/cdproto/log"
	"github.com/chromedp/cdproto/network"
	"github.com/chromedp/cdproto/runtime"
	"github.com/chromedp/chromedp"
	"github.com/chromedp/chromedp/kb"

	"github.com/contactgovernor/governor/cmd/governor/internal/desk"
)

// These tests look at the pages with the Chromium or Chrome that is there; where there is none, .ci/services installs
// Debian's. Where GOVERNOR_SCREENSHOTS names a folder, they leave there what they saw.

// patience is how long a browser may take on a machine that is busy; nothing is right or wrong by it.
const patience = 5 * time.Minute

// look is how somebody looks at a page.
type look struct {
	name          string
	width, height int64
	dark          bool
	noScript      bool
}

func looks() []look {
	return []look{
		{name: "light", width: 1280, height: 900},
		{name: "dark", width: 1280, height: 900, dark: true},
		{name: "narrow", width: 320, height: 640},
		{name: "narrow-dark-without-script", width: 320, height: 640, dark: true, noScript: true},
	}
}

// eyes are those of somebody at a browser, which looks at one world.
type eyes struct {
	context.Context
	t     *testing.T
	world *world
	look  look

	mu    sync.Mutex
	asked []string // whatever it fetched
	wrong []string // whatever it complained of
}

func look1(t *testing.T, w *world, l look) *eyes {
	t.Helper()
	// It looks at nothing but our own pages, so it needs no sandbox, which not every machine lets it have.
	options := append(slices.Clone(chromedp.DefaultExecAllocatorOptions[:]), chromedp.NoSandbox)
	ctx, cancel := context.WithTimeout(t.Context(), patience)
	t.Cleanup(cancel)
	ctx, cancel = chromedp.NewExecAllocator(ctx, options...)
	t.Cleanup(cancel)
	ctx, cancel = chromedp.NewContext(ctx)
	t.Cleanup(cancel)
	e := &eyes{Context: ctx, t: t, world: w, look: l}
	if err := chromedp.Listen(ctx, e.hear); err != nil {
		t.Fatal(err)
	}
	scheme := "light"
	if l.dark {
		scheme = "dark"
	}
	call(e, network.Enable, network.EnableParams{})
	call(e, log.Enable, cdp.Empty{})
	call(e, runtime.Enable, cdp.Empty{})
	call(e, emulation.SetDeviceMetricsOverride, emulation.SetDeviceMetricsOverrideParams{Width: l.width, Height: l.height, DeviceScaleFactor: 1})
	call(e, emulation.SetEmulatedMedia, emulation.SetEmulatedMediaParams{
		Features: []*emulation.MediaFeature{{Name: "prefers-color-scheme", Value: scheme}},
	})
	call(e, emulation.SetScriptExecutionDisabled, emulation.SetScriptExecutionDisabledParams{Value: l.noScript})
	return e
}

func (e *eyes) hear(event any) {
	e.mu.Lock()
	defer e.mu.Unlock()
	switch ev := event.(type) {
	case *network.EventRequestWillBeSent:
		e.asked = append(e.asked, ev.Request.URL)
	case *log.EventEntryAdded:
		e.wrong = append(e.wrong, ev.Entry.Text)
	case *runtime.EventExceptionThrown:
		e.wrong = append(e.wrong, ev.ExceptionDetails.Text)
	case *runtime.EventConsoleAPICalled:
		e.wrong = append(e.wrong, fmt.Sprint("console: ", ev.Type))
	}
}

func (e *eyes) do(actions ...chromedp.Action[chromedp.Void]) {
	e.t.Helper()
	if err := chromedp.Do(e, actions...); err != nil {
		e.t.Fatal(err)
	}
}

// get is what an action comes back with.
func get[T any](e *eyes, action chromedp.Action[T]) T {
	e.t.Helper()
	got, err := chromedp.Run(e, action)
	if err != nil {
		e.t.Fatal(err)
	}
	return got
}

// call is what the browser answers to a command.
func call[P, R any](e *eyes, command cdp.Command[P, R], params P) R {
	e.t.Helper()
	got, err := chromedp.Call(e, command, params)
	if err != nil {
		e.t.Fatal(err)
	}
	return got
}

// keep leaves what is seen, down to the end of the page, in the folder for it.
func (e *eyes) keep(name string) {
	e.t.Helper()
	folder := os.Getenv("GOVERNOR_SCREENSHOTS")
	if folder == "" {
		return
	}
	picture := get(e, chromedp.FullScreenshot(100))
	if err := errors.Join(os.MkdirAll(folder, 0o755), os.WriteFile(filepath.Join(folder, e.look.name+"-"+name+".png"), picture, 0o644)); err != nil {
		e.t.Fatal(err)
	}
}

// comes waits until what the script says is so. While one page goes and the next comes, nobody answers.
func (e *eyes) comes(what, script string) {
	e.t.Helper()
	for {
		got, err := chromedp.Run(e, chromedp.Evaluate[bool](script))
		if err == nil && got {
			return
		}
		select {
		case <-e.Done():
			e.t.Fatalf("%s: it does not come: %v", what, err)
		case <-time.After(20 * time.Millisecond):
		}
	}
}

// goes opens a page.
func (e *eyes) goes(path string) {
	e.t.Helper()
	e.do(chromedp.Navigate(e.world.server.URL+path), chromedp.WaitVisible(chromedp.CSS("main")))
}

// audit is what can be said about a page by looking at all of it: what is wider than the window, what cannot be read (WCAG
// 2.2, 1.4.3), pressed (2.5.8), or is there without a name.
const audit = `(() => {
  const wrong = [];
  const say = (what, e) => wrong.push(what + ": " + (e.outerHTML || "").slice(0, 120));
  const root = document.documentElement;
  if (root.scrollWidth > root.clientWidth) {
    for (const e of document.body.querySelectorAll("*")) {
      if (e.getBoundingClientRect().right > root.clientWidth + 0.5 && !e.closest(".scroll, .quiet, .skip")) say("too wide", e);
    }
    wrong.push("the page is " + root.scrollWidth + " wide in a window of " + root.clientWidth);
  }
  const rgb = (c) => (c.match(/[\d.]+/g) || []).map(Number);
  const luminance = (c) => {
    const [r, g, b] = c.slice(0, 3).map((v) => (v /= 255) <= 0.03928 ? v / 12.92 : ((v + 0.055) / 1.055) ** 2.4);
    return 0.2126 * r + 0.7152 * g + 0.0722 * b;
  };
  const ground = (e) => {
    for (; e; e = e.parentElement) {
      const c = rgb(getComputedStyle(e).backgroundColor);
      if (c.length === 3 || c[3] > 0) return c;
    }
    return [255, 255, 255];
  };
  const contrast = (a, b) => (Math.max(a, b) + 0.05) / (Math.min(a, b) + 0.05);
  const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  let read = 0;
  for (let n; (n = walker.nextNode());) {
    const e = n.parentElement;
    if (!n.data.trim() || !e.getClientRects().length || e.closest("noscript, .quiet, .skip, svg")) continue;
    read++;
    const of = contrast(luminance(rgb(getComputedStyle(e).color)), luminance(ground(e)));
    if (of < 4.5) say("a contrast of " + of.toFixed(1), e);
    if (parseFloat(getComputedStyle(e).fontSize) < 12) say("too small to read", e);
  }
  if (!read) wrong.push("there is no text");
  for (const e of document.querySelectorAll("rect.approved, rect.vetoed, .trend rect, .share .part")) {
    if (!e.getClientRects().length) continue;
    const of = contrast(luminance(rgb(getComputedStyle(e).fill)), luminance(ground(e.closest("svg").parentElement)));
    if (of < 3) { say("a mark with a contrast of " + of.toFixed(1), e); break; }
  }
  for (const e of document.querySelectorAll("button, summary, nav a, input:not([type=hidden]), textarea")) {
    const r = e.getBoundingClientRect();
    if (e.getClientRects().length && (r.height < 24 || r.width < 24)) say("too small to press: " + Math.round(r.width) + " by " + Math.round(r.height), e);
  }
  for (const e of document.querySelectorAll("input:not([type=hidden]), textarea")) {
    if (e.checkVisibility() && (!e.labels || !e.labels.length || !e.labels[0].innerText.trim())) say("no label", e);
  }
  for (const e of document.querySelectorAll("button, a, summary")) {
    if (!(e.textContent.trim() || e.getAttribute("aria-label"))) say("no name", e);
  }
  for (const e of document.querySelectorAll("svg")) {
    if (e.getAttribute("aria-hidden") === "true") continue;
    if (e.getAttribute("role") !== "img" || !(e.querySelector("title") || e.getAttribute("aria-label"))) say("a picture without words", e);
  }
  for (const e of document.querySelectorAll("[aria-labelledby], [aria-describedby]")) {
    for (const id of (e.getAttribute("aria-labelledby") || e.getAttribute("aria-describedby")).split(/\s+/)) {
      if (!document.getElementById(id)) say("it names " + id + ", which is not there", e);
    }
  }
  const ids = Array.from(document.querySelectorAll("[id]"), (e) => e.id);
  for (const id of new Set(ids.filter((id, i) => ids.indexOf(id) !== i))) wrong.push("twice: " + id);
  for (const e of document.querySelectorAll("th")) if (!e.scope) say("a head of nothing", e);
  for (const e of document.querySelectorAll(".scroll")) if (e.tabIndex !== 0 || !e.getAttribute("aria-label")) say("keys cannot scroll it", e);
  const heads = Array.from(document.querySelectorAll("h1, h2, h3"), (e) => +e.tagName[1]);
  if (heads.filter((h) => h === 1).length !== 1 || heads[0] !== 1) wrong.push("headings " + heads);
  heads.forEach((h, i) => { if (i && h > heads[i - 1] + 1) wrong.push("a heading is left out: " + heads); });
  for (const [what, n] of [["main", 1], ["header.top", 1], ["footer", 1], ["a.skip", 1]]) {
    if (document.querySelectorAll(what).length !== n) wrong.push("landmark " + what);
  }
  if (!root.lang || !document.title) wrong.push("no language, or no title");
  return wrong;
})()`

// sound makes sure that there is nothing to complain of: for the browser, the Content-Security-Policy first of all, and for
// who looks.
func (e *eyes) sound(name string) {
	e.t.Helper()
	// Whoever has scripts off is looked at by ours all the same.
	call(e, emulation.SetScriptExecutionDisabled, emulation.SetScriptExecutionDisabledParams{})
	for _, what := range get(e, chromedp.Evaluate[[]string](audit)) {
		e.t.Errorf("%s, %s: %s", e.look.name, name, what)
	}
	call(e, emulation.SetScriptExecutionDisabled, emulation.SetScriptExecutionDisabledParams{Value: e.look.noScript})
	e.keep(name)
	e.mu.Lock()
	defer e.mu.Unlock()
	for _, address := range e.asked {
		u, err := url.Parse(address)
		if err != nil || !strings.HasPrefix(address, e.world.server.URL+"/") && u.Scheme != "about" {
			e.t.Errorf("%s: it asked %s", name, address)
		}
		if strings.Contains(address, "mara") {
			e.t.Errorf("%s: a person stands in an address", name)
		}
	}
	for _, what := range e.wrong {
		e.t.Errorf("%s, %s: it complains: %s", e.look.name, name, what)
	}
	e.asked, e.wrong = nil, nil
}

// press presses a button, or follows a link.
func (e *eyes) press(what string) {
	e.t.Helper()
	e.do(chromedp.Click(chromedp.CSS(what)))
}

// Every page, by day, at night, on a small telephone, and without scripts.
func TestInABrowserEveryPageIsSound(t *testing.T) {
	for _, l := range looks() {
		t.Run(l.name, func(t *testing.T) {
			w := newWorld(t)
			e := look1(t, w, l)
			e.goes("/")
			e.comes("the login", `document.querySelector("h1").innerText === "Log in"`)
			e.sound("0-login")
			e.do(chromedp.SendKeys(chromedp.CSS("#secret"), token("all")))
			e.press("main button")
			e.comes("the overview", `!!document.querySelector(".hero")`)
			if !l.noScript {
				e.comes("it is live", `document.querySelector("#going").innerText === "Live"`)
			}
			e.sound("1-overview")
			e.goes("/holds")
			e.sound("2-holds")
			w.mu.Lock()
			w.status = holding(w.now)
			w.mu.Unlock()
			e.goes("/holds")
			e.sound("3-held")
			e.goes("/people")
			e.do(chromedp.SendKeys(chromedp.CSS("#person"), secretPerson))
			e.press("main button")
			e.comes("the person", `!!document.querySelector(".timeline")`)
			e.sound("4-person")
			e.goes("/policy")
			e.sound("5-policy")
			e.goes("/what-if")
			e.press("main button")
			e.comes("the opinions", `!!document.querySelector(".opinions")`)
			e.sound("6-what-if")
			w.mu.Lock()
			w.view, w.status = &desk.View{Figures: desk.Figures{OneIn: 1}}, well(w.now)
			w.mu.Unlock()
			e.goes("/")
			e.sound("7-empty")
		})
	}
}

// What is decided is there without anybody doing anything; who wants it to stand still has a button.
func TestInABrowserTheOverviewKeepsUp(t *testing.T) {
	w := newWorld(t, open)
	e := look1(t, w, looks()[0])
	e.goes("/")
	e.comes("it is live", `document.querySelector("#going").innerText === "Live"`)
	w.decide(desk.Verdict{Decided: w.clock(), ID: "new", Person: "p-new", Channel: "call", Campaign: "just-now", Purpose: "survey", Verdict: "approved"})
	e.comes("the new one", `document.querySelector(".verdicts li").innerText.includes("just-now")`)
	e.press("#pause")
	e.comes("it stands still", `document.querySelector("#going").innerText === "Paused"`)
	w.decide(desk.Verdict{Decided: w.clock(), ID: "later", Person: "p-later", Channel: "call", Campaign: "later-on", Purpose: "survey", Verdict: "approved"})
	w.mu.Lock()
	w.status = holding(w.now)
	w.mu.Unlock()
	e.press("#pause")
	e.comes("what came meanwhile", `document.querySelector(".verdicts li").innerText.includes("later-on")`)
	e.comes("how it fares", `document.querySelector("#status").innerText.includes("Held")`)
	e.press(".verdicts button")
	e.comes("the person", `document.querySelector("h1").innerText === "A person" && document.querySelector("#person").value === "p-later"`)
}

// Nobody needs a mouse: every link, button and field is reached with one key, in the order in which it stands there, and what
// has the focus is seen.
func TestInABrowserAKeyIsEnough(t *testing.T) {
	w := newWorld(t)
	e := look1(t, w, looks()[0])
	e.goes("/login")
	e.do(chromedp.SendKeys(chromedp.CSS("#secret"), token("all")), chromedp.KeyEvent(kb.Enter))
	e.comes("the overview", `!!document.querySelector(".hero")`)
	for _, path := range []string{"/", "/holds", "/people", "/policy", "/what-if"} {
		e.goes(path)
		all := get(e, chromedp.Evaluate[int](`Array.from(document.querySelectorAll("a[href], button, input:not([type=hidden]), textarea, summary, [tabindex='0']")).filter((e) => e.checkVisibility()).length`))
		reached := 0
		for range all {
			e.do(chromedp.KeyEvent(kb.Tab))
			if seen := get(e, chromedp.Evaluate[bool](`(() => {
				const e = document.activeElement, s = getComputedStyle(e);
				return e !== document.body && (s.outlineStyle !== "none" && parseFloat(s.outlineWidth) >= 2) && e.getBoundingClientRect().top > -1;
			})()`)); seen {
				reached++
			}
		}
		if reached != all || all < 6 {
			t.Errorf("%s: %d of %d are reached and seen", path, reached, all)
		}
	}
	e.goes("/")
	e.do(chromedp.KeyEvent(kb.Tab), chromedp.KeyEvent(kb.Enter))
	e.comes("past the menu", `document.activeElement.id === "main"`)
}
