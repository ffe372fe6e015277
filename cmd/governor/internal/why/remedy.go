package why

import (
	"bytes"
	"cmp"
	"context"
	"fmt"
	"slices"

	"github.com/go-json-experiment/json"
	"github.com/go-json-experiment/json/jsontext"

	"github.com/contactgovernor/governor/cmd/governor/internal/explain"
	"github.com/contactgovernor/governor/consumer/governor"
	"github.com/contactgovernor/governor/rules"
	"github.com/contactgovernor/governor/schemas"
)

// remedy asks what every rule said, and what would have to change: by a replay of what
// the log keeps of the person, under the policy by which it was decided.
func (s *search) remedy(ctx context.Context, st *Story, decisions []placed) {
	i := slices.IndexFunc(decisions, func(d placed) bool { return d.Intent == st.Intent })
	if i < 0 {
		return
	}
	d := &decisions[i] // the first: the others are about an id that is known
	if d.Policy != s.q.Policy.Hash() {
		st.Unsaid = "it was decided under another policy than the configuration names now; governor explain --policy tells what that one says"
		return
	}
	x, err := explain.Explain(ctx, &explain.Question{Policy: s.q.Policy, Intent: rules.IntentID(st.Intent), Person: s.person}, bytes.NewReader(s.history()))
	switch {
	case err != nil:
		st.Unsaid = "what the log keeps of the person is not enough to ask the rules again"
	case x.Verdict != string(d.Verdict) || x.Reason != d.Reason || string(x.Earliest) != text(rules.Instant(d.Earliest)) && d.Final != x.Final:
		st.Unsaid = fmt.Sprintf("asked again with what the log keeps of the person alone, the rules say %s, and not what was decided: more was known then, as of others at the address, of the campaign, or of another record of the person", cmp.Or(x.Reason, x.Verdict))
	default:
		st.Explained = x
	}
}

// happened is one event of the person's history.
type happened struct {
	at     rules.Instant
	record *record
}

// history is what the log keeps of the person, as governor replay reads it: everything at
// the time at which the governor came to it, as far as that can be told.
func (s *search) history() []byte {
	decided := s.decidedAt()
	var intents, signals []happened
	for i := range s.records {
		r := &s.records[i]
		switch r.topic {
		case governor.Intents:
			h := happened{r.time, r}
			if in, err := s.intent(r); err == nil {
				if at := decided[in.ID]; len(at) > 0 {
					if !s.waits(r) {
						h.at = at[0].at
					}
					decided[in.ID] = at[1:]
				}
			}
			intents = append(intents, h)
		case governor.Signals:
			signals = append(signals, happened{r.time, r})
		}
	}
	s.hear(signals)
	return lines(intents, signals)
}

// moment is when something was decided, and which signals were heard by then.
type moment struct {
	at    rules.Instant
	heard int64
}

// decidedAt are the moments at which intents were decided, by id, in their order.
func (s *search) decidedAt() map[string][]moment {
	out := make(map[string][]moment)
	for i := range s.records {
		r := &s.records[i]
		if r.topic != governor.Approved && r.topic != governor.Vetoed {
			continue
		}
		if d, err := schemas.DecodeDecision(r.value); err == nil {
			out[d.Intent] = append(out[d.Intent], moment{rules.Instant(d.Decided), d.Signals})
		}
	}
	for _, list := range out {
		slices.SortFunc(list, func(a, b moment) int { return cmp.Compare(a.at, b.at) })
	}
	return out
}

// waits says whether an intent is one that is held before it is decided.
func (s *search) waits(r *record) bool {
	in, _, err := s.reader.Intent(r.value, r.time)
	return err == nil && s.q.Policy.IsNotice(&in)
}

// hear moves signals to when they were heard: before the first decision that had heard
// them, and behind those that had not.
func (s *search) hear(signals []happened) {
	var all []moment
	for _, list := range s.decidedAt() {
		all = append(all, list...)
	}
	for i := range signals {
		h := &signals[i]
		for _, m := range all {
			if m.heard > h.record.offset {
				h.at = min(h.at, m.at)
			}
		}
		for _, m := range all {
			if m.heard <= h.record.offset {
				h.at = max(h.at, m.at+1)
			}
		}
	}
}

// lines are the events as JSON lines, in the order of arrival; of one instant the signals
// that were heard first come first.
func lines(intents, signals []happened) []byte {
	all := append(slices.Clone(signals), intents...)
	slices.SortStableFunc(all, func(a, b happened) int { return cmp.Compare(a.at, b.at) })
	var out []byte
	for _, h := range all {
		if !jsontext.Value(h.record.value).IsValid(jsontext.AllowDuplicateNames(true), jsontext.AllowInvalidUTF8(true)) {
			continue // a dead letter
		}
		line, err := json.Marshal(struct {
			Arrived string         `json:"arrived"`
			Topic   string         `json:"topic"`
			Value   jsontext.Value `json:"value"`
		}{h.at.String(), h.record.topic, h.record.value}, jsontext.AllowDuplicateNames(true), jsontext.AllowInvalidUTF8(true))
		if err == nil {
			out = append(append(out, line...), '\n')
		}
	}
	return out
}
