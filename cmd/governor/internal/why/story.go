package why

import (
	"bytes"
	"cmp"
	"context"
	"fmt"
	"slices"

	"github.com/contactgovernor/governor/cmd/governor/internal/api"
	"github.com/contactgovernor/governor/cmd/governor/internal/explain"
	"github.com/contactgovernor/governor/consumer/governor"
	"github.com/contactgovernor/governor/rules"
	"github.com/contactgovernor/governor/schemas"
	"github.com/contactgovernor/governor/state"
)

// Story is what happened to one intent.
type Story struct {
	Intent string         `json:"intent"`
	Person rules.PersonID `json:"person"` // for who asks to call as they may

	Channel  string `json:"channel"`
	Purpose  string `json:"purpose"`
	Campaign string `json:"campaign"`
	Subject  string `json:"subject,omitempty"`
	Brand    string `json:"brand,omitempty"`
	Engine   string `json:"engine,omitempty"`

	Events    []Event    `json:"events"` // in the order of time
	Decisions []Decision `json:"decisions,omitempty"`
	Became    string     `json:"became,omitempty"` // of an approval: what it is by now
	Leaked    bool       `json:"leaked,omitempty"` // the contact may have come after a no

	Explained *explain.Explanation `json:"explained,omitempty"` // what every rule said, and what would have to change
	Unsaid    string               `json:"unsaid,omitempty"`    // why that is not said
}

// Event is one thing that happened.
type Event struct {
	At    string `json:"at"`
	Told  string `json:"told"`
	Place string `json:"place"` // topic/partition/offset

	order int // of what happened at one instant
}

// Decision is what was decided on the intent, and by what.
type Decision struct {
	ID       string      `json:"id"`
	Intent   string      `json:"intent"` // another one, where that speaks for this one too
	Place    string      `json:"place"`
	Decided  string      `json:"decided"`
	Verdict  string      `json:"verdict"`
	Reason   string      `json:"reason,omitempty"`
	Final    bool        `json:"final,omitempty"`
	Earliest string      `json:"earliest,omitempty"`
	NotAfter string      `json:"not_after,omitempty"`
	Original string      `json:"original,omitempty"`
	Items    []string    `json:"items,omitempty"`
	Policy   string      `json:"policy"`          // its hash
	InForce  bool        `json:"in_force"`        // that is the policy of the configuration
	Rules    []Objection `json:"rules,omitempty"` // those that said no
	Trial    []Objection `json:"trial,omitempty"` // those on trial that would have
	Counted  []Counted   `json:"counted,omitempty"`
}

// Objection is one rule that said no.
type Objection struct {
	Rule     string `json:"rule"`
	Reason   string `json:"reason"`
	Detail   string `json:"detail,omitempty"`
	Line     string `json:"line,omitempty"` // where in the policy it stands
	Cites    string `json:"cites,omitempty"`
	Earliest string `json:"earliest,omitempty"`
}

// Counted is what one rule counted.
type Counted struct {
	Rule   string `json:"rule"`
	Used   int    `json:"used"`
	Limit  int    `json:"limit"`
	Waived bool   `json:"waived,omitempty"`
	Trial  bool   `json:"trial,omitempty"`
}

// story tells what happened to the intent that is asked for.
func (s *search) story(ctx context.Context) error {
	decisions, intent := s.decisions()
	if intent == "" {
		return ErrNotThere
	}
	st := Story{Intent: intent, Person: s.person, Events: []Event{}}
	var caused []string // signals that took something back
	ids := make(map[string]bool)
	for i := range decisions {
		d := &decisions[i]
		ids[d.ID] = true
		st.Decisions = append(st.Decisions, s.decided(d))
	}
	for i := range s.records {
		r := &s.records[i]
		if told, at, ok := s.tells(r, &st, ids, &caused); ok {
			st.Events = append(st.Events, Event{at, told, place(r), order(r.topic)})
		}
	}
	for i := range s.records { // what brought it about is known by now
		if r := &s.records[i]; r.topic == governor.Signals {
			if sig, err := s.signal(r); err == nil && slices.Contains(caused, sig.ID) {
				caused = slices.DeleteFunc(caused, func(id string) bool { return id == sig.ID }) // the same again changed nothing
				st.Events = append(st.Events, Event{text(rules.Instant(sig.At)), inWords(&sig) + fmt.Sprintf(" (signal %s).", sig.ID), place(r), order(r.topic)})
			}
		}
	}
	sortEvents(st.Events)
	s.fate(&st, decisions)
	s.remedy(ctx, &st, decisions)
	s.out.Stories = append(s.out.Stories, st)
	return nil
}

// decisions are those about what is asked for, in their order, and the intent's id.
func (s *search) decisions() (out []placed, intent string) {
	for i := range s.records {
		r := &s.records[i]
		switch r.topic {
		case governor.Approved, governor.Vetoed:
			if d, err := schemas.DecodeDecision(r.value); err == nil && about(&d, s.q.ID) {
				out = append(out, placed{d, place(r)})
				if intent == "" || d.ID == s.q.ID {
					intent = d.Intent
				}
				if d.Intent == s.q.ID || slices.Contains(d.Items, s.q.ID) {
					intent = s.q.ID
				}
			}
		case governor.Intents:
			if in, err := s.intent(r); err == nil && in.ID == s.q.ID && intent == "" {
				intent = in.ID
			}
		}
	}
	if intent != s.q.ID { // a decision was asked for: all that was decided on its intent is the story
		out = nil
		for i := range s.records {
			r := &s.records[i]
			if r.topic != governor.Approved && r.topic != governor.Vetoed {
				continue
			}
			if d, err := schemas.DecodeDecision(r.value); err == nil && intent != "" && (d.Intent == intent || slices.Contains(d.Items, intent)) {
				out = append(out, placed{d, place(r)})
			}
		}
	}
	slices.SortStableFunc(out, func(a, b placed) int { return cmp.Compare(a.Decided, b.Decided) })
	return out, intent
}

// placed is a decision, and where it is.
type placed struct {
	schemas.Decision
	place string
}

func (s *search) decided(d *placed) Decision {
	out := Decision{
		ID: d.ID, Intent: d.Intent, Place: d.place, Decided: d.Decided.String(), Verdict: string(d.Verdict), Reason: d.Reason, Final: d.Final,
		Earliest: text(rules.Instant(d.Earliest)), NotAfter: text(rules.Instant(d.NotAfter)), Original: d.Original, Items: d.Items,
		Policy: d.Policy, InForce: d.Policy == s.q.Policy.Hash(), Rules: objections(d.Reasons), Trial: objections(d.Shadow),
	}
	for _, e := range d.Evidence {
		out.Counted = append(out.Counted, Counted{e.Rule, e.Used, e.Limit, e.Waived, e.Shadow})
	}
	return out
}

func objections(list []schemas.Objection) (out []Objection) {
	for _, o := range list {
		out = append(out, Objection{o.Rule, o.Reason, o.Detail, o.Line, o.Cites, text(rules.Instant(o.Earliest))})
	}
	return out
}

// tells says what a record says of the story, and when.
func (s *search) tells(r *record, st *Story, decisions map[string]bool, caused *[]string) (told, at string, ok bool) {
	spoken := ""
	switch r.topic {
	case governor.Intents:
		in, err := s.intent(r)
		if err != nil || in.ID != st.Intent {
			return "", "", false
		}
		st.Channel, st.Purpose, st.Campaign, st.Subject, st.Brand, st.Engine = in.Channel, in.Purpose, in.Campaign, in.Subject, in.Brand, in.Engine
		if r.from != "" {
			return "It was sent back, by hand, from " + r.from + ".", text(r.time), true
		}
		return cmp.Or(in.Engine, "An engine") + " published it.", text(r.time), true
	case governor.DeadLetter:
		return "It could not be read: " + r.wrong + ".", text(r.time), bytes.Contains(r.value, quoted(st.Intent))
	case governor.Signals:
		sig, err := s.signal(r)
		if err != nil || sig.Type != schemas.TypeOutcome || sig.Intent != st.Intent && !decisions[sig.Decision] {
			return "", "", false
		}
		return inWords(&sig) + ".", text(rules.Instant(sig.At)), true
	case governor.Approved, governor.Vetoed:
		d, err := schemas.DecodeDecision(r.value)
		if err != nil || !decisions[d.ID] {
			return "", "", false
		}
		if d.Intent != st.Intent {
			spoken = d.Intent + " spoke for it: "
		} else {
			st.Channel, st.Purpose, st.Campaign, st.Subject, st.Brand, st.Engine = d.Channel, d.Purpose, d.Campaign, d.Subject, d.Brand, d.Engine
		}
	case governor.Revoked:
		d, err := schemas.DecodeRevocation(r.value)
		if err != nil || !decisions[d.Decision] {
			return "", "", false
		}
		*caused = append(*caused, d.Signal)
	case governor.Redemption:
		if d, err := schemas.DecodeRedemption(r.value); err != nil || d.Intent != st.Intent && !decisions[d.Decision] {
			return "", "", false
		}
	case governor.Leaked:
		l, ok := leak(r.value)
		if !ok || !decisions[l.decision] {
			return "", "", false
		}
		*caused = append(*caused, l.signal)
	}
	told, at, ok = api.Tell(&api.Record{Topic: r.topic, Offset: r.offset, Time: r.time.Time(), Value: r.value}, s.q.Now, api.They)
	return spoken + told, at, ok
}

// own is the first decision on the intent itself, nil where there is none.
func (s *Story) own() *Decision {
	for i := range s.Decisions {
		if s.Decisions[i].Intent == s.Intent {
			return &s.Decisions[i]
		}
	}
	return nil
}

// intent reads an intent.
func (s *search) intent(r *record) (schemas.Intent, error) {
	in, _, err := schemas.DecodeIntent(r.value)
	return in, err
}

// signal reads a signal.
func (s *search) signal(r *record) (schemas.Signal, error) {
	sig, _, err := schemas.DecodeSignal(r.value)
	return sig, err
}

func place(r *record) string {
	return governor.Source{Topic: r.topic, Partition: r.partition, Offset: r.offset}.String()
}

// order is that of what happened at one instant.
func order(topic string) int {
	return slices.Index([]string{governor.Signals, governor.Intents, governor.Approved, governor.Vetoed, governor.Redemption, governor.Revoked, governor.Leaked, governor.DeadLetter}, topic)
}

func sortEvents(events []Event) {
	slices.SortStableFunc(events, func(a, b Event) int { return cmp.Or(cmp.Compare(a.At, b.At), cmp.Compare(a.order, b.order)) })
}

// fate folds what the log says of an approval into a contact, as the memory does, and
// says what it is by now.
func (s *search) fate(st *Story, decisions []placed) {
	i := slices.IndexFunc(decisions, func(d placed) bool { return d.Verdict == schemas.Approved })
	if i < 0 {
		return
	}
	d := &decisions[i]
	who := &state.Person{}
	var items []rules.IntentID
	for _, item := range d.Items {
		items = append(items, rules.IntentID(item))
	}
	in := &rules.Intent{
		ID: rules.IntentID(d.Intent), Person: s.person, Channel: rules.Channel(d.Channel), Purpose: rules.Purpose(d.Purpose), Campaign: rules.Campaign(d.Campaign),
		Subject: rules.Subject(d.Subject), Brand: rules.Brand(d.Brand), At: rules.Instant(d.Decided),
	}
	state.ApplyDecision(s.q.Policy, who, in, rules.DecisionID(d.ID), &rules.Decision{Verdict: rules.Approved, NotAfter: rules.Instant(d.NotAfter)}, items, rules.Instant(d.Decided))
	c := &who.Contacts[0]
	for i := range s.records {
		r := &s.records[i]
		switch r.topic {
		case governor.Redemption:
			if a, err := schemas.DecodeRedemption(r.value); err == nil && a.OK && a.Decision == d.ID && !c.Fate.Has(rules.WasRedeemed) {
				state.Take(s.q.Policy, c, state.HashWorker(a.Worker), rules.Instant(a.Answered))
			}
		case governor.Revoked:
			if v, err := schemas.DecodeRevocation(r.value); err == nil && v.Decision == d.ID {
				state.Revoke(c)
			}
		case governor.Leaked:
			if l, ok := leak(r.value); ok && l.decision == d.ID {
				c.Fate |= rules.Leaked
			}
		case governor.Signals:
			if sig, _, err := s.reader.Signal(r.value, max(r.time, rules.Instant(d.Decided))); err == nil && sig.Type == state.Outcome {
				state.ApplySignal(s.q.Policy, who, &sig, max(r.time, rules.Instant(d.Decided)))
			}
		}
	}
	st.Became, st.Leaked = explain.Fate(c, s.q.Now), c.Fate.Has(rules.Leaked)
}

// life is all that happened to a person.
func (s *search) life() error {
	for i := range s.records {
		r := &s.records[i]
		var told, at string
		ok := false
		switch r.topic {
		case governor.Intents: // its decision tells of it
		case governor.Signals:
			sig, err := s.signal(r)
			if err != nil || sig.Type == schemas.TypeRedeem { // its answer tells of that
				continue
			}
			s.out.Merged = s.out.Merged || sig.Type == schemas.TypeMerge
			told, at, ok = inWords(&sig), text(rules.Instant(sig.At)), true
			if of := cmp.Or(sig.Intent, sig.Decision); of != "" {
				told += ": " + of
			}
			told += "."
		case governor.DeadLetter:
			told, at, ok = "A record could not be read: "+r.wrong+".", text(r.time), true
		default:
			told, at, ok = api.Tell(&api.Record{Topic: r.topic, Offset: r.offset, Time: r.time.Time(), Value: r.value}, s.q.Now, api.They)
			if d, err := schemas.DecodeDecision(r.value); err == nil && (r.topic == governor.Approved || r.topic == governor.Vetoed) {
				told = d.Intent + ": " + told
			}
		}
		if ok {
			s.out.Person = append(s.out.Person, Event{at, told, place(r), order(r.topic)})
		}
	}
	if len(s.records) == 0 {
		return ErrNotThere
	}
	sortEvents(s.out.Person)
	return nil
}
