package asyncapi

import (
	"encoding/json"
	"fmt"
	"strconv"
	"time"

	"github.com/contactgovernor/governor/cmd/governor/internal/api"
	"github.com/contactgovernor/governor/cmd/governor/internal/api/access"
	"github.com/contactgovernor/governor/rules"
	"github.com/contactgovernor/governor/schemas"
	"github.com/contactgovernor/governor/state"
)

// An example is a record's value, as the governor would read or write it.
type example struct {
	name    string
	id      string // of the event
	payload []byte
}

// moment is a time of the story that the examples tell, minutes after it begins.
func moment(minutes int) schemas.Time {
	return schemas.TimeOf(time.Date(2026, time.May, 4, 8, 0, 0, 0, time.UTC).Add(time.Duration(minutes) * time.Minute))
}

// policyHash is what a policy's hash looks like.
const policyHash = "sha256:5f0c9f1a6f4b4e0f8d0f0f6b7a2f6f1e1b7a2c9d3e4f5a6b7c8d9e0f1a2b3c4d"

// examples lists those of a message, by its name: one story of one person, Ann.
func examples(name string) ([]example, error) {
	switch name {
	case "intent":
		return []example{{"solicitation", "", intent().AppendJSON(nil)}, {"call", "", call().AppendJSON(nil)}}, nil
	case "signal":
		return signals(), nil
	case "told":
		return toldOf()
	case "approved":
		return []example{{"approval", "d-9f3a", approval().AppendJSON(nil)}}, nil
	case "vetoed":
		return []example{{"veto", "d-1c77", veto().AppendJSON(nil)}}, nil
	case "revoked":
		r := schemas.Revocation{ID: "rd-9f3a", Decision: "d-9f3a", Intent: "i-1", Person: "ann", Reason: "refused.state", Signal: "s-1", Revoked: moment(4)}
		return []example{{"revocation", r.ID, r.AppendJSON(nil)}}, nil
	case "redeemed":
		yes := schemas.Redemption{ID: "s-16", Intent: "i-1", Decision: "d-9f3a", Person: "ann", Worker: "mailer-7/1041", OK: true, NotAfter: moment(15), Answered: moment(1)}
		no := schemas.Redemption{ID: "s-17", Intent: "i-1", Decision: "d-9f3a", Person: "ann", Worker: "mailer-8/11", Reason: "already_redeemed", Answered: moment(2)}
		return []example{{"yes", yes.ID, yes.AppendJSON(nil)}, {"no", no.ID, no.AppendJSON(nil)}}, nil
	case "leaked":
		l := schemas.Leak{ID: "ld-9f3a", Decision: "d-9f3a", Intent: "i-1", Person: "ann", Reason: "refused.state", Signal: "s-1", Redeemed: moment(1), Refused: moment(4)}
		return []example{{"leak", l.ID, l.AppendJSON(nil)}}, nil
	case "standing":
		return standing()
	case "veto-rate":
		r := schemas.VetoRate{Minute: moment(5), Partition: 3, Campaign: "spring", Channel: "email", Purpose: "marketing", Engine: "mailer-7", Verdict: schemas.Vetoed, Reason: "refused.state", Count: 12}
		return []example{{"rate", "", r.AppendJSON(nil)}}, nil
	case "deadletter":
		return []example{{"no offset", "", []byte(`{"id":"i-4","person":"ann","channel":"email","purpose":"marketing","campaign":"spring","at":"2026-05-04T08:00:00"}`)}}, nil
	case "audit":
		b, err := json.Marshal(api.AuditRecord{
			ID: "a-7XQ2", At: moment(4).String(), Who: "preference-centre", Roles: []access.Role{access.Operate}, Action: "refuse",
			Person: "9d1f0c7e5b3a", Signal: "s-1", Outcome: "done",
		})
		return []example{{"refusal", "", b}}, err
	}
	return nil, fmt.Errorf("there is no example of %s", name)
}

func intent() schemas.Intent {
	return schemas.Intent{
		ID: "i-1", Person: "ann", Channel: "email", Purpose: "marketing", Campaign: "spring", At: moment(0),
		Subject: "domain-renewal", Brand: "registrar", Engine: "mailer-7", Address: "ann@example.org",
		Zones: []string{"Europe/Berlin"}, Priority: 40, Message: "m-77-a",
	}
}

func call() schemas.Intent {
	return schemas.Intent{
		ID: "i-2", Person: "ann", Channel: "call", Purpose: "survey", Campaign: "why", At: moment(0), NotAfter: moment(600),
		Engine: "dialer-2", Address: "+4930901820", Mode: "predictive", Priority: schemas.DefaultPriority,
	}
}

func approval() schemas.Decision {
	return schemas.Decision{
		ID: "d-9f3a", Intent: "i-1", Person: "ann", Channel: "email", Purpose: "marketing", Campaign: "spring",
		Subject: "domain-renewal", Brand: "registrar", Engine: "mailer-7", Verdict: schemas.Approved, NotAfter: moment(15),
		Leave: &schemas.Leave{
			URL: "https://leave.example.org/leave/AAECAw", Unsubscribe: "<https://leave.example.org/leave/AAECAw>",
			UnsubscribePost: "List-Unsubscribe=One-Click",
		},
		Evidence: []schemas.Evidence{{Rule: "any", Used: 1, Limit: 3}, {Rule: "email", Used: 0, Limit: 2, Waived: true}},
		Decided:  moment(0), Policy: policyHash, Signals: 5201,
	}
}

func veto() schemas.Decision {
	return schemas.Decision{
		ID: "d-1c77", Intent: "i-2", Person: "ann", Channel: "call", Purpose: "survey", Campaign: "why", Engine: "dialer-2",
		Verdict: schemas.Vetoed, Reason: "cap.calls",
		Reasons: []schemas.Objection{{
			Rule: "calls", Reason: "cap.calls", Detail: "1 of at most 1 in 24h", Earliest: moment(1440), Line: "no-means-no.yaml:52:5",
			Cites: "two a day for fifteen days",
		}},
		Earliest: moment(1440), Evidence: []schemas.Evidence{{Rule: "calls", Used: 1, Limit: 1}},
		Decided: moment(0), Policy: policyHash, Signals: 5201,
	}
}

// signals has one of each type.
func signals() (out []example) {
	for i, t := range schemas.SignalTypes() {
		s := schemas.Signal{ID: "s-" + strconv.Itoa(i+1), Person: "ann", Type: t, At: moment(4)}
		switch t {
		case schemas.TypeRefusal:
			s.Channel, s.Purpose, s.Source = "email", "marketing", "unsubscribe_link"
		case schemas.TypeConsent:
			s.Channel, s.Source = "email", schemas.SourceSettings
		case schemas.TypeReply:
			s.Channel, s.Text = "sms", "STOP"
		case schemas.TypeCancellation:
			s.Subject, s.Brand = "domain-renewal", "registrar"
		case schemas.TypeComplaint:
			s.Channel, s.Brand = "email", "registrar"
		case schemas.TypeOutcome:
			s.Decision, s.Result = "d-9f3a", schemas.ResultDelivered
		case schemas.TypeConversation:
			s.Channel, s.Subject = "call", "domain-renewal"
		case schemas.TypeEngagement:
			s.Kind, s.Actor, s.Campaign = schemas.KindClick, schemas.ActorHuman, "spring"
		case schemas.TypePreference:
			s.Quiet = []schemas.Quiet{{Days: []string{"sat", "sun"}, From: 0, To: 24 * 60}}
			s.Budget = []schemas.Budget{{Channel: "email", Max: 2, Per: 720 * time.Hour}}
		case schemas.TypeResolved:
			s.Subject = "balance:acct9"
		case schemas.TypeCaseOpened, schemas.TypeCaseClosed:
			s.Subject, s.Brand = "balance:acct9", "registrar"
		case schemas.TypeAddress:
			s.Channel, s.Value, s.Status = "call", "+4930901820", schemas.StatusReassigned
		case schemas.TypeMerge:
			s.Into = "ann-2"
		case schemas.TypeRedeem:
			s.Intent, s.Worker = "i-1", "mailer-7/1041"
		case schemas.TypeErasure:
		}
		out = append(out, example{name: string(t), payload: s.AppendJSON(nil)})
	}
	return out
}

func toldOf() ([]example, error) {
	said, err := state.EncodeCampaign("spring", &state.Campaign{Killed: rules.Instant(moment(30))})
	told := schemas.Told{ID: "c-7XQ2", Person: string(state.CampaignID("spring")), Type: schemas.ToldCampaign, At: moment(30), Campaign: said}
	return []example{{"campaign", told.ID, told.AppendJSON(nil)}}, err
}

func standing() ([]example, error) {
	at := rules.Instant(moment(4))
	b, err := state.EncodeStanding("ann", &state.Person{Person: rules.Person{Noes: []rules.No{{
		Kind: rules.Refused, Scope: rules.Scope{Channel: "email", Purpose: "marketing"}, At: at, Signal: "s-1",
	}}}})
	return []example{{"refusal", "3-1041-0", b}}, err
}
