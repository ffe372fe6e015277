package main

import (
	"encoding/json"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/contactgovernor/governor/consumer/governor"
	"github.com/contactgovernor/governor/consumer/replay"
	"github.com/contactgovernor/governor/rules"
	"github.com/contactgovernor/governor/rules/scenario"
	"github.com/contactgovernor/governor/state/memstate"
)

// storyToTell is a story that a live governor is told, and what came of it in a replay.
type storyToTell struct {
	*scenario.Scenario
	policy   *rules.Policy
	replayed [][]scenario.Output
}

// corpusFolders are those of the project's stories whose subject is what the governor
// does. The cases that live beside the project are the first of them, under their names;
// those of packs are about what a pack says.
func corpusFolders() []string { return []string{"cases", "edges"} }

// storiesToTell are those of the project's stories that are about what comes after an
// approval, or keeps it back.
func storiesToTell(t *testing.T) (all []storyToTell) {
	t.Helper()
	var policies replay.Policies
	kinds := map[string]int{"redemption": 0, "revocation": 0, "refund": 0, "coalescing": 0}
	for _, folder := range corpusFolders() {
		paths, err := filepath.Glob(filepath.Join("../../rules/scenario/corpus", folder, "*"+scenario.Extension))
		if err != nil || len(paths) == 0 {
			t.Fatalf("no stories in %s: %v", folder, err)
		}
		for _, path := range paths {
			text, err := os.ReadFile(path)
			if err != nil {
				t.Fatal(err)
			}
			for _, s := range storiesIn(t, &policies, path, string(text)) {
				about := s.about(t)
				for kind := range about {
					kinds[kind]++
				}
				if len(about) > 0 {
					all = append(all, s)
				}
			}
		}
	}
	for kind, n := range kinds {
		if n < 10 {
			t.Errorf("only %d stories of %s: %v", n, kind, kinds)
		}
	}
	return all
}

// storiesIn are the stories of a file, and what comes of them in a replay.
func storiesIn(t *testing.T, policies *replay.Policies, path, text string) (all []storyToTell) {
	t.Helper()
	f, err := scenario.Parse(path, []byte(text))
	if err != nil {
		t.Fatal(err)
	}
	for _, s := range f.Scenarios {
		policy, err := policies.Of(s)
		if err != nil {
			t.Fatalf("%s: %v", s.At, err)
		}
		replayed, err := replay.Play(t.Context(), policy, memstate.New(), s.Recording())
		if err != nil {
			t.Fatalf("%s: %v", s.At, err)
		}
		all = append(all, storyToTell{s, policy, replayed})
	}
	return all
}

// about is what the story is about: redemption where a worker asks, revocation where an
// approval is taken back, refund where an outcome gives back what was counted, coalescing
// where what waits goes together, is not needed any more or loses the last slot.
func (s *storyToTell) about(t *testing.T) map[string]bool {
	t.Helper()
	about := map[string]bool{}
	for _, r := range s.Recording() {
		var said struct{ Type, Result string }
		switch {
		case r.Topic == "redeem":
			about["redemption"] = true
		case r.Topic == governor.Signals && json.Unmarshal(r.Value, &said) == nil && said.Type == "outcome" &&
			slices.Contains([]string{"not_sent", "opted_out", "busy", "wrong_number"}, said.Result):
			about["refund"] = true
		}
	}
	for _, o := range slices.Concat(s.replayed...) {
		var d struct {
			Reason string
			Items  []string
		}
		switch {
		case o.Topic == governor.Revoked:
			about["revocation"] = true
		case o.Topic != governor.Approved && o.Topic != governor.Vetoed:
		case json.Unmarshal(o.Value, &d) != nil:
			t.Fatalf("%s: %s %s", s.At, o.Topic, o.Value)
		case len(d.Items) > 0 || slices.Contains([]string{"coalesced", "moot", "outranked"}, d.Reason):
			about["coalescing"] = true
		}
	}
	return about
}

// wrongWith is what came of a story otherwise than it expects, and then otherwise than
// in a replay.
func wrongWith(t *testing.T, s *storyToTell, came [][]scenario.Output) (wrong []string) {
	t.Helper()
	report, err := s.Judge(came)
	if err != nil {
		t.Fatalf("%s: %v", s.At, err)
	}
	for _, f := range report.Failures {
		wrong = append(wrong, f.String())
	}
	if diff := cmp.Diff(alike(t, s.replayed), alike(t, came)); diff != "" {
		wrong = append(wrong, s.At.String()+" (-replay +live):\n"+diff)
	}
	return wrong
}

// "The cases on redemption, revocation, refunds and coalescing pass live over HTTP and
// Kafka as they do in replay" (issue 6): each of them, at the same instants, and to the
// last field of what came. None is left out.
func TestCasesLive(t *testing.T) {
	if testing.Short() {
		t.Skip("a governor for each story takes its time")
	}
	for i, s := range storiesToTell(t) {
		if i%oneIn() != 0 {
			continue
		}
		t.Run(s.ID, func(t *testing.T) {
			t.Parallel()
			for _, wrong := range wrongWith(t, &s, openStage(t, s.policy).tell(s.Recording())) {
				t.Error(wrong)
			}
		})
	}
}

// A story whose worker is let through after a no fails live, and so does a true one where
// the no is lost on its way to the governor.
func TestCasesLiveSeeWhatIsWrong(t *testing.T) {
	const story = `scenario planted: A no comes between the approval and the contact
policy    no-means-no
person    anna

2026-05-04T12:00:00Z  i1: marketing by email to anna, campaign spring
                      => approved
+5s                   anna refuses everything by email
                      => i1 revoked refused.state
+4s                   redeem i1
                      => ANSWER
`
	var policies replay.Policies
	told := func(answer string, change func([]scenario.Record)) []string {
		t.Helper()
		s := storiesIn(t, &policies, "planted.scenario", strings.Replace(story, "ANSWER", answer, 1))[0]
		recording := s.Recording()
		change(recording)
		return wrongWith(t, &s, openStage(t, s.policy).tell(recording))
	}
	asItIs := func([]scenario.Record) {}
	lost := func(r []scenario.Record) { r[1].Topic, r[1].Value = "tick", nil }
	if wrong := told("not ok revoked", asItIs); len(wrong) > 0 {
		t.Errorf("the true story: %q", wrong)
	}
	if wrong := told("ok", asItIs); len(wrong) != 1 || !hasAll(wrong[0], []string{"planted.scenario:10:", "not ok revoked"}) {
		t.Errorf("a wrong expectation: %q", wrong)
	}
	if wrong := told("not ok revoked", lost); len(wrong) != 3 || !hasAll(wrong[2], []string{"-replay +live", governor.Revoked}) {
		t.Errorf("a no that is lost: %q", wrong)
	}
}

// alike is what came of a story, but for what differs by its nature: positions in the
// log, where the questions of workers are too, and ids that they are part of. Ids are
// numbered in the order in which they come. Of each event it is what came on each topic,
// in its order.
func alike(t *testing.T, came [][]scenario.Output) []map[string][]map[string]any {
	t.Helper()
	out, numbers := make([]map[string][]map[string]any, len(came)), make(map[any]int)
	for i, list := range came {
		out[i] = make(map[string][]map[string]any)
		for _, o := range list {
			if o.Topic == governor.VetoRates {
				continue // they are of a partition, and of a minute that goes on
			}
			var value map[string]any
			if o.Topic == governor.DeadLetter {
				value = map[string]any{"why": o.Headers["__connect.errors.exception.message"]}
			} else if err := json.Unmarshal(o.Value, &value); err != nil {
				t.Fatalf("%s %s: %v", o.Topic, o.Value, err)
			}
			delete(value, "signals")
			out[i][o.Topic] = append(out[i][o.Topic], value)
		}
		for _, topic := range slices.Sorted(maps.Keys(out[i])) {
			for _, value := range out[i][topic] {
				for _, name := range []string{"id", "original", "decision"} {
					if id, there := value[name]; there {
						if numbers[id] == 0 {
							numbers[id] = len(numbers) + 1
						}
						value[name] = numbers[id]
					}
				}
			}
		}
	}
	return out
}
