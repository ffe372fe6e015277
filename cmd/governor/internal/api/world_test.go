package api

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"hash/fnv"
	"io"
	"maps"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/go-json-experiment/json"
	"go.uber.org/zap/zaptest"

	"github.com/contactgovernor/governor/cmd/governor/internal/api/access"
	"github.com/contactgovernor/governor/consumer/governor"
	"github.com/contactgovernor/governor/rules"
	"github.com/contactgovernor/governor/rules/policyfile"
	"github.com/contactgovernor/governor/rules/zones"
	"github.com/contactgovernor/governor/schemas"
	"github.com/contactgovernor/governor/state"
	"github.com/contactgovernor/governor/state/memstate"
)

const partitions = 4

// world is a governor of everybody, in one goroutine at a time: what is appended is
// decided and remembered before the append returns.
type world struct {
	t      testing.TB
	policy *rules.Policy
	memory *memstate.Store
	find   zones.Finder

	mu        sync.Mutex
	now       time.Time
	governors [partitions]*governor.Governor
	marks     [partitions]state.Mark
	log       map[string][]Record // by topic/partition
	keys      map[string][]rules.PersonID
	audit     []AuditRecord
	campaigns map[string]Campaign
	ends      map[int32]int64 // of signals that nobody has heard yet

	broken   error // what the log answers to everything
	unheard  error // what it answers to a redeem
	unlisted error // what it answers to the audit

	handler http.Handler
}

// the tokens, one for each role, and one for none of them that fits a route.
func token(name string) string { return name + "-0123456789abcdef0123456789" }

func newWorld(t testing.TB, change ...func(*Options)) *world {
	t.Helper()
	return newWorldUnder(t, "no-means-no", change...)
}

// newWorldUnder is a world under another policy.
func newWorldUnder(t testing.TB, policyFile string, change ...func(*Options)) *world {
	t.Helper()
	policy, err := policyfile.Load(policyFile)
	if err != nil {
		t.Fatal(err)
	}
	w := &world{
		t: t, policy: policy, memory: memstate.New(), now: time.Date(2026, 5, 1, 10, 0, 0, 0, time.UTC),
		log: map[string][]Record{}, keys: map[string][]rules.PersonID{}, campaigns: map[string]Campaign{}, ends: map[int32]int64{},
	}
	for p := range int32(partitions) {
		g := governor.New(policy, &w.find)
		g.Here(func(id rules.PersonID) bool { return partitionOf([]byte(id), partitions) == p })
		w.governors[p] = g
		if _, err := w.memory.Acquire(t.Context(), p, "w"); err != nil {
			t.Fatal(err)
		}
		w.commit(p)
	}
	var lines strings.Builder
	lines.WriteString("tokens:\n")
	for _, role := range access.Roles() {
		sum := sha256.Sum256([]byte(token(string(role))))
		fmt.Fprintf(&lines, "  - {name: %s, roles: [%s], sha256: %s}\n", role, role, hex.EncodeToString(sum[:]))
	}
	file := filepath.Join(t.TempDir(), "tokens.yaml")
	if err := os.WriteFile(file, []byte(lines.String()), 0o600); err != nil {
		t.Fatal(err)
	}
	tokens, err := access.OpenTokens(file, w.clock, func(err error) { t.Error(err) })
	if err != nil {
		t.Fatal(err)
	}
	o := Options{
		Log: w, Memory: w.memory, Policies: w, Campaigns: w, Clock: w.clock, PartitionOf: partitionOf,
		Gate: &access.Gate{Tokens: tokens}, Hash: Hasher([]byte("key")), Rate: 1_000_000, Timeout: 30 * time.Second, Tell: zaptest.NewLogger(t),
		Health: http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Content-Type", "application/json")
			io.WriteString(w, `{"ready":true,"stage":"governing","since":"2026-05-01T10:00:00.000Z"}`)
		}),
	}
	for _, f := range change {
		f(&o)
	}
	if w.handler, err = Handler(o); err != nil {
		t.Fatal(err)
	}
	return w
}

func partitionOf(key []byte, n int32) int32 {
	h := fnv.New32a()
	h.Write(key)
	return int32(h.Sum32() % uint32(n))
}

func (w *world) clock() time.Time {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.now
}

// pass lets time pass.
func (w *world) pass(d time.Duration) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.now = w.now.Add(d)
}

func (w *world) home(id rules.PersonID) int32 { return partitionOf([]byte(id), partitions) }

// remember brings people into the memory of their partition.
func (w *world) remember(p int32, people func() []rules.PersonID) {
	g := w.governors[p]
	for {
		missing := g.Missing(people()...)
		if len(missing) == 0 {
			return
		}
		memories, err := w.memory.Load(context.Background(), p, missing)
		if err != nil {
			w.t.Fatal(err)
		}
		for i, id := range missing {
			if err := g.Remember(id, memories[i]); err != nil {
				w.t.Fatal(err)
			}
		}
	}
}

// commit saves what has happened in a partition, and appends what came of it.
func (w *world) commit(p int32) {
	changes, waiting, out, err := w.governors[p].Take()
	if err != nil {
		w.t.Fatal(err)
	}
	totals, err := w.governors[p].Totals(nil)
	if err != nil {
		w.t.Fatal(err)
	}
	mark := w.marks[p]
	mark.Batch, mark.Now, mark.Partitions, mark.Signals = mark.Batch+1, w.governors[p].Now(), partitions, int64(len(w.log[slot(governor.Signals, p)]))
	if err := w.memory.Commit(context.Background(), p, &state.Batch{Owner: "w", Mark: mark, People: changes, Waiting: waiting, Totals: totals}); err != nil {
		w.t.Fatal(err)
	}
	w.marks[p] = mark
	for _, o := range out {
		if o.Topic == governor.Signals {
			if to := w.home(o.Person); to != p && !o.Everywhere {
				w.hear(to, o.Person, o.Value)
			}
			continue
		}
		w.append(o.Topic, p, o.Person, o.Value)
	}
}

func slot(topic string, p int32) string { return fmt.Sprintf("%s/%d", topic, p) }

func (w *world) append(topic string, p int32, key rules.PersonID, value []byte) {
	at := slot(topic, p)
	w.log[at] = append(w.log[at], Record{Topic: topic, Offset: int64(len(w.log[at])), Time: w.now, Value: bytes.Clone(value)})
	w.keys[at] = append(w.keys[at], key)
}

func (w *world) hear(p int32, person rules.PersonID, value []byte) {
	w.append(governor.Signals, p, person, value)
	reader := governor.Reader{Policy: w.policy, Zones: &w.find}
	s, _, err := reader.Signal(value, rules.At(w.now))
	if err != nil {
		w.t.Errorf("what was appended cannot be read: %v", err)
		return
	}
	g := w.governors[p]
	w.remember(p, func() []rules.PersonID { return g.Concerns(&s) })
	g.Advance(rules.At(w.now))
	g.Signal(governor.Source{Topic: governor.Signals, Partition: p, Offset: int64(len(w.log[slot(governor.Signals, p)]) - 1)}, &s)
	w.commit(p)
}

// intend publishes an intent, and returns what was decided at once.
func (w *world) intend(value string) (d schemas.Decision) {
	w.t.Helper()
	w.mu.Lock()
	defer w.mu.Unlock()
	reader := governor.Reader{Policy: w.policy, Zones: &w.find}
	in, _, err := reader.Intent([]byte(value), rules.At(w.now))
	if err != nil {
		w.t.Fatal(err)
	}
	p := w.home(in.Person)
	w.append(governor.Intents, p, in.Person, []byte(value))
	g := w.governors[p]
	w.remember(p, func() []rules.PersonID { return g.Involves(&in) })
	g.Advance(rules.At(w.now))
	before := map[string]int{}
	for _, topic := range []string{governor.Approved, governor.Vetoed} {
		before[topic] = len(w.log[slot(topic, p)])
	}
	g.Intent(governor.Source{Topic: governor.Intents, Partition: p}, &in)
	w.commit(p)
	for topic, n := range before {
		for _, r := range w.log[slot(topic, p)][n:] {
			if d, err = schemas.DecodeDecision(r.Value); err != nil {
				w.t.Fatal(err)
			}
		}
	}
	return d
}

// Partitions implements Log.
func (w *world) Partitions(context.Context) (int32, error) { return partitions, w.broken }

// Append implements Log.
func (w *world) Append(_ context.Context, person rules.PersonID, signal []byte) error {
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.broken != nil {
		return w.broken
	}
	w.hear(w.home(person), person, signal)
	return nil
}

// Redeem implements Log.
func (w *world) Redeem(ctx context.Context, person rules.PersonID, id string, signal []byte) (schemas.Redemption, error) {
	if err := w.Append(ctx, person, signal); err != nil {
		return schemas.Redemption{}, err
	}
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.unheard != nil {
		return schemas.Redemption{}, w.unheard
	}
	for _, r := range w.log[slot(governor.Redemption, w.home(person))] {
		if answer, err := schemas.DecodeRedemption(r.Value); err != nil || answer.ID == id {
			return answer, err
		}
	}
	return schemas.Redemption{}, ErrNoAnswer
}

// Audit implements Log.
func (w *world) Audit(_ context.Context, key string, record []byte) error {
	w.mu.Lock()
	defer w.mu.Unlock()
	var r AuditRecord
	if err := json.Unmarshal(record, &r, json.RejectUnknownMembers(true)); err != nil || key == "" {
		w.t.Errorf("an audit record of %q that cannot be read: %v", key, err)
	}
	if w.unlisted != nil {
		return w.unlisted
	}
	w.audit = append(w.audit, r)
	return nil
}

// SignalsEnd implements Log.
func (w *world) SignalsEnd(_ context.Context, p int32) (int64, error) {
	w.mu.Lock()
	defer w.mu.Unlock()
	return int64(len(w.log[slot(governor.Signals, p)])) + w.ends[p], w.broken
}

// Records implements Log.
func (w *world) Records(_ context.Context, p int32, people []rules.PersonID, topics []string, most int64) (Found, error) {
	w.mu.Lock()
	defer w.mu.Unlock()
	found := Found{Whole: true}
	for _, topic := range topics {
		for i, r := range w.log[slot(topic, p)] {
			if slices.Contains(people, w.keys[slot(topic, p)][i]) {
				found.Records = append(found.Records, r)
			}
		}
	}
	return found, w.broken
}

// InForce implements Policies.
func (w *world) InForce() *rules.Policy { return w.policy }

// History implements Policies.
func (w *world) History() []Adopted {
	return []Adopted{{w.policy.Name(), w.policy.Hash(), time.Date(2026, 5, 1, 9, 0, 0, 0, time.UTC)}}
}

// List implements Campaigns.
func (w *world) List(context.Context) ([]Campaign, error) {
	w.mu.Lock()
	defer w.mu.Unlock()
	var out []Campaign
	for _, name := range slices.Sorted(maps.Keys(w.campaigns)) {
		out = append(out, w.campaigns[name])
	}
	return out, w.broken
}

// Register implements Campaigns.
func (w *world) Register(_ context.Context, c Campaign) error {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.campaigns[c.Name] = c
	return w.broken
}

// Kill implements Campaigns.
func (w *world) Kill(_ context.Context, name rules.Campaign) error {
	w.mu.Lock()
	defer w.mu.Unlock()
	c := w.campaigns[string(name)]
	c.Name, c.Killed = string(name), true
	w.campaigns[string(name)] = c
	return w.broken
}

// writes counts what was written anywhere.
func (w *world) writes() int {
	w.mu.Lock()
	defer w.mu.Unlock()
	n := len(w.audit)
	for _, records := range w.log {
		n += len(records)
	}
	for _, c := range w.campaigns {
		n += len(c.Name)
	}
	return n
}

// answer is an answer over HTTP.
type answer struct {
	status int
	header http.Header
	text   string
	fields map[string]any
}

// ask sends a request with the token of a role, "" for none, and checks that the answer
// is as the document says.
func (w *world) ask(role, method, path, body string) answer {
	w.t.Helper()
	r := httptest.NewRequest(method, path, strings.NewReader(body))
	if body != "" {
		r.Header.Set("Content-Type", "application/json")
	}
	if role != "" {
		r.Header.Set("Authorization", "Bearer "+token(role))
	}
	return w.send(r)
}

func (w *world) send(r *http.Request) answer {
	w.t.Helper()
	rec := httptest.NewRecorder()
	w.handler.ServeHTTP(rec, r)
	a := answer{status: rec.Code, header: rec.Header(), text: rec.Body.String()}
	if kind := rec.Header().Get("Content-Type"); strings.HasPrefix(kind, "application/json") || strings.HasPrefix(kind, "application/problem+json") {
		if err := json.Unmarshal(rec.Body.Bytes(), &a.fields); err != nil {
			w.t.Errorf("%s %s: %q: %v", r.Method, r.Pattern, a.text, err)
		}
	}
	if why := conforms(r, &a); why != nil {
		w.t.Errorf("%s %s: the answer %s is not what openapi.yaml says: %v", r.Method, r.Pattern, a.text, why)
	}
	return a
}

// want checks status and some fields of an answer.
func (a *answer) want(t *testing.T, what string, status int, fields ...string) {
	t.Helper()
	if a.status != status {
		t.Errorf("%s: got %d %s, want %d", what, a.status, a.text, status)
	}
	for _, f := range fields {
		if !strings.Contains(a.text, f) {
			t.Errorf("%s: got %s, want %s", what, a.text, f)
		}
	}
}

var errBroken = errors.New("the log is away at 192.0.2.1:9092")
