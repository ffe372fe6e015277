package desk

import (
	"cmp"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"math"
	"slices"
	"strings"
	"time"

	"github.com/contactgovernor/governor/cmd/governor/internal/repeats"
	"github.com/contactgovernor/governor/cmd/governor/internal/stands"
	"github.com/contactgovernor/governor/consumer"
	"github.com/contactgovernor/governor/consumer/governor"
	"github.com/contactgovernor/governor/rules"
	"github.com/contactgovernor/governor/schemas"
)

// mostRecent is how many verdicts are shown.
const mostRecent = 200

// fold is what the records amount to. It knows no clock and reads nothing by itself.
type fold struct {
	o       *Options
	seen    repeats.Seen
	minutes minutes
	people  people
	recent  []Verdict    // the newest first
	horizon schemas.Time // what is older is not kept
	begun   schemas.Time // what is older was not read
}

func newFold(o *Options) *fold {
	return &fold{o: o, minutes: newMinutes(o.MostNames), people: newPeople(o.MostPeople)}
}

// take takes a record in. The topic is as the contract names it. The error says why it
// could not be read, and nothing of what it holds.
func (f *fold) take(topic string, partition int32, r *consumer.Record) error {
	if f.seen.Before(consumer.Slot{Topic: topic, Partition: partition}, r) {
		return nil
	}
	if topic == governor.Standing {
		return f.stands(r)
	}
	if r.Value == nil {
		return nil // what is deleted there was counted
	}
	switch topic {
	case governor.VetoRates:
		return f.rate(r.Value)
	case governor.Approved, governor.Vetoed:
		return f.decision(r.Value)
	case governor.Revoked:
		return f.revoked(r.Value)
	case governor.Redemption:
		return f.redeemed(r.Value)
	case governor.Leaked:
		return f.leaked(r.Value)
	}
	return fmt.Errorf("topic %s is none that is followed", topic)
}

func (f *fold) stands(r *consumer.Record) error {
	if !stands.OfPerson(r.Key) {
		return nil
	}
	who := hashOf(string(r.Key))
	if !f.people.looked(who) {
		return nil
	}
	if r.Value == nil {
		f.people.forget(who)
		return nil
	}
	w, err := stands.Read(r.Key, r.Value)
	if err != nil {
		return err
	}
	w.Noes = slices.DeleteFunc(w.Noes, func(n stands.No) bool { return n.Known < f.horizon })
	f.people.stands(who, &w)
	return nil
}

func (f *fold) rate(value []byte) error {
	rate, err := schemas.DecodeVetoRate(value)
	if err == nil && rate.Minute >= f.horizon && f.o.tells(rate.Engine) {
		f.minutes.rate(&rate)
	}
	return err
}

func (f *fold) decision(value []byte) error {
	d, err := schemas.DecodeDecision(value)
	if err != nil || d.Decided < f.horizon || !f.o.tells(d.Engine) {
		return err
	}
	f.show(&d)
	t := try{
		who: hashOf(d.Person), how: approved, at: d.Decided, id: d.ID,
		channel: d.Channel, purpose: d.Purpose, subject: d.Subject, brand: d.Brand,
	}
	class := f.o.class(d.Purpose)
	t.solicits = class == rules.Solicitation || class == rules.Ask
	for i := range d.Reasons {
		o := &d.Reasons[i]
		f.minutes.line(d.Decided, lineOf(o.Line))
		if isNo(o.Reason) {
			t.how = blocked
			t.there = t.there || rules.Reason(o.Reason) == rules.RefusedAddress
		}
	}
	if !class.Exempt() && (t.how == blocked || d.Verdict == schemas.Approved) {
		f.people.tried(t)
	}
	return nil
}

// lineOf is the line without the column.
func lineOf(place string) string {
	if i := strings.LastIndexByte(place, ':'); i > 0 && strings.Contains(place[:i], ":") {
		return place[:i]
	}
	return place
}

func (f *fold) revoked(value []byte) error {
	r, err := schemas.DecodeRevocation(value)
	if err != nil || r.Revoked < f.horizon {
		return err
	}
	f.minutes.revoked(r.Revoked)
	if isNo(r.Reason) {
		f.people.tookBack(r.Decision, r.Signal, r.Revoked)
	}
	return nil
}

func (f *fold) redeemed(value []byte) error {
	r, err := schemas.DecodeRedemption(value)
	if err != nil || r.Answered < f.horizon || r.OK || r.Decision == "" || r.Reason != "revoked" && !isNo(r.Reason) {
		return err
	}
	f.people.tried(try{who: hashOf(r.Person), how: turned, at: r.Answered, id: r.Decision})
	return nil
}

func (f *fold) leaked(value []byte) error {
	var in struct {
		Decision, Person, Reason, Signal, Refused string
	}
	if err := json.Unmarshal(value, &in); err != nil {
		return fmt.Errorf("is no leak: %T", err) // the error may quote what stands there
	}
	at, err := schemas.ParseTime(in.Refused)
	if err != nil || in.Person == "" {
		return errors.New("is no leak: it needs a person, and when the no was heard")
	}
	if at < f.horizon {
		return nil
	}
	f.minutes.leaked(at)
	f.people.tried(try{who: hashOf(in.Person), how: leaked, at: at, id: in.Decision, signal: in.Signal})
	return nil
}

// show puts a decision among the recent ones.
func (f *fold) show(d *schemas.Decision) {
	v := Verdict{
		Decided: d.Decided.Std(), ID: d.ID, Intent: d.Intent, Person: d.Person,
		Channel: d.Channel, Campaign: d.Campaign, Purpose: d.Purpose, Subject: d.Subject, Brand: d.Brand, Engine: d.Engine,
		Verdict: string(d.Verdict), Reason: d.Reason, Earliest: d.Earliest.Std(), Final: d.Final,
	}
	i, _ := slices.BinarySearchFunc(f.recent, v, func(a, b Verdict) int { return cmp.Or(b.Decided.Compare(a.Decided), cmp.Compare(a.ID, b.ID)) })
	if i == mostRecent {
		return
	}
	for _, o := range d.Reasons {
		v.Rules = append(v.Rules, Objection{Rule: o.Rule, Reason: o.Reason, Detail: o.Detail, Line: o.Line, Earliest: o.Earliest.Std()})
	}
	f.recent = slices.Insert(f.recent, i, v)
	f.recent = f.recent[:min(len(f.recent), mostRecent)]
}

// advance drops what is no longer kept at an instant.
func (f *fold) advance(now time.Time) {
	horizon := schemas.TimeOf(now.Add(-f.o.Kept))
	if over := horizon % schemas.Time(minuteMillis); over > 0 {
		horizon += schemas.Time(minuteMillis) - over // whole minutes only
	}
	if horizon <= f.horizon {
		return
	}
	f.horizon = horizon
	f.minutes.forget(int64(horizon))
	f.people.expire(horizon)
	f.recent = slices.DeleteFunc(f.recent, func(v Verdict) bool { return v.Decided.Before(horizon.Std()) })
}

// view is what there is to be seen at an instant, and advances to it.
func (f *fold) view(now time.Time) *View {
	f.advance(now)
	total := f.minutes.total
	v := &View{
		At: now, Since: max(f.horizon, f.begun).Std(),
		Recent: slices.Clone(f.recent), Minutes: f.minutes.list(), Lines: maps.Clone(total.lines),
		ByCampaign: shares(total.campaigns), ByChannel: shares(total.channels),
		Figures: Figures{Revoked: total.revoked, Leaked: total.leaked, Pester: worst(total.pester)},
	}
	for reason, n := range total.reasons {
		v.ByReason = append(v.ByReason, Share{Name: reason, Vetoed: n})
	}
	slices.SortFunc(v.ByReason, largest)
	f.people.fared(&v.Figures, schemas.TimeOf(now), f.o.Silence())
	return v
}

func shares(of map[string]yesNo) (list []Share) {
	for name, n := range of {
		list = append(list, Share{name, n.approved, n.vetoed})
	}
	slices.SortFunc(list, largest)
	return list
}

func largest(a, b Share) int {
	return cmp.Or(cmp.Compare(b.Approved+b.Vetoed, a.Approved+a.Vetoed), cmp.Compare(a.Name, b.Name))
}

// worst are those that wanted the most of people who had said no.
func worst(of map[pair]pressed) (list []Pester) {
	for who, p := range of {
		list = append(list, Pester{who.campaign, who.engine, p.intents, p.afterNo})
	}
	slices.SortFunc(list, func(a, b Pester) int {
		return cmp.Or(cmp.Compare(b.AfterNo, a.AfterNo), cmp.Compare(share(&b), share(&a)), cmp.Compare(a.Campaign, b.Campaign), cmp.Compare(a.Engine, b.Engine))
	})
	return list
}

// share is how much of what it wanted was after a no.
func share(p *Pester) float64 {
	if p.Intents == 0 {
		return math.Inf(-1)
	}
	return float64(p.AfterNo) / float64(p.Intents)
}
