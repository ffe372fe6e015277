package verify

import (
	"errors"
	"slices"
	"strings"
	"time"

	"github.com/go-json-experiment/json"
	"github.com/go-json-experiment/json/jsontext"
)

// intent is one intended contact, as far as it is compared.
type intent struct {
	entry
	readable                                               bool
	id, person, channel, purpose, campaign, subject, brand string
	address, replyTo                                       string
	promotes                                               bool
	at, notAfter                                           time.Time
}

// signal is what a person did or said, as far as it is compared.
type signal struct {
	entry
	readable                                  bool
	id, person, kind                          string
	channel, purpose, subject, brand, address string
	text, intent, decision, result, into      string
	worker                                    string // who asks, of a redeem
	campaign                                  string // that was stopped
	at                                        time.Time
	effective, auto                           bool // a consent that lifts; an automatic reply
	again                                     bool // its id was heard before, so it changes nothing
	vague                                     bool // unreadable, and by its words no refusal
}

// decision is what the governor said to an intent.
type decision struct {
	entry
	id, intent, person, channel, purpose, campaign, subject, brand string
	verdict, original, policy, engine, reason                      string
	reasons                                                        []string // the rules that objected
	items                                                          []string
	evidence                                                       []evidence
	decided, notAfter                                              time.Time
	heard                                                          int64 // the signals before this offset were heard
	record                                                         *intent
}

func (d *decision) approved() bool { return d.verdict == "approved" }

// outranked says whether it waited for the last slot of a cap, and another had it.
func (d *decision) outranked() bool { return slices.Contains(d.reasons, "outranked") }

// evidence is what a rule counted.
type evidence struct {
	Rule   string `json:"rule"`
	Used   int    `json:"used"`
	Limit  int    `json:"limit"`
	Waived bool   `json:"waived"`
	Shadow bool   `json:"shadow"`
}

// revocation is an approval taken back.
type revocation struct {
	entry
	id, decision, intent, person string
	revoked                      time.Time
}

// redemption is what a worker heard that asked, just before a contact.
type redemption struct {
	entry
	id, intent, decision, person, worker, reason string
	ok, again                                    bool
	notAfter, answered                           time.Time
	asked                                        int64 // the signals before this offset were before the question
	recorded                                     bool  // the question is a line of a recording, and no signal
}

// leak is a no that came after a worker had taken the approval.
type leak struct {
	entry
	id, decision, intent, person string
	redeemed, refused            time.Time
	seconds                      float64
}

// no is what stands against contacts: as a signal said it, or as a standing has it.
type no struct {
	kind                                      string
	channel, purpose, subject, brand, address string
	campaign                                  string // that was stopped, for everybody
	at                                        time.Time
}

// standing is what stands for a person.
type standing struct {
	entry
	readable  bool
	tombstone bool
	person    string
	noes      []no
}

// letter is a dead letter.
type letter struct {
	entry
	from     Place
	named    bool     // it says where it came from
	mute     bool     // it does not say why
	cut      int64    // the size of the original, where this is only its beginning; else -1
	original [32]byte // of key, value and the headers that it came with
}

// decode reads JSON that the governor can read: it is as strict as that about
// duplicate keys and bad UTF-8.
func decode(value []byte, into any) error {
	if len(value) == 0 {
		return errors.New("there is nothing")
	}
	return json.Unmarshal(value, into)
}

// unwrap takes the value out of a CloudEvent in structured mode.
func unwrap(r *Record) []byte {
	for _, h := range r.Headers {
		if !strings.EqualFold(h.Key, "content-type") || !strings.HasPrefix(strings.ToLower(string(h.Value)), "application/cloudevents+json") {
			continue
		}
		var envelope struct {
			Data jsontext.Value `json:"data"`
		}
		if decode(r.Value, &envelope) == nil {
			return envelope.Data
		}
	}
	return r.Value
}

func instant(s string) time.Time {
	t, _ := time.Parse(time.RFC3339, s) // the zero time where it is none
	return t
}

func readIntent(r *Record, e *entry) *intent {
	in := &intent{entry: *e}
	var m struct {
		ID       string `json:"id"`
		Person   string `json:"person"`
		Channel  string `json:"channel"`
		Purpose  string `json:"purpose"`
		Campaign string `json:"campaign"`
		Subject  string `json:"subject"`
		Brand    string `json:"brand"`
		Address  string `json:"address"`
		ReplyTo  string `json:"reply_to"`
		At       string `json:"at"`
		NotAfter string `json:"not_after"`
		Promotes bool   `json:"contains_promotion"`
	}
	if decode(unwrap(r), &m) != nil || m.ID == "" || m.Person == "" {
		return in
	}
	in.readable = true
	in.id, in.person, in.channel, in.purpose, in.campaign = m.ID, m.Person, m.Channel, m.Purpose, m.Campaign
	in.subject, in.brand, in.address, in.replyTo = m.Subject, m.Brand, m.Address, m.ReplyTo
	in.at, in.notAfter, in.promotes = instant(m.At), instant(m.NotAfter), m.Promotes
	return in
}

func readSignal(r *Record, e *entry) *signal {
	s := &signal{entry: *e}
	var m struct {
		ID       string `json:"id"`
		Person   string `json:"person"`
		Type     string `json:"type"`
		At       string `json:"at"`
		Channel  string `json:"channel"`
		Purpose  string `json:"purpose"`
		Subject  string `json:"subject"`
		Brand    string `json:"brand"`
		Address  string `json:"address"`
		Source   string `json:"source"`
		Evidence string `json:"evidence"`
		Text     string `json:"text"`
		Auto     bool   `json:"auto"`
		Intent   string `json:"intent"`
		Decision string `json:"decision"`
		Result   string `json:"result"`
		Into     string `json:"into"`
		Worker   string `json:"worker"`
	}
	if decode(unwrap(r), &m) != nil || m.ID == "" || m.Person == "" || m.Type == "" {
		s.vague = refusesNothing(r.Value)
		return s
	}
	s.readable = true
	s.id, s.person, s.kind, s.at = m.ID, m.Person, m.Type, instant(m.At)
	s.channel, s.purpose, s.subject, s.brand, s.address = m.Channel, m.Purpose, m.Subject, m.Brand, m.Address
	s.text, s.auto, s.intent, s.decision, s.result, s.into, s.worker = m.Text, m.Auto, m.Intent, m.Decision, m.Result, m.Into, m.Worker
	s.effective = m.Source == "settings" || m.Evidence != ""
	s.vague = refusesNothing(r.Value)
	if s.kind != "reply" {
		s.text = ""
	}
	return s
}

// toldType is the type of what a partition, or the HTTP API, tells another, "" where it
// is a signal of a person, whatever its headers say.
func toldType(r *Record) string {
	var m struct {
		Type string `json:"type"`
	}
	if from, _ := r.header("governor_from"); r.number("governor_from") < 0 && from != "api" || decode(r.Value, &m) != nil || !strings.HasPrefix(m.Type, "governor.") {
		return ""
	}
	return m.Type
}

// refusesNothing says whether the bytes name a type of signal that is no refusal,
// somewhere. Whether they say so legibly is not for this package to find out.
func refusesNothing(value []byte) bool {
	text := strings.Join(strings.Fields(string(value)), "")
	for _, kind := range []string{"consent", "outcome", "conversation", "engagement", "preference", "resolved", "case_opened", "case_closed", "address", "merge", "erasure", "redeem"} {
		if strings.Contains(text, `"type":"`+kind+`"`) {
			return true
		}
	}
	return false
}

func readDecision(r *Record, e *entry) (*decision, error) {
	d := &decision{entry: *e}
	var m struct {
		ID       string `json:"id"`
		Intent   string `json:"intent"`
		Person   string `json:"person"`
		Channel  string `json:"channel"`
		Purpose  string `json:"purpose"`
		Campaign string `json:"campaign"`
		Subject  string `json:"subject"`
		Brand    string `json:"brand"`
		Verdict  string `json:"verdict"`
		Engine   string `json:"engine"`
		Reason   string `json:"reason"`
		Original string `json:"original"`
		Policy   string `json:"policy"`
		Decided  string `json:"decided"`
		NotAfter string `json:"not_after"`
		Signals  int64  `json:"signals"`
		Reasons  []struct {
			Rule string `json:"rule"`
		} `json:"reasons"`
		Items    []string   `json:"items"`
		Evidence []evidence `json:"evidence"`
	}
	if err := decode(r.Value, &m); err != nil {
		return d, err
	}
	d.id, d.intent, d.person, d.channel, d.purpose, d.campaign = m.ID, m.Intent, m.Person, m.Channel, m.Purpose, m.Campaign
	d.subject, d.brand, d.verdict, d.original, d.policy = m.Subject, m.Brand, m.Verdict, m.Original, m.Policy
	d.engine, d.reason = m.Engine, m.Reason
	d.decided, d.notAfter, d.heard = instant(m.Decided), instant(m.NotAfter), m.Signals
	d.items, d.evidence = m.Items, m.Evidence
	for _, reason := range m.Reasons {
		d.reasons = append(d.reasons, reason.Rule)
	}
	if d.id == "" || d.intent == "" || d.person == "" || d.decided.IsZero() {
		return d, errors.New("id, intent, person or decided is missing")
	}
	return d, nil
}

func readRevocation(r *Record, e *entry) (*revocation, error) {
	v := &revocation{entry: *e}
	var m struct {
		ID       string `json:"id"`
		Decision string `json:"decision"`
		Intent   string `json:"intent"`
		Person   string `json:"person"`
		Revoked  string `json:"revoked"`
	}
	if err := decode(r.Value, &m); err != nil {
		return v, err
	}
	v.id, v.decision, v.intent, v.person, v.revoked = m.ID, m.Decision, m.Intent, m.Person, instant(m.Revoked)
	if v.id == "" || v.decision == "" || v.revoked.IsZero() {
		return v, errors.New("id, decision or revoked is missing")
	}
	return v, nil
}

func readRedemption(r *Record, e *entry) (*redemption, error) {
	a := &redemption{entry: *e, asked: -1}
	var m struct {
		ID       string `json:"id"`
		Intent   string `json:"intent"`
		Decision string `json:"decision"`
		Person   string `json:"person"`
		Worker   string `json:"worker"`
		OK       *bool  `json:"ok"`
		Reason   string `json:"reason"`
		NotAfter string `json:"not_after"`
		Again    bool   `json:"again"`
		Answered string `json:"answered"`
	}
	if err := decode(r.Value, &m); err != nil {
		return a, err
	}
	if at, named := parsePlace(e.source); named {
		a.asked, a.recorded = at.Offset, at.Topic == recorded
	}
	a.id, a.intent, a.decision, a.person, a.worker, a.reason = m.ID, m.Intent, m.Decision, m.Person, m.Worker, m.Reason
	a.notAfter, a.answered, a.again = instant(m.NotAfter), instant(m.Answered), m.Again
	if a.id == "" || a.answered.IsZero() || m.OK == nil {
		return a, errors.New("id, ok or answered is missing")
	}
	if a.ok = *m.OK; a.ok != (a.reason == "") {
		return a, errors.New("a no has a reason, and a yes has none")
	}
	return a, nil
}

func readLeak(r *Record, e *entry) (*leak, error) {
	l := &leak{entry: *e}
	var m struct {
		ID       string  `json:"id"`
		Decision string  `json:"decision"`
		Intent   string  `json:"intent"`
		Person   string  `json:"person"`
		Redeemed string  `json:"redeemed"`
		Refused  string  `json:"refused"`
		Seconds  float64 `json:"seconds"`
	}
	if err := decode(r.Value, &m); err != nil {
		return l, err
	}
	l.id, l.decision, l.intent, l.person, l.seconds = m.ID, m.Decision, m.Intent, m.Person, m.Seconds
	l.redeemed, l.refused = instant(m.Redeemed), instant(m.Refused)
	if l.id == "" || l.decision == "" || l.redeemed.IsZero() || l.refused.IsZero() {
		return l, errors.New("id, decision, redeemed or refused is missing")
	}
	return l, nil
}

func readStanding(r *Record, e *entry) *standing {
	s := &standing{entry: *e, tombstone: r.Value == nil}
	var m struct {
		Person   string `json:"person"`
		Refusals []struct {
			Kind    string `json:"kind"`
			Channel string `json:"channel"`
			Purpose string `json:"purpose"`
			Subject string `json:"subject"`
			Brand   string `json:"brand"`
			Address string `json:"address"`
			At      string `json:"at"`
		} `json:"refusals"`
	}
	if decode(r.Value, &m) != nil {
		return s
	}
	s.readable, s.person = true, m.Person
	for _, n := range m.Refusals {
		s.noes = append(s.noes, no{
			kind: n.Kind, channel: n.Channel, purpose: n.Purpose, subject: n.Subject, brand: n.Brand, address: n.Address, at: instant(n.At),
		})
	}
	return s
}

// errorHeaders is how the headers of a dead letter begin.
const errorHeaders = "__connect.errors."

func readLetter(r *Record, e *entry) *letter {
	l := &letter{entry: *e, cut: r.number("governor_truncated")}
	topic, _ := r.header(errorHeaders + "topic")
	partition, offset := r.number(errorHeaders+"partition"), r.number(errorHeaders+"offset")
	l.from = Place{topic, int32(partition), offset}
	l.named = topic != "" && partition >= 0 && offset >= 0
	why, _ := r.header(errorHeaders + "exception.message")
	l.mute = why == ""
	own := len(r.Headers) // the last that begins the governor's own: the original may have been a dead letter itself
	for i, h := range r.Headers {
		if h.Key == errorHeaders+"topic" {
			own = i
		}
	}
	l.original = printOf(r.Key, r.Value, r.Headers[:own])
	return l
}
