package consumer

import (
	"bytes"
	"cmp"
	"context"
	"maps"
	"slices"

	"github.com/contactgovernor/governor/consumer/governor"
	"github.com/contactgovernor/governor/rules"
	"github.com/contactgovernor/governor/schemas"
	"github.com/contactgovernor/governor/state"
)

// recall is what the log knew and the memory did not, when a partition was
// acquired. The zero value is nothing.
type recall struct {
	going    bool                        // decisions are being recalled
	relieve  func(context.Context) error // of a rebuild: saves what there is, so that memory stays bounded; nil: it must stay until the end
	answered map[int64]bool              // offsets of intents whose answer was recalled
	buried   map[governor.Source]bool    // sources of dead letters
	intents  int64                       // behind the last intent that was answered or buried
	heard    int64                       // the signals that the log says were heard; positions that are told do not go back

	answers answerLog // to workers that asked

	standing map[rules.PersonID][]byte          // the latest that the log says of each
	rates    map[rules.PersonID][]byte          // and of each rate
	untold   map[rules.PersonID]governor.Output // what stood on the way there
}

// lying takes in where the dead letters came from.
func (r *recall) lying() {
	for source := range r.buried {
		if source.Topic == governor.Signals {
			r.heard = max(r.heard, source.Offset+1)
		} else {
			r.intents = max(r.intents, source.Offset+1)
		}
	}
}

// open says whether the mark has not passed all of it yet. Until then the tails
// stay where they are, so that whoever has to recall again finds it.
func (r *recall) open(mark *state.Mark, heard int64) bool {
	return r.going || mark.Intents < r.intents || heard < r.heard
}

// news leaves out what stood for people on the way to where the log already is: a
// no must not vanish from contact.standing while it is heard again. Once there, it
// tells of those for whom something else stands than the log says.
func (r *recall) news(outputs []governor.Output, heard int64) []governor.Output {
	if heard < r.heard {
		if r.untold == nil {
			r.untold = make(map[rules.PersonID]governor.Output)
		}
		return slices.DeleteFunc(outputs, func(o governor.Output) bool {
			if o.Topic == governor.Standing {
				r.untold[o.Person] = o
			}
			return o.Topic == governor.Standing
		})
	}
	outputs = slices.DeleteFunc(outputs, func(o governor.Output) bool {
		if o.Topic != governor.Standing {
			return false
		}
		delete(r.untold, o.Person)
		told, ok := r.standing[o.Person]
		return ok && bytes.Equal(told, o.Value)
	})
	for person, o := range r.untold {
		if told, ok := r.standing[person]; !ok || !bytes.Equal(told, o.Value) {
			outputs = append(outputs, o)
		}
	}
	r.untold, r.standing = nil, nil
	return outputs
}

// newRates leaves out the rates that the log has as they are.
func (r *recall) newRates(told []governor.Output) []governor.Output {
	return slices.DeleteFunc(told, func(o governor.Output) bool {
		known, ok := r.rates[o.Person]
		delete(r.rates, o.Person)
		return ok && bytes.Equal(known, o.Value)
	})
}

// recall makes the memory know what the log says was decided, in the order in
// which it was: each decision after the signals that it was made behind.
func (t *term) recall(ctx context.Context, found *landing) error {
	t.recalled = recall{buried: found.buried, answered: make(map[int64]bool), heard: found.signals, standing: found.standing, rates: found.rates, answers: found.answers}
	t.recalled.lying()
	if len(found.decisions) == 0 && len(found.revoked) == 0 && len(found.leaked) == 0 {
		return nil
	}
	slices.SortStableFunc(found.decisions, func(a, b landed) int {
		return cmp.Or(
			cmp.Compare(a.decision.Signals, b.decision.Signals), cmp.Compare(a.decision.Decided, b.decision.Decided),
			cmp.Compare(a.batch, b.batch), cmp.Compare(a.index, b.index),
		)
	})
	intents, err := t.contents(ctx, found.decisions)
	if err != nil {
		return err
	}
	if err := t.rememberAll(ctx, found); err != nil {
		return err
	}
	t.recalled.going = true
	t.governor.Recalling(true)
	t.recallCalls(found.decisions)
	for decision, person := range found.revoked {
		t.governor.RecallRevocation(person, decision)
	}
	for decision, person := range found.leaked {
		t.governor.RecallLeak(person, decision)
	}
	for i := range found.decisions {
		d := &found.decisions[i]
		if err := t.hear(ctx, d.decision.Signals); err != nil {
			return err
		}
		t.governor.Recall(found.recalled(d, intents[d.source]))
		t.recalled.answered[d.source] = true
		t.recalled.intents = max(t.recalled.intents, d.source+1)
	}
	t.governor.Recalling(false)
	t.recount(found.decisions)
	_, err = t.commit(ctx)
	t.recalled.going = false
	return err
}

// recalled is a decision with what became of it.
func (found *landing) recalled(d *landed, intent *rules.Intent) *governor.Recalled {
	id := rules.DecisionID(d.decision.ID)
	_, revoked := found.revoked[id]
	_, leaked := found.leaked[id]
	return &governor.Recalled{Decision: d.decision, Intent: intent, Revoked: revoked, Leaked: leaked}
}

// recallCalls makes the memory know when campaigns' first calls were approved, before
// any outcome is heard: periods are counted from there.
func (t *term) recallCalls(decisions []landed) {
	for i := range decisions {
		d := &decisions[i].decision
		if d.Verdict != schemas.Approved || rules.Channel(d.Channel) != rules.ChannelCall {
			continue
		}
		at := rules.Instant(d.Decided)
		if first := decisions[i].firstCall; first != 0 {
			at = min(at, first)
		}
		t.governor.Called(rules.Campaign(d.Campaign), at)
	}
}

// contents reads the intents of the decisions again: a decision does not say
// everything that is remembered of them. Those that are not kept any more are
// left out.
func (t *term) contents(ctx context.Context, decisions []landed) (map[int64]*rules.Intent, error) {
	wanted := make(map[int64]*rules.Intent, len(decisions))
	from, to := t.mark.Intents, t.mark.Intents
	for i := range decisions {
		wanted[decisions[i].source] = nil
		to = max(to, decisions[i].source+1)
	}
	err := t.read(ctx, governor.Intents, from, to, func(r *Record) {
		if _, ok := wanted[r.Offset]; !ok {
			return
		}
		value, err := t.unwrap(r)
		if err != nil {
			return
		}
		if in, _, err := t.reader.Intent(value, t.arrival()); err == nil {
			wanted[r.Offset] = &in
		}
	})
	return wanted, err
}

// rememberAll loads everybody whose decisions were found.
func (t *term) rememberAll(ctx context.Context, found *landing) error {
	var people []rules.PersonID
	for i := range found.decisions {
		people = append(people, rules.PersonID(found.decisions[i].decision.Person))
	}
	for _, who := range [...]map[rules.DecisionID]rules.PersonID{found.revoked, found.leaked} {
		people = slices.AppendSeq(people, maps.Values(who))
	}
	return t.remember(ctx, people)
}
