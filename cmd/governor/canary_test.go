package main

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"fmt"
	"net/http"
	"net/url"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/alicebob/miniredis/v2"
	"github.com/twmb/franz-go/pkg/kfake"
	"github.com/twmb/franz-go/pkg/kgo"

	"github.com/contactgovernor/governor/cmd/governor/internal/app"
	"github.com/contactgovernor/governor/cmd/governor/internal/config"
	"github.com/contactgovernor/governor/cmd/governor/internal/logging"
	"github.com/contactgovernor/governor/rules/policyfile"
)

// The canaries: who they are, where they are reached, and what is said. Whoever sees one
// where it does not belong knows that everybody else is there too.
const (
	canaryPerson  = "canary-person-7f3a"
	canaryRecord  = "canary-record-19cc" // of the same person
	canaryOther   = "canary-other-b2d4"  // at the same address
	canaryErased  = "canary-erased-0e55"
	canaryLinked  = "canary-linked-55aa" // who says no by a link
	canaryMail    = "canary-mail@example.org"
	canaryPhone   = "+canary15550199"
	canaryWords   = "canary words STOP"
	canaryMessage = "canary-message-a1"
	canaryField   = "canary_field"
	canaryHost    = "canary.example.org"
)

// flown are the canaries in a text: as they are, or in base64, hexadecimal or as part of
// an address on the web.
func flown(text string) (found []string) {
	lower := strings.ToLower(text)
	for _, who := range []string{"canary", canaryPerson, canaryRecord, canaryOther, canaryErased, canaryLinked, canaryMail, canaryPhone} {
		for _, written := range []string{who, hex.EncodeToString([]byte(who)), url.QueryEscape(who)} {
			if strings.Contains(lower, written) {
				found = append(found, written)
			}
		}
		for shift := range 3 { // a text within a longer one has three ways to be written in base64
			written := base64.RawStdEncoding.EncodeToString([]byte(strings.Repeat(" ", shift) + who + "  "))
			if part := written[4 : len(written)-4]; len(part) > 7 && strings.Contains(strings.NewReplacer("-", "+", "_", "/").Replace(text), part) {
				found = append(found, written)
			}
		}
	}
	return found
}

// What opens the door of replies, and the others.
const (
	hookSecret = "hook-0123456789abcdef0123456789abcdef"
	doorSecret = "door-0123456789abcdef0123456789abcdef"
)

// cage is a governor over a Kafka and a Redis, all of whose words are kept.
type cage struct {
	t      *testing.T
	kafka  *kfake.Cluster
	redis  *miniredis.Miniredis
	file   string
	web    string // where it tells how it fares
	doors  string // where others may ask
	engine *kgo.Client
	now    string
	state  string       // what the engine keeps in its traces; "" where it does not trace
	spans  *collectorOf // to which everything that is traced is told

	mu   sync.Mutex
	said bytes.Buffer // logs, at every level, errors, and what is answered about how it fares
}

func (c *cage) Write(b []byte) (int, error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.said.Write(b)
}

func (c *cage) words() string {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.said.String()
}

func newCage(t *testing.T, identity string) *cage {
	t.Helper()
	c := &cage{t: t, kafka: fakeKafka(t), redis: miniredis.RunT(t), web: nobody(t), doors: nobody(t), spans: newCollector(t)}
	c.now = time.Now().UTC().Format("2006-01-02T15:04:05.000Z")
	folder := t.TempDir()
	c.file = filepath.Join(folder, "governor.yaml")
	write(t, filepath.Join(folder, "key"), "q83vEjRWeJCrze8SNFZ4kKvN7xI0VniQq83vEjRWeJA=\n")
	write(t, filepath.Join(folder, "links"), "AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8=\n")
	write(t, filepath.Join(folder, "hook"), hookSecret+"\n")
	sum := sha256.Sum256([]byte(doorSecret))
	write(t, filepath.Join(folder, "tokens.yaml"), "tokens: [{name: desk, roles: [view, operate, consent], sha256: "+hex.EncodeToString(sum[:])+"}]\n")
	if !strings.Contains(identity, "tracing:") {
		identity += "\ntracing: {endpoint: '" + c.spans.URL + "/v1/traces', ratio: 1}"
	}
	write(t, c.file, fmt.Sprintf("kafka: {brokers: [%q], topics: {partitions: 1}}\nredis: {address: %q}\nlog: {level: debug}\nhttp: {listen: %s}\napi: {listen: %s, tokens_file: tokens.yaml}\n"+
		"leave: {base_url: 'https://leave.example.org', key_file: links, hooks: [{name: sms, secret_file: hook, channel: sms}]}\n%s\n",
		c.kafka.ListenAddrs()[0], c.redis.Addr(), c.web, c.doors, identity))
	var err error
	c.engine, err = kgo.NewClient(kgo.SeedBrokers(c.kafka.ListenAddrs()...), kgo.MetadataMinAge(10*time.Millisecond))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(c.engine.Close)
	return c
}

// options are those of an app under the configuration, which is read anew.
func (c *cage) options() app.Options {
	c.t.Helper()
	cfg, err := config.Load(c.file)
	if err != nil {
		c.t.Fatal(err)
	}
	policy, err := policyfile.Load(cfg.Policy)
	if err != nil {
		c.t.Fatal(err)
	}
	log, err := logging.New(c, cfg.Log.Level, cfg.Log.Format)
	if err != nil {
		c.t.Fatal(err)
	}
	return app.Options{Config: cfg, Policy: policy, Log: log, Embedded: true}
}

// governed lets a governor run while something is done.
func (c *cage) governed(do func()) {
	c.t.Helper()
	a, err := observe(c.options())
	if err != nil {
		c.t.Fatal(err)
	}
	ctx, stop := context.WithCancel(soon(c.t))
	ended := make(chan error, 1)
	go func() { ended <- a.Run(ctx) }()
	do()
	for _, path := range []string{"/metrics", "/statusz", "/readyz", "/livez", "/startupz"} {
		_, body := toldBy(c.t, c.web, path)
		fmt.Fprintln(c, body)
	}
	stop()
	if err := <-ended; err != nil {
		fmt.Fprintln(c, err)
		c.t.Error(err)
	}
	if err := a.Close(); err != nil {
		c.t.Error(err)
	}
}

// send publishes records, of people whose key may be another than they say.
func (c *cage) send(topic, key string, values ...string) {
	c.t.Helper()
	var records []*kgo.Record
	for _, v := range values {
		r := &kgo.Record{Topic: topic, Key: []byte(key), Value: []byte(strings.ReplaceAll(v, "NOW", c.now))}
		if c.state != "" {
			r.Headers = []kgo.RecordHeader{
				{Key: "traceparent", Value: []byte("00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01")},
				{Key: "tracestate", Value: []byte(c.state)}, {Key: "baggage", Value: []byte("person=" + canaryPerson)},
			}
		}
		records = append(records, r)
	}
	if err := c.engine.ProduceSync(soon(c.t), records...).FirstErr(); err != nil {
		c.t.Fatal(err)
	}
}

// done waits until everything that was published is decided: a stranger who was
// contacted last has an answer, and more records have come to the topics than before.
func (c *cage) done(n int) {
	c.t.Helper()
	id := fmt.Sprintf("last-%d", n)
	c.send("contact.intents", "stranger", `{"id":"`+id+`","person":"stranger","channel":"email","purpose":"receipt","campaign":"c","at":"NOW"}`)
	until(c.t, "everything is decided", func() bool {
		for _, r := range c.all("contact.approved", "contact.vetoed") {
			if strings.Contains(string(r.Value), `"`+id+`"`) {
				return true
			}
		}
		return false
	})
}

// all are the records of topics.
func (c *cage) all(topics ...string) (all []*kgo.Record) {
	c.t.Helper()
	ends := map[string]int64{}
	for _, topic := range topics {
		if info := c.kafka.PartitionInfo(topic, 0); info != nil && info.HighWatermark > 0 {
			ends[topic] = info.HighWatermark
		}
	}
	if len(ends) == 0 {
		return nil
	}
	reader, err := kgo.NewClient(kgo.SeedBrokers(c.kafka.ListenAddrs()...), kgo.ConsumeTopics(topics...),
		kgo.ConsumeResetOffset(kgo.NewOffset().AtStart()), kgo.MetadataMinAge(10*time.Millisecond))
	if err != nil {
		c.t.Fatal(err)
	}
	defer reader.Close()
	ctx := soon(c.t)
	for len(ends) > 0 {
		got := reader.PollFetches(ctx)
		if ctx.Err() != nil {
			c.t.Fatalf("%v cannot be read to their ends", ends)
		}
		got.EachRecord(func(r *kgo.Record) {
			if all = append(all, r); r.Offset+1 >= ends[r.Topic] {
				delete(ends, r.Topic)
			}
		})
	}
	return all
}

// ask asks at the doors. What is answered is for whoever asked, and not kept.
func (c *cage) ask(method, path, body string) int {
	c.t.Helper()
	r, err := http.NewRequestWithContext(soon(c.t), method, "http://"+c.doors+path, strings.NewReader(body))
	if err != nil {
		c.t.Fatal(err)
	}
	r.Header.Set("Content-Type", "application/json")
	if strings.HasPrefix(body, "List-") {
		r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	}
	secret := doorSecret
	if strings.HasPrefix(path, "/hooks/") {
		secret = hookSecret
	}
	r.Header.Set("Authorization", "Bearer "+secret)
	client := http.Client{Timeout: patience, Transport: &http.Transport{DisableKeepAlives: true}}
	res, err := client.Do(r)
	if err != nil {
		return -1
	}
	res.Body.Close()
	return res.StatusCode
}

// fly lets the canaries through everything that there is.
func (c *cage) fly(round int) {
	c.t.Helper()
	n := func(s string) string { return strings.ReplaceAll(s, "#", fmt.Sprint(round)) }
	intent := func(id, who, more string) string {
		return n(`{"id":"`+id+`-#","person":"`+who+`","channel":"email","purpose":"marketing","campaign":"spring","at":"NOW","address":"`+canaryMail+`","message":"`+canaryMessage+id) + `"` + more + `}`
	}
	signal := func(id, who, kind, more string) string {
		return n(`{"id":"`+id+`-#","person":"`+who+`","type":"`+kind+`","at":"NOW"`) + more + `}`
	}
	// What is approved, held, coalesced, vetoed, taken back, known already, told anew with other words.
	c.state = "engine=" + canaryPerson
	for _, who := range []string{canaryPerson, canaryRecord, canaryOther, canaryErased} {
		c.send("contact.intents", who, intent("i1", who, ""), intent("i1", who, ""), intent("i1", who, `,"subject":"canary"`),
			intent("i2", who, `,"`+canaryField+`":"`+canaryPerson+`","`+canaryMail+`":1,"override":"`+canaryPhone+`"`),
			strings.Replace(intent("i3", who, `,"subject":"canary-subject"`), "marketing", "service", 1),
			strings.Replace(strings.Replace(intent("i4", who, ""), `"email"`, `"call"`, 1), canaryMail, canaryPhone, 1))
		c.send("contact.signals", who, signal("o1", who, "outcome", n(`,"intent":"i1-#","result":"delivered"`)),
			signal("r1", who, "reply", `,"channel":"sms","text":"`+canaryWords+`","address":"`+canaryPhone+`"`),
			signal("a1", who, "address", `,"channel":"call","value":"`+canaryPhone+`","status":"assigned"`),
			signal("y1", who, "consent", `,"source":"settings","evidence":"canary-evidence"`),
			signal("p1", who, "preference", `,"zones":["Europe/Oslo"],"budget":[{"channel":"email","max":1,"per":"24h"}]`))
	}
	c.send("contact.signals", canaryRecord, signal("m1", canaryRecord, "merge", `,"into":"`+canaryPerson+`"`))
	c.send("contact.signals", canaryErased, signal("n1", canaryErased, "refusal", `,"channel":"email","address":"`+canaryMail+`"`),
		signal("n2", canaryErased, "refusal", `,"channel":"sms","subject":"canary-subject"`), signal("e1", canaryErased, "erasure", ""))
	c.send("contact.signals", canaryPerson, signal("n1", canaryPerson, "refusal", `,"channel":"push"`), signal("c1", canaryPerson, "complaint", `,"channel":"email","brand":"canary"`))
	for _, who := range []string{canaryPerson, canaryRecord, canaryOther, canaryErased} {
		c.send("contact.intents", who, intent("i9", who, ""))
	}
	// What cannot be read. It is a dead letter with the headers that it came with.
	c.state = ""
	for _, bad := range []string{
		`{"id":"` + canaryPerson, `{"person":` + canaryPerson + `}`, `"` + canaryWords + `"`, `[` + canaryPhone + `]`, "", "\xff" + canaryMail,
		`{"id":7,"person":"` + canaryPerson + `"}`, `{"` + canaryField + `":1,"` + canaryField + `":2}`,
		intent("b1", "somebody-else", ""), strings.Replace(intent("b2", canaryPerson, ""), `"marketing"`, `"`+canaryWords+`"`, 1),
		strings.Replace(intent("b3", canaryPerson, ""), `"email"`, `"`+canaryPhone+`"`, 1), strings.Replace(intent("b4", canaryPerson, ""), "NOW", canaryWords, 1),
		intent("b5", canaryPerson, `,"zones":["`+canaryHost+`"]`), intent("b6", canaryPerson, `,"mode":"`+canaryWords+`"`),
		intent("b7", canaryPerson, `,"priority":"`+canaryPhone+`"`), intent("b8", canaryPerson, `,"person":"`+canaryOther+`"`),
		intent("b9", strings.Repeat(canaryPerson, 30), ""), intent("b10", canaryPerson, `,"engine":{"`+canaryMail+`":[]}`),
		signal("b1", "somebody-else", "refusal", ""), signal("b2", canaryPerson, canaryWords, ""), signal("b3", canaryPerson, "outcome", `,"result":"`+canaryWords+`"`),
		signal("b4", canaryPerson, "refusal", `,"channel":["`+canaryPhone+`"]`), signal("b5", canaryPerson, "merge", `,"into":"`+canaryPerson+`"`),
		signal("b6", canaryPerson, "preference", `,"quiet":[{"days":["`+canaryWords+`"]}],"budget":[{"max":"`+canaryPhone+`"}]`),
		signal("b7", canaryPerson, "told_record", `,"record":"`+canaryOther+`","standing":"`+canaryWords+`"`),
		signal("b8", canaryPerson, "consent", `,"source":"`+canaryWords+`"`), signal("b9", canaryPerson, "address", `,"value":"`+canaryPhone+`","status":"`+canaryWords+`"`),
	} {
		c.send("contact.intents", canaryOther, bad)
		c.send("contact.signals", "canary-unreadable", bad)
	}
	c.done(round)
}

// knock asks at every door for and with the canaries, in the right way and in wrong ones.
func (c *cage) knock() {
	c.t.Helper()
	until(c.t, "the doors are open", func() bool { return c.ask("GET", "/v1/health", "") == http.StatusOK })
	right := map[string]string{
		"/v1/preflight":                         `{"id":"p","person":"` + canaryPerson + `","channel":"email","purpose":"marketing","campaign":"spring","address":"` + canaryMail + `"}`,
		"/v1/redeem":                            `{"person":"` + canaryPerson + `","intent":"i9-1","worker":"canary-worker"}`,
		"/v1/refuse":                            `{"id":"web-no","person":"` + canaryPerson + `","channel":"sms","address":"` + canaryPhone + `"}`,
		"/v1/people/" + canaryErased + "/erase": `{"id":"web-erasure"}`,
		"/v1/consent":                           `{"id":"web-yes","person":"` + canaryPerson + `","channel":"sms","source":"settings","evidence":"canary-evidence"}`,
		"/v1/outcomes":                          `{"id":"web-outcome","person":"` + canaryPerson + `","intent":"i1-1","result":"delivered"}`,
	}
	for path, body := range right {
		if status := c.ask("POST", path, body); status != http.StatusOK {
			c.t.Errorf("POST %s is answered %d", path, status)
		}
	}
	// The ways out that people have: a reply, the links in approvals, and what is none.
	for _, reply := range []string{
		`{"id":"web-reply","from":"` + canaryPhone + `","text":"` + canaryWords + `"}`, `{"from":"` + canaryPhone + `","text":7}`, `{"from":"` + canaryPhone,
		`{"id":"web-reply-2","person":"` + strings.Repeat(canaryPerson, 30) + `","text":"STOP"}`, canaryWords,
	} {
		c.ask("POST", "/hooks/reply/sms", reply)
		c.ask("POST", "/hooks/reply/"+canaryPhone, reply)
	}
	c.send("contact.intents", canaryLinked, `{"id":"linked","person":"`+canaryLinked+`","channel":"email","purpose":"marketing","campaign":"c","at":"NOW"}`)
	c.done(100)
	links := 0
	for _, r := range c.all("contact.approved") {
		if _, link, found := strings.Cut(string(r.Value), "https://leave.example.org"); found && string(r.Key) == canaryLinked {
			link, _, _ = strings.Cut(link, `"`)
			for method, body := range map[string]string{"GET": "", "HEAD": "", "POST": "List-Unsubscribe=One-Click"} {
				if status := c.ask(method, link, body); status != http.StatusOK {
					c.t.Errorf("%s of a link is answered %d", method, status)
				}
			}
			links++
		}
	}
	if links == 0 {
		c.t.Error("no approval has a link: this test proves little")
	}
	body := strings.TrimSuffix(right["/v1/outcomes"], "}") + `,"source":"settings","evidence":"canary-evidence","` + canaryField + `":"` + canaryWords + `"}`
	for _, path := range []string{
		"/v1/preflight", "/v1/redeem", "/v1/refuse", "/v1/consent", "/v1/outcomes", "/v1/people/" + canaryPerson, "/v1/people/" + canaryErased,
		"/v1/people/" + canaryPerson + "/export", "/v1/people/" + canaryPerson + "/erase", "/v1/campaigns", "/v1/campaigns/" + canaryPerson, "/v1/" + canaryMail,
		"/v1/policy?" + canaryPhone, "/" + canaryPerson, "/leave/" + canaryPerson, "/leave/" + base64.RawURLEncoding.EncodeToString([]byte(canaryMail)), "/v1/people/" + url.PathEscape(strings.Repeat(canaryPerson, 50)), "/v1/people/" + canaryOther + "%ff%00",
	} {
		for _, method := range []string{"GET", "POST", "DELETE"} {
			c.ask(method, path, map[string]string{"GET": "", "POST": body, "DELETE": ""}[method])
		}
		c.ask("POST", path, `{"person":"`+canaryPerson)
		c.ask("POST", path, `{"person":7,"`+canaryMail+`":"`+canaryWords+`"}`)
	}
}

// "A canary test finds no raw id, phone or address in logs, metrics, traces or the dead
// letters' headers" (issue 6): through approvals, vetoes, refusals, merges, erasures, bad
// records, every door, a store that is spoilt, a Kafka and a Redis that go away, and a
// rebuild. With identity: {mode: hashed} nor is one in Redis; with the key alone nobody
// who was erased.
func TestCanaries(t *testing.T) {
	if testing.Short() {
		t.Skip("a whole life of the governor takes its time")
	}
	for _, identity := range []string{"", "identity: {key_file: key}", "identity: {mode: hashed, key_file: key}"} {
		t.Run(identity, func(t *testing.T) {
			c := newCage(t, identity)
			c.governed(func() {
				until(t, "it governs", func() bool { status, _ := toldBy(t, c.web, "/readyz"); return status == http.StatusOK })
				c.fly(1)
				c.knock()
				c.redis.SetError("ERR unknown command 'MGET', with args beginning with: '{p0}:no:" + canaryPerson + "' ") // as a Redis says it
				c.send("contact.intents", canaryOther, `{"id":"s0","person":"`+canaryOther+`","channel":"email","purpose":"marketing","campaign":"c","at":"NOW"}`)
				until(t, "it is held", func() bool { return strings.Contains(c.words(), "partition held") })
				c.redis.SetError("")
				c.done(2)
			})
			c.look(identity)
			if t.Failed() {
				return
			}

			// What is kept of somebody is spoilt; the governor says so, and who it is it does not.
			for _, key := range c.redis.Keys() {
				if strings.Contains(key, ":no:") || strings.Contains(key, ":log:") {
					_ = c.redis.Set(key, `{"person":"`+canaryPerson+`","refusals":"`+canaryWords+`"}`)
				}
			}
			c.governed(func() {
				c.send("contact.intents", canaryOther, `{"id":"s1","person":"`+canaryOther+`","channel":"email","purpose":"marketing","campaign":"c","at":"NOW"}`)
				until(t, "it is held", func() bool { return strings.Contains(c.words(), "it cannot be read") })
			})

			c.rebuild()
			c.governed(func() { c.done(3); c.fly(4) })
			if err := execute(soon(t), []string{"verify", "--config", c.file, "--settled"}, strings.NewReader(""), c, c); err != nil {
				t.Errorf("governor verify: %v\n%s", err, c.words()[strings.LastIndex(c.words(), "partition released"):])
			}
			c.look(identity)
		})
	}
}

// remembered is all that is in Redis.
func (c *cage) remembered() string {
	c.t.Helper()
	var all strings.Builder
	for _, key := range c.redis.Keys() {
		fmt.Fprintln(&all, key)
		if value, err := c.redis.Get(key); err == nil {
			fmt.Fprintln(&all, value)
			continue
		}
		fields, err := c.redis.HKeys(key)
		if err != nil {
			c.t.Fatal(err)
		}
		for _, field := range fields {
			fmt.Fprintln(&all, field, c.redis.HGet(key, field))
		}
	}
	return all.String()
}

// look finds the canaries where they do not belong.
func (c *cage) look(identity string) {
	c.t.Helper()
	for line := range strings.Lines(c.words()) {
		if found := flown(line); found != nil {
			c.t.Errorf("%q is in what is said: %s", found, line)
		}
	}
	if n := len(c.spans.spans()); n < 100 {
		c.t.Errorf("only %d spans are told: this test proves little", n)
	}
	for line := range strings.Lines(c.spans.words()) {
		if found := flown(line); found != nil {
			c.t.Errorf("%q is in a span: %s", found, line)
		}
	}
	dead := c.all("contact.deadletter")
	if len(dead) < 20 {
		c.t.Errorf("only %d records were bad: this test proves little", len(dead))
	}
	for _, r := range dead {
		for _, h := range r.Headers {
			if found := flown(h.Key + string(h.Value)); found != nil {
				c.t.Errorf("%q is in the header %s of a dead letter: %s", found, h.Key, h.Value)
			}
		}
	}
	audit := c.all("contact.audit")
	if len(audit) < 3 {
		c.t.Errorf("the audit has %d records", len(audit))
	}
	for _, r := range audit {
		if found := flown(string(r.Key) + string(r.Value)); found != nil {
			c.t.Errorf("%q is in the audit: %s", found, r.Value)
		}
	}
	kept := c.remembered()
	if len(kept) < 1000 {
		c.t.Errorf("Redis has nothing: %s", kept)
	}
	switch found := flown(kept); {
	case strings.Contains(identity, "hashed") && found != nil:
		c.t.Errorf("%q is in Redis", found)
	case identity != "" && strings.Contains(kept, "no:"+canaryErased):
		c.t.Error("who was erased is in Redis")
	case identity == "" && found == nil:
		c.t.Error("Redis has no canary at all: this test looks in the wrong place")
	}
	standing := map[string]string{}
	for _, r := range c.all("contact.standing") {
		standing[string(r.Key)] = string(r.Value)
	}
	names := slices.DeleteFunc([]string{canaryErased, "\x1f" + canaryMail}, func(key string) bool { return standing[key] == "" })
	if identity != "" && len(names) > 0 {
		c.t.Errorf("%q stand on contact.standing, and were erased", names)
	}
}
