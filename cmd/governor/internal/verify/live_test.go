package verify_test

import (
	"context"
	"encoding/json"
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"sync/atomic"
	"testing"
	"time"
	"unicode/utf8"

	"github.com/alicebob/miniredis/v2"
	"github.com/twmb/franz-go/pkg/kfake"
	"github.com/twmb/franz-go/pkg/kgo"
	"go.uber.org/zap/zaptest"

	"github.com/contactgovernor/governor/cmd/governor/internal/app"
	"github.com/contactgovernor/governor/cmd/governor/internal/config"
	"github.com/contactgovernor/governor/cmd/governor/internal/verify"
	"github.com/contactgovernor/governor/cmd/governor/internal/verify/kafkalog"
	"github.com/contactgovernor/governor/rules"
	"github.com/contactgovernor/governor/rules/policyfile"
)

var update = flag.Bool("update", false, "write the log of the governor that runs here into testdata/healthy.jsonl")

// patience is far more than anything here takes; it never decides what is right.
const patience = 60 * time.Second

// noon is when the story begins: a Monday.
var noon = time.Date(2026, 5, 4, 12, 0, 0, 0, time.UTC)

// said is a record on its way in.
type said struct{ topic, key, value string }

func intent(id, person, channel, purpose string, more ...string) said {
	return said{"contact.intents", person, fmt.Sprintf(`{"id":%q,"person":%q,"channel":%q,"purpose":%q,"campaign":"spring","at":"@"%s}`, id, person, channel, purpose, fields(more))}
}

func signal(id, person, kind string, more ...string) said {
	return said{"contact.signals", person, fmt.Sprintf(`{"id":%q,"person":%q,"type":%q,"at":"@"%s}`, id, person, kind, fields(more))}
}

func fields(more []string) string {
	var b strings.Builder
	for _, m := range more {
		name, value, _ := strings.Cut(m, ":")
		fmt.Fprintf(&b, ",%q:%q", name, value)
	}
	return b.String()
}

// phase is what happens at a time after noon.
type phase struct {
	after time.Duration
	what  []said
}

// story is what happens to a few people.
func story() []phase {
	day := 24 * time.Hour
	return []phase{
		{0, []said{
			intent("a1", "ada", "email", "marketing", "message:m1"),
			intent("a2", "ada", "email", "marketing"),
			intent("a3", "ada", "email", "marketing"), // cap.email
			intent("a1", "ada", "email", "marketing", "message:m1"),
			intent("b1", "bob", "sms", "marketing"),
			intent("b2", "bob", "sms", "newsletter"), // cap.sms
			signal("s1", "cyd", "refusal", "channel:email"),
			intent("c1", "cyd", "email", "marketing"), // refused
			intent("c2", "cyd", "in_app", "marketing"),
			intent("c3", "cyd", "email", "receipt"), // the person started it
			intent("d1", "dan", "email", "marketing"),
			intent("d2", "dan", "push", "survey"),
			intent("e1", "eve", "email", "service", "subject:toll"),
			intent("e2", "eve", "sms", "billing", "subject:toll"),
			intent("e3", "eve", "email", "service", "subject:other"),
			{"contact.intents", "fay", `{"id":"f0","person":"fay"`},
			{"contact.signals", "fay", `{"id":"s2","person":"fay","type":"refusal","at":"yesterday"}`},
			intent("f1", "fay", "email", "marketing"),
			signal("s3", "gus", "reply", "channel:sms", "text:Stop 12345"),
			intent("g1", "gus", "email", "marketing", "subject:12345"),
			intent("g2", "gus", "email", "marketing", "subject:678"),
			signal("s4", "hal", "refusal"),
			intent("h1", "hal", "email", "marketing"),
			intent("r1", "mia", "email", "marketing"),
			intent("r2", "ned", "email", "marketing"),
			intent("r3", "oda", "email", "marketing"),
			intent("r4", "pat", "email", "marketing"),
			intent("r5", "quin", "sms", "marketing"),
			intent("r8", "rex", "email", "marketing"),
		}},
		{2 * time.Minute, []said{
			signal("q1", "mia", "redeem", "intent:r1", "worker:w1"),
			signal("q2", "mia", "redeem", "intent:r1", "worker:w2"), // another worker has it
			signal("q3", "mia", "redeem", "intent:r1", "worker:w1"), // the answer was lost
			signal("q4", "ned", "redeem", "intent:r2", "worker:w1"),
			signal("s17", "ned", "refusal", "channel:email"),        // too late for r2: it leaks
			signal("q5", "ned", "redeem", "intent:r2", "worker:w1"), // and is not good any more
			signal("q6", "oda", "redeem", "intent:r9", "worker:w1"), // never approved
			signal("q7", "quin", "redeem", "intent:r5", "worker:w1"),
			signal("s18", "oda", "refusal", "channel:email"), // takes r3 back
			signal("q8", "oda", "redeem", "intent:r3", "worker:w1"),
			signal("q9", "rex", "redeem", "intent:r8", "worker:w1"),
		}},
		{5 * time.Minute, []said{
			signal("s5", "dan", "refusal", "channel:email"), // takes d1 back
			signal("s6", "ada", "outcome", "intent:a1", "result:delivered"),
			signal("s7", "bob", "outcome", "intent:b1", "result:sent"),
			signal("s8", "hal", "consent", "source:settings"),
			intent("h2", "hal", "email", "marketing"), // the person took it back
			intent("d3", "dan", "email", "newsletter"),
			signal("s19", "mia", "outcome", "intent:r1", "result:sent"),
			signal("q10", "mia", "redeem", "intent:r1", "worker:w1"), // it has its outcome
			signal("s20", "rex", "outcome", "intent:r8", "result:not_sent"),
			signal("s9", "ida", "cancellation", "brand:acme"),
			intent("i1", "ida", "email", "winback", "brand:acme"),
			signal("s1", "cyd", "consent", "source:settings"), // an id that was heard: it changes nothing
			intent("c4", "cyd", "email", "newsletter"),
		}},
		{20 * time.Minute, []said{
			signal("s10", "eve", "outcome", "intent:e2", "result:not_sent"),
			signal("s11", "hal", "complaint", "channel:email"), // h2 has expired
			intent("a4", "ada", "push", "marketing", "message:m1"),
			signal("q11", "pat", "redeem", "intent:r4", "worker:w1"), // it is over
			intent("r6", "quin", "sms", "marketing"),                 // cap.sms: what a worker has counts, though nothing was heard of it
		}},
		{day - time.Millisecond, []said{intent("b3", "bob", "sms", "marketing")}}, // a window is half-open
		{day, []said{
			intent("b4", "bob", "sms", "marketing"),
			intent("a3", "ada", "email", "marketing"), // known for 24 h, half-open
		}},
		{day + time.Hour, []said{
			intent("k1", "kim", "call", "marketing", "address:+4915112345678"),
			intent("k2", "kim", "call", "survey"),
			signal("s12", "lou", "outcome", "intent:l0", "result:delivered"),
		}},
		{day + 65*time.Minute, []said{
			signal("s13", "kim", "outcome", "intent:k1", "result:wrong_number"),
			intent("k3", "kim", "call", "survey", "address:+4915112345678"),
			signal("s14", "lou", "complaint", "channel:email"),
			signal("s15", "lou", "consent", "evidence:form 7"),
			intent("l1", "lou", "email", "marketing"),
		}},
		{8 * day, []said{
			intent("a5", "ada", "email", "marketing"),
			intent("a6", "ada", "email", "newsletter"),
			signal("s16", "ada", "refusal", "channel:email", "subject:a"),
		}},
	}
}

// beats are people of both partitions: what they start themselves is answered at
// once, and tells that everything before it was.
func beats() []string { return []string{"beat-0", "beat-1", "beat-2", "beat-3"} }

// govern lets the real governor decide the story, and returns where its log is.
func govern(t *testing.T, story []phase) []string {
	t.Helper()
	policy, err := policyfile.Load("no-means-no")
	if err != nil {
		t.Fatal(err)
	}
	return governUnder(t, policy, story)
}

// governUnder is govern under a policy. One that is for the past hears the story years
// later, a phase a minute.
func governUnder(t *testing.T, policy *rules.Policy, story []phase) []string {
	t.Helper()
	kafka, err := kfake.NewCluster(kfake.NumBrokers(1))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(kafka.Close)
	var now atomic.Int64
	now.Store(noon.UnixMilli())
	c := config.Default()
	c.Kafka.Brokers = kafka.ListenAddrs()
	c.Kafka.Topics.Partitions = 2
	c.Redis.Address = miniredis.RunT(t).Addr()
	ready := make(chan struct{})
	a, err := app.New(app.Options{
		Config: c, Policy: policy, Log: zaptest.NewLogger(t), Embedded: true,
		Clock: func() time.Time { return time.UnixMilli(now.Load()).UTC() }, Ready: func() { close(ready) },
	})
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithTimeout(t.Context(), patience)
	run, stop := context.WithCancel(ctx)
	ended := make(chan error, 1)
	go func() { ended <- a.Run(run) }()
	defer func() {
		stop()
		if err := <-ended; err != nil {
			t.Errorf("the governor ended with %v", err)
		}
		if err := a.Close(); err != nil {
			t.Error(err)
		}
		cancel()
	}()
	<-ready

	client, err := kgo.NewClient(kgo.SeedBrokers(kafka.ListenAddrs()...),
		kgo.ConsumeTopics("contact.approved"), kgo.ConsumeResetOffset(kgo.NewOffset().AtStart()))
	if err != nil {
		t.Fatal(err)
	}
	defer client.Close()
	for i, phase := range story {
		at := noon.Add(phase.after)
		today := at
		if policy.EventClock() {
			today = noon.AddDate(3, 0, 0).Add(time.Duration(i) * time.Minute)
		}
		now.Store(today.UnixMilli())
		waiting := map[string]bool{}
		for _, who := range beats() {
			id := fmt.Sprintf("%s-%d", who, i)
			waiting[id] = true
			phase.what = append(phase.what, intent(id, who, "email", "receipt"))
		}
		for _, s := range phase.what {
			value := strings.ReplaceAll(s.value, `"@"`, `"`+at.Format("2006-01-02T15:04:05.000Z")+`"`)
			r := &kgo.Record{Topic: s.topic, Key: []byte(s.key), Value: []byte(value), Timestamp: today}
			if strings.HasPrefix(s.key, "\x1d") {
				r.Headers = []kgo.RecordHeader{{Key: "governor_from", Value: []byte("api")}} // nobody else may say it
			}
			if err := client.ProduceSync(ctx, r).FirstErr(); err != nil {
				t.Fatal(err)
			}
		}
		for len(waiting) > 0 {
			fetched := client.PollFetches(ctx)
			if err := fetched.Err0(); err != nil {
				t.Fatal(err)
			}
			for r := range fetched.RecordsAll() {
				var d struct{ Intent string }
				_ = json.Unmarshal(r.Value, &d)
				delete(waiting, d.Intent)
			}
		}
	}
	return kafka.ListenAddrs()
}

// What the real governor wrote is as promised, read from a broker.
func TestTheGovernorsLogIsHealthy(t *testing.T) {
	brokers := govern(t, story())
	log, err := kafkalog.Open(t.Context(), kafkalog.Options{Brokers: brokers})
	if err != nil {
		t.Fatal(err)
	}
	defer log.Close()
	found, summary := check(t, log, verify.Options{Settled: true, Partitions: 2, TrustTimes: true})
	for _, b := range found {
		t.Errorf("%+v", b)
	}
	for _, topic := range verify.Topics() {
		if summary.Records[topic] == 0 {
			t.Errorf("the story leaves nothing on %s", topic)
		}
	}
	if *update {
		write(t, log)
	}
}

// across is what happens to people of several partitions: records that are one
// person, and a telephone that several have.
func across() []phase {
	var noes, before, later, asks []said
	for i := range 6 {
		one, other := fmt.Sprintf("one-%d", i), fmt.Sprintf("other-%d", i)
		phone := "address:+491511234567" + fmt.Sprint(i)
		before = append(before,
			intent("x"+one, one, "email", "marketing"), intent("y"+one, one, "sms", "service", "subject:toll"),
			intent("x"+other, other, "sms", "newsletter", phone), intent("y"+other, other, "email", "service", "subject:toll"))
		noes = append(noes,
			signal("m"+one, one, "merge", "into:"+other),
			signal("n"+one, one, "refusal", "channel:email"),
			signal("p"+one, fmt.Sprintf("owner-%d", i), "refusal", "channel:sms", phone),
			signal("o"+other, other, "outcome", "intent:x"+other, "result:delivered"))
		later = append(later,
			intent("z"+one, one, "email", "marketing"), intent("z"+other, other, "email", "marketing"),
			intent("w"+one, one, "push", "survey"), intent("w"+other, other, "push", "survey"),
			intent("v"+one, fmt.Sprintf("third-%d", i), "sms", "marketing", phone))
		asks = append(asks,
			signal("q"+one, one, "redeem", "intent:x"+one, "worker:w1"), signal("q"+other, one, "redeem", "intent:x"+other, "worker:w1"))
	}
	return []phase{{0, before}, {2 * time.Minute, asks[:6]}, {5 * time.Minute, noes}, {6 * time.Minute, asks}, {6 * time.Minute, later}, {20 * time.Minute, later[:2]}, {40 * time.Minute, nil}}
}

// What is not checked across partitions is left out and counted, never told as a
// breach.
func TestWhatCrossesPartitionsIsNoBreach(t *testing.T) {
	log, err := kafkalog.Open(t.Context(), kafkalog.Options{Brokers: govern(t, across())})
	if err != nil {
		t.Fatal(err)
	}
	defer log.Close()
	found, summary := check(t, log, verify.Options{Settled: true, Partitions: 2, TrustTimes: true})
	for _, b := range found {
		t.Errorf("%+v", b)
	}
	if len(summary.Skipped) == 0 {
		t.Error("nothing is said to be left out")
	}
	t.Log(summary.Skipped)
}

// A campaign that is stopped at a door is stopped in what the governor writes, as far as it was told: what is said there is
// what is read here.
func TestAStoppedCampaignIsWatched(t *testing.T) {
	stop := said{"contact.signals", "\x1dspring", `{"id":"k1","person":"\u001dspring","type":"governor.campaign","at":"@","campaign":{"campaign":"spring","killed":"@"}}`}
	var before, after []said
	for i := range 6 {
		who := fmt.Sprintf("p-%d", i)
		before = append(before, intent("x"+who, who, "email", "marketing"))
		after = append(after, intent("y"+who, who, "email", "newsletter"))
	}
	log, err := kafkalog.Open(t.Context(), kafkalog.Options{Brokers: govern(t, []phase{{0, before}, {time.Minute, []said{stop}}, {2 * time.Minute, after}})})
	if err != nil {
		t.Fatal(err)
	}
	defer log.Close()
	o := verify.Options{Settled: true, Partitions: 2, TrustTimes: true}
	found, _ := check(t, log, o)
	for _, b := range found {
		t.Errorf("%+v", b)
	}
	l := &lab{t: t, memory: remembered(t, log)}
	for i := range 6 {
		id := fmt.Sprintf("yp-%d", i)
		for _, partition := range l.Partitions() {
			for _, r := range l.memory[fmt.Sprint(verify.Vetoed, partition)] {
				if text := string(r.Value); strings.Contains(text, fmt.Sprintf(`"intent":%q`, id)) && strings.Contains(text, `"reason":"campaign.killed"`) {
					l.approve(id)
					if found, _ := check(t, l, o); len(found) == 0 || found[0].Name != verify.AfterNo {
						t.Errorf("an approval after that: %+v", found)
					}
					return
				}
			}
		}
	}
	t.Error("nobody was told that the campaign is stopped")
}

// write makes the dump that the other tests begin with.
func write(t *testing.T, log verify.Log) {
	t.Helper()
	var b strings.Builder
	for _, partition := range log.Partitions() {
		for _, topic := range verify.Topics() {
			_, err := log.Read(t.Context(), topic, partition, func(r *verify.Record) error {
				if !utf8.Valid(r.Value) {
					t.Error("a value is no text")
				}
				headers := [][2]string{}
				for _, h := range r.Headers {
					headers = append(headers, [2]string{h.Key, string(h.Value)})
				}
				line, err := json.Marshal(map[string]any{
					"topic": r.Topic, "partition": r.Partition, "offset": r.Offset, "timestamp": r.Time.UnixMilli(),
					"key": string(r.Key), "value": string(r.Value), "headers": headers,
				})
				b.Write(append(line, '\n'))
				return err
			})
			if err != nil {
				t.Fatal(err)
			}
		}
	}
	if err := os.WriteFile(filepath.Join("testdata", "healthy.jsonl"), []byte(b.String()), 0o644); err != nil {
		t.Fatal(err)
	}
}
