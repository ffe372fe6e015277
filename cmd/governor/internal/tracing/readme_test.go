package tracing

import (
	"errors"
	"maps"
	"net/http"
	"os"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	tracepb "go.opentelemetry.io/proto/otlp/trace/v1"

	"github.com/contactgovernor/governor/consumer"
	"github.com/contactgovernor/governor/consumer/governor"
)

// everything are spans of everything that there is one of.
func everything(t *testing.T) []*tracepb.Span {
	t.Helper()
	r := newReceiver(t)
	tracing := r.tracing(func(o *Options) { o.Prefix = "" })
	tracing.Tracer().Batch(3, batch(followed))
	tracing.Tracer().Batch(3, &consumer.BatchTrace{Began: noon, Ended: noon.Add(time.Second), Err: errors.New("x"), Emitted: []consumer.Emitted{
		record(governor.DeadLetter, governor.Signals, 1, "", nil), record(governor.Revoked, "", 0, "", nil),
	}})
	var appended []consumer.Header
	ask(tracing.Handler(doors(&appended)), http.MethodPost, "/v1/redeem")
	return r.all(tracing)
}

// rows are the cells of the README's tables whose first is in backquotes, of the section.
func rows(t *testing.T, section string) map[string][]string {
	t.Helper()
	text, err := os.ReadFile("README.md")
	if err != nil {
		t.Fatal(err)
	}
	_, rest, found := strings.Cut(string(text), "\n## "+section+"\n")
	if !found {
		t.Fatalf("the README has no section %s", section)
	}
	rest, _, _ = strings.Cut(rest, "\n## ")
	out := make(map[string][]string)
	for line := range strings.Lines(rest) {
		if name, cells, is := strings.Cut(strings.TrimPrefix(line, "| `"), "` | "); is && strings.HasPrefix(line, "| `") {
			out[name] = strings.Split(strings.TrimSuffix(strings.TrimSpace(cells), "|"), " | ")
		}
	}
	return out
}

// The README lists every span, with its kind.
func TestTheREADMEListsTheSpans(t *testing.T) {
	got, want := map[string]string{}, map[string]string{}
	for _, s := range everything(t) {
		got[s.Name] = strings.ToLower(strings.TrimPrefix(s.Kind.String(), "SPAN_KIND_"))
	}
	for name, cells := range rows(t, "Spans") {
		want[name] = cells[0]
	}
	for _, also := range [][2]string{{"bury contact.intents", "bury contact.signals"}, {"revoke contact.signals", "revoke"}} { // in the words of the former
		want[also[1]] = want[also[0]]
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("(-README +what there is):\n%s", diff)
	}
}

// The README lists every attribute, with the spans that it is on, and every value of a
// closed list.
func TestTheREADMEListsTheAttributes(t *testing.T) {
	on := make(map[string]map[string]bool)
	for _, s := range everything(t) {
		kind, _, _ := strings.Cut(s.Name, " ")
		switch {
		case s.Kind == tracepb.Span_SPAN_KIND_SERVER:
			kind = "server"
		case s.Kind == tracepb.Span_SPAN_KIND_INTERNAL && kind != "batch":
			kind = "a stage"
		}
		for name := range texts(s.Attributes) {
			if on[name] == nil {
				on[name] = make(map[string]bool)
			}
			on[name][kind] = true
		}
	}
	got, want := map[string][]string{}, map[string][]string{}
	for name, spans := range on {
		got[name] = slices.Sorted(maps.Keys(spans))
	}
	for name, cells := range rows(t, "Attributes") {
		want[name] = strings.Split(cells[0], ", ")
		slices.Sort(want[name])
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("(-README +what there is):\n%s", diff)
	}
}

// Whatever the README says of how much fits and how long it takes is so.
func TestTheREADMESaysHowMuchFits(t *testing.T) {
	text, err := os.ReadFile("README.md")
	if err != nil {
		t.Fatal(err)
	}
	if mostWaiting != 8192 || closeWithin != 5*time.Second || again != time.Minute {
		t.Error("change the README, too")
	}
	for _, words := range []string{"queue of 8192", "five\\s+seconds to send what is left", "once a minute"} {
		if !regexp.MustCompile(words).Match(text) {
			t.Errorf("it does not say %q", words)
		}
	}
}
