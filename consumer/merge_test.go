package consumer_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/contactgovernor/governor/consumer"
	"github.com/contactgovernor/governor/consumer/governor"
	"github.com/contactgovernor/governor/schemas"
)

// family is a town whose people have records in several partitions, and addresses in
// common.
type family struct {
	*town
	procs []*fakeProcess
	runs  []*running
}

// newFamily is governed by two processes that have half of the partitions each.
func newFamily(t testing.TB) *family {
	f := &family{town: newTown(t)}
	f.restart()
	return f
}

// restart puts two other processes in the place of those that there are.
func (c *family) restart() {
	c.t.Helper()
	for i := range c.runs {
		c.runs[i].stop()
		c.runs[i].wait()
	}
	c.procs, c.runs = nil, nil
	for _, of := range [][]int32{{0, 1}, {2, 3}} {
		p := newFakeProcess(c.log, c.store, of...)
		cfg := c.config(p, &watcher{})
		cfg.Policy = consumer.Always(testPolicy())
		c.procs, c.runs = append(c.procs, p), append(c.runs, start(c.t, cfg, p))
	}
}

// told says whether everything that partitions tell each other was heard: the latest
// of it is behind the mark of its partition.
func (c *family) told() {
	c.t.Helper()
	until(c.t, "what is told is heard", func() bool {
		totals, err := c.store.Totals(c.t.Context(), []int32{0, 1, 2, 3}, nil)
		if err != nil {
			c.t.Fatal(err)
		}
		for p, one := range totals {
			if _, end := c.log.bounds(consumer.Slot{Topic: governor.Signals, Partition: int32(p)}); one.Mark.Signals < end {
				return false
			}
		}
		return true
	})
}

// stands is the latest that contact.standing has of a person.
func (c *family) stands(person string) string {
	latest := ""
	for _, r := range c.log.records(consumer.Slot{Topic: governor.Standing, Partition: home([]byte(person))}) {
		if string(r.Key) == person {
			latest = string(r.Value)
		}
	}
	return latest
}

// revoked are the reasons for which approvals of the intent were taken back.
func (c *family) revoked(id string) (reasons []string) {
	for p := range int32(partitions) {
		for _, r := range c.log.records(consumer.Slot{Topic: governor.Revoked, Partition: p}) {
			if v, err := schemas.DecodeRevocation(r.Value); err == nil && v.Intent == id {
				reasons = append(reasons, v.Reason)
			}
		}
	}
	return reasons
}

func (c *family) say(id, person, kind string, more ...string) {
	c.publish(signal(id, person, kind, c.clock.now(), more...))
}

func (c *family) ask(id, person, channel, purpose string, more ...string) {
	c.publish(intent(id, person, channel, purpose, c.clock.now(), more...))
}

// "Every no standing on either record stands on both", wherever the records are, and
// whoever has the partitions meanwhile.
func TestRecordsInTwoPartitions(t *testing.T) {
	c := newFamily(t)
	a, b := c.person(0, 0), c.person(2, 0)
	c.say("s1", a, "refusal", "channel:email")
	c.say("s2", b, "refusal", "channel:sms")
	c.ask("i1", b, "email", "marketing")
	c.answered("i1", "")
	c.ask("i2", a, "sms", "marketing")
	c.answered("i2", "")

	c.clock.pass(time.Minute)
	c.say("m", b, "merge", "into:"+a)
	until(t, "i1 is taken back", func() bool { return slices.Equal(c.revoked("i1"), []string{"state.unavailable"}) })
	until(t, "i2 is taken back", func() bool { return slices.Equal(c.revoked("i2"), []string{"refused.state"}) })
	c.told()
	c.restart()
	c.ask("i3", a, "email", "marketing")
	c.answered("i3", "refused.state")
	c.ask("i4", a, "sms", "marketing")
	c.answered("i4", "refused.state")
	c.ask("i5", b, "push", "marketing")
	c.answered("i5", "state.unavailable")
	c.ask("i6", a, "push", "marketing")
	c.answered("i6", "")
	for _, person := range []string{a, b} {
		if s := c.stands(person); !strings.Contains(s, `"channel":"email"`) || !strings.Contains(s, `"channel":"sms"`) || !strings.Contains(s, `"merged"`) {
			t.Errorf("for %s stands %s", person, s)
		}
	}
	c.clock.pass(time.Minute)
	c.say("s3", b, "refusal", "channel:push")
	until(t, "i6 is taken back", func() bool { return slices.Equal(c.revoked("i6"), []string{"refused.state"}) })
	c.clock.pass(time.Minute)
	c.say("s4", b, "consent", "source:settings")
	c.told()
	c.restart()
	c.ask("i7", a, "email", "marketing")
	c.answered("i7", "")
}

// "A refusal that names one binds everybody at that address", in every partition.
func TestAnAddressInEveryPartition(t *testing.T) {
	c := newFamily(t)
	const phone = "address:+49301234"
	for p := range int32(partitions) {
		c.ask(fmt.Sprint("out", p), c.person(p, 0), "sms", "marketing", phone)
		c.answered(fmt.Sprint("out", p), "")
	}
	c.clock.pass(time.Minute)
	author := c.person(1, 5)
	c.say("s1", author, "refusal", phone)
	for p := range int32(partitions) {
		until(t, "what is out there is taken back", func() bool { return slices.Equal(c.revoked(fmt.Sprint("out", p)), []string{"refused.address"}) })
	}
	c.told()
	c.restart()
	for p := range int32(partitions) {
		c.ask(fmt.Sprint("next", p), c.person(p, 1), "email", "marketing", phone)
		c.answered(fmt.Sprint("next", p), "refused.address")
	}
	c.clock.pass(time.Minute)
	c.say("s2", author, "consent", "source:settings")
	c.told()
	c.restart()
	for p := range int32(partitions) {
		c.ask(fmt.Sprint("last", p), c.person(p, 1), "email", "marketing", phone)
		c.answered(fmt.Sprint("last", p), "")
	}
}
