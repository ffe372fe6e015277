package governor_test

import (
	"slices"
	"testing"
	"time"

	"github.com/contactgovernor/governor/rules"
	"github.com/contactgovernor/governor/state"
)

// "Every signal re-judges the person's unredeemed approvals": each kind of signal
// that takes one back, with the code that a veto would carry now, and each kind
// that does not (the counting rules among them).
func TestWhatTakesAnApprovalBack(t *testing.T) {
	plain := to("i1", "email", "marketing")
	plain.Brand, plain.Subject, plain.Address = "acme", "plan", "a"
	ask := to("i1", "push", "permission_prompt")
	reask := to("i1", "email", "consent_request")
	receipt := to("i1", "email", "receipt")
	receipt.Address = "a"
	predictive := to("i1", "call", "marketing")
	predictive.Mode = rules.ModePredictive
	sms := to("i1", "sms", "marketing")
	brand := rules.Scope{Brand: "acme"}

	for _, c := range []struct {
		what   string
		in     rules.Intent
		signal state.Signal
		want   rules.Reason // "" leaves it
	}{
		{"a refusal", plain, refusalOf(rules.Scope{}), rules.RefusedState},
		{"a refusal of the channel", plain, refusalOf(rules.Scope{Channel: "email"}), rules.RefusedState},
		{"a refusal of another channel", plain, refusalOf(rules.Scope{Channel: "sms"}), ""},
		{"a refusal of the subject", plain, refusalOf(rules.Scope{Subject: "plan"}), rules.RefusedSubject},
		{"a refusal of the subject elsewhere", plain, refusalOf(rules.Scope{Subject: "plan", Channel: "sms"}), rules.RefusedChannelHop},
		{"a refusal of the address", plain, refusalOf(rules.Scope{Address: "a"}), rules.RefusedAddress},
		{"a refusal of an ask", ask, refusalOf(rules.Scope{}), rules.RefusedReprompt},
		{"a refusal of what is asked for", reask, refusalOf(rules.Scope{Purpose: "marketing"}), rules.RefusedReask},
		{"a refusal, of what is exempt", receipt, refusalOf(rules.Scope{}), ""},
		{"STOP", plain, state.Signal{Type: state.Reply, Scope: rules.Scope{Channel: "email"}, Text: "Stop!"}, rules.RefusedState},
		{"STOP by a machine", plain, state.Signal{Type: state.Reply, Scope: rules.Scope{Channel: "email"}, Text: "Stop!", Auto: true}, ""},
		{"other words", plain, state.Signal{Type: state.Reply, Scope: rules.Scope{Channel: "email"}, Text: "thanks"}, ""},
		{"a cancellation", plain, state.Signal{Type: state.Cancellation, Scope: brand}, rules.RefusedCancellation},
		{"a complaint", plain, state.Signal{Type: state.Complaint, Scope: brand}, rules.RefusedState},
		{"a case", plain, state.Signal{Type: state.CaseOpened, Scope: brand}, rules.Inhibited},
		{"a case of another brand", plain, state.Signal{Type: state.CaseOpened, Scope: rules.Scope{Brand: "zeta"}}, ""},
		{"a reassigned address", receipt, state.Signal{Type: state.AddressOf, Status: state.Reassigned, Scope: rules.Scope{Address: "a"}}, rules.ConsentVoid},
		{"an assigned address", receipt, state.Signal{Type: state.AddressOf, Status: state.Assigned, Scope: rules.Scope{Address: "a"}}, ""},
		{"a removed address", receipt, state.Signal{Type: state.AddressOf, Status: state.Removed, Scope: rules.Scope{Address: "a"}}, ""},
		{"a bounce of another at the address", receipt, outcome("other", state.Bounced), rules.RefusedAddress},
		{"a wrong number of another at the address", receipt, outcome("other", state.WrongNumber), rules.RefusedAddress},
		{"the provider's opt-out of another", plain, outcome("other", state.OptedOut), rules.RefusedState},
		{"another's abandoned call", predictive, outcome("other", state.Abandoned), rules.AbandonCooldown},
		{"another's hold that timed out", predictive, outcome("other", state.HoldTimeout), rules.AbandonCooldown},
		{"quiet", plain, state.Signal{Type: state.Preference, HasQuiet: true, Quiet: []rules.QuietSpan{{Days: [7]bool{time.Monday: true}, From: 12 * hour, To: 13 * hour}}}, rules.QuietPerson},
		{"a zone where it is night", sms, state.Signal{Type: state.Preference, HasZones: true, Zones: []*time.Location{tokyo()}}, rules.QuietHours},
		{"erasure", receipt, state.Signal{Type: state.Erasure}, rules.RefusedTombstone},

		{"a budget of none: counting", plain, state.Signal{Type: state.Preference, HasBudget: true, Budget: []rules.Budget{{Max: 0, Per: hour}}}, ""},
		{"a sale", plain, state.Signal{Type: state.Engagement, Human: true}, ""},
		{"a consent", plain, state.Signal{Type: state.Consent, Source: state.SourceSettings}, ""},
		{"a talk", plain, state.Signal{Type: state.Conversation}, ""},
		{"another's delivery", plain, outcome("other", state.Delivered), ""},
		{"what became of nobody knows what", plain, outcome("unheard", state.OptedOut), ""},
	} {
		t.Run(c.what, func(t *testing.T) {
			w := newWorld(t)
			other := to("other", c.in.Channel, "legal")
			other.Address, other.Campaign = c.in.Address, "law"
			approved(t, w.ask(noon.Add(-hour), other))
			w.redeem(noon.Add(-hour), "other")
			approved(t, w.ask(noon, c.in))
			w.hear(noon.Add(minute), c.signal)

			var want []rules.Reason
			answer := state.Redeemed
			if c.want != "" {
				want, answer = []rules.Reason{c.want}, state.Revoked
			}
			if got := w.revocations("i1"); !slices.Equal(got, want) {
				t.Errorf("revoked for %v, want %v", got, want)
			}
			if c.signal.Type == state.Erasure {
				answer = state.NotApproved // the approval is forgotten as well
			}
			if got := w.redeem(noon.Add(2*minute), "i1"); got != answer {
				t.Errorf("redeem says %q, want %q", got, answer)
			}
			if w.revocations("other") != nil {
				t.Error("what was redeemed is revoked")
			}
		})
	}

	t.Run("an unreadable refusal", func(t *testing.T) {
		w := newWorld(t)
		w.ask(noon, plain)
		w.unreadable(noon.Add(minute), "p")
		if got := w.revocations("i1"); !slices.Equal(got, []rules.Reason{rules.RefusedState}) {
			t.Errorf("revoked for %v", got)
		}
	})
	t.Run("silence that comes to be known", func(t *testing.T) {
		w := newWorld(t)
		old := to("old", "mail", "marketing")
		old.Campaign = "old"
		w.ask(noon.Add(-90*day), old)
		approved(t, w.ask(noon, to("i1", "email", "marketing")))
		late := outcome("old", state.Delivered)
		late.At = noon.Add(-90 * day)
		w.hear(noon.Add(minute), late)
		if got := w.revocations("i1"); !slices.Equal(got, []rules.Reason{rules.Silence}) {
			t.Errorf("revoked for %v", got)
		}
	})
	t.Run("what expired is not revoked", func(t *testing.T) {
		w := newWorld(t)
		w.ask(noon, plain)
		w.hear(noon.Add(15*minute), refusalOf(rules.Scope{}))
		if got := w.revocations("i1"); got != nil {
			t.Errorf("revoked for %v", got)
		}
	})
	t.Run("nor twice", func(t *testing.T) {
		w := newWorld(t)
		w.ask(noon, plain)
		w.hear(noon.Add(minute), refusalOf(rules.Scope{}))
		w.hear(noon.Add(2*minute), refusalOf(rules.Scope{Channel: "email"}))
		if got := w.revocations("i1"); len(got) != 1 {
			t.Errorf("revoked for %v", got)
		}
	})
}

func tokyo() *time.Location {
	loc, err := time.LoadLocation("Asia/Tokyo")
	if err != nil {
		panic(err)
	}
	return loc
}

// "… and its reservation given back": the slot is free at once.
func TestARevokedApprovalIsGivenBack(t *testing.T) {
	w := newWorld(t)
	first := to("i1", "sms", "marketing")
	first.Brand = "acme"
	approved(t, w.ask(noon, first))
	vetoed(t, w.ask(noon.Add(minute), to("i2", "sms", "marketing")), "cap.sms")
	w.hear(noon.Add(2*minute), refusalOf(rules.Scope{Brand: "acme"}))
	approved(t, w.ask(noon.Add(2*minute), to("i3", "sms", "marketing")))
}
