package main

import (
	"context"
	"crypto/sha256"
	"crypto/tls"
	"crypto/x509"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/alicebob/miniredis/v2"
	"github.com/twmb/franz-go/pkg/kfake"
	"github.com/twmb/franz-go/pkg/kgo"
	"go.uber.org/zap/zaptest"

	"github.com/contactgovernor/governor/cmd/governor/internal/app"
	"github.com/contactgovernor/governor/cmd/governor/internal/config"
	"github.com/contactgovernor/governor/rules/policyfile"
	"github.com/contactgovernor/governor/schemas"
)

// doors are those of a `governor run`, and an engine beside it.
type doors struct {
	t      *testing.T
	url    string
	client *http.Client
	token  string
	engine *kgo.Client
	came   []*kgo.Record // and were not asked for yet
}

// openDoors starts a governor with doors, and waits until it governs.
func openDoors(t *testing.T, kafka *kfake.Cluster, change ...func(*config.API)) *doors {
	t.Helper()
	policy, err := policyfile.Load("no-means-no")
	if err != nil {
		t.Fatal(err)
	}
	c := config.Default()
	c.Kafka.Brokers, c.Kafka.Topics.Partitions = kafka.ListenAddrs(), 4
	c.Redis.Address, c.API.Listen = miniredis.RunT(t).Addr(), nobody(t)
	for _, f := range change {
		f(&c.API)
	}
	a, err := observe(app.Options{Config: c, Policy: policy, Log: zaptest.NewLogger(t), Embedded: true})
	if err != nil {
		t.Fatal(err)
	}
	ctx, stop := context.WithCancel(t.Context())
	ended := make(chan error, 1)
	go func() { ended <- a.Run(ctx) }()
	d := &doors{t: t, url: "http://" + c.API.Listen, client: &http.Client{Transport: &http.Transport{}}}
	t.Cleanup(func() {
		stop()
		d.client.CloseIdleConnections()
		if err := errors.Join(<-ended, a.Close()); err != nil {
			t.Error(err)
		}
	})
	if d.engine, err = kgo.NewClient(kgo.SeedBrokers(kafka.ListenAddrs()...), kgo.RecordPartitioner(kgo.StickyKeyPartitioner(nil)),
		kgo.ConsumeTopics("contact.approved", "contact.vetoed", "contact.audit"), kgo.ConsumeResetOffset(kgo.NewOffset().AtStart()), kgo.MetadataMinAge(10*time.Millisecond)); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(d.engine.Close)
	return d
}

// ready waits until everything is decided.
func (d *doors) ready() *doors {
	d.t.Helper()
	for end := time.Now().Add(patience); ; time.Sleep(10 * time.Millisecond) {
		status, got := d.ask("GET", "/v1/health", nil)
		if status == http.StatusOK {
			return d
		}
		if time.Now().After(end) {
			d.t.Fatalf("it is not ready: %d %v", status, got)
		}
	}
}

// ask sends a request.
func (d *doors) ask(method, path string, body any) (status int, fields map[string]any) {
	d.t.Helper()
	text := ""
	if body != nil {
		b, err := json.Marshal(body)
		if err != nil {
			d.t.Fatal(err)
		}
		text = string(b)
	}
	r, err := http.NewRequestWithContext(d.t.Context(), method, d.url+path, strings.NewReader(text))
	if err != nil {
		d.t.Fatal(err)
	}
	if text != "" {
		r.Header.Set("Content-Type", "application/json")
	}
	if d.token != "" {
		r.Header.Set("Authorization", "Bearer "+d.token)
	}
	res, err := d.client.Do(r)
	if err != nil {
		return 0, nil
	}
	defer res.Body.Close()
	b, err := io.ReadAll(res.Body)
	if err != nil || json.Unmarshal(b, &fields) != nil {
		d.t.Fatalf("%s %s: got %d %q, %v", method, path, res.StatusCode, b, err)
	}
	return res.StatusCode, fields
}

type m = map[string]any

// approved publishes an intent, and waits until it is approved.
func (d *doors) approved(intent m) schemas.Decision {
	d.t.Helper()
	at := m{"channel": "email", "purpose": "marketing", "campaign": "spring", "at": time.Now().UTC().Format("2006-01-02T15:04:05.000Z")}
	for name, v := range intent {
		at[name] = v
	}
	value, err := json.Marshal(at)
	if err != nil {
		d.t.Fatal(err)
	}
	if err := d.engine.ProduceSync(soon(d.t), &kgo.Record{Topic: "contact.intents", Key: []byte(at["person"].(string)), Value: value}).FirstErr(); err != nil {
		d.t.Fatal(err)
	}
	r := d.records(1, "contact.approved", "contact.vetoed")[0]
	decision, err := schemas.DecodeDecision(r.Value)
	if err != nil || decision.Verdict != schemas.Approved {
		d.t.Fatalf("got %s, %v", r.Value, err)
	}
	return decision
}

// records waits for records of topics.
func (d *doors) records(n int, topics ...string) (all []*kgo.Record) {
	d.t.Helper()
	ctx := soon(d.t)
	for {
		d.came = slices.DeleteFunc(d.came, func(r *kgo.Record) bool {
			wanted := len(all) < n && slices.Contains(topics, r.Topic)
			if wanted {
				all = append(all, r)
			}
			return wanted
		})
		if len(all) == n {
			return all
		}
		d.came = append(d.came, d.engine.PollFetches(ctx).Records()...)
		if ctx.Err() != nil {
			d.t.Fatalf("%d records of %v came, not %d", len(all), topics, n)
		}
	}
}

// An engine publishes, a worker redeems just before the contact, the person says no in
// between: over HTTP and Kafka.
func TestANoOverHTTPIsKnownToTheNextRedeem(t *testing.T) {
	d := openDoors(t, fakeKafka(t)).ready()
	redeem := func(intent, worker string) m {
		t.Helper()
		status, got := d.ask("POST", "/v1/redeem", m{"person": "ann", "intent": intent, "worker": worker})
		if status != http.StatusOK {
			t.Fatalf("redeem %s: got %d %v", intent, status, got)
		}
		return got
	}
	if status, got := d.ask("POST", "/v1/preflight", m{"person": "ann", "channel": "email", "purpose": "marketing", "campaign": "spring"}); status != http.StatusOK || got["decision"].(m)["verdict"] != "approved" || got["promise"] != false {
		t.Errorf("preflight: got %d %v", status, got)
	}
	if got := redeem("i1", "w1"); got["ok"] != false || got["reason"] != "not_approved" {
		t.Errorf("before it was approved: %v", got)
	}
	one := d.approved(m{"id": "i1", "person": "ann"})
	if got := redeem("i1", "w1"); got["ok"] != true || got["decision"] != one.ID || got["not_after"] != one.NotAfter.String() || got["again"] != nil {
		t.Errorf("redeem: %v", got)
	}
	if got := redeem("i1", "w1"); got["ok"] != true || got["again"] != true {
		t.Errorf("the answer was lost, and is asked for again: %v", got)
	}
	if got := redeem("i1", "w2"); got["ok"] != false || got["reason"] != "already_redeemed" {
		t.Errorf("another worker: %v", got)
	}
	if status, got := d.ask("POST", "/v1/outcomes", m{"person": "ann", "intent": "i1", "result": "delivered"}); status != http.StatusOK || got["recorded"] != true {
		t.Errorf("outcome: %d %v", status, got)
	}

	d.approved(m{"id": "i2", "person": "ann"})
	if status, got := d.ask("POST", "/v1/refuse", m{"id": "s1", "person": "ann", "channel": "email"}); status != http.StatusOK || got["signal"] != "s1" {
		t.Errorf("refuse: %d %v", status, got)
	}
	if got := redeem("i2", "w1"); got["ok"] != false || got["reason"] != "revoked" {
		t.Errorf("after the no: %v", got)
	}
	if status, got := d.ask("POST", "/v1/preflight", m{"person": "ann", "channel": "email", "purpose": "marketing", "campaign": "spring"}); status != http.StatusOK || got["decision"].(m)["reason"] != "refused.state" {
		t.Errorf("preflight after the no: got %d %v", status, got)
	}

	status, got := d.ask("GET", "/v1/people/ann", nil)
	b, _ := json.Marshal(got)
	for _, want := range []string{`"kind":"refusal"`, `"state":"delivered"`, `"state":"revoked"`, `was not allowed to (revoked)`, `The approval for i2 was taken back before anybody used it (refused.state).`, `"whole":true`} {
		if status != http.StatusOK || !strings.Contains(string(b), want) {
			t.Errorf("the person: got %d %s, want %s", status, b, want)
		}
	}
	if status, got = d.ask("GET", "/v1/people/ann/export", nil); status != http.StatusOK || len(got["log"].([]any)) < 10 {
		t.Errorf("export: got %d %v", status, got)
	}
	if status, got = d.ask("POST", "/v1/consent", m{"person": "ann", "source": "settings"}); status != http.StatusForbidden {
		t.Errorf("consent without a token: got %d %v", status, got)
	}
	if status, got = d.ask("GET", "/v1/policy/history", nil); status != http.StatusOK || len(got["policies"].([]any)) != 1 {
		t.Errorf("history: got %d %v", status, got)
	}

	// "Every change audited"; nobody's id is there.
	outcomes := map[string]int{}
	for _, r := range d.records(7, "contact.audit") {
		var a struct{ Who, Action, Person, Outcome string }
		if err := json.Unmarshal(r.Value, &a); err != nil || string(r.Key) != a.Person || !strings.HasPrefix(a.Person, "h-") || a.Who != "this machine" || strings.Contains(string(r.Value), "ann") {
			t.Errorf("audit: %s, %v", r.Value, err)
		}
		outcomes[a.Action+" "+a.Outcome]++
	}
	if want := "map[outcome done:1 redeem done:2 redeem no:already_redeemed:1 redeem no:not_approved:1 redeem no:revoked:1 refuse done:1]"; fmt.Sprint(outcomes) != want {
		t.Errorf("audit: got %v, want %s", outcomes, want)
	}
}

// While Kafka is away the doors are open, and nobody hears a yes, or that something was
// recorded, and nobody waits longer than api.timeout says.
func TestTheDoorsWhileKafkaIsAway(t *testing.T) {
	at := nobody(t)
	p := startRun(t, nobody(t), miniredis.RunT(t).Addr(), "api: {listen: "+at+", timeout: 100ms}")
	p.waitFor(t, 1, `"msg":"the doors are open"`, `"at":"`+at+`"`, `"tls":false`, `"tokens":false`)
	d := &doors{t: t, url: "http://" + at, client: &http.Client{Transport: &http.Transport{}}}
	t.Cleanup(d.client.CloseIdleConnections)
	for _, c := range []struct {
		method, path string
		body         any
		status       int
		field, want  string
	}{
		{"POST", "/v1/redeem", m{"person": "ann", "intent": "i", "worker": "w"}, 503, "reason", "state.unavailable"},
		{"POST", "/v1/refuse", m{"person": "ann"}, 503, "title", "Not acknowledged"},
		{"POST", "/v1/preflight", m{"person": "ann", "channel": "email", "purpose": "marketing", "campaign": "spring"}, 503, "title", "Not known now"},
		{"GET", "/v1/people/ann", nil, 503, "title", "Not known now"},
		{"GET", "/v1/campaigns", nil, 503, "title", "Not known now"},
		{"GET", "/v1/health", nil, 503, "stage", "starting"},
		{"GET", "/v1/policy", nil, 200, "name", "no-means-no"},
	} {
		if status, got := d.ask(c.method, c.path, c.body); status != c.status || got[c.field] != c.want {
			t.Errorf("%s: got %d %v", c.path, status, got)
		}
	}
	p.stop()
	if got := p.ended(t); got != 0 {
		t.Errorf("exit status %d", got)
	}
}

// A campaign that is stopped over HTTP is stopped in every partition: what is out of it is
// taken back, and nothing more is approved.
func TestACampaignIsStoppedOverHTTP(t *testing.T) {
	d := openDoors(t, fakeKafka(t)).ready()
	for i := range 4 { // of several partitions
		d.approved(m{"id": "i", "person": fmt.Sprintf("p%d", i)})
	}
	way := m{"steps": 1, "label": "Unsubscribe"}
	if status, got := d.ask("POST", "/v1/campaigns", m{"name": "spring", "ends": "2099-06-30", "most_attempts": 3, "way_in": m{"steps": 1, "label": "Sign up"}, "way_out": way}); status != http.StatusOK || got["fit"] != true {
		t.Errorf("register: got %d %v", status, got)
	}
	if status, got := d.ask("POST", "/v1/redeem", m{"person": "p0", "intent": "i", "worker": "w"}); status != http.StatusOK || got["ok"] != true {
		t.Errorf("registered: got %d %v", status, got)
	}
	if status, got := d.ask("POST", "/v1/campaigns/spring/kill", nil); status != http.StatusOK || got["killed"] != true {
		t.Errorf("kill: got %d %v", status, got)
	}
	for i := 1; i < 4; i++ {
		if status, got := d.ask("POST", "/v1/redeem", m{"person": fmt.Sprintf("p%d", i), "intent": "i", "worker": "w"}); status != http.StatusOK || got["ok"] != false || got["reason"] != "revoked" {
			t.Errorf("redeem p%d: got %d %v", i, status, got)
		}
	}
	if status, got := d.ask("POST", "/v1/preflight", m{"person": "somebody", "channel": "email", "purpose": "marketing", "campaign": "spring"}); status != http.StatusOK || got["decision"].(m)["reason"] != "campaign.killed" {
		t.Errorf("preflight: got %d %v", status, got)
	}
	if status, got := d.ask("GET", "/v1/campaigns", nil); status != http.StatusOK || fmt.Sprint(got) != "map[campaigns:[map[ends:2099-06-30 fit:true killed:true most_attempts:3 name:spring way_in:map[label:Sign up steps:1] way_out:map[label:Unsubscribe steps:1]]]]" {
		t.Errorf("list: got %d %v", status, got)
	}
}

// Many workers ask for the same approvals at the same time, and each is given once.
func TestWorkersAtOnceGetEachApprovalOnce(t *testing.T) {
	d := openDoors(t, fakeKafka(t)).ready()
	const people, workers = 4, 16
	for i := range people {
		d.approved(m{"id": "i", "person": fmt.Sprintf("p%d", i)})
	}
	var mu sync.Mutex
	given := map[string]int{}
	var all sync.WaitGroup
	for i := range people {
		for w := range workers {
			all.Go(func() {
				who := fmt.Sprintf("p%d", i)
				status, got := d.ask("POST", "/v1/redeem", m{"person": who, "intent": "i", "worker": fmt.Sprintf("w%d", w)})
				if status != http.StatusOK || got["ok"] != true && got["reason"] != "already_redeemed" {
					t.Errorf("got %d %v", status, got)
				}
				if got["ok"] == true {
					mu.Lock()
					defer mu.Unlock()
					given[who]++
				}
			})
		}
	}
	all.Wait()
	if want := "map[p0:1 p1:1 p2:1 p3:1]"; fmt.Sprint(given) != want {
		t.Errorf("given: %v, want %s", given, want)
	}
}

// "Beyond loopback only with TLS and authentication": and so they can be had.
func TestTheDoorsUnderTLSWithTokens(t *testing.T) {
	folder := t.TempDir()
	authority := newAuthority(t, folder)
	cert, key := authority.sign(t, "doors", time.Now().Add(time.Hour))
	token := "operator-0123456789abcdef0123456789"
	sum := sha256.Sum256([]byte(token))
	file := filepath.Join(folder, "tokens.yaml")
	write(t, file, "tokens: [{name: desk, roles: [view, consent], sha256: "+hex.EncodeToString(sum[:])+"}]\n")
	d := openDoors(t, fakeKafka(t), func(c *config.API) {
		c.TLS, c.TokensFile = config.Certificate{CertFile: cert, KeyFile: key}, file
	})
	pool := x509.NewCertPool()
	pool.AddCert(authority.cert)
	d.client.Transport = &http.Transport{TLSClientConfig: &tls.Config{RootCAs: pool}}
	d.url, d.token = strings.Replace(d.url, "http:", "https:", 1), token
	d.ready()
	if status, got := d.ask("POST", "/v1/consent", m{"person": "ann", "channel": "sms", "evidence": "signed form 7"}); status != http.StatusOK {
		t.Errorf("consent: got %d %v", status, got)
	}
	if status, got := d.ask("POST", "/v1/refuse", m{"person": "ann"}); status != http.StatusOK {
		t.Errorf("refuse: got %d %v", status, got)
	}
	if status, got := d.ask("POST", "/v1/redeem", m{"person": "ann", "intent": "i", "worker": "w"}); status != http.StatusForbidden {
		t.Errorf("redeem: got %d %v", status, got)
	}
	d.token = ""
	if status, got := d.ask("GET", "/v1/policy", nil); status != http.StatusUnauthorized {
		t.Errorf("without a token: got %d %v", status, got)
	}
}
