package main

import (
	"encoding/json"
	"fmt"
	"strings"
	"testing"

	"github.com/twmb/franz-go/pkg/kgo"
)

// letter waits for the dead letter of a record.
func (o *operated) letter(of *kgo.Record) (place string, r *kgo.Record) {
	o.t.Helper()
	r = o.waitFor("contact.deadletter", func(r *kgo.Record) bool {
		return header(r, "__connect.errors.topic") == of.Topic && header(r, "__connect.errors.partition") == fmt.Sprint(of.Partition) &&
			header(r, "__connect.errors.offset") == fmt.Sprint(of.Offset)
	})
	return fmt.Sprintf("%d/%d", r.Partition, r.Offset), r
}

func header(r *kgo.Record, name string) (value string) {
	for _, h := range r.Headers {
		if h.Key == name {
			value = string(h.Value)
		}
	}
	return value
}

// An engine writes "emial". The letter says so; mended, it is decided; and typed again,
// it is not sent again.
func TestALetterIsMendedAndSentBackOnce(t *testing.T) {
	o := operate(t)
	wrong := o.publish("contact.intents", "p9f31", fmt.Sprintf(`{"id":"i1","person":"p9f31","channel":"emial","purpose":"receipt","campaign":"order","at":%q,"address":"p9f31@example.org"}`, stamp()),
		kgo.RecordHeader{Key: "trace", Value: []byte("t-p9f31-1")}, kgo.RecordHeader{Key: "shop", Value: nil})
	place, _ := o.letter(wrong)
	cfg := []string{"--config", "CONFIG"}
	type1 := func(words ...string) []string { return append(words, cfg...) }

	list := o.answers(type1("dlt", "list"), place, "contact.intents/"+fmt.Sprint(wrong.Partition)+"/0", "channel: is not one that the policy declares", "1 dead letter, none of which may be a no")
	reasons := o.answers(type1("dlt", "list", "--by-reason"), "1 contact.intents", "the last is "+place, "channel: is not one")
	show := o.answers(type1("dlt", "show", place), `"channel": "emial"`, `"person": (5 characters)`, `"address": (17 characters)`, "key h-", "header trace: (9 bytes)", "would be a dead letter again: channel")
	for _, said := range []string{list, reasons, show} {
		if strings.Contains(said, "p9f31") {
			t.Errorf("it names her:\n%s", said)
		}
	}
	o.answers(type1("dlt", "show", place, "--show-person"), "key p9f31", `"address":"p9f31@example.org"`, "header trace: t-p9f31-1")

	out, talk, exit := o.types("", type1("dlt", "replay", place)...)
	if exit != 1 {
		t.Errorf("exit %d", exit)
	}
	has(t, out, place+" not sent: it would be a dead letter again: channel")
	has(t, talk, "of 1 letter, 1 are not done")
	o.answers(type1("dlt", "replay", place, "--set", "channel=email", "--dry-run"), "would be read, and go to contact.intents/"+fmt.Sprint(wrong.Partition), "mended: channel")
	o.answers(type1("dlt", "replay", "contact.deadletter/"+place, "--set", "channel=email", "--by", "cli:mo"), "sent to contact.intents/"+fmt.Sprint(wrong.Partition))
	if d := o.decision("contact.approved", "i1"); d.Person != "p9f31" || d.Channel != "email" {
		t.Errorf("it is decided as %+v", d)
	}
	out, _, exit = o.types("", type1("dlt", "replay", place, "--set", "channel=email")...)
	if exit != 1 {
		t.Errorf("exit %d", exit)
	}
	has(t, out, fmt.Sprintf("not sent: it was sent before, and is at contact.intents/%d/1: --again sends it once more", wrong.Partition))
	o.answers(type1("dlt", "show", place), fmt.Sprintf("It was sent back already, and is at contact.intents/%d/1.", wrong.Partition))
	// Told to, it sends it again; the id is known, so that nobody is contacted twice.
	o.answers(type1("dlt", "replay", place, "--set", "channel=email", "--again"), "sent to")
	if d := o.decision("contact.vetoed", "i1"); d.Reason != "duplicate" {
		t.Errorf("the second is %+v", d)
	}

	// What was sent is what it was, but for what was mended and the mark.
	reader, err := kgo.NewClient(kgo.SeedBrokers(o.kafka.ListenAddrs()...), kgo.ConsumePartitions(map[string]map[int32]kgo.Offset{
		"contact.intents": {wrong.Partition: kgo.NewOffset().At(1)}}))
	if err != nil {
		t.Fatal(err)
	}
	defer reader.Close()
	sent := reader.PollFetches(o.ctx).Records()[0]
	if string(sent.Key) != "p9f31" || string(sent.Value) != strings.Replace(string(wrong.Value), "emial", "email", 1) {
		t.Errorf("it is %s: %s", sent.Key, sent.Value)
	}
	want := []string{"trace", "shop", "governor_replayed", "governor_mended"}
	for i, h := range sent.Headers {
		if i >= len(want) || h.Key != want[i] || strings.HasPrefix(h.Key, "__connect") {
			t.Errorf("header %d is %s", i, h.Key)
		}
	}
	if header(sent, "governor_replayed") != "contact.deadletter/"+place || header(sent, "governor_mended") != "channel" {
		t.Errorf("its headers are %v", sent.Headers)
	}
	audit := o.waitFor("contact.audit", func(*kgo.Record) bool { return true })
	var record map[string]any
	if err := json.Unmarshal(audit.Value, &record); err != nil {
		t.Fatal(err)
	}
	if record["action"] != "replay" || record["who"] != "cli:mo" || record["signal"] != "contact.deadletter/"+place || strings.Contains(string(audit.Value), "p9f31") {
		t.Errorf("the audit says %s", audit.Value)
	}
}

// "An unreadable refusal whose person can be read refuses that person everything until
// someone has looked (doubt is a no)." The letter says so, and how that ends; and what it
// says to do is what ends it.
func TestALetterThatMayBeANo(t *testing.T) {
	o := operate(t)
	wrong := o.publish("contact.signals", "p9f31", fmt.Sprintf(`{"id":"s1","person":"p9f31","type":"refusal","channel":7,"at":%q}`, stamp()))
	place, _ := o.letter(wrong)
	cfg := []string{"--config", "CONFIG"}
	with := func(words ...string) []string { return append(words, cfg...) }
	o.answers(with("dlt", "list"), "NO contact.signals", "1 with NO, each of which may be a no and has refused its person everything")
	if got := lines[listed](t, o.answers(with("dlt", "list", "--no", "-o", "json", "--show-person"))); len(got) != 1 || len(got[0].SaidNo) != 1 || got[0].SaidNo[0] != "p9f31" {
		t.Errorf("it lists %+v", got)
	}
	show := o.answers(with("dlt", "show", place), "It may be a no, and nobody knows of what", "doubt is a no", "Only a later yes to everything does", "POST /v1/consent", "governor refuse --person ID --channel")
	if strings.Contains(show, "p9f31") {
		t.Errorf("it names her:\n%s", show)
	}
	o.wantsTo("i1", "p9f31", `"channel":"call","purpose":"marketing","campaign":"may"`)
	if d := o.decision("contact.vetoed", "i1"); !strings.HasPrefix(d.Reason, "refused") {
		t.Errorf("it is vetoed for %s", d.Reason)
	}
	// Sent back, mended: she stays refused everything.
	o.answers(with("dlt", "replay", place, "--set", "channel=sms"), "sent to contact.signals", "stays refused everything")
	o.waitFor("contact.standing", func(r *kgo.Record) bool { return strings.Contains(string(r.Value), `"signal":"s1"`) })
	o.wantsTo("i2", "p9f31", `"channel":"email","purpose":"marketing","campaign":"may"`)
	o.decision("contact.vetoed", "i2")
	// What the advice says: a yes with evidence, then the no that she meant.
	o.says("yes-1", "p9f31", `"type":"consent","evidence":"dead letter looked at: a no to sms"`)
	o.answers(with("refuse", "--person", "p9f31", "--channel", "sms"), "it stands")
	o.wantsTo("i3", "p9f31", `"channel":"email","purpose":"marketing","campaign":"june"`)
	o.decision("contact.approved", "i3")
	o.wantsTo("i4", "p9f31", `"channel":"sms","purpose":"marketing","campaign":"july"`)
	o.decision("contact.vetoed", "i4")
	o.stop()
	o.answers(with("verify"), "nothing was found")
}

// Many letters of one reason are sent together, once the policy has what they want; those
// of another reason stay.
func TestAllOfAReason(t *testing.T) {
	o := operate(t)
	var last *kgo.Record
	for i := range 5 {
		id := fmt.Sprintf("person-%d", i)
		o.publish("contact.intents", id, fmt.Sprintf(`{"id":"i%d","person":%q,"channel":"email","purpose":"gossip","campaign":"may","at":%q}`, i, id, stamp()))
		last = o.publish("contact.signals", id, fmt.Sprintf(`{"id":"s%d","person":%q,"type":"conversation","channel":"email","at":"yesterday"}`, i, id))
		o.letter(last)
	}
	o.publish("contact.intents", "", `{"id":"i9","person":"p9f31","channel":"email","purpose":"receipt","campaign":"may","at":"2026-05-04T10:00:00Z"}`)
	cfg := []string{"--config", "CONFIG"}
	with := func(words ...string) []string { return append(words, cfg...) }
	for len(lines[listed](t, o.answers(with("dlt", "list", "--topic", "intents", "-o", "json")))) < 6 {
		if o.ctx.Err() != nil {
			t.Fatal("the letters do not come")
		}
	}
	counts := lines[reasonCount](t, o.answers(with("dlt", "list", "--by-reason", "-o", "json")))
	if len(counts) != 3 || counts[0].Letters != 5 || counts[2].Letters != 1 {
		t.Fatalf("it counts %+v", counts)
	}
	out, _, exit := o.types("", with("dlt", "replay", "--all", "--reason", "purpose", "--dry-run", "-o", "json")...)
	if fates := lines[letterFate](t, out); exit != 1 || len(fates) != 5 || fates[0].Reads {
		t.Errorf("exit %d, %+v", exit, fates)
	}
	o.answers(with("dlt", "replay", "--all", "--reason", "purpose", "--set", "purpose=receipt"), "mended: purpose")
	for i := range 5 {
		o.decision("contact.approved", fmt.Sprintf("i%d", i))
	}
	out, _, _ = o.types("", with("dlt", "replay", "--all", "--reason", "purpose", "--set", "purpose=receipt", "-o", "json")...)
	for _, f := range lines[letterFate](t, out) {
		if f.Sent || f.Before == "" {
			t.Errorf("it is sent again: %+v", f)
		}
	}
	// One without a key gets one, and is put where it belongs, once; it is old by now.
	var keyless string
	for _, l := range lines[listed](t, o.answers(with("dlt", "list", "--reason", "no key", "-o", "json"))) {
		keyless = l.Letter
	}
	o.answers(with("dlt", "replay", keyless, "--key", "p9f31"), fmt.Sprintf("sent to contact.intents/%d", o.partition("p9f31")), "mended: (key)", "it would be vetoed, stale")
	if d := o.decision("contact.vetoed", "i9"); d.Reason != "stale" {
		t.Errorf("it is %s", d.Reason)
	}
	out, _, exit = o.types("", with("dlt", "replay", keyless, "--key", "p9f31")...)
	if exit != 1 {
		t.Errorf("exit %d", exit)
	}
	has(t, out, "sent before")
	// An independent checker finds nothing wrong with what came of all that.
	o.stop()
	o.answers(with("verify"), "nothing was found")
	_, talk, exit := o.types("", with("dlt", "show", "3/999")...)
	if exit != 1 {
		t.Errorf("exit %d", exit)
	}
	has(t, talk, "there is no such dead letter as 3/999", "governor dlt list has those that are there")
}
