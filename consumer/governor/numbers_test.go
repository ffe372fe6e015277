package governor_test

import (
	"testing"

	"github.com/contactgovernor/governor/rules"
	"github.com/contactgovernor/governor/state"
)

// "zones: … absent: what is known of the person, then of the number, then every
// zone of the policy's default region" (contract.md). Calls and texts are 09:00 to
// 20:00 where the person is; the default of the built-in policy is UTC.
func TestANumberTellsWhereThePersonIs(t *testing.T) {
	newYork, berlin, moscow := "+12125550123", "+4930123456", "+74951234567"
	for _, c := range []struct {
		address  string
		utc      string // when
		approved bool
	}{
		{newYork, "2026-05-04T12:59:59.999Z", false}, // 08:59 in New York
		{newYork, "2026-05-04T13:00:00Z", true},
		{newYork, "2026-05-04T23:59:59.999Z", true}, // 19:59
		{newYork, "2026-05-05T00:00:00Z", false},
		{berlin, "2026-05-04T06:59:59.999Z", false},
		{berlin, "2026-05-04T07:00:00Z", true},
		{berlin, "2026-05-04T18:00:00Z", false},
		{moscow, "2026-05-04T05:59:59.999Z", false},
		{moscow, "2026-05-04T06:00:00Z", true},
		{moscow, "2026-05-04T17:00:00Z", false},
		{"+74012345678", "2026-05-04T06:59:59.999Z", false}, // Kaliningrad
		{"+74012345678", "2026-05-04T07:00:00Z", true},
		// A Russian mobile number may be anywhere from Kaliningrad to Kamchatka.
		{"+79161234567", "2026-05-04T06:59:59.999Z", false},
		{"+79161234567", "2026-05-04T07:00:00Z", true},
		{"+79161234567", "2026-05-04T08:00:00Z", false},
		// An Australian one on the Cocos Islands, or on Lord Howe.
		{"+61412345678", "2026-05-04T02:29:59.999Z", false},
		{"+61412345678", "2026-05-04T02:30:00Z", true},
		{"+61412345678", "2026-05-04T09:30:00Z", false},
		// A Brazilian one is by area.
		{"+5511912345678", "2026-05-04T12:00:00Z", true}, // 09:00 in São Paulo, 07:00 in Acre
		// These tell nothing, so it is UTC.
		{"+18002345678", "2026-05-04T09:00:00Z", true},    // toll-free
		{"+80012345678", "2026-05-04T09:00:00Z", true},    // toll-free in the whole world
		{"+870773111632", "2026-05-04T09:00:00Z", true},   // a satellite telephone
		{"+12125", "2026-05-04T09:00:00Z", true},          // too short
		{"+11234567890", "2026-05-04T09:00:00Z", true},    // no such area
		{"+99912345678", "2026-05-04T09:00:00Z", true},    // no such country
		{"12125550123", "2026-05-04T09:00:00Z", true},     // no E.164
		{"+1 212 555 0123", "2026-05-04T09:00:00Z", true}, // nor this
		{"+1212555O123", "2026-05-04T09:00:00Z", true},
		{"tel:+12125550123", "2026-05-04T09:00:00Z", true},
		{"+02125550123", "2026-05-04T09:00:00Z", true},
		{"", "2026-05-04T09:00:00Z", true},
	} {
		for _, channel := range []rules.Channel{"call", "sms"} {
			in := to("i", channel, "marketing")
			in.Address = rules.Address(c.address)
			if d := newWorld(t).ask(at(c.utc), in); c.approved {
				approved(t, d)
			} else {
				vetoed(t, d, rules.QuietHours)
			}
			if t.Failed() {
				t.Fatalf("%s to %q at %s", channel, c.address, c.utc)
			}
		}
	}
}

// Where the intent or the person names a zone the number says nothing; and on
// channels that have no numbers it never does.
func TestANumberIsTheLastToBeAsked(t *testing.T) {
	w := newWorld(t)
	paris, err := w.find.FindAll([]string{"Europe/Paris"})
	if err != nil {
		t.Fatal(err)
	}
	early := at("2026-05-04T07:00:00Z") // 09:00 in Paris, 03:00 in New York
	named := to("i1", "call", "marketing")
	named.Address, named.Zones = "+12125550123", paris
	approved(t, w.ask(early, named))

	w = newWorld(t)
	w.hear(early.Add(-hour), state.Signal{Type: state.Preference, Zones: paris, HasZones: true})
	known := to("i1", "call", "marketing")
	known.Address = "+12125550123"
	approved(t, w.ask(early, known))

	push := to("i1", "push", "marketing")
	push.Address = "+12125550123"
	approved(t, newWorld(t).ask(at("2026-05-04T09:00:00Z"), push))
}

// An approval that is out is judged again by where its number is: 19:50 in New
// York is 23:50 of the default zone.
func TestANumberIsAskedAgainWhenAnApprovalIsJudgedAgain(t *testing.T) {
	w := newWorld(t)
	in := to("i1", "call", "marketing")
	in.Address = "+12125550123"
	evening := at("2026-05-04T23:50:00Z")
	approved(t, w.ask(evening, in))
	w.hear(evening.Add(minute), state.Signal{Type: state.Engagement, Human: true})
	if got := w.revocations("i1"); len(got) > 0 {
		t.Errorf("taken back for %q", got)
	}
}
