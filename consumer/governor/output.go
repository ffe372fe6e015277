package governor

import (
	"strconv"
	"strings"

	"github.com/contactgovernor/governor/rules"
	"github.com/contactgovernor/governor/schemas"
	"github.com/contactgovernor/governor/state"
)

// The topics, as the contract names them.
const (
	Intents    = "contact.intents"
	Signals    = "contact.signals"
	Approved   = "contact.approved"
	Vetoed     = "contact.vetoed"
	Revoked    = "contact.revoked"
	Redemption = "contact.redeemed"
	Leaked     = "contact.leaked"
	Standing   = "contact.standing"
	VetoRates  = "contact.veto-rates"
	DeadLetter = "contact.deadletter"
)

// Source is the place of the record that an output came from, and the trace that it
// is part of, if it said so: whoever drives the governor writes that and reads it.
type Source struct {
	Topic     string
	Partition int32
	Offset    int64
	Trace     string
}

// sourceOf is where the record of something held came from.
func sourceOf(h *rules.Held) Source { return Source{Topic: Intents, Offset: h.Source, Trace: h.Trace} }

// String is topic/partition/offset: the position that repeated decisions take
// into their id.
func (s Source) String() string { return string(s.Append(nil)) }

// Append appends what String returns.
func (s Source) Append(b []byte) []byte {
	b = append(append(b, s.Topic...), '/')
	b = append(strconv.AppendInt(b, int64(s.Partition), 10), '/')
	return strconv.AppendInt(b, s.Offset, 10)
}

// ParseSource reads what String wrote.
func ParseSource(s string) (Source, bool) {
	rest, offset, ok := cutLast(s)
	topic, partition, there := cutLast(rest)
	n, err := strconv.ParseInt(offset, 10, 64)
	p, wrong := strconv.ParseInt(partition, 10, 32)
	if !ok || !there || err != nil || wrong != nil {
		return Source{}, false
	}
	return Source{Topic: topic, Partition: int32(p), Offset: n}, true
}

func cutLast(s string) (before, after string, found bool) {
	i := strings.LastIndexByte(s, '/')
	if i < 0 {
		return "", "", false
	}
	return s[:i], s[i+1:], true
}

// Output is one record to emit.
//
// One whose topic is Signals is what other partitions must know of. It is heard
// there as any signal, by its id, once: it may be emitted again, and late. It goes
// to the partition of its key, or, where it says Everywhere, to all but this one,
// under a key that is no person's.
type Output struct {
	Topic      string
	Person     rules.PersonID // the key; of a rate it names nobody
	ID         string         // of the event: that of the decision, revocation or signal; of a standing the person has none
	At         rules.Instant
	Value      []byte
	Source     Source
	Everywhere bool
	FirstCall  rules.Instant // of an approved call: when the first of its campaign was, as far as is known; 0 where nobody counts
}

// Tells says whether signals of the type are what one partition tells another, or the
// HTTP API all of them. Nobody else publishes them, and they may be where their key does
// not belong.
func Tells(t state.SignalType) bool {
	return t == state.ToldRecord || t == state.ToldAddress || t == state.ToldCampaign
}

// decision writes a decision the way the contract has it.
func (g *Governor) decision(src Source, in *rules.Intent, id rules.DecisionID, d *rules.Decision, items []rules.IntentID, at rules.Instant) {
	w := &g.writing
	out := &w.decision
	*out = schemas.Decision{
		ID: string(id), Intent: string(in.ID), Person: string(in.Person), Channel: string(in.Channel),
		Purpose: string(in.Purpose), Campaign: string(in.Campaign), Subject: string(in.Subject), Brand: string(in.Brand),
		Engine: in.Engine, Verdict: schemas.Verdict(d.Verdict), Reason: string(d.Reason()), Final: d.Final(),
		Earliest: schemas.Time(d.Earliest), NotAfter: schemas.Time(d.NotAfter), Original: string(d.Original),
		Decided: schemas.Time(at), Policy: g.policy.Hash(), Signals: g.heard,
		Reasons: w.objections(out.Reasons[:0], d.Objections), Shadow: w.objections(out.Shadow[:0], d.Shadow), Evidence: out.Evidence[:0],
		Items: out.Items[:0],
	}
	for _, e := range d.Evidence() {
		out.Evidence = append(out.Evidence, schemas.Evidence(e))
	}
	for _, item := range items {
		out.Items = append(out.Items, string(item))
	}
	o := Output{Topic: Vetoed, Person: in.Person, ID: string(id), At: at, Source: src}
	if d.Verdict == rules.Approved {
		o.Topic, out.Leave = Approved, g.wayOut(in, id)
		if in.Channel == rules.ChannelCall {
			o.FirstCall = g.Called(in.Campaign, at)
		}
	}
	from := len(w.text)
	w.text = out.AppendJSON(w.text)
	o.Value = w.text[from:len(w.text):len(w.text)]
	g.emit(o)
	g.countRate(at, state.Sort{
		Campaign: in.Campaign, Channel: in.Channel, Purpose: in.Purpose, Engine: in.Engine, Verdict: d.Verdict, Reason: d.Reason(),
	})
}

// writing is what decisions are written with, and on. A decision is made thousands of
// times a batch, so nothing of it is allocated twice.
type writing struct {
	decision schemas.Decision
	lines    map[rules.Position]string // of the policy, as they are written
	text     []byte                    // the decisions since the last Take, and who was changed …
	taken    []byte                    // … and what it returned of both
	outputs  []Output                  // that it returned
}

func (w *writing) objections(out []schemas.Objection, list []rules.Objection) []schemas.Objection {
	for i := range list {
		o := &list[i]
		out = append(out, schemas.Objection{
			Rule: o.Rule, Reason: string(o.Reason), Detail: o.Detail, Earliest: schemas.Time(o.Earliest), Line: w.line(o.Line), Cites: o.Cites,
		})
	}
	return out
}

// line is a place in the policy as it is written. There are as many as rules.
func (w *writing) line(at rules.Position) string {
	text, known := w.lines[at]
	if !known {
		if w.lines == nil {
			w.lines = make(map[rules.Position]string)
		}
		text = at.String()
		w.lines[at] = text
	}
	return text
}

// hand hands out the outputs since the last Take. Where there are none, what they are
// written on stays for those to come.
func (g *Governor) hand() (out []Output) {
	w := &g.writing
	w.taken, w.outputs = nil, nil
	if len(w.text) > 0 {
		w.taken, w.text = w.text, nil
	}
	if len(g.out) > 0 {
		out, g.out = g.out, nil
		w.outputs = out
	}
	return out
}

// Emitted says that what Take returned last is saved and emitted, and that its outputs
// are not read any more: what is decided from now on is written over them. Whoever keeps
// them does not say so.
func (g *Governor) Emitted() {
	if len(g.writing.text) == 0 {
		g.writing.text = g.writing.taken[:0]
	}
	if len(g.out) == 0 {
		clear(g.writing.outputs)
		g.out = g.writing.outputs[:0]
	}
	g.writing.taken, g.writing.outputs = nil, nil
}

// TakenBack is how many approvals were taken back so far.
func (g *Governor) TakenBack() int { return g.revoked }

// revocation takes an approval back, in words. An approval is taken back once
// at most, so its id is enough to make the revocation's.
func (g *Governor) revocation(src Source, person rules.PersonID, c *rules.Contact, reason rules.Reason, signal rules.SignalID) {
	out := schemas.Revocation{
		ID: "r" + string(c.Decision), Decision: string(c.Decision), Intent: string(c.Intent), Person: string(person),
		Reason: string(reason), Signal: string(signal), Revoked: schemas.Time(g.now),
	}
	g.emit(Output{Topic: Revoked, Person: person, ID: out.ID, At: g.now, Value: out.AppendJSON(nil), Source: src})
	g.revoked++
}

func (g *Governor) emit(o Output) { g.out = append(g.out, o) }

// DeadLetterHeaders says of a record why it could not be read. The text of a
// *schemas.Malformed names fields, never what stood in them.
func DeadLetterHeaders(src Source, why error) []schemas.Header {
	return schemas.DeadLetterHeaders(src.Topic, src.Partition, src.Offset, "decode", "schemas.Malformed", why.Error())
}
