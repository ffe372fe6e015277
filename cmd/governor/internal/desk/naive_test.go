package desk

import (
	"encoding/json"
	"math"
	"slices"
	"sort"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
	"pgregory.net/rapid"

	"github.com/contactgovernor/governor/rules"
	"github.com/contactgovernor/governor/schemas"
	"github.com/contactgovernor/governor/state"
)

// The figures by their sentences alone, from all records at once, agree with what is
// kept of them one by one, in whatever order the topics are read, however often a
// zombie repeats itself, and whenever somebody looks meanwhile.
func TestASecondReadingAgrees(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		w := history(t)
		kept := time.Duration(rapid.IntRange(1, 72).Draw(t, "hours kept")) * time.Hour
		o := Options{Kept: kept}.withDefaults()
		f := newFold(&o)
		looked := noon
		for _, r := range shuffled(t, w.log) {
			if err := f.take(r.topic, r.partition, &r.record); err != nil {
				t.Fatal(err)
			}
			if rapid.IntRange(0, 9).Draw(t, "look") == 0 {
				looked = looked.Add(min(w.now.Sub(looked), time.Hour))
				f.view(looked)
			}
		}
		want, got := naive(w.log, w.now, kept), f.view(w.now)
		if diff := cmp.Diff(want, got, cmpopts.EquateEmpty(), cmpopts.IgnoreFields(View{}, "Since"), cmpopts.IgnoreFields(Verdict{}, "Rules")); diff != "" {
			t.Fatalf("(-by the sentences +kept):\n%s", diff)
		}
	})
}

// history is what four people and two engines make of some days.
func history(t *rapid.T) *world {
	w := newWorld()
	channel := rapid.SampledFrom([]string{"email", "sms", "call"})
	brand := rapid.SampledFrom([]string{"", "x", "y"})
	subject := rapid.SampledFrom([]string{"", "a", "b"})
	purpose := rapid.SampledFrom([]string{"marketing", "service", "receipt"})
	reason := rapid.SampledFrom([]string{"cap.any", "quiet.hours", "refused.state", "refused.address", "refused.channel_hop", "duplicate"})
	people := rapid.SampledFrom([]string{"ana", "ben", "cid", "dea"})
	var decisions, signals []string
	one := func(name string, of []string) string {
		if len(of) == 0 {
			return "none"
		}
		return rapid.SampledFrom(of).Draw(t, name)
	}
	for range rapid.IntRange(1, 60).Draw(t, "steps") {
		w.pass(rapid.SampledFrom([]time.Duration{0, time.Millisecond, time.Minute, 20 * time.Minute, 5 * time.Hour}).Draw(t, "pass"))
		who := people.Draw(t, "who")
		scope := func() (s rules.Scope) {
			if rapid.Bool().Draw(t, "everything") {
				return s
			}
			s.Channel, s.Brand, s.Subject = rules.Channel(channel.Draw(t, "of channel")), rules.Brand(brand.Draw(t, "of brand")), rules.Subject(subject.Draw(t, "of subject"))
			if rapid.IntRange(0, 3).Draw(t, "of address") == 0 {
				s.Address = "a@example.org"
			}
			return s
		}
		switch rapid.IntRange(0, 11).Draw(t, "what") {
		case 0, 1:
			signal := "s" + strconv.FormatInt(w.batch, 10)
			if rapid.IntRange(0, 9).Draw(t, "unreadable") == 0 {
				signal = ""
			}
			signals = append(signals, signal)
			kind := rapid.SampledFrom([]rules.NoKind{rules.Refused, rules.Refused, rules.Cancelled, rules.Complained, rules.Unreachable}).Draw(t, "kind")
			before := rapid.SampledFrom([]time.Duration{0, time.Hour, 100 * time.Hour}).Draw(t, "before")
			if signal == "" {
				before = 0
			}
			says(w, t, who, signal, kind, scope(), before)
		case 2:
			p := w.person(who)
			p.Consents = append(p.Consents, rules.Consent{Scope: scope(), At: rules.At(w.now), Effective: rapid.Bool().Draw(t, "effective")})
			writeStanding(w, t, who)
		case 3:
			at := rules.At(w.now.Add(-rapid.SampledFrom([]time.Duration{89 * day, 90 * day}).Draw(t, "silent for")))
			p := w.person(who)
			p.Contacts = append(p.Contacts, rules.Contact{Decision: "d", At: at, Delivered: at, Class: rules.Solicitation, Fate: rules.Happened})
			writeStanding(w, t, who)
		case 4:
			w.takesBack(who, one("taken back", decisions), reason.Draw(t, "for"), one("by", signals))
		case 5:
			w.turnsAway(who, one("turned away", decisions), rapid.SampledFrom([]string{"revoked", "expired", "refused.state"}).Draw(t, "with"))
		case 6:
			w.leaks(who, one("leaked", decisions), one("for signal", signals))
		default:
			d := mail(who)
			d.Channel, d.Brand, d.Subject, d.Purpose = channel.Draw(t, "channel"), brand.Draw(t, "brand"), subject.Draw(t, "subject"), purpose.Draw(t, "purpose")
			d.Campaign, d.Engine = rapid.SampledFrom([]string{"spring", "may"}).Draw(t, "campaign"), rapid.SampledFrom([]string{"", "crm"}).Draw(t, "engine")
			decisions = append(decisions, w.decides(d, rapid.SliceOfNDistinct(reason, 0, 3, rapid.ID).Draw(t, "reasons")...))
		}
		if rapid.IntRange(0, 9).Draw(t, "zombie") == 0 {
			n := rapid.IntRange(1, len(w.log)).Draw(t, "records repeated")
			w.log = append(w.log, w.log[len(w.log)-n:]...)
		}
	}
	return w
}

func says(w *world, t *rapid.T, who, signal string, kind rules.NoKind, scope rules.Scope, before time.Duration) {
	p := w.person(who)
	p.Noes = slices.DeleteFunc(p.Noes, func(has rules.No) bool { return has.Kind == kind && has.Scope == scope })
	p.Noes = append(p.Noes, rules.No{Kind: kind, Scope: scope, At: rules.At(w.now.Add(-before)), Signal: rules.SignalID(signal)})
	if signal != "" {
		p.Heard = append(p.Heard, state.Heard{Signal: state.HashSignal(rules.SignalID(signal)), At: rules.At(w.now)})
	}
	writeStanding(w, t, who)
}

func writeStanding(w *world, t *rapid.T, who string) {
	value, err := state.EncodeStanding(rules.PersonID(who), w.person(who))
	if err != nil {
		t.Fatal(err)
	}
	w.append("contact.standing", who, value)
}

// shuffled is the log as it is read: each topic in its order, and the topics in none.
func shuffled(t *rapid.T, log []written) (out []written) {
	topics := make(map[string][]written)
	for _, r := range log {
		topics[r.topic] = append(topics[r.topic], r)
	}
	for len(topics) > 0 {
		var names []string
		for name := range topics {
			names = append(names, name)
		}
		sort.Strings(names)
		from := rapid.SampledFrom(names).Draw(t, "topic read")
		n := rapid.IntRange(1, len(topics[from])).Draw(t, "records read")
		out = append(out, topics[from][:n]...)
		if topics[from] = topics[from][n:]; len(topics[from]) == 0 {
			delete(topics, from)
		}
	}
	return out
}

// object is a record's value.
type object map[string]any

func (o object) s(name string) string { s, _ := o[name].(string); return s }

func (o object) at(name string) time.Time {
	at, err := time.Parse(time.RFC3339, o.s(name))
	if err != nil {
		return time.Time{}
	}
	return at.UTC()
}

func (o object) all(name string) (list []object) {
	entries, _ := o[name].([]any)
	for _, e := range entries {
		list = append(list, object(e.(map[string]any)))
	}
	return list
}

// naive is the view by its sentences.
func naive(log []written, now time.Time, kept time.Duration) *View {
	from := now.Add(-kept)
	if whole := from.Truncate(time.Minute); !whole.Equal(from) {
		from = whole.Add(time.Minute)
	}
	values := make(map[string][]object)
	seen := make(map[string]bool)
	for _, r := range log {
		place := r.topic + string(r.record.Headers[0].Value)
		if seen[place] {
			continue
		}
		seen[place] = true
		var o object
		if err := json.Unmarshal(r.record.Value, &o); err != nil {
			panic(err)
		}
		values[r.topic] = append(values[r.topic], o)
	}
	v := &View{At: now, Lines: make(map[string]int64), Figures: Figures{OneIn: 1}}
	naiveRates(v, values["contact.veto-rates"], from)
	for _, d := range slices.Concat(values["contact.approved"], values["contact.vetoed"]) {
		if d.at("decided").Before(from) {
			continue
		}
		for _, o := range d.all("reasons") {
			v.Lines[strings.TrimSuffix(o.s("line"), ":3")]++
		}
		v.Recent = append(v.Recent, Verdict{
			Decided: d.at("decided"), ID: d.s("id"), Intent: d.s("intent"), Person: d.s("person"), Channel: d.s("channel"), Campaign: d.s("campaign"),
			Purpose: d.s("purpose"), Subject: d.s("subject"), Brand: d.s("brand"), Engine: d.s("engine"), Verdict: d.s("verdict"), Reason: d.s("reason"),
		})
	}
	sort.Slice(v.Recent, func(i, j int) bool {
		a, b := v.Recent[i], v.Recent[j]
		return a.Decided.After(b.Decided) || a.Decided.Equal(b.Decided) && a.ID < b.ID
	})
	for _, r := range values["contact.revoked"] {
		if !r.at("revoked").Before(from) {
			v.Figures.Revoked++
		}
	}
	for _, l := range values["contact.leaked"] {
		if !l.at("refused").Before(from) {
			v.Figures.Leaked++
		}
	}
	naiveExits(v, values, from)
	return v
}

func naiveRates(v *View, rates []object, from time.Time) {
	highest := make(map[string]object)
	for _, r := range rates {
		key := schemas.VetoRate{
			Minute: schemas.TimeOf(r.at("minute")), Campaign: r.s("campaign"), Channel: r.s("channel"), Purpose: r.s("purpose"), Engine: r.s("engine"),
			Verdict: schemas.Verdict(r.s("verdict")), Reason: r.s("reason"),
		}
		if was, ok := highest[string(key.Key())]; (!ok || r["count"].(float64) > was["count"].(float64)) && !r.at("minute").Before(from) {
			highest[string(key.Key())] = r
		}
	}
	minutes := make(map[time.Time]*Minute)
	reasons, campaigns, channels := make(map[string]*Share), make(map[string]*Share), make(map[string]*Share)
	pester := make(map[pair]*Pester)
	for _, r := range highest {
		n, yes := int64(r["count"].(float64)), r.s("verdict") == "approved"
		m := minutes[r.at("minute")]
		if m == nil {
			m = &Minute{Start: r.at("minute"), ByReason: make(map[string]int64), ByCampaign: make(map[string]Tally), ByChannel: make(map[string]Tally)}
			minutes[m.Start] = m
		}
		add := func(to map[string]*Share, name string) {
			if to[name] == nil {
				to[name] = &Share{Name: name}
			}
			if yes {
				to[name].Approved += n
			} else {
				to[name].Vetoed += n
			}
		}
		one := func(to map[string]Tally, name string) {
			t := to[name]
			if yes {
				t.Approved += n
			} else {
				t.Vetoed += n
			}
			to[name] = t
		}
		one(m.ByCampaign, r.s("campaign"))
		one(m.ByChannel, r.s("channel"))
		add(campaigns, r.s("campaign"))
		add(channels, r.s("channel"))
		p := pester[pair{r.s("campaign"), r.s("engine")}]
		if p == nil {
			p = &Pester{Campaign: r.s("campaign"), Engine: r.s("engine")}
			pester[pair{p.Campaign, p.Engine}] = p
		}
		p.Intents += n
		if yes {
			m.Approved += n
			continue
		}
		m.Vetoed += n
		m.ByReason[r.s("reason")] += n
		add(reasons, r.s("reason"))
		if strings.HasPrefix(r.s("reason"), "refused.") {
			p.AfterNo += n
		}
	}
	for _, m := range minutes {
		v.Minutes = append(v.Minutes, *m)
	}
	sort.Slice(v.Minutes, func(i, j int) bool { return v.Minutes[i].Start.Before(v.Minutes[j].Start) })
	list := func(of map[string]*Share) (out []Share) {
		for _, s := range of {
			out = append(out, *s)
		}
		sort.Slice(out, func(i, j int) bool {
			a, b := out[i].Approved+out[i].Vetoed, out[j].Approved+out[j].Vetoed
			return a > b || a == b && out[i].Name < out[j].Name
		})
		return out
	}
	v.ByReason, v.ByCampaign, v.ByChannel = list(reasons), list(campaigns), list(channels)
	for _, p := range pester {
		v.Figures.Pester = append(v.Figures.Pester, *p)
	}
	sort.Slice(v.Figures.Pester, func(i, j int) bool {
		a, b := v.Figures.Pester[i], v.Figures.Pester[j]
		if a.AfterNo != b.AfterNo {
			return a.AfterNo > b.AfterNo
		}
		if x, y := float64(a.AfterNo)/float64(a.Intents), float64(b.AfterNo)/float64(b.Intents); x != y {
			return x > y
		}
		return a.Campaign < b.Campaign || a.Campaign == b.Campaign && a.Engine < b.Engine
	})
}

func naiveExits(v *View, values map[string][]object, from time.Time) {
	type exit struct {
		who   string
		said  object
		known time.Time
	}
	last := make(map[string]object)
	var exits []exit
	for _, s := range values["contact.standing"] {
		who := s.s("person")
		last[who] = s
		for _, no := range s.all("refusals") {
			if no.s("kind") == "unreachable" {
				continue
			}
			e := exit{who, no, no.at("at")}
			for _, h := range s.all("heard") {
				if h.s("signal") == state.HashSignal(rules.SignalID(no.s("signal"))).String() {
					e.known = h.at("at")
				}
			}
			same := func(o exit) bool {
				if no.s("signal") != "" {
					return o.who == who && o.said.s("signal") == no.s("signal")
				}
				return o.who == who && cmp.Equal(o.said, no)
			}
			if !e.known.Before(from) && !slices.ContainsFunc(exits, same) {
				exits = append(exits, e)
			}
		}
	}
	why := make(map[string]string)
	for _, r := range values["contact.revoked"] {
		if _, known := why[r.s("decision")]; !known && strings.HasPrefix(r.s("reason"), "refused.") && !r.at("revoked").Before(from) {
			why[r.s("decision")] = r.s("signal")
		}
	}
	var quiet, honour []time.Duration
	for _, e := range exits {
		var any, stopped []time.Duration
		tried := func(at time.Time, blocked bool) {
			any = append(any, max(0, at.Sub(e.known)))
			if blocked {
				stopped = append(stopped, max(0, at.Sub(e.known)))
			}
		}
		signal := e.said.s("signal")
		for _, l := range values["contact.leaked"] {
			if l.s("person") == e.who && signal != "" && l.s("signal") == signal && !l.at("refused").Before(from) {
				tried(l.at("refused"), false)
			}
		}
		for _, r := range values["contact.redeemed"] {
			if r.s("person") == e.who && (r.s("reason") == "revoked" || strings.HasPrefix(r.s("reason"), "refused.")) && signal != "" && why[r.s("decision")] == signal && !r.at("answered").Before(from) {
				tried(r.at("answered"), true)
			}
		}
		for _, d := range values["contact.vetoed"] {
			is := func(reason string) func(object) bool {
				return func(o object) bool { return strings.HasPrefix(o.s("reason"), reason) }
			}
			refused := slices.ContainsFunc(d.all("reasons"), is("refused."))
			there := slices.ContainsFunc(d.all("reasons"), is("refused.address"))
			if d.s("person") == e.who && refused && !d.at("decided").Before(e.known) && naiveAbout(e.said, d, there) {
				tried(d.at("decided"), true)
			}
		}
		for _, d := range values["contact.approved"] {
			if d.s("person") != e.who || !d.at("decided").After(e.known) || e.said.s("address") != "" || !naiveAbout(e.said, d, false) {
				continue
			}
			lifted := false
			for _, c := range last[e.who].all("consents") {
				covers := true
				for _, name := range []string{"channel", "purpose", "subject", "brand"} {
					covers = covers && (c.s(name) == "" || c.s(name) == d.s(name))
				}
				lifted = lifted || covers && c["effective"] == true && c.at("at").After(e.said.at("at"))
			}
			if !lifted {
				tried(d.at("decided"), false)
			}
		}
		v.Figures.Exits++
		if len(any) == 0 {
			v.Figures.CleanExits++
			continue
		}
		quiet = append(quiet, slices.Max(any))
		if len(stopped) > 0 {
			honour = append(honour, slices.Max(stopped))
		}
	}
	v.Figures.ToQuiet, v.Figures.ToHonour = naiveQuantiles(quiet), naiveQuantiles(honour)
	for _, s := range last {
		if at := s.at("silent_since"); !at.IsZero() && v.At.Sub(at) >= 90*24*time.Hour {
			v.Figures.InSilence++
		}
	}
}

// naiveAbout: whether the decision is of what the no is about.
func naiveAbout(no, d object, there bool) bool {
	if d.s("purpose") == "receipt" {
		return false
	}
	same := func(name string) bool { return no.s(name) == "" || no.s(name) == d.s(name) }
	switch {
	case no.s("kind") == "complaint":
		return d.s("purpose") == "marketing" && same("brand")
	case no.s("kind") == "cancellation" && no.s("subject") == "":
		return d.s("purpose") == "marketing" && same("brand")
	case no.s("kind") == "cancellation":
		return d.s("purpose") == "marketing" && same("subject")
	case no.s("subject") != "":
		return same("subject")
	}
	return same("channel") && same("brand") && (no.s("address") == "" || there)
}

func naiveQuantiles(all []time.Duration) (q Quantiles) {
	if len(all) == 0 {
		return q
	}
	slices.Sort(all)
	at := func(part float64) time.Duration { return all[int(math.Ceil(part*float64(len(all))))-1] }
	return Quantiles{int64(len(all)), at(0.5), at(0.99)}
}
