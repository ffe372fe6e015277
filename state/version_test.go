package state_test

import (
	"fmt"
	"os"
	"testing"
	"time"

	"github.com/contactgovernor/governor/rules"
	"github.com/contactgovernor/governor/rules/zones"
	"github.com/contactgovernor/governor/state"
)

// oldLog is a log that version 1 wrote.
func oldLog(t testing.TB) []byte { return logOf(t, 1) }

// logOf is a log that the version wrote.
func logOf(t testing.TB, version int) []byte {
	t.Helper()
	b, err := os.ReadFile(fmt.Sprintf("testdata/log.v%d", version))
	if err != nil {
		t.Fatal(err)
	}
	return b
}

// wantLog reads the log of the version, which says all that and nothing more.
func wantLog(t *testing.T, version int, all state.Person) {
	t.Helper()
	var got state.Person
	if err := state.DecodeLog(logOf(t, version), &got, &zones.Finder{}); err != nil {
		t.Fatal(err)
	}
	want(t, "the log", got, all)
}

// oldPerson is whom all the versions wrote, with everything that version 4 knew.
func oldPerson() state.Person {
	return state.Person{Person: rules.Person{
		Contacts: []rules.Contact{{
			Intent: "i1", Decision: "d1", Content: 7, Record: "ada", Made: noon, At: noon + 1, NotAfter: noon + 2, Channel: "email", Purpose: "marketing",
			Class: rules.Solicitation, Campaign: "spring", Subject: "loan", Brand: "b", Address: "a@b", Mode: "manual", Message: "m", Promotes: true,
			ReplyTo: "r", Waived: []string{"cap.any"}, Answered: noon + 5, Abandoned: noon + 6, Worker: 11,
			Zones: []*time.Location{time.UTC}, Items: []rules.IntentID{"i1", "i2"}, Fate: rules.WasRedeemed, Redeemed: noon + 3, Delivered: noon + 4,
		}},
		Known: rules.KnownOf(rules.Known{Intent: "k", Content: 8, Decision: "d2", At: noon + 5}),
		Held: []rules.Held{{
			Intent:  rules.Intent{ID: "h", Person: "ada", Channel: "sms", Purpose: "service", Campaign: "c", Subject: "toll", At: noon + 6, Priority: 50},
			Arrived: noon + 7, Decision: "d3", Source: 9, Slots: []string{"cap.sms"}, By: noon + 9,
			Trace: "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01",
		}},
		Spent: rules.Spent{Hashes: []uint64{1, 2}, Dropped: true},
		Asked: []rules.Request{{Signal: "r", Channel: "email", At: noon + 8}},
	}}
}

// Version 4 wrote every contact in full.
func TestTheLogOfVersion4IsRead(t *testing.T) {
	wantLog(t, 4, oldPerson())
}

// unknownTo3 takes away what version 3 did not know: of which trace what is held is part.
func unknownTo3(p *state.Person) { p.Held[0].Trace = "" }

func TestTheLogOfVersion3IsRead(t *testing.T) {
	p := oldPerson()
	unknownTo3(&p)
	wantLog(t, 3, p)
}

// unknownTo2 takes away what version 2 did not know: besides, which worker took a contact,
// and who waits for the last slot of a cap.
func unknownTo2(p *state.Person) {
	unknownTo3(p)
	p.Contacts[0].Worker = 0
	p.Held[0].Slots, p.Held[0].By = nil, 0
}

func TestTheLogOfVersion2IsRead(t *testing.T) {
	p := oldPerson()
	unknownTo2(&p)
	wantLog(t, 2, p)
}

// What an earlier version of the governor wrote is read as it was. Besides, version 1 knew
// neither of whose record a contact is, what it replied to, which rules were waived for it
// and how a call went on, nor what people asked for.
func TestTheLogOfVersion1IsRead(t *testing.T) {
	p := oldPerson()
	unknownTo2(&p)
	c := &p.Contacts[0]
	c.Record, c.ReplyTo, c.Waived, c.Answered, c.Abandoned = "", "", nil, 0, 0
	p.Asked = nil
	wantLog(t, 1, p)
}

// A group is taken out by its places, in their order, and the rest stays in its own.
func TestAGroupIsReleasedByItsPlaces(t *testing.T) {
	var p state.Person
	for _, id := range []rules.IntentID{"0", "1", "2", "3"} {
		state.Hold(&p, rules.Held{Intent: rules.Intent{ID: id}})
	}
	ids := func(held []rules.Held) (out []rules.IntentID) {
		for _, h := range held {
			out = append(out, h.Intent.ID)
		}
		return out
	}
	want(t, "released", ids(state.ReleaseGroup(&p, []int{3, 1})), []rules.IntentID{"3", "1"})
	want(t, "waiting", ids(p.Held), []rules.IntentID{"0", "2"})
	want(t, "released", ids(state.ReleaseGroup(&p, []int{0, 1})), []rules.IntentID{"0", "2"})
	want(t, "waiting", ids(p.Held), nil)
}
