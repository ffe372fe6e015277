package registry

import (
	"context"
	"net/http"
	"slices"
	"testing"
	"time"

	"github.com/twmb/franz-go/pkg/sr/srfake"

	"github.com/contactgovernor/governor/consumer"
)

// patience is how long a request to a registry in this process may take: on a machine that
// does ten other things.
const patience = 2 * time.Minute

// client is a Registry over a fake one.
func client(t testing.TB, fake *srfake.Registry, change ...func(*Options)) *Registry {
	t.Helper()
	o := Options{URLs: []string{fake.URL()}, HTTP: &http.Client{Timeout: patience}}
	for _, f := range change {
		f(&o)
	}
	r, err := New(o)
	if err != nil {
		t.Fatal(err)
	}
	return r
}

func fake(t testing.TB, o ...srfake.Option) *srfake.Registry {
	t.Helper()
	f := srfake.New(o...)
	t.Cleanup(f.Close)
	return f
}

// seed registers our own schema of a message under an id, as an engine that uses it does,
// and returns what the engine encodes by.
func seed(t testing.TB, f *srfake.Registry, id int, message string, format Format) pin {
	t.Helper()
	s, err := schemaOf(message, format)
	if err != nil {
		t.Fatal(err)
	}
	f.SeedSchema(message+"-"+string(format), 1, id, s)
	c, err := compile(s.Type, s.Schema, nil)
	if err != nil {
		t.Fatal(err)
	}
	return pin{id, c}
}

func (p pin) must(t testing.TB, text string) []byte {
	t.Helper()
	b, err := p.encode([]byte(text))
	if err != nil {
		t.Fatal(err)
	}
	return b
}

// log is a consumer.Reader of what is in memory, and a consumer.Writer into it.
type log struct {
	slots  map[consumer.Slot][]consumer.Record
	closed bool
}

func newLog() *log { return &log{slots: make(map[consumer.Slot][]consumer.Record)} }

func (l *log) Fetch(_ context.Context, slot consumer.Slot, from int64, _ time.Duration) (consumer.Fetched, error) {
	all := l.slots[slot]
	return consumer.Fetched{Records: all[from:], Next: int64(len(all)), Stable: int64(len(all))}, nil
}

func (l *log) Bounds(_ context.Context, slot consumer.Slot) (int64, int64, error) {
	return 0, int64(len(l.slots[slot])), nil
}

func (l *log) Produce(_ context.Context, batch []consumer.Append) error {
	for _, a := range batch {
		l.append(a.Slot, a.Records...)
	}
	return nil
}

func (l *log) append(slot consumer.Slot, records ...consumer.Record) {
	for _, r := range records {
		r.Offset = int64(len(l.slots[slot]))
		l.slots[slot] = append(l.slots[slot], r)
	}
}

func (l *log) Close() { l.closed = true }

// waiting is a log that can wait, too.
type waiting struct{ *log }

func (waiting) Wait(context.Context, time.Duration, consumer.Place, consumer.Place) {}

func at(topic string) consumer.Slot { return consumer.Slot{Topic: topic} }

func header(r *consumer.Record, name string) string {
	for _, h := range slices.Backward(r.Headers) {
		if h.Key == name {
			return string(h.Value)
		}
	}
	return ""
}

// answering answers every request as something that is no registry, or none that works.
func answering(status int, body string) srfake.Interceptor {
	return func(w http.ResponseWriter, _ *http.Request) bool {
		w.WriteHeader(status)
		_, _ = w.Write([]byte(body))
		return true
	}
}

// counted counts requests.
func counted(n *int) srfake.Interceptor {
	return func(http.ResponseWriter, *http.Request) bool {
		*n++
		return false
	}
}
