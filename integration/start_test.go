//go:build integration

package integration

import (
	"strings"
	"testing"
	"time"
)

// says waits until the governor has said something on standard error.
func (p *process) says(t *testing.T, what string) {
	t.Helper()
	waitFor(t, "the governor to say "+what, func() bool { return strings.Contains(p.Logs(t), what) })
}

// A governor that is told to stop finishes what it has under way, says so, and ends well. What was decided is not decided
// again by the next.
func TestTheNextGovernorGoesOnWhereTheLastOneStopped(t *testing.T) {
	p := newPlace(t)
	g := startGovernor(t, p.config())
	if d := p.ask(t, marketing("i1", "ann", "sms", "c1")); d.Verdict != "approved" {
		t.Fatalf("the first text message: %s %s", d.Verdict, d.Reason)
	}
	g.Stop(t)
	g.says(t, "stopped")

	startGovernor(t, p.config())
	if d := p.ask(t, marketing("i2", "ann", "sms", "c2")); d.Reason != "cap.sms" {
		t.Errorf("the second text message of the day: %s %s, want cap.sms", d.Verdict, d.Reason)
	}
	if n := len(p.decisions(t)); n != 2 {
		t.Errorf("%d decisions on two intents", n)
	}
}

// "Redis away … at start: a clear line saying what and where, retry with backoff, no approval."
func TestRedisAwayAtTheStartIsWaitedFor(t *testing.T) {
	redis := startRedis(t)
	p := newPlaceOn(t, sharedKafka, redis)
	redis.Stop(t)
	g := startGovernor(t, p.config())
	p.send(t, "contact.intents", "bob", text(t, marketing("i1", "bob", "email", "c")))
	g.says(t, redis.Addr)
	if n := len(p.decisions(t)); n != 0 {
		t.Fatalf("%d decisions without a memory", n)
	}
	redis.Start(t)
	waitFor(t, "the decision once Redis is back", func() bool { return len(p.decisions(t)) == 1 })
}

// "Kafka away at start": likewise.
func TestKafkaAwayAtTheStartIsWaitedFor(t *testing.T) {
	kafka := startKafka(t)
	p := newPlaceOn(t, kafka, sharedRedis)
	kafka.Stop(t)
	g := startGovernor(t, p.config())
	g.says(t, kafka.Addr)
	kafka.Start(t)
	if d := p.ask(t, marketing("i1", "cem", "email", "c")); d.Verdict != "approved" {
		t.Errorf("after Kafka came back: %s %s", d.Verdict, d.Reason)
	}
}

// "A Redis that lost … everything is noticed by its watermark and repaired from the log" (design.md): the no is not
// forgotten, and neither is the contact that was counted.
func TestARedisThatForgotIsRepairedFromTheLog(t *testing.T) {
	redis := startRedis(t)
	p := newPlaceOn(t, sharedKafka, redis)
	startGovernor(t, p.config())
	p.send(t, "contact.signals", "dee", text(t, signal{ID: "s1", Person: "dee", Type: "refusal", At: stamp(time.Now()), Channel: "email"}))
	if d := p.ask(t, marketing("i1", "dee", "sms", "c1")); d.Verdict != "approved" {
		t.Fatalf("on the channel that was not refused: %s %s", d.Verdict, d.Reason)
	}
	redis.Kill(t)
	redis.Start(t) // it keeps nothing on disk
	if d := p.ask(t, marketing("i2", "dee", "email", "c2")); d.Reason != "refused.state" {
		t.Errorf("the no, after Redis forgot it: %s %s", d.Verdict, d.Reason)
	}
	if d := p.ask(t, marketing("i3", "dee", "sms", "c3")); d.Reason != "cap.sms" {
		t.Errorf("the text message that was counted, after Redis forgot it: %s %s", d.Verdict, d.Reason)
	}
	if n := len(p.decisions(t)); n != 3 {
		t.Errorf("%d decisions on three intents", n)
	}
}

// "Partition counts equal, noeviction, retention ≥ longest window: each a clear error that names the setting."
func TestWrongSettingsAreNamedAndEndTheGovernor(t *testing.T) {
	t.Run("a Redis that evicts", func(t *testing.T) {
		redis := startRedis(t, "--maxmemory", "100mb", "--maxmemory-policy", "allkeys-lru")
		g := startGovernor(t, newPlaceOn(t, sharedKafka, redis).config())
		if code := g.Ended(t); code == 0 || !strings.Contains(g.Logs(t), "noeviction") {
			t.Errorf("exit status %d, and it said:\n%s", code, g.Logs(t))
		}
	})
	t.Run("topics whose partitions differ", func(t *testing.T) {
		p := emptyPlaceOn(t, sharedKafka, sharedRedis)
		sharedKafka.createTopics(t, 4, "delete", p.topic("contact.intents"))
		sharedKafka.createTopics(t, 3, "delete", p.topic("contact.signals"))
		g := startGovernor(t, p.config())
		if code := g.Ended(t); code == 0 || !strings.Contains(g.Logs(t), p.topic("contact.signals")) || !strings.Contains(g.Logs(t), "partitions") {
			t.Errorf("exit status %d, and it said:\n%s", code, g.Logs(t))
		}
	})
	t.Run("decisions that are kept too short", func(t *testing.T) {
		p := emptyPlaceOn(t, sharedKafka, sharedRedis)
		sharedKafka.createTopicsWith(t, 4, map[string]string{"cleanup.policy": "delete", "retention.ms": "3600000"}, p.topic("contact.approved"))
		g := startGovernor(t, p.config())
		if code := g.Ended(t); code == 0 || !strings.Contains(g.Logs(t), "retention.ms") {
			t.Errorf("exit status %d, and it said:\n%s", code, g.Logs(t))
		}
	})
}

// A topic that is not there is made, with the settings that it must have.
func TestMissingTopicsAreMade(t *testing.T) {
	p := emptyPlaceOn(t, sharedKafka, sharedRedis)
	g := startGovernor(t, p.config())
	g.says(t, "governing")
	if d := p.ask(t, marketing("i1", "eva", "email", "c")); d.Verdict != "approved" {
		t.Errorf("on topics of its own making: %s %s", d.Verdict, d.Reason)
	}
}
