package peerwork

import (
	"fmt"
	"slices"
	"testing"
)

// decided is what a governor that makes no mistake says to the whole stream.
func decided(w Work) (all [][]byte) {
	answers, _ := w.Oracle()
	reasons := map[byte]string{Approved: "", Refused: "refused.state", Capped: "cap.any", TooSoon: "pace.min_gap"}
	w.Each(func(in Intent) bool {
		id, reason, original := fmt.Sprintf("d-%d", in.Seq), reasons[answers[in.Seq]], ""
		if in.Again {
			id, reason, original = id+"-again", "duplicate", fmt.Sprintf(`,"original":"d-%d"`, in.Seq)
		}
		all = append(all, fmt.Appendf(nil, `{"id":"%s","intent":"i-%08d","reason":"%s"%s}`, id, in.Seq, reason, original))
		return true
	})
	return all
}

func judged(w Work, all [][]byte) Verdict {
	j := w.NewJudge()
	for _, value := range all {
		j.Hear(value, Field(value, "reason") == "")
	}
	return j.Sum()
}

// Who judges is judged: each mistake that a governor may make is seen, and no other.
func TestEachMistakeIsSeen(t *testing.T) {
	w := Work{Seed: Seed, Intents: 4000, People: 500}
	right := decided(w)
	if v := judged(w, right); v.Flawed() || v.Approved+v.Vetoed != 4000 {
		t.Fatalf("nothing is wrong, and it says %+v", v)
	}
	reason := func(value []byte) string { return Field(value, "reason") }
	find := func(wanted string) int {
		return slices.IndexFunc(right, func(value []byte) bool { return reason(value) == wanted })
	}
	again := find("duplicate")
	first := slices.IndexFunc(right, func(v []byte) bool { return Field(v, "id") == Field(right[again], "original") })
	alone := slices.IndexFunc(right, func(v []byte) bool {
		return !slices.ContainsFunc(right, func(d []byte) bool { return Field(d, "original") == Field(v, "id") })
	})
	say := func(at int, format string, args ...any) [][]byte {
		all := slices.Clone(right)
		all[at] = fmt.Appendf(nil, format, args...)
		return all
	}
	for name, c := range map[string]struct {
		all  [][]byte
		want Verdict
	}{
		"another reason":    {say(find("cap.any"), `{"id":"x","intent":"%s","reason":"pace.min_gap"}`, Field(right[find("cap.any")], "intent")), Verdict{Wrong: 1}},
		"one is lost":       {slices.Delete(slices.Clone(right), alone, alone+1), Verdict{Missing: 1, Lacking: 1}},
		"a second is lost":  {slices.Delete(slices.Clone(right), again, again+1), Verdict{Lacking: 1}},
		"a repeat":          {append(slices.Clone(right), right[first]), Verdict{Repeats: 1}},
		"counted twice":     {append(slices.Clone(right), fmt.Appendf(nil, `{"id":"x","intent":"%s","reason":"%s"}`, Field(right[alone], "intent"), reason(right[alone]))), Verdict{Extra: 1}},
		"another original":  {say(again, `{"id":"x","intent":"%s","reason":"duplicate","original":"y"}`, Field(right[again], "intent")), Verdict{Originals: 1}},
		"of nobody":         {append(slices.Clone(right), []byte(`{"id":"x","intent":"i-99999999","reason":""}`)), Verdict{Strange: 1}},
		"two verdicts":      {append(slices.Clone(right), fmt.Appendf(nil, `{"id":"x","intent":"%s","reason":"cap.any"}`, Field(right[find("")], "intent"))), Verdict{Extra: 1, Contradicted: 1}},
		"a duplicate alone": {append(slices.Clone(right), fmt.Appendf(nil, `{"id":"x","intent":"%s","reason":"duplicate","original":"%s"}`, Field(right[alone], "intent"), Field(right[alone], "id"))), Verdict{Extra: 1}},
	} {
		got := judged(w, c.all)
		if got.Flawed() != (name != "a repeat") {
			t.Errorf("%s: flawed: %v", name, got.Flawed())
		}
		got.Approved, got.Vetoed, got.Reasons = 0, 0, nil
		if fmt.Sprint(got) != fmt.Sprint(c.want) {
			t.Errorf("%s: got %+v, want %+v", name, got, c.want)
		}
	}
	j := w.NewJudge()
	j.Hear(right[find("")], false)
	if v := j.Sum(); v.WrongTopic != 1 {
		t.Errorf("an approval among the vetoes: %+v", v)
	}
}
