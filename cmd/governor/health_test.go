package main

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net"
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/alicebob/miniredis/v2"
	"github.com/twmb/franz-go/pkg/kfake"
	"github.com/twmb/franz-go/pkg/kgo"
	"go.uber.org/zap"
	"go.uber.org/zap/zapcore"
	"go.uber.org/zap/zaptest/observer"

	"github.com/contactgovernor/governor/cmd/governor/internal/app"
	"github.com/contactgovernor/governor/cmd/governor/internal/config"
	"github.com/contactgovernor/governor/rules"
	"github.com/contactgovernor/governor/rules/policyfile"
)

// toldBy is what is answered to GET, -1 where nobody answers.
func toldBy(t *testing.T, address, path string) (status int, body string) {
	t.Helper()
	client := http.Client{Timeout: patience, Transport: &http.Transport{DisableKeepAlives: true}}
	answer, err := client.Get("http://" + address + path)
	if err != nil {
		return -1, err.Error()
	}
	defer answer.Body.Close()
	b, err := io.ReadAll(answer.Body)
	if err != nil {
		t.Fatal(err)
	}
	return answer.StatusCode, string(b)
}

// waitForAnswer waits until GET is answered with the status, and all these words.
func waitForAnswer(t *testing.T, address, path string, status int, words ...string) string {
	t.Helper()
	for end := time.Now().Add(patience); ; time.Sleep(5 * time.Millisecond) {
		code, body := toldBy(t, address, path)
		if code == status && hasAll(body, words) {
			return body
		}
		if time.Now().After(end) {
			t.Fatalf("GET %s is answered %d, %s; want %d and %q", path, code, body, status, words)
		}
	}
}

// What is wrong before it can begin is told as well: which of the two is away, and
// where it was looked for.
func TestAGovernorThatWaitsTellsForWhat(t *testing.T) {
	away, at := nobody(t), nobody(t)
	p := startRun(t, away, miniredis.RunT(t).Addr(), "http: {listen: "+at+"}")
	p.waitFor(t, 1, `"msg":"tells how it fares"`, "http://"+at+"/statusz")
	waitForAnswer(t, at, "/readyz", 503, `"ready":false,"stage":"starting"`, `"what":"the start","class":"kafka"`, "cannot reach Kafka at "+away)
	waitForAnswer(t, at, "/livez", 200, `{"alive":true}`)
	waitForAnswer(t, at, "/startupz", 503, `"started":false`)
	waitForAnswer(t, at, "/metrics", 200, "governor_ready 0", `governor_hold_seconds{class="kafka",partition="start"}`)
	p.stop()
	if got := p.ended(t); got != 0 {
		t.Errorf("exit status %d", got)
	}
	if code, _ := toldBy(t, at, "/livez"); code != -1 {
		t.Errorf("somebody still answers: %d", code)
	}
}

// An address that is taken is the configuration's mistake, and nothing starts.
func TestAnAddressThatIsTakenIsAMistake(t *testing.T) {
	taken, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer taken.Close()
	p := startRun(t, nobody(t), nobody(t), "http: {listen: "+taken.Addr().String()+"}")
	if got := p.ended(t); got != 2 {
		t.Errorf("exit status %d", got)
	}
	p.waitFor(t, 1, "governor: run: http.listen: listen tcp "+taken.Addr().String()+": bind: address already in use: give every governor of a machine an address of its own")
}

// startObserved starts a governor that can be asked at the address.
func startObserved(t *testing.T, kafka *kfake.Cluster, redis *miniredis.Miniredis) (ctx context.Context, at string, policy *rules.Policy, logs *observer.ObservedLogs) {
	t.Helper()
	policy, err := policyfile.Load("no-means-no")
	if err != nil {
		t.Fatal(err)
	}
	at = nobody(t)
	c := config.Default()
	c.Kafka.Brokers, c.Kafka.Topics.Partitions = kafka.ListenAddrs(), 2
	c.Redis.Address, c.HTTP.Listen = redis.Addr(), at
	core, logs := observer.New(zapcore.DebugLevel)
	a, err := observe(app.Options{Config: c, Policy: policy, Log: zap.New(core), Embedded: true})
	if err != nil {
		t.Fatal(err)
	}
	ctx, stop := context.WithCancel(soon(t))
	ended := make(chan error, 1)
	go func() { ended <- a.Run(ctx) }()
	t.Cleanup(func() {
		stop()
		if err := <-ended; err != nil {
			t.Error(err)
		}
		if err := a.Close(); err != nil {
			t.Error(err)
		}
	})
	return ctx, at, policy, logs
}

// A Kafka that goes away takes the membership with it sooner or later. It is told all
// the time that nothing is decided, and first which partitions do not.
func TestAKafkaThatGoesAwayIsTold(t *testing.T) {
	kafka := fakeKafka(t)
	_, at, _, _ := startObserved(t, kafka, miniredis.RunT(t))
	waitForAnswer(t, at, "/readyz", 200, `{"ready":true`)
	kafka.Close()
	waitForAnswer(t, at, "/readyz", 503, `"what":"partition 0","partition":0,"class":"kafka"`, `"what":"partition 1","partition":1,"class":"kafka"`)
	for end := time.Now().Add(time.Second); time.Now().Before(end); time.Sleep(5 * time.Millisecond) {
		if code, body := toldBy(t, at, "/readyz"); code != 503 {
			t.Fatalf("%d %s", code, body)
		}
	}
	waitForAnswer(t, at, "/livez", 200, "alive")
}

// An operator's night: all is well, Redis goes away, comes back, and has one person's
// memory spoilt. What, why and since when is told all the time, over HTTP and without
// naming anybody; when the cause is gone, so is the hold.
func TestHoldsAreVisible(t *testing.T) {
	const canary = "canary-ana@example.org"
	kafka, redis := fakeKafka(t), miniredis.RunT(t)
	ctx, at, policy, logs := startObserved(t, kafka, redis)
	engine, err := kgo.NewClient(kgo.SeedBrokers(kafka.ListenAddrs()...))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(engine.Close)
	ask := func(id string) {
		t.Helper()
		value := fmt.Sprintf(`{"id":%q,"person":%q,"channel":"email","purpose":"receipt","campaign":"order","at":%q}`, id, canary, time.Now().UTC().Format(time.RFC3339))
		if err := engine.ProduceSync(ctx, &kgo.Record{Topic: "contact.intents", Key: []byte(canary), Value: []byte(value)}).FirstErr(); err != nil {
			t.Fatal(err)
		}
	}
	var all strings.Builder // that was ever told
	wait := func(path string, status int, words ...string) string {
		t.Helper()
		body := waitForAnswer(t, at, path, status, words...)
		all.WriteString(body)
		return body
	}

	wait("/readyz", 200, `{"ready":true,"stage":"governing"`)
	ask("i1")
	wait("/metrics", 200, `governor_decisions_total{verdict="approved"} 1`, "governor_ready 1", `governor_partitions{state="deciding"} 2`,
		`governor_policy_info{hash="`+policy.Hash()+`",name="no-means-no"} 1`)
	wait("/statusz", 200, `"version":`, `"policy":{"name":"no-means-no","hash":"`+policy.Hash()+`"}`, `"epoch":1`, `"last_batch":"20`)
	wait("/startupz", 200, `"started":true`)

	redis.Close()
	ask("i2")
	body := wait("/readyz", 503, `"class":"redis"`, "connection refused")
	var r struct{ Holds []struct{ Since time.Time } }
	if err := json.Unmarshal([]byte(body), &r); err != nil || len(r.Holds) != 1 || time.Since(r.Holds[0].Since) > patience {
		t.Errorf("held since when? %s, %v", body, err)
	}
	wait("/livez", 200, "alive")
	wait("/startupz", 200, `"started":true`)
	wait("/metrics", 200, "governor_ready 0", `governor_hold_seconds{class="redis",partition=`, `governor_partitions{state="held"} 1`, `governor_lag_seconds{`)
	if err := redis.Restart(); err != nil {
		t.Fatal(err)
	}
	wait("/readyz", 200, `{"ready":true`)
	if body := wait("/metrics", 200, `governor_decisions_total{verdict="approved"} 2`); strings.Contains(body, "governor_hold_seconds{") {
		t.Errorf("a hold is told that is none:\n%s", body)
	}

	key := redis.Keys()[slices.IndexFunc(redis.Keys(), func(key string) bool { return strings.HasSuffix(key, ":log:"+canary) })]
	key = strings.Replace(key, ":log:", ":no:", 1)
	for i, garbage := range []string{`{"` + canary + `":1}`, `{"refusals":"` + canary + `"}`, `{"zones":["` + canary + `"]}`, "\x7f" + canary} {
		if err := redis.Set(key, garbage); err != nil {
			t.Fatal(err)
		}
		redis.SetError("LOADING Redis is loading the dataset in memory") // after any error everybody is read again
		ask(fmt.Sprint("spoilt-", i))
		wait("/readyz", 503, `"class":"redis"`, "LOADING")
		redis.SetError("")
		wait("/readyz", 503, `"class":"memory","why":"remember a person: decode what stands for a person`)
		wait("/statusz", 200, `"class":"memory"`)
		wait("/metrics", 200, `governor_hold_seconds{class="memory"`)
		redis.Del(key)
		wait("/readyz", 200, `{"ready":true`)
	}
	for _, line := range logs.All() {
		fmt.Fprintln(&all, line.Message, line.ContextMap())
	}
	if i := strings.Index(all.String(), "canary"); i >= 0 {
		t.Errorf("a person is named: …%.200s…", all.String()[max(0, i-100):])
	}
}
