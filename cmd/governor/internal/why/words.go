package why

import (
	"github.com/go-json-experiment/json"

	"github.com/contactgovernor/governor/cmd/governor/internal/explain"
	"github.com/contactgovernor/governor/rules"
	"github.com/contactgovernor/governor/schemas"
)

// inWords says in words what a signal says, without the person's own, and without the
// end of the sentence.
func inWords(s *schemas.Signal) string {
	scope := explain.Scope(&rules.Scope{
		Channel: rules.Channel(s.Channel), Purpose: rules.Purpose(s.Purpose), Subject: rules.Subject(s.Subject), Brand: rules.Brand(s.Brand), Address: rules.Address(s.Address),
	})
	switch s.Type {
	case schemas.TypeRefusal:
		return "The person said no to " + scope
	case schemas.TypeConsent:
		if s.Source == schemas.SourceSettings || s.Evidence != "" {
			return "The person said yes to " + scope
		}
		return "Somebody said that the person agreed to " + scope + ", without evidence"
	case schemas.TypeReply:
		if s.Auto {
			return "An automatic reply came by " + s.Channel
		}
		return "The person wrote by " + s.Channel
	case schemas.TypeCancellation:
		return "The person cancelled (" + scope + ")"
	case schemas.TypeComplaint:
		return "The person complained (" + scope + ")"
	case schemas.TypeOutcome:
		return "It was reported as " + string(s.Result)
	case schemas.TypeConversation:
		return "The person got in touch by " + s.Channel
	case schemas.TypeEngagement:
		return "There was a " + string(s.Kind) + " by " + map[schemas.Actor]string{
			schemas.ActorHuman: "the person", schemas.ActorMachine: "a machine"}[s.Actor] + unknown(s.Actor)
	case schemas.TypePreference:
		return "The person drew boundaries of their own"
	case schemas.TypeResolved:
		return "The cause is gone (" + scope + ")"
	case schemas.TypeCaseOpened:
		return "A complaint was opened (" + scope + ")"
	case schemas.TypeCaseClosed:
		return "A complaint was closed (" + scope + ")"
	case schemas.TypeAddress:
		return "An address was " + string(s.Status)
	case schemas.TypeMerge:
		return "The record was merged with another of the same person"
	case schemas.TypeErasure:
		return "The person asked to be forgotten"
	case schemas.TypeRedeem:
		return "A worker asked whether it may"
	}
	return "A signal of type " + string(s.Type)
}

func unknown(a schemas.Actor) string {
	if a == schemas.ActorUnknown {
		return "nobody knows whom"
	}
	return ""
}

// leaked is what a leak says.
type leaked struct{ decision, signal string }

func leak(value []byte) (leaked, bool) {
	_, decision, err := schemas.DecodeLeak(value)
	if err != nil {
		return leaked{}, false
	}
	var more struct {
		Signal string `json:"signal"`
	}
	_ = json.Unmarshal(value, &more) // it was read a moment ago
	return leaked{decision, more.Signal}, true
}
