package main

import (
	"encoding/json"
	"fmt"
	"strings"
	"testing"

	"github.com/twmb/franz-go/pkg/kgo"

	"github.com/contactgovernor/governor/cmd/governor/internal/why"
)

// A person asks: why was I contacted, and why was I left alone? "what was wanted, decided
// by which rule and line of which policy hash, what was counted, what became of it, what
// would have to change, earliest".
func TestWhyWasIContactedAndWhyWasILeftAlone(t *testing.T) {
	o := operate(t)
	const p = "p9f31"
	o.wantsTo("mail-1", p, `"channel":"email","purpose":"marketing","campaign":"may","engine":"shop","subject":"spring","address":"canary@example.org"`)
	first := o.decision("contact.approved", "mail-1")
	o.says("ask-1", p, `"type":"redeem","intent":"mail-1","worker":"w1"`)
	o.says("sent-1", p, fmt.Sprintf(`"type":"outcome","decision":%q,"result":"delivered"`, first.ID))
	o.wantsTo("sms-1", p, `"channel":"chat","purpose":"marketing","campaign":"may","engine":"shop"`)
	blast := o.decision("contact.vetoed", "sms-1")
	o.wantsTo("mail-2", p, `"channel":"email","purpose":"marketing","campaign":"june"`)
	o.decision("contact.approved", "mail-2")
	o.says("no-1", p, `"type":"refusal","channel":"email"`)
	o.waitFor("contact.revoked", func(*kgo.Record) bool { return true })
	o.wantsTo("mail-3", p, `"channel":"email","purpose":"marketing","campaign":"july"`)
	o.decision("contact.vetoed", "mail-3")
	o.wantsTo("mail-3", p, `"channel":"email","purpose":"marketing","campaign":"july"`)
	o.wantsTo("mail-4", p, `"channel":"email","purpose":"marketing","campaign":"july"`)
	o.decision("contact.vetoed", "mail-4")
	with := func(words ...string) []string { return append(words, "--config", "CONFIG") }

	contacted := o.answers(with("why", "mail-1"), "mail-1, for h-", "approved; by now: delivered.", "email, marketing, campaign may, subject spring, wanted by shop.",
		"shop published it.", "shop wanted to contact the person by email", "A worker was about to contact the person for mail-1, and was allowed to begin until", "It was reported as delivered.",
		"By the policy "+first.Policy+", no-means-no, which the configuration names now.", "Counted: silence.streak 0 of 3, cap.any 0 of 3, cap.email 0 of 2.")
	left := o.answers(with("why", "sms-1"), "vetoed, channel.blast.", "Nothing known then objects from "+blast.Earliest.String(), "channel.blast", "(no-means-no.yaml:",
		"What would have had to change", "may mail-1: delivered", "> Wait until "+blast.Earliest.String())
	o.answers(with("why", blast.ID), "sms-1, for h-", "vetoed, channel.blast.")
	back := o.answers(with("why", "mail-2"), "approved; by now: taken back.", "The person said no to channel email (signal no-1).", "was taken back before anybody used it (refused.state)")
	never := o.answers(with("why", "mail-3"), "vetoed for good, refused.state.", "(core: holds under every policy) said no", "duplicate", "The id's first decision is",
		"Only the person can lift it", "refusal of channel email")
	for _, said := range []string{contacted, left, back, never} {
		if strings.Contains(said, p) || strings.Contains(said, "canary") {
			t.Errorf("it names the person:\n%s", said)
		}
	}
	o.answers(with("why", "mail-3", "--person", p), "mail-3, for p9f31: vetoed for good")
	o.answers(with("why", "mail-3", "--show-person"), "mail-3, for p9f31: vetoed for good")
	life := o.answers(with("why", "--person", p), "mail-1: shop wanted to contact the person", "It was reported as delivered: "+first.ID+".", "The person said no to channel email.", "mail-4: An engine wanted")
	if strings.Index(life, "mail-1: shop") > strings.Index(life, "said no") {
		t.Errorf("it is not in the order of time:\n%s", life)
	}

	var answer why.Answer
	if err := json.Unmarshal([]byte(o.answers(with("why", "sms-1", "-o", "json"))), &answer); err != nil {
		t.Fatal(err)
	}
	s := answer.Stories[0]
	if s.Explained == nil || s.Unsaid != "" || len(s.Decisions) != 1 || s.Decisions[0].Rules[0].Line == "" || !strings.HasPrefix(string(s.Person), "h-") {
		t.Errorf("it is %+v", s)
	}
}

// What is not there, not decided, somebody else's too, or a dead letter, is told as what
// it is, with how far back was looked.
func TestWhyOfWhatIsNotThere(t *testing.T) {
	o := operate(t)
	with := func(words ...string) []string { return append(words, "--config", "CONFIG") }
	for _, p := range []string{"p9f31", "p77aa"} {
		o.wantsTo("same", p, `"channel":"email","purpose":"receipt","campaign":"order"`)
	}
	o.wantsTo("toll-1", "p9f31", `"channel":"email","purpose":"service","campaign":"toll","subject":"acct9"`)
	wrong := o.publish("contact.intents", "p9f31", `{"id":"torn","person":"p9f31","channel":"emial"`)
	place, _ := o.letter(wrong)
	o.waitFor("contact.approved", func(r *kgo.Record) bool { return string(r.Key) == "p77aa" })
	o.answers(with("why", "toll-1"), "toll-1, for h-", "no decision yet. It waits for others of its kind")
	o.answers(with("why", "same", "--person", "p77aa"), "same, for p77aa: approved")
	// Mended and sent back, it has a story, which begins with that.
	o.answers(with("dlt", "show", place, "--show-person"), `"channel":"emial"`)
	odd := o.publish("contact.intents", "p9f31", fmt.Sprintf(`{"id":"odd","person":"p9f31","channel":"emial","purpose":"receipt","campaign":"order","at":%q}`, stamp()))
	mended, _ := o.letter(odd)
	o.answers(with("dlt", "replay", mended, "--set", "channel=email"), "sent to")
	o.decision("contact.approved", "odd")
	o.answers(with("why", "odd"), "approved, may be redeemed until", "An engine published it.", "It could not be read: channel: is not one that the policy declares", "It was sent back, by hand, from contact.deadletter/"+mended+".")
	for _, c := range []struct {
		args []string
		exit int
		says string
	}{
		{with("why", "same"), 2, `several people have an intent "same": write --person too`},
		{with("why", "torn"), 1, `"torn" is in dead letter ` + place},
		{with("why", "nothing"), 1, `there is nothing about "nothing": ids are told apart to the letter, and what is older than the topics keep is gone. Looked at contact.approved (all that is kept: 3 records, back to 20`},
		{with("why", "nothing", "--last", "1"), 1, "Write --last 0 to look at all that is kept."},
		{with("why", "same", "--person", "nobody"), 1, `there is nothing about "same" of this person`},
		{with("why", "--person", "nobody"), 1, "there is nothing about this person"},
	} {
		_, talk, exit := o.types("", c.args...)
		if exit != c.exit {
			t.Errorf("%v: exit %d: %s", c.args, exit, talk)
		}
		has(t, talk, c.says)
	}
}
