//go:build integration

package leave

import (
	"context"
	"errors"
	"fmt"
	"math"
	"net/http/httptest"
	"net/url"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/chromedp/cdproto/accessibility"
	"github.com/chromedp/cdproto/cdp"
	"github.com/chromedp/cdproto/emulation"
	"github.com/chromedp/cdproto/log"
	"github.com/chromedp/cdproto/network"
	"github.com/chromedp/chromedp"
	"github.com/chromedp/chromedp/kb"
)

// These tests look at the pages with the Chromium or Chrome that is there; where there is none, .ci/services installs
// Debian's. Where GOVERNOR_SCREENSHOTS names a folder, they leave there what they saw.

// patience is how long a browser may take on a machine that is busy; nothing is right or wrong by it.
const patience = 2 * time.Minute

// What there is on a page.
const (
	button  = chromedp.CSS("button")
	heading = chromedp.CSS("h1")
)

// browser is one that nobody has used, at the door.
type browser struct {
	context.Context
	t    *testing.T
	door *door
	at   string // where the door is

	mu    sync.Mutex
	asked []string // whatever it fetched
	wrong []string // whatever it complained of
}

// look is how somebody looks at a page.
type look struct {
	name          string
	width, height int64
	dark          bool
	noScript      bool
	language      string
}

func looks() []look {
	return []look{
		{name: "light", width: 1000, height: 700},
		{name: "dark", width: 1000, height: 700, dark: true},
		{name: "narrow", width: 320, height: 568},
		{name: "narrow-dark-german-without-script", width: 320, height: 568, dark: true, noScript: true, language: "de"},
	}
}

func open(t *testing.T, l look) *browser {
	t.Helper()
	// It looks at nothing but our own pages, so it needs no sandbox, which not every machine lets it have.
	options := append(slices.Clone(chromedp.DefaultExecAllocatorOptions[:]), chromedp.NoSandbox)
	ctx, cancel := context.WithTimeout(t.Context(), patience)
	t.Cleanup(cancel)
	ctx, cancel = chromedp.NewExecAllocator(ctx, options...)
	t.Cleanup(cancel)
	ctx, cancel = chromedp.NewContext(ctx)
	t.Cleanup(cancel)
	b := &browser{Context: ctx, t: t, door: newDoor(t)}
	server := httptest.NewServer(b.door)
	t.Cleanup(server.Close)
	b.at = server.URL
	if err := chromedp.Listen(ctx, b.hear); err != nil {
		t.Fatal(err)
	}
	scheme := "light"
	if l.dark {
		scheme = "dark"
	}
	language := l.language
	if language == "" {
		language = "en"
	}
	call(b, network.Enable, network.EnableParams{})
	call(b, log.Enable, cdp.Empty{})
	call(b, emulation.SetDeviceMetricsOverride, emulation.SetDeviceMetricsOverrideParams{Width: l.width, Height: l.height, DeviceScaleFactor: 1})
	call(b, emulation.SetEmulatedMedia, emulation.SetEmulatedMediaParams{
		Features: []*emulation.MediaFeature{{Name: "prefers-color-scheme", Value: scheme}},
	})
	call(b, emulation.SetScriptExecutionDisabled, emulation.SetScriptExecutionDisabledParams{Value: l.noScript})
	call(b, network.SetExtraHTTPHeaders, network.SetExtraHTTPHeadersParams{Headers: network.Headers{"Accept-Language": language}})
	return b
}

func (b *browser) hear(event any) {
	b.mu.Lock()
	defer b.mu.Unlock()
	switch e := event.(type) {
	case *network.EventRequestWillBeSent:
		b.asked = append(b.asked, e.Request.Method+" "+e.Request.URL)
	case *log.EventEntryAdded:
		b.wrong = append(b.wrong, e.Entry.Text)
	}
}

func (b *browser) do(actions ...chromedp.Action[chromedp.Void]) {
	b.t.Helper()
	if err := chromedp.Do(b, actions...); err != nil {
		b.t.Fatal(err)
	}
}

// get is what an action comes back with.
func get[T any](b *browser, action chromedp.Action[T]) T {
	b.t.Helper()
	got, err := chromedp.Run(b, action)
	if err != nil {
		b.t.Fatal(err)
	}
	return got
}

// call is what the browser answers to a command.
func call[P, R any](b *browser, command cdp.Command[P, R], params P) R {
	b.t.Helper()
	got, err := chromedp.Call(b, command, params)
	if err != nil {
		b.t.Fatal(err)
	}
	return got
}

// sees is what a person sees: the sentence, and the words on buttons.
func (b *browser) sees() (sentence string, buttons []string) {
	b.t.Helper()
	sentence = get(b, chromedp.Evaluate[string](`document.querySelector("main").firstElementChild.innerText`))
	buttons = get(b, chromedp.Evaluate[[]string](`Array.from(document.querySelectorAll("button, a, input:not([type=hidden])")).map(e => e.innerText)`))
	return sentence, buttons
}

// keep leaves what is seen in the folder for it.
func (b *browser) keep(name string) {
	b.t.Helper()
	folder := os.Getenv("GOVERNOR_SCREENSHOTS")
	if folder == "" {
		return
	}
	picture := get(b, chromedp.CaptureScreenshot())
	if err := errors.Join(os.MkdirAll(folder, 0o755), os.WriteFile(filepath.Join(folder, name+".png"), picture, 0o644)); err != nil {
		b.t.Fatal(err)
	}
}

// fits makes sure that nothing is wider than the window, and that what is there can be read: 4.5 to 1 (WCAG 2.2, 1.4.3), and
// a button that a thumb finds (2.5.8).
func (b *browser) fits(width int64) {
	b.t.Helper()
	wide := get(b, chromedp.Evaluate[int64](`document.documentElement.scrollWidth`))
	colours := get(b, chromedp.Evaluate[[]string](`[document.body, ...document.querySelectorAll("button")].flatMap(e => [getComputedStyle(e).color, getComputedStyle(e).backgroundColor])`))
	high := get(b, chromedp.Evaluate[float64](`Math.min(100, ...Array.from(document.querySelectorAll("button")).map(e => e.getBoundingClientRect().height))`))
	if wide > width {
		b.t.Errorf("the page is %d wide in a window of %d", wide, width)
	}
	for i := 0; i+1 < len(colours); i += 2 {
		if c := contrast(colours[i], colours[i+1]); c < 4.5 {
			b.t.Errorf("%s on %s is a contrast of %.1f", colours[i], colours[i+1], c)
		}
	}
	if high < 44 {
		b.t.Errorf("a button is %.0f high", high)
	}
}

// contrast is WCAG's, of two colours as a browser writes them.
func contrast(a, b string) float64 {
	x, y := luminance(a), luminance(b)
	return (max(x, y) + 0.05) / (min(x, y) + 0.05)
}

func luminance(colour string) float64 {
	var rgb [3]float64
	if _, err := fmt.Sscanf(colour, "rgb(%g, %g, %g)", &rgb[0], &rgb[1], &rgb[2]); err != nil {
		return 0.5 // see-through, or nothing that was written here
	}
	for i, c := range rgb {
		if c /= 255; c <= 0.03928 {
			rgb[i] = c / 12.92
		} else {
			rgb[i] = math.Pow((c+0.055)/1.055, 2.4)
		}
	}
	return 0.2126*rgb[0] + 0.7152*rgb[1] + 0.0722*rgb[2]
}

// "GET shows a page with one button and changes nothing … works twice, needs no login, no script; the page says what happened
// in one sentence and asks nothing" (issue 6), to the eyes and at the hand of a person.
func TestInABrowserALinkIsOneSentenceAndOneButton(t *testing.T) {
	for _, l := range looks() {
		t.Run(l.name, func(t *testing.T) {
			b := open(t, l)
			ask, press, done := "Press the button and you will get no more e-mail from north,", "No more e-mail from north", "Your no is stored: you will get no more e-mail from north,"
			if l.language == "de" {
				ask, press, done = "Drücken Sie auf den Knopf, und Sie bekommen keine E-Mails mehr von north,", "Keine E-Mails mehr von north", "Ihr Nein ist gespeichert: Sie bekommen keine E-Mails mehr von north,"
			}
			for round := range 2 {
				b.do(chromedp.Navigate(b.at+link(t)), chromedp.WaitVisible(button))
				if sentence, buttons := b.sees(); !strings.HasPrefix(sentence, ask) || !slices.Equal(buttons, []string{press}) {
					t.Errorf("it says %q, with %q under it", sentence, buttons)
				}
				b.fits(l.width)
				b.keep(l.name + "-1-asked")
				if n := len(b.door.log.signals); n != round {
					t.Fatalf("looking at the page made %d noes of %d", n, round)
				}
				b.do(chromedp.Click(button), chromedp.WaitNotPresent(button), chromedp.WaitVisible(heading))
				if sentence, buttons := b.sees(); !strings.HasPrefix(sentence, done) || len(buttons) != 0 {
					t.Errorf("it says %q, and goes on with %q", sentence, buttons)
				}
				b.fits(l.width)
				b.keep(l.name + "-2-done")
				if n := len(b.door.log.signals); n != round+1 {
					t.Fatalf("%d noes after %d times", n, round+1)
				}
			}
			b.alone(t)
		})
	}
}

// alone makes sure that the browser fetched nothing but the page, kept nothing, and found nothing to complain of, the
// Content-Security-Policy first of all.
func (b *browser) alone(t *testing.T) {
	t.Helper()
	if kept := call(b, network.GetCookies, network.GetCookiesParams{}).Cookies; len(kept) != 0 {
		t.Errorf("it keeps %d cookies", len(kept))
	}
	b.mu.Lock()
	defer b.mu.Unlock()
	for _, request := range b.asked {
		_, address, _ := strings.Cut(request, " ")
		u, err := url.Parse(address)
		if err != nil || u.Scheme != "data" && !strings.HasPrefix(address, b.at+LinkPath) {
			t.Errorf("it asked %s", request)
		}
	}
	for _, what := range b.wrong {
		t.Errorf("it complains: %s", what)
	}
}

// Nobody needs a mouse or eyes: the first key goes to the button, the next presses it; and what a screen reader has to say is
// the title, one heading and one button.
func TestInABrowserAKeyIsEnough(t *testing.T) {
	b := open(t, looks()[0])
	b.do(chromedp.Navigate(b.at+link(t)), chromedp.WaitVisible(button))
	title := get(b, chromedp.Title())
	heard := make(map[string][]string)
	for _, n := range call(b, accessibility.GetFullAXTree, accessibility.GetFullAXTreeParams{}).Nodes {
		if !n.Ignored && n.Role != nil && n.Name != nil {
			heard[textOf(n.Role)] = append(heard[textOf(n.Role)], textOf(n.Name))
		}
	}
	if title != "Say no" || len(heard["heading"]) != 1 || len(heard["main"]) != 1 ||
		!slices.Equal(heard["button"], []string{"No more e-mail from north"}) {
		t.Errorf("a screen reader has %q and %v", title, heard)
	}
	b.do(chromedp.KeyEvent(kb.Tab))
	b.keep("light-3-key")
	if focused := get(b, chromedp.Evaluate[string](`document.activeElement.tagName`)); focused != "BUTTON" {
		t.Fatalf("the first key goes to %s", focused)
	}
	b.do(chromedp.KeyEvent(kb.Enter), chromedp.WaitNotPresent(button), chromedp.WaitVisible(heading))
	if len(b.door.log.signals) != 1 {
		t.Errorf("%d noes", len(b.door.log.signals))
	}
}

// textOf is what stands in a value of the accessibility tree.
func textOf(v *accessibility.Value) string { return strings.Trim(string(v.Value), `"`) }

// "Never pretend": what could not be stored is told, and pressed again it is.
func TestInABrowserAFailureIsToldAndMended(t *testing.T) {
	l := looks()[2]
	b := open(t, l)
	b.door.log.set(errors.New("kafka: nobody answers"))
	b.do(chromedp.Navigate(b.at+link(t)), chromedp.WaitVisible(button), chromedp.Click(button))
	b.comes("Not stored")
	if sentence, buttons := b.sees(); !strings.Contains(sentence, "could not be stored") || len(buttons) != 1 {
		t.Errorf("it says %q, with %q under it", sentence, buttons)
	}
	b.fits(l.width)
	b.keep("narrow-3-failed")
	b.door.log.set(nil)
	b.do(chromedp.Click(button), chromedp.WaitNotPresent(button), chromedp.WaitVisible(heading))
	if len(b.door.log.signals) != 1 {
		t.Errorf("%d noes", len(b.door.log.signals))
	}
	b.do(chromedp.Navigate(b.at + link(t)[:40]))
	b.comes("Link not complete")
	if sentence, buttons := b.sees(); !strings.Contains(sentence, "STOP") || len(buttons) != 0 {
		t.Errorf("of a link that is cut off it says %q, with %q under it", sentence, buttons)
	}
	b.fits(l.width)
	b.keep("narrow-4-broken")
}

// comes waits for the page with that title. While one page goes and the next comes, nobody answers.
func (b *browser) comes(title string) {
	b.t.Helper()
	for {
		got, err := chromedp.Run(b, chromedp.Title())
		if err == nil && got == title {
			return
		}
		select {
		case <-b.Done():
			b.t.Fatalf("the page %q does not come: %q, %v", title, got, err)
		case <-time.After(20 * time.Millisecond):
		}
	}
}
