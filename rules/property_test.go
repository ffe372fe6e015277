package rules_test

import (
	"fmt"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"github.com/contactgovernor/governor/rules"
)

// Random people, drawn small enough for everything to meet everything: few
// names, times within a fortnight, whole and half hours and a millisecond
// besides.

func drawInstant(t *rapid.T, label string) rules.Instant {
	i := noon.Add(time.Duration(rapid.IntRange(-14*48, 48).Draw(t, label)) * 30 * minute)
	return i + rules.Instant(rapid.IntRange(-1, 1).Draw(t, label+" ms"))
}

func drawScope(t *rapid.T) rules.Scope {
	return rules.Scope{
		Channel: rapid.SampledFrom([]rules.Channel{"", "", "email", "sms", "call"}).Draw(t, "channel"),
		Purpose: rapid.SampledFrom([]rules.Purpose{"", "", "marketing", "service"}).Draw(t, "purpose"),
		Subject: rapid.SampledFrom([]rules.Subject{"", "", "s", "marketing"}).Draw(t, "subject"),
		Brand:   rapid.SampledFrom([]rules.Brand{"", "", "b"}).Draw(t, "brand"),
		Address: rapid.SampledFrom([]rules.Address{"", "", "a"}).Draw(t, "address"),
	}
}

func drawIntent(t *rapid.T) rules.Intent {
	in := to(
		rapid.SampledFrom([]rules.Channel{"email", "sms", "call", "push", "mail"}).Draw(t, "channel"),
		rapid.SampledFrom([]rules.Purpose{"marketing", "winback", "survey", "consent_request", "permission_prompt", "service", "collection", "receipt", "legal", "confirmation"}).Draw(t, "purpose"),
		campaign(rapid.SampledFrom([]rules.Campaign{"spring", "summer"}).Draw(t, "campaign")),
		subject(rapid.SampledFrom([]rules.Subject{"", "s", "marketing"}).Draw(t, "subject")),
		brand(rapid.SampledFrom([]rules.Brand{"", "b"}).Draw(t, "brand")),
		address(rapid.SampledFrom([]rules.Address{"", "a", "z"}).Draw(t, "address")),
		message(rapid.SampledFrom([]string{"", "", "m"}).Draw(t, "message")),
		mode(rapid.SampledFrom([]rules.Mode{rules.ModeManual, rules.ModePredictive}).Draw(t, "mode")),
	)
	if rapid.IntRange(0, 5).Draw(t, "sells") == 0 {
		promotes(&in)
	}
	if z := rapid.SampledFrom([]string{"", "", "Europe/Berlin", "America/New_York", "Australia/Lord_Howe"}).Draw(t, "zone"); z != "" {
		zones(z)(&in)
	}
	return in
}

func drawPerson(t *rapid.T) *rules.Person {
	var contacts []rules.Contact
	for range rapid.IntRange(0, 8).Draw(t, "contacts") {
		c := sent(drawInstant(t, "sent"), rules.Fate(rapid.SampledFrom([]rules.Fate{
			0, 0, rules.WasRedeemed, rules.WasRedeemed, rules.WasRedeemed | rules.Happened, rules.NotSent, rules.Busy, rules.WasRevoked, rules.WrongNumber,
		}).Draw(t, "fate")), drawIntent(t))
		if c.Fate.Has(rules.Happened) && rapid.Bool().Draw(t, "delivered") {
			c.Delivered = c.At.Add(-time.Duration(rapid.IntRange(0, 95).Draw(t, "days ago")) * day)
		}
		contacts = append(contacts, c)
	}
	who := with(contacts...)
	for range rapid.IntRange(0, 2).Draw(t, "noes") {
		kind := rapid.SampledFrom([]rules.NoKind{rules.Refused, rules.Cancelled, rules.Complained, rules.Unreachable}).Draw(t, "kind")
		s := drawScope(t)
		if kind == rules.Unreachable {
			s = rules.Scope{Address: "a"}
		}
		who.Noes = append(who.Noes, rules.No{Kind: kind, Scope: s, At: drawInstant(t, "said no")})
	}
	for range rapid.IntRange(0, 2).Draw(t, "yeses") {
		who.Consents = append(who.Consents, rules.Consent{Scope: drawScope(t), At: drawInstant(t, "said yes"), Effective: rapid.Bool().Draw(t, "effective")})
	}
	for range rapid.IntRange(0, 1).Draw(t, "quiet") {
		q := rules.QuietSpan{From: time.Duration(rapid.IntRange(0, 23).Draw(t, "from")) * hour, To: time.Duration(rapid.IntRange(0, 23).Draw(t, "to")) * hour}
		q.Days[rapid.IntRange(0, 6).Draw(t, "day")] = true
		who.Quiet = append(who.Quiet, q)
	}
	for range rapid.IntRange(0, 1).Draw(t, "budget") {
		who.Budget = append(who.Budget, rules.Budget{
			Channel: rapid.SampledFrom([]rules.Channel{"", "email"}).Draw(t, "of"), Max: rapid.IntRange(0, 3).Draw(t, "max"),
			Per: time.Duration(rapid.IntRange(1, 100).Draw(t, "per")) * hour,
		})
	}
	if rapid.IntRange(0, 3).Draw(t, "acted") == 0 {
		who.HumanAct = drawInstant(t, "act")
	}
	if rapid.IntRange(0, 3).Draw(t, "abandoned") == 0 {
		who.Abandoned = drawInstant(t, "abandoned at")
	}
	if rapid.IntRange(0, 1).Draw(t, "opted out") == 0 {
		who.OptOut = noon.Add(-time.Duration(rapid.IntRange(0, 6).Draw(t, "minutes ago")) * minute)
	}
	if rapid.IntRange(0, 5).Draw(t, "case") == 0 {
		who.Cases = []rules.Case{{Brand: "b", At: noon, Open: true}}
	}
	return who
}

// naive says whether the house vetoes, computed from the sentences of
// semantics.md and nothing of the package but the values: no order, no earliest,
// one instant. It is the second opinion.
func naive(t *testing.T, who *rules.Person, in *rules.Intent, now rules.Instant) bool {
	class := classes[in.Purpose]
	if in.Promotes && class != rules.Legal && class != rules.Confirmation {
		class = rules.Solicitation
	}
	exempt := class == rules.ByPerson || class == rules.Legal || class == rules.Confirmation
	solicits := class == rules.Solicitation
	counts := func(c *rules.Contact) bool { // at now
		f := c.Fate
		switch {
		case f.Has(rules.WrongNumber):
			return false
		case f.Has(rules.Happened):
			return true
		case f.Has(rules.NotSent | rules.Busy | rules.OptedOut):
			return false
		}
		return f.Has(rules.WasRedeemed) || (!f.Has(rules.WasRevoked) && now < c.NotAfter)
	}
	count := func(window time.Duration, of func(*rules.Contact) bool) (n int) {
		for i := range who.Contacts {
			c := &who.Contacts[i]
			if counts(c) && of(c) && now.Sub(c.At) < window {
				n++
			}
		}
		return n
	}
	const forever = 1 << 62
	yes := func(after rules.Instant) bool {
		for _, c := range who.Consents {
			s := c.Scope
			if c.Effective && c.At > after && (s.Channel == "" || s.Channel == in.Channel) && (s.Purpose == "" || s.Purpose == in.Purpose) &&
				(s.Subject == "" || s.Subject == in.Subject) && (s.Brand == "" || s.Brand == in.Brand) && (s.Address == "" || s.Address == in.Address) {
				return true
			}
		}
		return false
	}

	// Noes.
	for _, no := range who.Noes {
		s := no.Scope
		means := false
		switch no.Kind {
		case rules.Unreachable:
			if in.Purpose != "legal" && in.Address == s.Address {
				return true
			}
		case rules.Complained:
			means = solicits && (s.Brand == "" || s.Brand == in.Brand)
		case rules.Cancelled:
			byBrand := s.Brand == "" || s.Brand == in.Brand
			means = solicits && ((s.Subject == "" && byBrand) || (s.Subject != "" && s.Subject == in.Subject) || (in.Purpose == "winback" && byBrand))
		case rules.Refused:
			asksFor := in.Purpose == "consent_request" && (in.Subject == rules.Subject(s.Purpose) || (in.Subject != "marketing" && in.Subject != "service"))
			switch {
			case s.Purpose != "" && s.Purpose != in.Purpose && !asksFor:
			case s.Subject != "":
				means = s.Subject == in.Subject || (s.Purpose != "" && in.Subject == rules.Subject(s.Purpose))
			default:
				means = (s.Channel == "" || s.Channel == in.Channel) && (s.Brand == "" || s.Brand == in.Brand) &&
					(s.Address == "" || in.Address == "" || s.Address == in.Address)
			}
			means = means && !exempt
		}
		if means && !yes(no.At) {
			return true
		}
	}
	for _, c := range who.Cases {
		if c.Open && solicits && (c.Brand == "" || c.Brand == in.Brand) {
			return true
		}
	}

	// Confirmations.
	if class == rules.Confirmation {
		if in.Promotes || who.OptOut == 0 || now.Sub(who.OptOut) >= 5*minute {
			return true
		}
		if count(forever, func(c *rules.Contact) bool { return c.Class == rules.Confirmation && c.At >= who.OptOut }) > 0 {
			return true
		}
	}

	// Counting.
	solicitation := func(c *rules.Contact) bool { return c.Class == rules.Solicitation }
	onChannel := func(c *rules.Contact) bool { return solicitation(c) && c.Channel == in.Channel }
	call := func(c *rules.Contact) bool {
		return c.Channel == "call" && c.Class != rules.ByPerson && c.Class != rules.Legal
	}
	if in.Message != "" && count(24*hour, func(c *rules.Contact) bool { return c.Message == in.Message }) > 0 {
		return true
	}
	if solicits {
		if count(168*hour, func(c *rules.Contact) bool { return !c.Class.Exempt() }) >= 3 ||
			(in.Channel == "email" && count(168*hour, onChannel) >= 2) ||
			((in.Channel == "sms" || in.Channel == "push") && count(24*hour, onChannel) >= 1) ||
			count(24*hour, func(c *rules.Contact) bool {
				return solicitation(c) && c.Campaign == in.Campaign && c.Channel != in.Channel
			}) > 0 ||
			count(forever, func(c *rules.Contact) bool {
				return solicitation(c) && c.Campaign == in.Campaign && c.At > who.HumanAct
			}) >= 3 {
			return true
		}
		for i := range who.Contacts {
			c := &who.Contacts[i]
			if solicitation(c) && counts(c) && c.Delivered > who.HumanAct && now.Sub(c.Delivered) >= 90*day {
				return true
			}
		}
	}
	if in.Channel == "call" && class != rules.ByPerson && class != rules.Legal {
		if count(24*hour, call) >= 1 || count(168*hour, call) >= 3 ||
			count(forever, func(c *rules.Contact) bool { return call(c) && c.Campaign == in.Campaign }) >= 3 {
			return true
		}
		for i := range who.Contacts {
			c := &who.Contacts[i]
			if call(c) && (counts(c) || (c.Fate.Has(rules.Busy) && !c.Fate.Has(rules.WrongNumber))) && now.Sub(c.At) < 4*hour {
				return true
			}
		}
	}
	if !exempt && class != rules.Service {
		for _, b := range who.Budget {
			if b.Channel != "" && b.Channel != in.Channel {
				continue
			}
			if count(b.Per, func(c *rules.Contact) bool {
				return !c.Class.Exempt() && (b.Channel == "" || b.Channel == c.Channel)
			}) >= b.Max {
				return true
			}
		}
	}
	if in.Mode == rules.ModePredictive && who.Abandoned != 0 && now.Sub(who.Abandoned) < 72*hour {
		return true
	}

	// Time.
	if now >= in.At.Add(72*hour) || now < in.NotBefore || (in.NotAfter != 0 && now >= in.NotAfter) {
		return true
	}
	where := in.Zones
	if len(where) == 0 {
		where = []*time.Location{time.UTC}
	}
	for _, loc := range where {
		local := now.Time().In(loc)
		clock := time.Duration(local.Hour())*hour + time.Duration(local.Minute())*minute
		if (in.Channel == "call" || in.Channel == "sms" || in.Channel == "push") && !exempt && (clock < 9*hour || clock >= 20*hour) {
			return true
		}
		today, yesterday := local.Weekday(), (local.Weekday()+6)%7
		for _, q := range who.Quiet {
			over := q.To <= q.From // ends tomorrow
			if !exempt && ((q.Days[today] && clock >= q.From && (over || clock < q.To)) || (q.Days[yesterday] && over && clock < q.To)) {
				return true
			}
		}
	}
	return false
}

// The house agrees with the second opinion about every person, intent and
// instant; the earliest is exact: nothing objects at it when nothing else
// happens, and something does at every moment looked at before, the last
// millisecond among them.
func TestDecideAgreesWithANaiveReading(t *testing.T) {
	p := house(t)
	rapid.Check(t, func(r *rapid.T) {
		who, in, now := drawPerson(r), drawIntent(r), noon.Add(time.Duration(rapid.IntRange(0, 47).Draw(r, "now"))*30*minute)
		in.At = now
		objects := func(when rules.Instant) bool {
			fresh := in
			fresh.At = when // "leaves staleness aside"
			return naive(t, who, &fresh, when)
		}
		d := rules.Decide(p, who, &in, now)
		if (d.Verdict == rules.Vetoed) != objects(now) {
			r.Fatalf("%s %v, and the naive reading says otherwise", d.Verdict, d.Objections)
		}
		switch {
		case d.Verdict == rules.Approved:
			return
		case d.Earliest == 0:
			for _, later := range []time.Duration{ms, 15 * minute, hour, 24 * hour, 168 * hour, 100 * day, 5000 * day} {
				for h := range 24 {
					if when := now.Add(later + time.Duration(h)*hour); !objects(when) {
						r.Fatalf("final for %v, and at %s nothing objects", d.Objections, when)
					}
				}
			}
			return
		}
		if objects(d.Earliest) {
			r.Fatalf("at the earliest, %s, something still objects (%v)", d.Earliest, d.Objections)
		}
		if !objects(d.Earliest - 1) {
			r.Fatalf("a millisecond before %s nothing objects (%v)", d.Earliest, d.Objections)
		}
		for when := now; when < d.Earliest; when = when.Add(30 * minute) {
			for _, off := range []rules.Instant{-1, 0, 1} {
				if at := when + off; at >= now && at < d.Earliest && !objects(at) {
					r.Fatalf("nothing objects at %s, before the earliest %s (%v)", at, d.Earliest, d.Objections)
				}
			}
		}
	})
}

// Decide is a pure function: asked twice it answers the same, and it leaves its
// arguments as they were.
func TestDecideIsPure(t *testing.T) {
	p := house(t)
	rapid.Check(t, func(r *rapid.T) {
		who, in := drawPerson(r), drawIntent(r)
		in.At = noon
		before := fmt.Sprintf("%#v %#v", who, in)
		first := rules.Decide(p, who, &in, noon)
		for i := range who.Contacts {
			judgedAgain(p, who, &who.Contacts[i], noon)
		}
		p.NextDue(who)
		if diff := cmp.Diff(first, rules.Decide(p, who, &in, noon), cmp.AllowUnexported(rules.Decision{})); diff != "" {
			r.Fatalf("asked twice:\n%s", diff)
		}
		if after := fmt.Sprintf("%#v %#v", who, in); after != before {
			r.Fatalf("an argument changed:\n%s\n%s", before, after)
		}
	})
}

// "Adding a refusal never turns a veto into an approval", nor any other word that
// speaks for the person's peace; and an approval under it never lives longer.
func TestANoNeverOpensAnything(t *testing.T) {
	p := house(t)
	rapid.Check(t, func(r *rapid.T) {
		who, in := drawPerson(r), drawIntent(r)
		in.At = noon
		before := rules.Decide(p, who, &in, noon)
		more := *who
		switch rapid.SampledFrom([]string{"no", "case", "quiet", "budget", "contact", "reassigned"}).Draw(r, "more") {
		case "no":
			more.Noes = append(append([]rules.No(nil), who.Noes...), rules.No{Kind: rules.Refused, Scope: drawScope(r), At: drawInstant(r, "another no")})
		case "case":
			more.Cases = append(append([]rules.Case(nil), who.Cases...), rules.Case{Subject: "t", At: noon, Open: true})
		case "quiet":
			more.Quiet = append(append([]rules.QuietSpan(nil), who.Quiet...), rules.QuietSpan{Days: [7]bool{time.Monday: true}, From: 11 * hour, To: 13 * hour})
		case "budget":
			more.Budget = append(append([]rules.Budget(nil), who.Budget...), rules.Budget{Max: 1, Per: 50 * hour})
		case "contact":
			more = *with(append(append([]rules.Contact(nil), who.Contacts...), sent(drawInstant(r, "another"), rules.WasRedeemed, drawIntent(r)))...)
			more.Noes, more.Consents, more.Quiet, more.Budget, more.Cases = who.Noes, who.Consents, who.Quiet, who.Budget, who.Cases
			more.HumanAct, more.Abandoned, more.OptOut = who.HumanAct, who.Abandoned, who.OptOut
		case "reassigned":
			more.Numbers = []rules.Number{{Address: "a", At: noon, Reassigned: true}}
		}
		after := rules.Decide(p, &more, &in, noon)
		if before.Verdict == rules.Vetoed && after.Verdict == rules.Approved {
			r.Fatalf("vetoed for %v, and approved with one word more", before.Objections)
		}
		if before.Verdict == rules.Approved && after.Verdict == rules.Approved && after.NotAfter > before.NotAfter {
			r.Fatalf("the approval lives until %s instead of %s", after.NotAfter, before.NotAfter)
		}
		for _, o := range before.Objections {
			found := false
			for _, p := range after.Objections {
				// A no may now be reported under the first of several, so only codes are compared.
				found = found || p.Reason == o.Reason
			}
			if !found {
				r.Fatalf("%s no longer objects", o.Reason)
			}
		}
	})
}
