package rules_test

import (
	"testing"

	"github.com/contactgovernor/governor/rules"
)

// "Reply words, the whole text, letter case and punctuation aside", under every
// policy; phrases where the policy's list has them.
func TestUnderstand(t *testing.T) {
	no, yes, nothing := rules.Wish{OptOut: true}, rules.Wish{OptIn: true}, rules.Wish{}
	about := func(s rules.Subject) rules.Wish { return rules.Wish{OptOut: true, Subject: s} }
	for text, want := range map[string]rules.Wish{
		"stop": no, "STOP": no, "Stop.": no, " *stop* ": no, "stop!!!": no, "\tStOp\n": no, "“Stop”": no, "stop \U0001f621": no, "stop\u200b": no,
		"stopall": no, "stop all": no, "STOP-ALL": no, "quit": no, "End": no, "revoke": no, "opt out": no, "opt-out": no, "Opt  out": no,
		"optout": no, "CANCEL": no, "unsubscribe": no, "Unsubscribe!": no,
		// Where the page is silent the reading that protects the person wins.
		"stop12345": about("12345"), "stop 12 345": no, "S.T.O.P.": no, "s t o p": no, "STOP STOP": no, "st op": nothing,
		"START": yes, "unstop": yes, "Start.": yes,
		"stop 12345": about("12345"), "STOP #12345": about("12345"), "stop: 7": about("7"),
		"please stop by the shop": nothing, "stop it": nothing, "stop all of it please": nothing, "I start tomorrow": nothing, "unstoppable": nothing,
		"the end": nothing, "cancelled": nothing, "": nothing, "?!": nothing, "stop 12a": nothing, "restart": nothing, "ok": nothing,
		"no": nothing, "yes": nothing, "stop 12345 now": nothing, "start stop": nothing,
	} {
		if got := bare(t, func(*rules.Spec) {}).Understand(text); got != want {
			t.Errorf("%q: got %+v, want %+v", text, got, want)
		}
	}

	t.Run("phrases of the house", func(t *testing.T) {
		for _, text := range []string{"Please stop texting me.", "please STOP", "Don't call me!", "Leave me alone…", "stop"} {
			if got := house(t).Understand(text); got != no {
				t.Errorf("%q: got %+v", text, got)
			}
		}
		if got := house(t).Understand("please stop by the shop"); got != nothing {
			t.Errorf("an invitation is read as %+v", got)
		}
	})
	t.Run("a policy adds phrases, and a no is asked first", func(t *testing.T) {
		p := bare(t, func(s *rules.Spec) {
			s.OptOutPhrases = []string{"Lass mich in Ruhe", "ja nein"}
			s.OptInPhrases = []string{"Ja, bitte!", "ja nein"}
		})
		for text, want := range map[string]rules.Wish{"lass mich in ruhe!": no, "JA BITTE": yes, "Ja, nein": no, "stop": no, "start": yes} {
			if got := p.Understand(text); got != want {
				t.Errorf("%q: got %+v, want %+v", text, got, want)
			}
		}
	})
}
