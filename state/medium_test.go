package state_test

import (
	"testing"

	"github.com/contactgovernor/governor/rules"
	"github.com/contactgovernor/governor/state"
)

// "No is a no on every channel": who says "stop calling me" in a text refuses calls,
// and the channel that it was said on, as every opt-out by reply does.
func TestAReplyThatNamesAMedium(t *testing.T) {
	p, problems := rules.Compile(&rules.Spec{
		Purposes: []rules.PurposeSpec{{Name: "news", Class: rules.Solicitation}},
		Channels: []rules.ChannelSpec{{Name: "sms"}, {Name: "call"}},
		OptOutOf: []rules.OptOutOfSpec{{Channel: "call", Phrases: []string{"stop calling me"}}},
	})
	if problems != nil {
		t.Fatal(problems)
	}
	for _, c := range []struct {
		by   rules.Channel
		want []rules.Scope
	}{
		{"sms", []rules.Scope{{Channel: "sms", Brand: "acme"}, {Channel: "call", Brand: "acme"}}},
		{"call", []rules.Scope{{Channel: "call", Brand: "acme"}}},
	} {
		var who state.Person
		state.ApplySignal(p, &who, &state.Signal{
			ID: "s", Person: "ada", Type: state.Reply, At: 1000, Text: "Stop calling me!", Scope: rules.Scope{Channel: c.by, Brand: "acme"},
		}, 2000)
		if len(who.Noes) != len(c.want) {
			t.Fatalf("by %s: %v", c.by, who.Noes)
		}
		for i := range c.want {
			if who.Noes[i].Scope != c.want[i] {
				t.Errorf("by %s: got %v, want %v", c.by, who.Noes[i].Scope, c.want[i])
			}
		}
	}
}
