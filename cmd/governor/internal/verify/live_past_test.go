package verify_test

import (
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/contactgovernor/governor/cmd/governor/internal/verify"
	"github.com/contactgovernor/governor/cmd/governor/internal/verify/kafkalog"
	"github.com/contactgovernor/governor/rules/packs"
	"github.com/contactgovernor/governor/rules/policyfile"
)

// decisions lists what a log has of them, as "intent verdict reason decided", by the
// text; what a person is told twice is there once.
func (m memory) decisions(t *testing.T) (all []string) {
	t.Helper()
	for _, partition := range m.Partitions() {
		for _, topic := range []string{verify.Approved, verify.Vetoed} {
			for _, r := range m[fmt.Sprint(topic, partition)] {
				var d struct{ Person, Intent, Verdict, Reason, Decided string }
				if err := json.Unmarshal(r.Value, &d); err != nil {
					t.Fatal(err)
				}
				all = append(all, fmt.Sprintln(d.Person, d.Intent, d.Verdict, d.Reason, d.Decided))
			}
		}
	}
	slices.Sort(all)
	return slices.Compact(all)
}

// A story that is told years later to a policy for the past is decided, by the real
// governor, as it was when it happened; its log is healthy, and a rate of it that is
// false is found.
func TestALogOfThePastIsHealthy(t *testing.T) {
	text, _ := packs.Find("no-means-no")
	file := filepath.Join(t.TempDir(), "past.yaml")
	if err := os.WriteFile(file, append(text, "\nclock: event\n"...), 0o600); err != nil {
		t.Fatal(err)
	}
	policy, err := policyfile.Load(file)
	if err != nil {
		t.Fatal(err)
	}
	log, err := kafkalog.Open(t.Context(), kafkalog.Options{Brokers: governUnder(t, policy, story())})
	if err != nil {
		t.Fatal(err)
	}
	defer log.Close()
	o := verify.Options{Settled: true, Partitions: 2, TrustTimes: true}
	found, _ := check(t, log, o)
	for _, b := range found {
		t.Errorf("%+v", b)
	}
	if diff := cmp.Diff(healthy(t).decisions(t), remembered(t, log).decisions(t)); diff != "" {
		t.Errorf("(-when it happened +years later):\n%s", diff)
	}

	// What was not answered by now cannot be held any more, by the time that the log has.
	lost := &lab{t: t, memory: remembered(t, log), o: o}
	lost.drop(lost.vetoed("c1"))
	if found, _ := check(t, lost, o); !slices.ContainsFunc(found, func(b verify.Breach) bool { return b.Name == verify.LostIntent }) {
		t.Errorf("a missing decision is told as %+v", found)
	}

	last := `"minute":"2026-05-12T00:00:00.000Z"`
	for what, edit := range map[string][2]string{
		"a count too many":      {`"count":1`, `"count":2`},
		"a count by the minute": {last, strings.Replace(last, "T00:00", "T12:00", 1)},
	} {
		l := &lab{t: t, memory: remembered(t, log), o: o}
		l.edit(l.find(verify.VetoRates, last, `"purpose":"newsletter"`, `"approved"`), edit[0], edit[1])
		if found, _ := check(t, l, o); len(found) == 0 || slices.ContainsFunc(found, func(b verify.Breach) bool { return b.Name != verify.FalseRate }) {
			t.Errorf("%s is told as %+v", what, found)
		}
	}
}
