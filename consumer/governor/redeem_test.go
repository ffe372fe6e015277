package governor_test

import (
	"slices"
	"testing"
	"time"

	"github.com/contactgovernor/governor/consumer/governor"
	"github.com/contactgovernor/governor/rules"
	"github.com/contactgovernor/governor/schemas"
	"github.com/contactgovernor/governor/state"
)

// asks is a worker that asks, by a signal.
func (w *world) asks(when rules.Instant, person rules.PersonID, id rules.IntentID, worker string) (answer schemas.Redemption) {
	w.t.Helper()
	before := len(w.out)
	w.hear(when, says(person, state.Signal{Type: state.Redemption, Intent: id, Worker: worker}))
	for _, o := range w.out[before:] {
		if o.Topic != governor.Redemption {
			continue
		}
		if answer.ID != "" {
			w.t.Error("it is answered twice")
		}
		var err error
		if answer, err = schemas.DecodeRedemption(o.Value); err != nil || o.Person != person {
			w.t.Errorf("of %s: %v", o.Person, err)
		}
	}
	if answer.ID == "" || answer.Intent != string(id) || answer.Worker != worker || answer.Answered != schemas.Time(w.g.Now()) {
		w.t.Errorf("the answer is %+v", answer)
	}
	return answer
}

func answered(t testing.TB, got schemas.Redemption, want string) {
	t.Helper()
	said := got.Reason
	if got.OK {
		said = "yes"
		if got.Again {
			said = "again"
		}
	}
	if said != want || got.OK != (got.NotAfter != 0) {
		t.Errorf("the answer is %q (%+v), want %q", said, got, want)
	}
}

func (w *world) leaks() (list []string) {
	for _, o := range w.out {
		if o.Topic == governor.Leaked {
			list = append(list, string(o.Value))
		}
	}
	return list
}

// "Redeem once, just before the contact … a lost answer can be asked again with the
// same worker token and gives the same answer."
func TestAnApprovalGoesToOneWorker(t *testing.T) {
	inEveryMood(t, func(t *testing.T, w *world) {
		d := w.ask(noon, to("i1", "email", "marketing"))
		approved(t, d)
		answered(t, w.asks(noon.Add(minute), "p", "unheard", "mailer-1"), "not_approved")
		first := w.asks(noon.Add(minute), "p", "i1", "mailer-1")
		answered(t, first, "yes")
		if first.Decision != d.ID || first.NotAfter != d.NotAfter {
			t.Errorf("it is about %+v", first)
		}
		answered(t, w.asks(noon.Add(2*minute), "p", "i1", "mailer-2"), "already_redeemed")
		answered(t, w.asks(noon.Add(3*minute), "p", "i1", "mailer-1"), "again")
		w.hear(noon.Add(4*minute), says("p", outcome("i1", state.Sent)))
		answered(t, w.asks(noon.Add(5*minute), "p", "i1", "mailer-1"), "already_redeemed") // "also after an outcome"
	})
}

// "Redeeming exactly then is `expired`": asking again too, for the quiet hours may have
// begun.
func TestNobodyIsToldYesTooLate(t *testing.T) {
	inEveryMood(t, func(t *testing.T, w *world) {
		approved(t, w.ask(noon, to("i1", "email", "marketing")))
		approved(t, w.ask(noon, to("i2", "email", "marketing")))
		end := noon.Add(15 * minute)
		answered(t, w.asks(end-1, "p", "i1", "w"), "yes")
		answered(t, w.asks(end, "p", "i1", "w"), "expired")
		answered(t, w.asks(end, "p", "i2", "w"), "expired")
		answered(t, w.asks(end, "p", "i1", "another"), "already_redeemed")
	})
}

// "A leak (refused after it was redeemed) is an event with its seconds, not hidden", and
// what protects the person is more than to give the same answer twice.
func TestANoAfterTheAnswerIsALeak(t *testing.T) {
	inEveryMood(t, func(t *testing.T, w *world) {
		approved(t, w.ask(noon, to("i1", "email", "marketing")))
		answered(t, w.asks(noon.Add(minute), "p", "i1", "w"), "yes")
		no := says("p", refusalOf(rules.Scope{Channel: "email"}))
		no.ID = "no"
		w.hear(noon.Add(minute+2*time.Second), no)
		if got := w.leaks(); len(got) != 1 || !slices.Contains(got, `{"id":"l`+decisionOf(w, "i1")+`","decision":"`+decisionOf(w, "i1")+
			`","intent":"i1","person":"p","reason":"refused.state","signal":"no","redeemed":"2026-05-04T12:01:00.000Z","refused":"2026-05-04T12:01:02.000Z","seconds":2.000}`) {
			t.Errorf("leaks: %q", got)
		}
		if got := w.revocations("i1"); got != nil {
			t.Errorf("taken back for %v, though a worker had it", got)
		}
		answered(t, w.asks(noon.Add(2*minute), "p", "i1", "w"), "refused.state")
		w.hear(noon.Add(3*minute), says("p", refusalOf(rules.Scope{})))
		if got := w.leaks(); len(got) != 1 {
			t.Errorf("it leaks again: %q", got)
		}
	})
}

// What is known to have happened, or not to, before the no came is none.
func TestWhatIsOverDoesNotLeak(t *testing.T) {
	for _, result := range []state.Result{state.Sent, state.NotSent, state.Busy} {
		w := newWorld(t)
		approved(t, w.ask(noon, to("i1", "email", "marketing")))
		answered(t, w.asks(noon.Add(minute), "p", "i1", "w"), "yes")
		w.hear(noon.Add(minute), says("p", outcome("i1", result)))
		w.hear(noon.Add(2*minute), says("p", refusalOf(rules.Scope{})))
		if got := w.leaks(); len(got) > 0 {
			t.Errorf("after %s: %q", result, got)
		}
	}
	w := newWorld(t)
	approved(t, w.ask(noon, to("i1", "email", "marketing")))
	answered(t, w.asks(noon.Add(minute), "p", "i1", "w"), "yes")
	w.hear(noon.Add(15*minute), says("p", refusalOf(rules.Scope{})))
	if got := w.leaks(); len(got) > 0 {
		t.Errorf("after its life: %q", got)
	}
}

// Who asks is not the person: it is no sign of life, it is not remembered among what the
// person said, and what stands is not told anew.
func TestAQuestionIsNoWordOfThePerson(t *testing.T) {
	w := newWorld(t)
	approved(t, w.ask(noon, to("i1", "email", "marketing")))
	answered(t, w.asks(noon.Add(minute), "p", "i1", "w"), "yes")
	answered(t, w.asks(noon.Add(minute), "stranger", "i1", "w"), "not_approved")
	for _, o := range w.out {
		if o.Topic == governor.Standing {
			t.Errorf("told is %s", o.Value)
		}
	}
}

// The answers of the log are the answers: who recalls them ends where who gave them did.
func TestAnAnswerIsRecalled(t *testing.T) {
	w := newWorld(t)
	d := w.ask(noon, to("i1", "email", "marketing"))
	approved(t, d)
	given := schemas.Redemption{ID: "q", Intent: "i1", Decision: d.ID, Person: "p", Worker: "w", OK: true, Answered: schemas.Time(noon.Add(minute))}
	refused := given
	refused.OK, refused.Worker = false, "x"
	w.remember("p")
	w.g.RecallAnswer(&refused)
	w.g.RecallAnswer(&given)
	w.g.RecallAnswer(&given)
	w.take()
	if w.g.Now() != noon.Add(minute) {
		t.Errorf("now is %s", w.g.Now())
	}
	answered(t, w.asks(noon.Add(2*minute), "p", "i1", "x"), "already_redeemed")
	answered(t, w.asks(noon.Add(2*minute), "p", "i1", "w"), "again")
	w.g.RecallLeak("p", rules.DecisionID(d.ID))
	w.g.RecallLeak("nobody", rules.DecisionID(d.ID))
	w.hear(noon.Add(3*minute), says("p", refusalOf(rules.Scope{})))
	if got := w.leaks(); len(got) > 0 {
		t.Errorf("what was told is told again: %q", got)
	}
}

// "Revocation: … policy change takes back every approval it covers that is not
// redeemed"; what is under way leaks.
func TestAPolicyTakesBackWhatItForbids(t *testing.T) {
	for _, between := range []mood{remembers, forgets} {
		w := newWorld(t)
		w.between = between
		w.adopt(campaigning(t, "before", false))
		for _, person := range []rules.PersonID{"p", "q", "r"} {
			in := of(person, to("i", "email", "marketing"))
			if person == "r" {
				in.Campaign = "summer" // it may go on
			}
			approved(t, w.ask(noon, in))
		}
		answered(t, w.asks(noon.Add(minute), "q", "i", "w"), "yes")
		w.adopt(campaigning(t, "after", true))
		if got := w.revocations("i"); !slices.Equal(got, []rules.Reason{rules.CampaignKilled}) {
			t.Errorf("revoked for %v", got)
		}
		if got := w.leaks(); len(got) != 1 {
			t.Errorf("leaks: %q", got)
		}
		answered(t, w.asks(noon.Add(2*minute), "p", "i", "w"), "revoked")
		answered(t, w.asks(noon.Add(2*minute), "r", "i", "w"), "yes")
	}
}

// Who took over knows of nobody's approvals; but nothing goes out that is forbidden.
func TestWhatIsForbiddenIsNotRedeemedWhoeverKnows(t *testing.T) {
	w := newWorld(t)
	w.adopt(campaigning(t, "before", false))
	approved(t, w.ask(noon, to("i", "email", "marketing")))
	w.between = dies
	w.until(noon.Add(minute))
	w.adopt(campaigning(t, "after", true))
	answered(t, w.asks(noon.Add(2*minute), "p", "i", "w"), "revoked")
	if got := w.revocations("i"); !slices.Equal(got, []rules.Reason{rules.CampaignKilled}) {
		t.Errorf("revoked for %v", got)
	}
}

// campaigning is a policy that registers the campaign spring, and may have killed it.
func campaigning(t testing.TB, hash string, killed bool) *rules.Policy {
	t.Helper()
	p, problems := rules.Compile(&rules.Spec{
		Name: "campaigning", Hash: hash, Purposes: []rules.PurposeSpec{{Name: "marketing", Class: rules.Solicitation}},
		Channels: []rules.ChannelSpec{{Name: "email"}},
		Campaigns: []rules.CampaignSpec{{
			Name: "spring", Ends: rules.Date{Year: 2026, Month: 12, Day: 31}, MostAttempts: 5, Killed: killed,
			WayIn: rules.WaySpec{Steps: 1, Label: "Subscribe"}, WayOut: rules.WaySpec{Steps: 1, Label: "Unsubscribe"},
		}},
	})
	if len(problems) > 0 {
		t.Fatal(problems)
	}
	return p
}

// decisionOf is the id of the decision on an intent.
func decisionOf(w *world, id string) string {
	for _, d := range w.decisions(0) {
		if d.Intent == id {
			return d.ID
		}
	}
	return ""
}
