package api

import (
	"crypto/rand"
	"errors"
	"fmt"
	"math"

	"github.com/go-json-experiment/json"
	"github.com/go-json-experiment/json/jsontext"

	"github.com/contactgovernor/governor/consumer/governor"
	"github.com/contactgovernor/governor/rules"
	"github.com/contactgovernor/governor/schemas"
	"github.com/contactgovernor/governor/state"
)

// foretold is what would be decided.
type foretold struct {
	Promise  bool           `json:"promise"` // always false
	Note     string         `json:"note"`
	Held     bool           `json:"held"`            // it would wait first, unjudged
	Until    string         `json:"until,omitempty"` // until then
	Ignored  []string       `json:"ignored,omitempty"`
	Asked    string         `json:"asked"`
	Heard    int64          `json:"heard"` // the signals before this offset are in it
	Decision jsontext.Value `json:"decision"`
}

const (
	noPromise     = "This is what would be decided now. Nothing was changed, nothing is reserved, and it is no promise: publish the intent, and redeem its approval."
	noPromiseHeld = "It would wait until then for others that concern it, and then, if nothing else happens, this would be decided. Nothing was changed, nothing is reserved, and it is no promise."
)

// preflight says what would be decided about an intent if it came now. It asks a
// governor of its own, that knows what is remembered of whom the intent involves, and
// is forgotten with the answer.
func preflight(c *call) (any, error) {
	b, err := c.body()
	if err != nil {
		return nil, err
	}
	now := rules.At(c.Clock())
	if b, err = supposed(b, now); err != nil {
		return nil, err
	}
	reader := governor.Reader{Policy: c.Policies.InForce(), Zones: c.find}
	in, ignored, err := reader.Intent(b, now)
	if bad := (*schemas.Malformed)(nil); errors.As(err, &bad) {
		return nil, malformed(bad)
	}
	if err != nil {
		return nil, err
	}
	if err := c.somebody(string(in.Person)); err != nil {
		return nil, err
	}
	partition, partitions, err := c.home(in.Person)
	if err != nil {
		return nil, err
	}
	mark, err := c.abreast(partition)
	if err != nil {
		return nil, err
	}
	a := aside{call: c, governor: governor.New(reader.Policy, c.find), partition: partition, partitions: partitions}
	a.governor.HeardTo(mark.Signals)
	out := foretold{Note: noPromise, Ignored: ignored.Names, Asked: max(now, mark.Now).String(), Heard: mark.Signals}
	if out.Decision, out.Until, err = a.ask(&in, max(now, mark.Now)); err != nil {
		return nil, err
	}
	if out.Held = out.Until != ""; out.Held {
		out.Note = noPromiseHeld
	}
	return out, nil
}

// supposed is an intent with what a question about one need not say: an id, and when it
// was made.
func supposed(b []byte, now rules.Instant) ([]byte, error) {
	var fields map[string]jsontext.Value
	if err := json.Unmarshal(b, &fields); err != nil || fields == nil {
		return nil, unreadable(err)
	}
	for name, value := range map[string]string{"id": "preflight-" + rand.Text(), "at": now.String()} {
		if _, there := fields[name]; !there {
			fields[name] = jsontext.Value(`"` + value + `"`)
		}
	}
	return json.Marshal(fields, json.Deterministic(true))
}

// aside is a governor that nobody else hears of.
type aside struct {
	*call
	governor              *governor.Governor
	partition, partitions int32
}

// ask asks what would be decided at the instant, and, where the intent would wait,
// until when.
func (a *aside) ask(in *rules.Intent, now rules.Instant) (decision jsontext.Value, until string, err error) {
	if a.partitions > 1 {
		a.governor.Here(func(id rules.PersonID) bool { return a.PartitionOf([]byte(id), a.partitions) == a.partition })
	}
	if err := a.remember(in); err != nil {
		return nil, "", err
	}
	if err := a.rates(in); err != nil {
		return nil, "", err
	}
	if err := a.advance(now); err != nil { // what was due by now happens first
		return nil, "", err
	}
	if _, _, _, err := a.governor.Take(); err != nil {
		return nil, "", err
	}
	a.governor.Intent(governor.Source{Topic: governor.Intents, Partition: a.partition, Offset: math.MaxInt64}, in)
	for {
		_, _, out, err := a.governor.Take()
		if err != nil {
			return nil, "", err
		}
		if decision, found := decisionOn(out, in); found {
			return decision, until, nil
		}
		next, waits := a.governor.NextDue()
		if !waits {
			return nil, "", errors.New("the intent would be neither decided nor held")
		}
		until = next.String()
		if err := a.advance(next); err != nil {
			return nil, "", err
		}
	}
}

// decisionOn is what was decided about the intent.
func decisionOn(out []governor.Output, in *rules.Intent) (jsontext.Value, bool) {
	for i := range out {
		if out[i].Topic != governor.Approved && out[i].Topic != governor.Vetoed {
			continue
		}
		if d, err := schemas.DecodeDecision(out[i].Value); err == nil && d.Intent == string(in.ID) && d.Person == string(in.Person) {
			return out[i].Value, true
		}
	}
	return nil, false
}

// remember brings whoever the intent involves.
func (a *aside) remember(in *rules.Intent) error {
	for {
		missing := a.governor.Missing(a.governor.Involves(in)...)
		if len(missing) == 0 {
			return nil
		}
		memories, err := a.Memory.Load(a.ctx, a.partition, missing)
		if err != nil {
			return unavailable("the memory does not answer: try again", err)
		}
		for i, id := range missing {
			if err := a.governor.Remember(id, memories[i]); err != nil {
				return err
			}
		}
	}
}

// rates brings how the campaign's calls fare, where that is asked for.
func (a *aside) rates(in *rules.Intent) error {
	if !a.governor.Rated(in) {
		return nil
	}
	all := make([]int32, a.partitions)
	for p := range all {
		all[p] = int32(p)
	}
	told, err := a.Memory.Totals(a.ctx, all, []rules.Campaign{in.Campaign})
	if err != nil {
		return unavailable("the memory does not answer: try again", err)
	}
	var others []state.Tally
	for i := range told {
		switch {
		case !told[i].Known || told[i].Mark.Restoring:
			return unavailable("how the campaign's calls fare is not known in every partition: see /v1/health, and try again",
				fmt.Errorf("partition %d has no memory: %w", i, ErrNoAnswer))
		case int32(i) == a.partition:
			if err := a.governor.RememberTotals([]state.Total{{Campaign: in.Campaign, Tally: told[i].Tallies[0]}}); err != nil {
				return err
			}
		default:
			tally, err := state.DecodeTally(told[i].Tallies[0])
			if err != nil {
				return err
			}
			others = append(others, tally)
		}
	}
	a.governor.Elsewhere(in.Campaign, others, false)
	return nil
}

// advance moves the present. Everybody on the agenda is remembered.
func (a *aside) advance(to rules.Instant) error {
	if !a.governor.Advance(to) {
		return errors.New("somebody is due whom nobody remembers")
	}
	return nil
}
