package main

import (
	"encoding/json"
	"fmt"
	"strings"
	"testing"

	"github.com/twmb/franz-go/pkg/kgo"

	"github.com/contactgovernor/governor/cmd/governor/internal/refuse"
)

// A letter comes: somebody wants no text any more. What was out is taken back, and
// "governor refuse" says when it counts and when it stands.
func TestALetterIsARefusal(t *testing.T) {
	o := operate(t)
	o.wantsTo("receipt-1", "ann", `"channel":"email","purpose":"receipt","campaign":"order"`)
	o.wantsTo("mail-1", "ann", `"channel":"email","purpose":"marketing","campaign":"may"`)
	o.decision("contact.approved", "mail-1")
	o.answers([]string{"refuse", "--config", "CONFIG", "--person", "ann", "--channel", "email", "--id", "letter-1", "--reason", "letter of 3 May", "--by", "cli:mo"},
		"Refused: channel email.", "signal letter-1, on contact.signals, partition "+fmt.Sprint(o.partition("ann")),
		"by all replicas in sync: it counts", "written down on contact.audit", "it stands: contact.standing has it")
	o.waitFor("contact.revoked", func(r *kgo.Record) bool { return strings.Contains(string(r.Value), `"signal":"letter-1"`) })

	said := o.waitFor("contact.signals", func(r *kgo.Record) bool { return strings.Contains(string(r.Value), "letter-1") })
	if said.Partition != o.partition("ann") || string(said.Key) != "ann" || !strings.Contains(string(said.Value), `"source":"operator"`) {
		t.Errorf("it is %d %s %s", said.Partition, said.Key, said.Value)
	}
	headers := map[string]string{}
	for _, h := range said.Headers {
		headers[h.Key] = string(h.Value)
	}
	if headers["governor_reason"] != "letter of 3 May" || headers["governor_by"] != "cli:mo" {
		t.Errorf("its headers are %v", headers)
	}
	audit := o.waitFor("contact.audit", func(*kgo.Record) bool { return true })
	var record map[string]any
	if err := json.Unmarshal(audit.Value, &record); err != nil {
		t.Fatal(err)
	}
	if record["who"] != "cli:mo" || record["action"] != "refuse" || record["signal"] != "letter-1" || record["outcome"] != "done" || strings.Contains(string(audit.Value)+string(audit.Key), "ann") {
		t.Errorf("the audit says %s %s", audit.Key, audit.Value)
	}

	// Again, and it is one no.
	o.answers([]string{"refuse", "--config", "CONFIG", "--person", "ann", "--channel", "email", "--id", "letter-1"}, "it stands")
	// The same id for something else would change nothing, and says so.
	_, talk, exit := o.types("", "refuse", "--config", "CONFIG", "--person", "ann", "--channel", "sms", "--id", "letter-1")
	if exit != 1 {
		t.Errorf("exit %d", exit)
	}
	has(t, talk, "heard before, of a refusal of something else", "write another --id")
	// And so would the same after the person said yes again.
	o.says("yes-1", "ann", `"type":"consent","channel":"email","source":"settings"`)
	o.waitFor("contact.standing", func(r *kgo.Record) bool { return strings.Contains(string(r.Value), "yes-1") })
	_, talk, exit = o.types("", "refuse", "--config", "CONFIG", "--person", "ann", "--channel", "email", "--id", "letter-1")
	if exit != 1 {
		t.Errorf("exit %d", exit)
	}
	has(t, talk, "a later yes covers", "write another --id")
}

// A list comes: each of them refuses, once, however often it is typed.
func TestAListIsManyRefusals(t *testing.T) {
	o := operate(t)
	list := "bob\ncid\r\n\nbob\n"
	for i := range 100 {
		list += fmt.Sprintf("person %d\n", i)
	}
	args := []string{"refuse", "--config", "CONFIG", "--person-file", "-", "--purpose", "marketing", "--id", "list-1", "-o", "json"}
	for range 2 {
		out, talk, exit := o.types(list, args...)
		if exit != 0 {
			t.Fatalf("exit %d: %s", exit, talk)
		}
		has(t, talk, "1 line has an id more than once")
		fates := lines[refuse.Fate](t, out)
		if len(fates) != 102 {
			t.Fatalf("%d fates", len(fates))
		}
		for _, f := range fates {
			if !f.Acknowledged || !f.Audited || !f.Stands || f.Partition != o.partition(string(f.Person)) || !strings.HasPrefix(string(f.Signal), "list-1-") {
				t.Errorf("%+v", f)
			}
		}
	}
	out, _, exit := o.types("ben\n", "refuse", "--config", "CONFIG", "--person-file", "-", "--everything", "--wait", "0")
	if exit != 0 {
		t.Errorf("exit %d", exit)
	}
	has(t, out, "Refused: everything but what the law demands", "1 acknowledged, 1 audited, 0 stand")
	o.stop()
	o.answers([]string{"verify", "--config", "CONFIG"}, "nothing was found")
}

// While no governor runs a no counts all the same, and it is said that nobody has heard it.
func TestARefusalThatNobodyHearsYet(t *testing.T) {
	o := operate(t)
	o.stop()
	out, talk, exit := o.types("", "refuse", "--config", "CONFIG", "--person", "ann", "--wait", "1ms")
	if exit != 1 {
		t.Errorf("exit %d", exit)
	}
	has(t, out, "Refused: everything", "acknowledged at")
	has(t, talk, "no governor has heard it within 1ms", "it counts from when one does", "Is one running?")
	o.answers([]string{"refuse", "--config", "CONFIG", "--person", "ann", "--wait", "0"}, "not waited for contact.standing")
	o.govern()
	o.answers([]string{"refuse", "--config", "CONFIG", "--person", "ann"}, "it stands")
}
