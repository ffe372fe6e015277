package state

import (
	"encoding/hex"
	"fmt"
	"slices"
	"time"

	"github.com/go-json-experiment/json"

	"github.com/contactgovernor/governor/rules"
	"github.com/contactgovernor/governor/rules/zones"
)

// standing is what stands for a person, as it is written: JSON that an analyst,
// an auditor and the person can read. It is the value of a person's own key in
// the store and of the person's record on contact.standing.
type standing struct {
	Person      rules.PersonID  `json:"person"`
	Merged      []standingMerge `json:"merged,omitempty"`
	Refusals    []standingNo    `json:"refusals,omitempty"`
	Consents    []standingYes   `json:"consents,omitempty"`
	SilentSince string          `json:"silent_since,omitempty"`
	HumanAct    string          `json:"human_act,omitempty"`
	Abandoned   string          `json:"abandoned,omitempty"`
	OptOut      string          `json:"opt_out,omitempty"`
	Erased      string          `json:"erased,omitempty"`
	Cases       []standingCase  `json:"cases,omitempty"`
	Addresses   []standingAddr  `json:"addresses,omitempty"`
	Talks       []standingTalk  `json:"talks,omitempty"`
	Zones       []string        `json:"zones,omitempty"`
	ZonesAt     string          `json:"zones_at,omitempty"`
	Quiet       []standingQuiet `json:"quiet,omitempty"`
	QuietAt     string          `json:"quiet_at,omitempty"`
	Budget      []standingMost  `json:"budget,omitempty"`
	BudgetAt    string          `json:"budget_at,omitempty"`
	Heard       []standingHeard `json:"heard,omitempty"`
}

type standingMerge struct {
	Record rules.PersonID `json:"record"`
	Into   rules.PersonID `json:"into"`
	At     string         `json:"at"`
}

type standingScope struct {
	Channel rules.Channel `json:"channel,omitempty"`
	Purpose rules.Purpose `json:"purpose,omitempty"`
	Subject rules.Subject `json:"subject,omitempty"`
	Brand   rules.Brand   `json:"brand,omitempty"`
	Address rules.Address `json:"address,omitempty"`
}

type standingNo struct {
	Kind rules.NoKind `json:"kind"`
	standingScope
	At     string         `json:"at"`
	Signal rules.SignalID `json:"signal,omitempty"`
	Erased bool           `json:"erased,omitzero"`
	Record rules.PersonID `json:"record,omitempty"`
}

type standingYes struct {
	standingScope
	At        string         `json:"at"`
	Effective bool           `json:"effective"`
	Evidence  string         `json:"evidence,omitempty"`
	Signal    rules.SignalID `json:"signal,omitempty"`
	Record    rules.PersonID `json:"record,omitempty"`
}

type standingCase struct {
	Subject rules.Subject `json:"subject,omitempty"`
	Brand   rules.Brand   `json:"brand,omitempty"`
	At      string        `json:"at"`
	Open    bool          `json:"open"`
}

type standingAddr struct {
	Address    rules.Address `json:"address"`
	At         string        `json:"at"`
	Reassigned bool          `json:"reassigned"`
}

type standingTalk struct {
	Channel rules.Channel `json:"channel,omitempty"`
	Subject rules.Subject `json:"subject,omitempty"`
	At      string        `json:"at"`
}

type standingQuiet struct {
	Days []string `json:"days"`
	From string   `json:"from"`
	To   string   `json:"to"`
}

type standingMost struct {
	Channel rules.Channel `json:"channel,omitempty"`
	Max     int           `json:"max"`
	Per     string        `json:"per"`
}

type standingHeard struct {
	Signal string `json:"signal"`
	At     string `json:"at"`
}

// EncodeStanding writes what stands for the person, deterministically; nil if
// nothing does.
func EncodeStanding(id rules.PersonID, p *Person) ([]byte, error) {
	s := standing{
		Person: id, SilentSince: text(p.SilentSince()), HumanAct: text(p.HumanAct), Abandoned: text(p.Abandoned),
		OptOut: text(p.OptOut), Erased: text(p.Erased), Zones: zones.Names(p.Zones), ZonesAt: text(p.ZonesAt), QuietAt: text(p.QuietAt), BudgetAt: text(p.BudgetAt),
	}
	for _, m := range p.Merges {
		s.Merged = append(s.Merged, standingMerge{m.Record, m.Into, text(m.At)})
	}
	for _, n := range p.Noes {
		s.Refusals = append(s.Refusals, writeNo(&n))
	}
	for _, c := range p.Consents {
		s.Consents = append(s.Consents, writeYes(&c))
	}
	for _, c := range p.Cases {
		s.Cases = append(s.Cases, standingCase{c.Subject, c.Brand, text(c.At), c.Open})
	}
	for _, n := range p.Numbers {
		s.Addresses = append(s.Addresses, standingAddr{n.Address, text(n.At), n.Reassigned})
	}
	for _, t := range p.Talks {
		s.Talks = append(s.Talks, standingTalk{t.Channel, t.Subject, text(t.At)})
	}
	for _, q := range p.Quiet {
		s.Quiet = append(s.Quiet, standingQuiet{days(q.Days), q.From.String(), q.To.String()})
	}
	for _, b := range p.Budget {
		s.Budget = append(s.Budget, standingMost{b.Channel, b.Max, b.Per.String()})
	}
	for _, h := range p.Heard {
		s.Heard = append(s.Heard, standingHeard{h.Signal.String(), text(h.At)})
	}
	if s.empty() {
		return nil, nil
	}
	b, err := json.Marshal(s)
	if err != nil {
		return nil, fmt.Errorf("encode what stands for a person: %w", err)
	}
	return b, nil
}

// empty says whether nothing but the name is there.
func (s *standing) empty() bool {
	return s.Merged == nil && s.Refusals == nil && s.Consents == nil && s.SilentSince == "" && s.HumanAct == "" && s.Abandoned == "" && s.OptOut == "" && s.Erased == "" &&
		s.Cases == nil && s.Addresses == nil && s.Talks == nil && s.ZonesAt == "" && s.QuietAt == "" && s.BudgetAt == "" && s.Heard == nil
}

// DecodeStanding reads into p what EncodeStanding wrote. SilentSince is not
// read: it follows from the contacts. No bytes are a person for whom nothing
// stands.
func DecodeStanding(b []byte, p *Person, find *zones.Finder) error {
	if len(b) == 0 {
		return nil
	}
	var s standing
	// A member that we do not know may be a kind of no that a later version knows:
	// better to stop than to write the person back without it.
	if err := json.Unmarshal(b, &s, json.RejectUnknownMembers(true)); err != nil {
		return fmt.Errorf("decode what stands for a person: %w", ErrSpoilt)
	}
	r := reading{find: find}
	p.HumanAct, p.Abandoned = r.instant(s.HumanAct), r.instant(s.Abandoned)
	p.OptOut, p.Erased = r.instant(s.OptOut), r.instant(s.Erased)
	p.Zones, p.ZonesAt = r.zones(s.Zones), r.instant(s.ZonesAt)
	p.QuietAt, p.BudgetAt = r.instant(s.QuietAt), r.instant(s.BudgetAt)
	for _, m := range s.Merged {
		p.Merges = append(p.Merges, rules.Merge{Record: m.Record, Into: m.Into, At: r.instant(m.At)})
	}
	for _, n := range s.Refusals {
		p.Noes = append(p.Noes, r.no(&n))
	}
	for _, c := range s.Consents {
		p.Consents = append(p.Consents, r.yes(&c))
	}
	for _, c := range s.Cases {
		p.Cases = append(p.Cases, rules.Case{Subject: c.Subject, Brand: c.Brand, At: r.instant(c.At), Open: c.Open})
	}
	for _, n := range s.Addresses {
		p.Numbers = append(p.Numbers, rules.Number{Address: n.Address, At: r.instant(n.At), Reassigned: n.Reassigned})
	}
	for _, t := range s.Talks {
		p.Talks = append(p.Talks, rules.Talk{Channel: t.Channel, Subject: t.Subject, At: r.instant(t.At)})
	}
	for _, q := range s.Quiet {
		p.Quiet = append(p.Quiet, rules.QuietSpan{Days: r.days(q.Days), From: r.duration(q.From), To: r.duration(q.To)})
	}
	for _, b := range s.Budget {
		p.Budget = append(p.Budget, rules.Budget{Channel: b.Channel, Max: b.Max, Per: r.duration(b.Per)})
	}
	for _, h := range s.Heard {
		p.Heard = append(p.Heard, Heard{r.hash(h.Signal), r.instant(h.At)})
	}
	if r.err != nil {
		return fmt.Errorf("decode what stands for a person: %w", ErrSpoilt)
	}
	return nil
}

func writeNo(n *rules.No) standingNo {
	return standingNo{n.Kind, standingScope(n.Scope), text(n.At), n.Signal, n.Erased, n.Record}
}

func writeYes(c *rules.Consent) standingYes {
	return standingYes{standingScope(c.Scope), text(c.At), c.Effective, c.Evidence, c.Signal, c.Record}
}

// text is the instant in RFC 3339, nothing for an absent one.
func text(i rules.Instant) string {
	if i == 0 {
		return ""
	}
	return i.String()
}

func days(on [7]bool) []string {
	var out []string
	for day, yes := range on {
		if yes {
			out = append(out, dayNames()[day])
		}
	}
	return out
}

// dayNames are the names of the contract, indexed by time.Weekday.
func dayNames() [7]string { return [7]string{"sun", "mon", "tue", "wed", "thu", "fri", "sat"} }

// reading keeps the first error, so that the fields can be read in a row.
type reading struct {
	find *zones.Finder
	err  error
}

func (r *reading) fail(err error) {
	if r.err == nil {
		r.err = err
	}
}

func (r *reading) instant(s string) rules.Instant {
	if s == "" {
		return 0
	}
	t, err := time.Parse(time.RFC3339, s)
	if err != nil {
		r.fail(err)
		return 0
	}
	return rules.At(t)
}

func (r *reading) no(n *standingNo) rules.No {
	return rules.No{Kind: n.Kind, Scope: rules.Scope(n.standingScope), At: r.instant(n.At), Signal: n.Signal, Erased: n.Erased, Record: n.Record}
}

func (r *reading) yes(c *standingYes) rules.Consent {
	return rules.Consent{Scope: rules.Scope(c.standingScope), At: r.instant(c.At), Effective: c.Effective, Evidence: c.Evidence, Signal: c.Signal, Record: c.Record}
}

func (r *reading) duration(s string) time.Duration {
	d, err := time.ParseDuration(s)
	if err != nil {
		r.fail(err)
	}
	return d
}

func (r *reading) zones(names []string) []*time.Location {
	locs, err := r.find.FindAll(names)
	if err != nil {
		r.fail(err)
	}
	return locs
}

func (r *reading) days(names []string) (on [7]bool) {
	known := dayNames()
	for _, name := range names {
		day := slices.Index(known[:], name)
		if day < 0 {
			r.fail(fmt.Errorf("%q is no day of the week", name))
			continue
		}
		on[day] = true
	}
	return on
}

func (r *reading) hash(s string) (h SignalHash) {
	if n, err := hex.Decode(h[:], []byte(s)); err != nil || n != len(h) {
		r.fail(fmt.Errorf("%q is no hash of a signal", s))
	}
	return h
}
