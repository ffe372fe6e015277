package verify_test

import (
	"bytes"
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/contactgovernor/governor/cmd/governor/internal/verify"
	"github.com/contactgovernor/governor/consumer/replay"
	"github.com/contactgovernor/governor/rules"
	"github.com/contactgovernor/governor/rules/policyfile"
	"github.com/contactgovernor/governor/state/memstate"
)

// stream is what a few people, who say everything that can be said, and engines
// that want everything, make of a month.
func stream(seed uint64, events int) string {
	r := rand.New(rand.NewPCG(seed, 5))
	pick := func(of ...string) string { return of[r.IntN(len(of))] }
	some := func(name string, of ...string) string {
		if r.IntN(3) > 0 {
			return ""
		}
		return fmt.Sprintf(",%q:%q", name, pick(of...))
	}
	channels := []string{"email", "sms", "call", "push", "mail", "in_app", "chat"}
	var b strings.Builder
	at, ids := noon, 0
	whose := map[int]string{0: "p1"}
	for i := range events {
		at = at.Add([]time.Duration{0, time.Millisecond, time.Minute, 15 * time.Minute, time.Hour, 2 * time.Hour, 4 * time.Hour}[r.IntN(7)])
		now := at.Format("2006-01-02T15:04:05.000Z")
		said := at.Add(-time.Duration(r.IntN(3)) * time.Hour).Format(time.RFC3339)
		who := pick("p1", "p2", "p3", "p4")
		ask := func(about int) {
			if r.IntN(2) == 0 {
				fmt.Fprintf(&b, `{"arrived":%q,"topic":"redeem","value":{"intent":"i%d"%s}}`+"\n", now, about, some("worker", "w1", "w2"))
				return
			}
			fmt.Fprintf(&b, `{"arrived":%q,"topic":"contact.signals","value":{"id":"q%d","person":%q,"at":%q,"type":"redeem","intent":"i%d","worker":%q}}`+"\n",
				now, i, whose[about], said, about, pick("w1", "w2"))
		}
		if r.IntN(3) > 0 {
			if r.IntN(8) > 0 {
				ids++
				whose[ids] = who
			}
			fmt.Fprintf(&b, `{"arrived":%q,"topic":"contact.intents","value":{"id":"i%d","person":%q,"channel":%q,"purpose":%q,"campaign":%q,"at":%q%s%s%s%s%s}}`+"\n",
				now, ids, who, pick(channels...),
				pick("marketing", "winback", "newsletter", "survey", "permission_prompt", "service", "billing", "collection", "receipt", "legal", "confirmation", "consent_request"),
				pick("spring", "may"), said, some("subject", "s1", "s2", "777"), some("brand", "x", "y"),
				some("address", "a1", "a2"), some("message", "m1", "m2"), some("not_after", at.Add(5*time.Minute).Format(time.RFC3339)))
			if r.IntN(2) == 0 {
				ask(ids)
			}
			continue
		}
		id := fmt.Sprintf("s%d", i-r.IntN(10)/9)
		head := fmt.Sprintf(`{"arrived":%q,"topic":"contact.signals","value":{"id":%q,"person":%q,"at":%q`, now, id, who, said)
		scope := some("channel", channels...) + some("subject", "s1", "s2") + some("brand", "x", "y") + some("purpose", "marketing", "billing")
		kind := r.IntN(28)
		if seed%2 == 1 { // nobody says no, so that windows fill
			kind = 10 + r.IntN(3)*9
		}
		switch kind {
		default:
			about := max(0, ids-r.IntN(4))
			fmt.Fprintf(&b, `%s,"type":"outcome","intent":"i%d","result":%q}}`+"\n", strings.Replace(head, who, whose[about], 1), about,
				pick("sent", "sent", "sent", "delivered", "delivered", "answered", "no_answer", "busy", "not_sent", "bounced", "wrong_number", "opted_out", "abandoned"))
		case 0:
			fmt.Fprintf(&b, `%s,"type":"refusal"%s%s}}`+"\n", head, scope, some("address", "a1", "a2"))
		case 1, 2:
			fmt.Fprintf(&b, `%s,"type":"consent"%s%s}}`+"\n", head, scope, some("source", "settings", "settings", "agent"))
		case 3:
			fmt.Fprintf(&b, `%s,"type":"reply","channel":%q,"text":%q%s}}`+"\n", head, pick("sms", "email"), pick("STOP", "stop 777", "Start", "thanks", "please stop by the shop"), some("brand", "x"))
		case 4:
			fmt.Fprintf(&b, `%s,"type":"cancellation"%s%s}}`+"\n", head, some("subject", "s1", "s2"), some("brand", "x", "y"))
		case 5:
			fmt.Fprintf(&b, `%s,"type":"complaint","channel":"email"%s}}`+"\n", head, some("brand", "x", "y"))
		case 10:
			fmt.Fprintf(&b, `%s,"type":"engagement","kind":"click","actor":"human"}}`+"\n", head)
		case 11:
			ask(max(0, ids-r.IntN(3)))
		case 12:
			fmt.Fprintf(&b, `%s,"type":"resolved","subject":"s1"}}`+"\n", head)
		case 13:
			switch r.IntN(6) {
			case 0:
				fmt.Fprintf(&b, `%s,"type":"erasure"}}`+"\n", head)
			case 1:
				fmt.Fprintf(&b, `%s,"type":"merge","into":"p9"}}`+"\n", head)
			case 2:
				fmt.Fprintf(&b, `%s,"type":"refusal","at":"no time"}}`+"\n", head)
			default:
				fmt.Fprintf(&b, `%s,"type":"refusal"%s}}`+"\n", strings.Replace(head, `"at":"`+said, `"at":"no time`, 1), scope)
			}
		}
	}
	return b.String()
}

// Whatever people say and engines want, what the governor makes of it is as the
// checker has it, which knows the house's limits from a table of its own.
func TestRandomRecordingsAreHealthy(t *testing.T) {
	if testing.Short() {
		t.Skip("it takes long, in one goroutine")
	}
	policy, err := policyfile.Load("no-means-no")
	if err != nil {
		t.Fatal(err)
	}
	house := verify.NoMeansNo()
	checked := map[string]int{}
	for seed := range uint64(12) {
		log := recorded(t, policy, stream(seed, 400))
		o := log.Options()
		o.Limits = &house
		found, summary := check(t, log, o)
		for i, b := range found {
			if i < 5 {
				t.Errorf("seed %d: %+v", seed, b)
			}
		}
		for name, n := range summary.Checked {
			checked[name] += n
		}
	}
	t.Log(checked)
	for _, name := range []string{verify.AfterNo, verify.LeftStanding, verify.CapExceeded, verify.UnfoundedVeto, verify.LostNo, verify.DoubleApproval, verify.LostAnswer, verify.FalseYes} {
		if checked[name] < 50 {
			t.Errorf("%s was looked at %d times only: this stream proves nothing of it", name, checked[name])
		}
	}
}

// recorded is what the governor makes of events under a policy.
func recorded(t *testing.T, policy *rules.Policy, events string) *verify.Recording {
	t.Helper()
	var out bytes.Buffer
	r, err := replay.New(t.Context(), policy, memstate.New(), &out)
	if err != nil {
		t.Fatal(err)
	}
	if err := r.Run(t.Context(), strings.NewReader(events)); err != nil {
		t.Fatal(err)
	}
	log, err := verify.ReadRecording(strings.NewReader(events), strings.NewReader(out.String()))
	if err != nil {
		t.Fatal(err)
	}
	return log
}

// Who would take the last slot of a cap that waits for whoever is more urgent is
// answered later, within a day. It is missed by nobody who knows, or who cannot know.
func TestWhoWaitsForTheLastSlotIsNotMissed(t *testing.T) {
	file := filepath.Join(t.TempDir(), "policy.yaml")
	written := "policy: ours\nvocabulary: no-means-no\ncaps: {name: one, of: {class: solicitation}, at_most: 2, within: 7d, arbitrate: 24h}\n"
	if err := os.WriteFile(file, []byte(written), 0o600); err != nil {
		t.Fatal(err)
	}
	policy, err := policyfile.Load(file)
	if err != nil {
		t.Fatal(err)
	}
	line := func(at time.Duration, id, purpose string) string {
		when := noon.Add(at).Format(time.RFC3339)
		return fmt.Sprintf(`{"arrived":%q,"topic":"contact.intents","value":{"id":%q,"person":"p","channel":"email","purpose":%q,"campaign":"spring","at":%q}}`+"\n", when, id, purpose, when)
	}
	events := line(0, "i1", "marketing") + line(5*time.Minute, "i2", "marketing")
	cap := verify.Cap{Name: "one", Most: 2, Within: 7 * 24 * time.Hour, Of: []string{"solicitation"}, Arbitrates: true}
	knows := verify.NoMeansNo()
	knows.Caps = []verify.Cap{cap}
	cap.Arbitrates = false
	mistaken := knows
	mistaken.Caps = []verify.Cap{cap}
	over := line(24*time.Hour, "i3", "receipt")
	for _, c := range []struct {
		limits *verify.Limits
		events string
		lost   int
	}{
		{&knows, events + over, 0},
		{nil, events + over, 0},
		{&mistaken, events + over, 1},
		{&knows, events + line(26*time.Hour, "i3", "receipt"), 0}, // it was answered when it was due
	} {
		log := recorded(t, policy, c.events)
		o := log.Options()
		o.Limits = c.limits
		found, summary := check(t, log, o)
		if len(found) != c.lost || summary.Breaches[verify.LostIntent] != c.lost {
			t.Errorf("%+v was found, and %d are lost", found, c.lost)
		}
		if waits := summary.Skipped["intents that may be held still"]; c.lost == 0 && c.events == events+over && waits != 1 {
			t.Errorf("%d may be held still", waits)
		}
	}
}
