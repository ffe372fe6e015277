package main

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/twmb/franz-go/pkg/kgo"
	"go.uber.org/zap"
	"go.uber.org/zap/zapcore"
	"go.uber.org/zap/zaptest/observer"

	"github.com/contactgovernor/governor/cmd/governor/internal/app"
	"github.com/contactgovernor/governor/rules"
	"github.com/contactgovernor/governor/rules/policyfile"
	"github.com/contactgovernor/governor/schemas"
)

// A policy as its owner might edit it.
const (
	strictPolicy = "policy: ours\npurposes: {marketing: solicitation}\nchannels: {email: {}}\ncaps:\n" +
		"  - {name: any, of: {class: solicitation}, at_most: 1, within: 24h}\n"
	widePolicy    = "policy: ours\npurposes: {marketing: solicitation}\nchannels: {email: {}}\n"
	longPolicy    = widePolicy + "silence: {after: 900d}\n"
	brokenPolicy  = "policy: ours\npurposes: {marketing: solicitation}\nchannels: {email: {}}\ncaps:\n  - {name: any, at_most: many, within: 24h}\nsilnce: {after: 90d}\n"
	policyEvery   = 20 * time.Millisecond
	policyPatient = time.Hour
)

// edited is a governor whose policy is in a file.
type edited struct {
	t      *testing.T
	file   string
	again  chan os.Signal
	logs   *observer.ObservedLogs
	engine *kgo.Client
	ctx    context.Context
	asked  int
}

func startEdited(t *testing.T, every time.Duration) *edited {
	t.Helper()
	core, logs := observer.New(zapcore.InfoLevel)
	e := &edited{t: t, file: filepath.Join(t.TempDir(), "ours.yaml"), again: make(chan os.Signal, 1), logs: logs}
	write(t, e.file, strictPolicy)
	load := func() (*rules.Policy, error) { return policyfile.Load(e.file) }
	policy, err := load()
	if err != nil {
		t.Fatal(err)
	}
	kafka, ready := fakeKafka(t), make(chan struct{})
	a := newApp(t, kafka, func(o *app.Options) {
		o.Policy, o.Log, o.Ready = policy, zap.New(core), func() { close(ready) }
		o.Source = &app.Source{Names: e.file + ", no-means-no", Load: load, Every: every, Again: e.again}
	})
	var stop context.CancelFunc
	e.ctx, stop = context.WithCancel(soon(t))
	ended := make(chan error, 1)
	go func() { ended <- a.Run(e.ctx) }()
	t.Cleanup(func() {
		stop()
		if err := <-ended; err != nil {
			t.Errorf("it ended with %v", err)
		}
	})
	<-ready
	if e.engine, err = kgo.NewClient(kgo.SeedBrokers(kafka.ListenAddrs()...),
		kgo.ConsumeTopics("contact.approved", "contact.vetoed"), kgo.ConsumeResetOffset(kgo.NewOffset().AtStart())); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(e.engine.Close)
	return e
}

// ask is the answer to one more intent to the same person.
func (e *edited) ask() schemas.Decision {
	e.t.Helper()
	e.asked++
	id := fmt.Sprint("i", e.asked)
	value := fmt.Sprintf(`{"id":%q,"person":"p","channel":"email","purpose":"marketing","campaign":"c","at":%q}`, id, time.Now().UTC().Format(time.RFC3339))
	if err := e.engine.ProduceSync(e.ctx, &kgo.Record{Topic: "contact.intents", Key: []byte("p"), Value: []byte(value)}).FirstErr(); err != nil {
		e.t.Fatal(err)
	}
	for {
		fetched := e.engine.PollFetches(e.ctx)
		if err := fetched.Err0(); err != nil {
			e.t.Fatal(err)
		}
		for r := range fetched.RecordsAll() {
			if d, err := schemas.DecodeDecision(r.Value); err != nil || d.Intent == id {
				return d
			}
		}
	}
}

// told waits for so many lines with the message, and returns the last of them.
func (e *edited) told(message string, n int) observer.LoggedEntry {
	e.t.Helper()
	for end := time.Now().Add(patience); ; time.Sleep(time.Millisecond) {
		if found := e.logs.FilterMessageSnippet(message).All(); len(found) >= n {
			return found[len(found)-1]
		}
		if time.Now().After(end) {
			e.t.Fatalf("it does not say %q; it said %v", message, e.logs.All())
		}
	}
}

// "Hot reload: atomic, the old one stays on error, every decision names the hash it
// was made with" (issue 4).
func TestAPolicyFileMayBeEditedWhileItGoverns(t *testing.T) {
	e := startEdited(t, policyEvery)
	first := e.ask()
	if first.Verdict != schemas.Approved {
		t.Fatalf("the first is %+v", first)
	}
	if d := e.ask(); d.Reason != "cap.any" || d.Policy != first.Policy {
		t.Errorf("the second is %+v", d)
	}

	write(t, e.file, brokenPolicy)
	line := e.told("the policy cannot be used, and the one before stays in force", 1)
	mistakes := line.ContextMap()["mistakes"].([]any)
	for _, want := range []string{e.file + ":5:26: \"at_most\"", e.file + ":6:1: unknown key \"silnce\""} {
		if !slices.ContainsFunc(mistakes, func(m any) bool { return strings.HasPrefix(m.(string), want) }) {
			t.Errorf("the mistakes are told as %q, want one at %s", mistakes, want)
		}
	}
	if d := e.ask(); d.Reason != "cap.any" || d.Policy != first.Policy {
		t.Errorf("under a broken file: %+v", d)
	}

	write(t, e.file, strictPolicy)
	e.told("the policy is in order again", 1)

	write(t, e.file, widePolicy)
	adopted := e.told("policy adopted", 1).ContextMap()
	d := e.ask()
	if d.Verdict != schemas.Approved || d.Policy == first.Policy || d.Policy != adopted["hash"] || first.Policy != adopted["before"] {
		t.Errorf("under the new one: %+v; it said %v", d, adopted)
	}

	write(t, e.file, widePolicy+"clock: event\n")
	line = e.told("the policy cannot be used", 2)
	if said := fmt.Sprint(line.ContextMap()["mistakes"]); !strings.Contains(said, "has clock: event, and the one in force has clock: arrival") {
		t.Errorf("of another clock it says %s", said)
	}
	if again := e.ask(); again.Policy != d.Policy {
		t.Errorf("under another clock: %+v", again)
	}
	write(t, e.file, widePolicy)
	e.told("the policy is in order again", 2)

	if err := os.Remove(e.file); err != nil {
		t.Fatal(err)
	}
	e.told("the policy cannot be used", 3)
	write(t, e.file, widePolicy)
	e.told("the policy is in order again", 3)

	write(t, e.file, longPolicy)
	e.told("the policy looks back further than the one before, and the topics may not be kept so long", 1)
	time.Sleep(5 * policyEvery)
	for message, want := range map[string]int{"policy adopted": 2, "the policy cannot be used": 3, "NOT FOR LIVE TRAFFIC": 0, "has not changed": 0} {
		if n := e.logs.FilterMessageSnippet(message).Len(); n != want {
			t.Errorf("it said %d times %q, not %d", n, message, want)
		}
	}
}

// A hangup has the file read at once, and says so where nothing has changed.
func TestAHangupReadsThePolicyAtOnce(t *testing.T) {
	e := startEdited(t, policyPatient)
	e.again <- syscall.SIGHUP
	e.told("the policy has not changed", 1)
	write(t, e.file, widePolicy)
	e.again <- syscall.SIGHUP
	e.told("policy adopted", 1)
	write(t, e.file, brokenPolicy)
	e.again <- syscall.SIGHUP
	e.told("the policy cannot be used", 1)
	e.again <- syscall.SIGHUP
	e.told("the policy cannot be used", 2) // he asked
}

// A file that is being written is not a policy yet: what has not rested is not read.
func TestAPolicyFileIsReadWhenItHasRested(t *testing.T) {
	e := startEdited(t, 5*policyEvery)
	for i := range 30 { // each write lacks more of the end
		write(t, e.file, strictPolicy[:len(strictPolicy)-i]+strings.Repeat("#", i)+"\n")
		time.Sleep(policyEvery / 2)
	}
	write(t, e.file, strictPolicy+"# done\n")
	e.told("policy adopted", 1)
	var hashes []any
	for _, line := range e.logs.FilterMessageSnippet("policy adopted").All() {
		hashes = append(hashes, line.ContextMap()["hash"])
	}
	if want, err := policyfile.Load(e.file); err != nil || !slices.Contains(hashes, any(want.Hash())) {
		t.Errorf("adopted %v, want %v, %v", hashes, want, err)
	}
	if n := e.logs.FilterMessageSnippet("cannot be used").Len(); n > 5 {
		t.Errorf("%d of 30 half-written files were read", n)
	}
}
