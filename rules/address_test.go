package rules_test

import (
	"strings"
	"testing"

	"github.com/contactgovernor/governor/rules"
)

// shared is an intent to somebody at an address at which somebody else refused the
// scope an hour ago.
func shared(in rules.Intent, s rules.Scope, author ...rules.Consent) rules.Intent {
	in.AddressNoes = []rules.AddressNo{{No: refusal(noon.Add(-hour), s), Consents: author}}
	return in
}

// "A refusal that names one binds everybody at that address within its scope (a
// shared telephone) … Others meet only the exact scope (no hop, no other brand),
// with the same codes."
func TestARefusalOfASharedAddress(t *testing.T) {
	const phone = "+49301234"
	p := house(t)
	for name, c := range map[string]struct {
		refused rules.Scope
		in      rules.Intent
		want    rules.Reason
	}{
		"the address":                    {rules.Scope{}, to("email", "marketing"), rules.RefusedAddress},
		"its channel":                    {rules.Scope{Channel: "email"}, to("email", "marketing"), rules.RefusedAddress},
		"another channel":                {rules.Scope{Channel: "call"}, to("email", "marketing"), ""},
		"its brand":                      {rules.Scope{Brand: "acme"}, to("email", "marketing", brand("acme")), rules.RefusedAddress},
		"another brand":                  {rules.Scope{Brand: "acme"}, to("email", "marketing", brand("zeta")), ""},
		"no brand":                       {rules.Scope{Brand: "acme"}, to("email", "marketing"), ""},
		"its purpose":                    {rules.Scope{Purpose: "marketing"}, to("email", "marketing"), rules.RefusedAddress},
		"another purpose":                {rules.Scope{Purpose: "marketing"}, to("email", "survey"), ""},
		"asking for the purpose":         {rules.Scope{Purpose: "marketing"}, to("email", "consent_request"), rules.RefusedReask},
		"asking for the purpose by name": {rules.Scope{Purpose: "marketing"}, to("email", "consent_request", subject("marketing")), rules.RefusedReask},
		"asking for another purpose":     {rules.Scope{Purpose: "marketing"}, to("email", "consent_request", subject("newsletter")), ""},
		"a prompt":                       {rules.Scope{}, to("email", "permission_prompt"), rules.RefusedReprompt},
		"its subject":                    {rules.Scope{Subject: "loan"}, to("email", "marketing", subject("loan")), rules.RefusedSubject},
		"another subject":                {rules.Scope{Subject: "loan"}, to("email", "marketing", subject("card")), ""},
		"its subject under its brand":    {rules.Scope{Subject: "loan", Brand: "acme"}, to("email", "marketing", subject("loan"), brand("acme")), rules.RefusedSubject},
		"its subject, another brand":     {rules.Scope{Subject: "loan", Brand: "acme"}, to("email", "marketing", subject("loan")), ""},
		"its subject, another channel":   {rules.Scope{Subject: "loan", Channel: "call"}, to("email", "marketing", subject("loan")), ""},
		"a service notice":               {rules.Scope{}, to("email", "billing"), rules.RefusedAddress},
		"what the person asked for":      {rules.Scope{}, to("email", "receipt"), ""},
		"what the law demands":           {rules.Scope{}, to("email", "legal"), ""},
	} {
		c.refused.Address, c.in.Address = phone, phone
		d := ask(p, nobody(), shared(c.in, c.refused), noon)
		if d.Reason() != c.want {
			t.Errorf("%s: %q, want %q", name, d.Reason(), c.want)
		}
		if c.want != "" && !d.Final() {
			t.Errorf("%s: not final", name)
		}
	}
}

// "Only its author's consent lifts it, and then for all", each by its own time.
func TestOnlyItsAuthorLiftsARefusalOfAnAddress(t *testing.T) {
	p := house(t)
	everything, there := rules.Scope{}, rules.Scope{Address: "a"}
	in := to("email", "marketing", address("a"))
	final(t, ask(p, &rules.Person{Consents: []rules.Consent{consent(noon, everything)}}, shared(in, there), noon.Add(1)), rules.RefusedAddress)

	for name, c := range map[string]struct {
		yes  rules.Consent
		lift bool
	}{
		"a yes to everything":   {consent(noon, everything), true},
		"to the address":        {consent(noon, there), true},
		"to another address":    {consent(noon, rules.Scope{Address: "b"}), false},
		"to another channel":    {consent(noon, rules.Scope{Channel: "sms"}), false},
		"said at the same time": {consent(noon.Add(-hour), everything), false},
		"without effect":        {rules.Consent{At: noon}, false},
	} {
		d := ask(p, nobody(), shared(in, there, c.yes), noon.Add(1))
		if (d.Reason() == "") != c.lift {
			t.Errorf("%s: %q", name, d.Reason())
		}
	}
}

// Nobody is told who the other is; that there is one has to be said.
func TestARefusalOfAnAddressInWords(t *testing.T) {
	in := shared(to("email", "marketing", address("ada@example.org")), rules.Scope{Address: "ada@example.org"})
	d := ask(house(t), nobody(), in, noon)
	const want = "somebody else who has this address said no on 2026-05-04 (one address)"
	if got := d.Objections[0].Detail; got != want {
		t.Errorf("it says %q, want %q", got, want)
	}

	own := &rules.Person{Noes: []rules.No{refusal(noon.Add(-day), rules.Scope{})}}
	d = ask(house(t), own, in, noon)
	if got := reasons(d); len(got) != 2 || !strings.HasPrefix(d.Objections[0].Detail, "the person said no") {
		t.Errorf("a no of the own and one of somebody else: %v", d.Objections)
	}
}

// Who refused and asked to be forgotten has left the same no behind.
func TestATombstoneAtASharedAddress(t *testing.T) {
	in := shared(to("email", "marketing", address("a")), rules.Scope{Address: "a"})
	in.AddressNoes[0].Erased = true
	final(t, ask(house(t), nobody(), in, noon), rules.RefusedTombstone)
}
