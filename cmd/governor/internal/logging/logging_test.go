package logging

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"sync"
	"testing"
	"time"

	"go.uber.org/goleak"
	"go.uber.org/zap"
	"go.uber.org/zap/zapcore"

	"github.com/contactgovernor/governor/cmd/governor/internal/health"
	"github.com/contactgovernor/governor/consumer"
	"github.com/contactgovernor/governor/rules"
	"github.com/contactgovernor/governor/schemas"
	"github.com/contactgovernor/governor/state"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// paper is what a log is written on.
type paper struct {
	mu   sync.Mutex
	text bytes.Buffer
}

func (p *paper) Write(b []byte) (int, error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.text.Write(b)
}

func (p *paper) String() string {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.text.String()
}

// lines are those that are written, as they read.
func (p *paper) lines(t *testing.T) (all []map[string]any) {
	t.Helper()
	for line := range strings.Lines(p.String()) {
		var one map[string]any
		if err := json.Unmarshal([]byte(line), &one); err != nil {
			t.Fatalf("%v: %s", err, line)
		}
		all = append(all, one)
	}
	return all
}

// still is a clock that stands still until it is moved.
type still struct{ at time.Time }

func (s *still) Now() time.Time                         { return s.at }
func (s *still) NewTicker(d time.Duration) *time.Ticker { return time.NewTicker(d) }

// logger is one on paper, with a clock of its own.
func logger(t *testing.T, level string) (*zap.Logger, *paper, *still) {
	t.Helper()
	p, clock := &paper{}, &still{time.Date(2026, 5, 4, 12, 0, 0, 0, time.UTC)}
	log, err := New(p, level, "json")
	if err != nil {
		t.Fatal(err)
	}
	return log.WithOptions(zap.WithClock(clock)), p, clock
}

// "Audit lines never sampled" (issue 7): ten thousand of them are ten thousand lines, with
// every number once, while of the others a storm is a few; and those that were left out are
// counted.
func TestAuditLinesAreNeverSampled(t *testing.T) {
	const n = 10_000
	log, p, clock := logger(t, "info")
	audit := Audit(log.Named("api").With(zap.String("who", "desk")))
	for i := range n {
		audit.Info("changed", zap.Int("nth", i))
		log.Info("it repeats", zap.Int("nth", i))
	}
	clock.at = clock.at.Add(time.Second)
	log.Info("the end")
	seen, repeats, leftOut := make(map[float64]bool), 0, 0
	for _, line := range p.lines(t) {
		switch line["msg"] {
		case "changed":
			seen[line["nth"].(float64)] = true
			if line["logger"] != "api.audit" || line["who"] != "desk" {
				t.Errorf("%v", line)
			}
		case "it repeats":
			repeats++
		case "lines that repeat were left out":
			leftOut += int(line["lines"].(float64))
		}
	}
	if len(seen) != n {
		t.Errorf("%d of %d lines of the audit are written", len(seen), n)
	}
	if want := sampledFirst + (n-sampledFirst)/sampledThen; repeats != want || repeats+leftOut != n {
		t.Errorf("%d of %d lines that repeat are written, not %d, and %d are said to be left out", repeats, n, want, leftOut)
	}
}

// Lines of other words, and of the next second, are not taken for those that repeat.
func TestOnlyWhatRepeatsIsSampled(t *testing.T) {
	log, p, clock := logger(t, "info")
	for i := range 1000 {
		log.Info(fmt.Sprint("line ", i))
	}
	for range 1000 {
		log.Info("slowly")
		clock.at = clock.at.Add(100 * time.Millisecond)
	}
	if n := len(p.lines(t)); n != 2000 {
		t.Errorf("%d lines of 2000 are written", n)
	}
}

// Whatever the level is, the audit is written; all else only from the level on, which may be
// another one meanwhile.
func TestTheLevel(t *testing.T) {
	p := &paper{}
	log, level, err := Adjustable(p, "error", "json")
	if err != nil {
		t.Fatal(err)
	}
	say := func() (out []string) {
		before := len(p.lines(t))
		named := log.Named("x").With(zap.Int("n", 1))
		for _, l := range []*zap.Logger{log, named} {
			l.Debug("debug")
			l.Info("info")
			l.Error("error")
			Audit(l).Info("audit")
		}
		for _, line := range p.lines(t)[before:] {
			out = append(out, line["msg"].(string))
		}
		return out
	}
	if got := fmt.Sprint(say()); got != "[error audit error audit]" {
		t.Errorf("with error: %s", got)
	}
	level.SetLevel(zap.DebugLevel)
	if got := fmt.Sprint(say()); got != "[debug info error audit debug info error audit]" {
		t.Errorf("with debug: %s", got)
	}
	if _, err := New(p, "loud", "json"); err == nil || err.Error() != `log level "loud": write debug, info, warn or error` {
		t.Errorf("%v", err)
	}
}

// A raw id cannot get into a log: neither in a field that is named for one, nor by its type,
// in any way that a field can be made; but two lines about one person can be found together.
func TestNobodyIsInALog(t *testing.T) {
	const ana = "ana-7f3a"
	in := rules.Intent{ID: "i1", Person: ana, Address: ana}
	log, p, _ := logger(t, "debug")
	for i, f := range []zap.Field{
		zap.String("person", ana), zap.String("Person", ana), zap.String("address", ana), zap.String("phone", ana), zap.String("text", ana),
		zap.ByteString("key", []byte(ana)), zap.Binary("value", []byte(ana)), zap.Any("x", rules.PersonID(ana)), zap.Any("x", rules.Address(ana)),
		zap.Any("x", []rules.PersonID{ana}), zap.Any("x", map[rules.PersonID]int{ana: 1}), zap.Any("x", in), zap.Reflect("x", &in), zap.Any("x", []rules.Intent{in}),
		zap.Any("x", schemas.Signal{Person: ana}), zap.Any("x", &state.Signal{Person: ana}), zap.Any("x", consumer.Record{Key: []byte(ana)}),
		zap.Strings("people", []string{ana}), zap.Stringer("person", said(ana)), zap.Any("person", map[string]string{"id": ana}),
		zap.Dict("x", zap.String("person", ana)), zap.Inline(object(ana)), zap.Object("x", object(ana)), zap.Any("x", rules.IntentID(ana)),
	} {
		before := len(p.String())
		log.Info("a line", f)
		log.With(f).Info("a line")
		Audit(log).Info("a line", f)
		if said := p.String()[before:]; strings.Contains(said, ana) || strings.Contains(said, "YW5hLTdmM2E") || strings.Count(said, "\n") != 3 {
			t.Errorf("field %d: %s", i, said)
		}
	}
	all := p.lines(t)
	if all[0]["person"] != all[1]["person"] || all[0]["person"] == "" || all[0]["person"] != all[6]["address"] {
		t.Errorf("one person is %v, %v and %v", all[0]["person"], all[1]["person"], all[6]["address"])
	}
	other, q, _ := logger(t, "debug")
	other.Info("a line", zap.String("person", ana))
	if q.lines(t)[0]["person"] == all[0]["person"] {
		t.Error("who knows the hash of one process knows it of all")
	}
}

type said string

func (s said) String() string { return string(s) }

type object string

func (o object) MarshalLogObject(e zapcore.ObjectEncoder) error {
	e.AddString("person", string(o))
	return nil
}

// What names nobody is written as it is, and a hash that the audit has, too.
func TestWhatNamesNobodyIsWritten(t *testing.T) {
	log, p, _ := logger(t, "debug")
	fields := []zap.Field{zap.String("policy", "no-means-no"), zap.Int("people", 7), zap.Any("emitted", map[string]int{"contact.approved": 2}), zap.Strings("brokers", []string{"k:1"}), zap.Stringer("person", Hashed("h-x"))}
	log.Info("a line", fields...)
	got := p.lines(t)[0]
	if got["policy"] != "no-means-no" || got["people"] != 7.0 || fmt.Sprint(got["emitted"], got["brokers"]) != "map[contact.approved:2] [k:1]" || got["person"] != "h-x" {
		t.Errorf("%v", got)
	}
	if fields[0].String != "no-means-no" || len(fields) != 5 {
		t.Errorf("the fields were changed: %v", fields)
	}
}

// A hold is told when it begins, when it has another cause, and when it ends; what held it
// without what it quotes.
func TestAHoldIsToldOnce(t *testing.T) {
	log, p, _ := logger(t, "info")
	w := Workers(log)
	for range 50 {
		w.Held(3, errors.New(`"ana" cannot be read`), time.Now())
	}
	w.Held(3, health.Blame(health.Redis, errors.New("connection refused")), time.Now())
	w.Resumed(3, time.Second)
	w.Acquired(3, 7)
	w.Released(3)
	w.Rebuilding(3, consumer.Progress{})
	w.Committed(3, consumer.BatchReport{DeadLetters: 2})
	var told []string
	for _, line := range p.lines(t) {
		told = append(told, line["level"].(string))
	}
	if fmt.Sprint(told) != "[warn warn info info info info warn]" || strings.Contains(p.String(), "ana") || !strings.Contains(p.String(), `"class":"redis"`) {
		t.Errorf("%v: %s", told, p)
	}
}

// For people it is text.
func TestTextForPeople(t *testing.T) {
	p := &paper{}
	log, err := New(p, "info", "console")
	if err != nil {
		t.Fatal(err)
	}
	log.Warn("a line", zap.Int("n", 7))
	if got := p.String(); !strings.Contains(got, "WARN\ta line\t{\"n\": 7}") {
		t.Errorf("%s", got)
	}
}
