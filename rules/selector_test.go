package rules_test

import (
	"testing"

	"github.com/contactgovernor/governor/rules"
)

// bound is a cap of one a day over what a selector picks.
func bound(t *testing.T, s rules.Selector) *rules.Policy {
	return bare(t, func(spec *rules.Spec) {
		spec.Caps = []rules.CapSpec{{Name: "x", Most: 1, In: rules.Window{Length: 24 * hour}, Binds: s, Counts: s}}
	})
}

// A selector picks by class, channel, purpose and mode, an empty list any; what is
// excepted it does not pick after all, and what is excepted from that it does. What
// it picks it binds, and counts.
func TestSelectors(t *testing.T) {
	in := to("call", "marketing", mode(rules.ModePredictive))
	for _, c := range []struct {
		what  string
		of    rules.Selector
		picks bool
	}{
		{"everything", rules.Selector{}, true},
		{"its class", rules.Selector{Classes: []rules.Class{rules.Service, rules.Solicitation}}, true},
		{"another class", rules.Selector{Classes: []rules.Class{rules.Service}}, false},
		{"its channel", rules.Selector{Channels: []rules.Channel{"sms", "call"}}, true},
		{"another channel", rules.Selector{Channels: []rules.Channel{"sms"}}, false},
		{"its purpose", rules.Selector{Purposes: []rules.Purpose{"survey", "marketing"}}, true},
		{"another purpose", rules.Selector{Purposes: []rules.Purpose{"survey"}}, false},
		{"its mode", rules.Selector{Modes: []rules.Mode{rules.ModePreview, rules.ModePredictive}}, true},
		{"another mode", rules.Selector{Modes: []rules.Mode{rules.ModeManual}}, false},
		{"all of them", rules.Selector{Classes: []rules.Class{rules.Solicitation}, Channels: []rules.Channel{"call"}, Purposes: []rules.Purpose{"marketing"}, Modes: []rules.Mode{rules.ModePredictive}}, true},
		{"all but one of them", rules.Selector{Classes: []rules.Class{rules.Solicitation}, Channels: []rules.Channel{"call"}, Purposes: []rules.Purpose{"survey"}, Modes: []rules.Mode{rules.ModePredictive}}, false},
		{"except its purpose", rules.Selector{Channels: []rules.Channel{"call"}, Except: &rules.Selector{Purposes: []rules.Purpose{"marketing"}}}, false},
		{"except another", rules.Selector{Channels: []rules.Channel{"call"}, Except: &rules.Selector{Purposes: []rules.Purpose{"survey"}}}, true},
		{"except its purpose, but in its mode", rules.Selector{Except: &rules.Selector{Purposes: []rules.Purpose{"marketing"}, Except: &rules.Selector{Modes: []rules.Mode{rules.ModePredictive}}}}, true},
		{"except everything", rules.Selector{Except: &rules.Selector{}}, false},
	} {
		if d := ask(bound(t, c.of), with(sent(noon, rules.WasRedeemed, in)), in, noon.Add(hour)); c.picks != (d.Verdict == rules.Vetoed) {
			t.Errorf("%s: %s", c.what, d.Verdict)
		}
		if d := ask(bound(t, c.of), nobody(), in, noon); c.picks != (len(evidence(d)) == 1) {
			t.Errorf("%s: evidence %v", c.what, evidence(d))
		}
	}
}

// "A service notice that also sells is a solicitation", and stays what it is beside:
// the rules for both bind it and count it. What excepts a class means what it is
// judged as, so that selling is no way out of it.
func TestWhatSellsIsAlsoWhatItIs(t *testing.T) {
	sells, serves, solicits := to("email", "collection", promotes), to("email", "collection"), to("email", "marketing")
	for _, c := range []struct {
		what                      string
		of                        rules.Selector
		sells, serves, solicitsIt bool
	}{
		{"collections", rules.Selector{Classes: []rules.Class{rules.Collection}}, true, true, false},
		{"solicitations", rules.Selector{Classes: []rules.Class{rules.Solicitation}}, true, false, true},
		{"services", rules.Selector{Classes: []rules.Class{rules.Service}}, false, false, false},
		{"all but collections", rules.Selector{Except: &rules.Selector{Classes: []rules.Class{rules.Collection}}}, true, false, true},
		{"all but solicitations", rules.Selector{Except: &rules.Selector{Classes: []rules.Class{rules.Solicitation}}}, false, true, false},
		{"collections that do not sell", rules.Selector{Classes: []rules.Class{rules.Collection}, Except: &rules.Selector{Classes: []rules.Class{rules.Solicitation}}}, false, true, false},
	} {
		p := bound(t, c.of)
		for i, asked := range []rules.Intent{sells, serves, solicits} {
			for j, went := range []rules.Intent{sells, serves, solicits} {
				picks := []bool{c.sells, c.serves, c.solicitsIt}
				d := ask(p, with(sent(noon, rules.WasRedeemed, went)), asked, noon.Add(hour))
				if want := picks[i] && picks[j]; want != (d.Verdict == rules.Vetoed) {
					t.Errorf("%s: asked for %d after %d: %s", c.what, i, j, d.Verdict)
				}
			}
		}
	}
	t.Run("the law and confirmations sell nothing", func(t *testing.T) {
		p := bound(t, rules.Selector{Classes: []rules.Class{rules.Solicitation}})
		approved(t, ask(p, with(sent(noon, rules.WasRedeemed, solicits)), to("email", "legal", promotes), noon.Add(hour)))
		approved(t, ask(p, with(sent(noon, rules.WasRedeemed, to("email", "legal", promotes))), solicits, noon.Add(hour)))
	})
}
