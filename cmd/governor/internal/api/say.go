package api

import (
	"cmp"
	"crypto/rand"
	"errors"
	"strings"

	"github.com/contactgovernor/governor/consumer/governor"
	"github.com/contactgovernor/governor/rules"
	"github.com/contactgovernor/governor/schemas"
)

// recorded answers that a signal was acknowledged.
type recorded struct {
	Recorded bool   `json:"recorded"`
	Signal   string `json:"signal"` // its id: the same again changes nothing
	At       string `json:"at"`
}

// scope is what a no or a yes is about. An absent field widens.
type scope struct {
	Channel string `json:"channel,omitempty"`
	Purpose string `json:"purpose,omitempty"`
	Subject string `json:"subject,omitempty"`
	Brand   string `json:"brand,omitempty"`
	Address string `json:"address,omitempty"`
}

// say appends a signal and says that it was acknowledged.
func (c *call) say(action string, s schemas.Signal, at string) (any, error) {
	value, err := c.signal(&s, at)
	if err != nil {
		return nil, err
	}
	c.begin(change{action: action, person: rules.PersonID(s.Person), signal: s.ID})
	if err := c.Log.Append(c.ctx, rules.PersonID(s.Person), value); err != nil {
		return nil, unknownFate(err)
	}
	return recorded{true, s.ID, s.At.String()}, nil
}

// signal writes a signal that a request is about, after looking at it as whoever reads
// it will.
func (c *call) signal(s *schemas.Signal, at string) ([]byte, error) {
	s.ID = cmp.Or(s.ID, "api-"+rand.Text())
	s.At = schemas.TimeOf(c.Clock())
	arrived := s.At
	if at != "" {
		t, err := schemas.ParseTime(at)
		if bad := (*schemas.Malformed)(nil); errors.As(err, &bad) {
			return nil, wrong("at", bad.Reason)
		}
		s.At = t
	}
	value := s.AppendJSON(nil)
	reader := governor.Reader{Policy: c.Policies.InForce(), Zones: c.find}
	_, _, err := reader.Signal(value, rules.Instant(arrived))
	if bad := (*schemas.Malformed)(nil); errors.As(err, &bad) {
		return nil, malformed(bad)
	}
	if err != nil {
		return nil, err
	}
	return value, c.somebody(s.Person)
}

// mostPerson is how many characters the id of a person may have.
const mostPerson = 256

// somebody makes sure that an id is one that a person can have. The governor's own keys
// have control characters.
func (c *call) somebody(id string) error {
	if !isName(id, mostPerson) {
		return wrong("person", "is no id of a person: write 1 to 256 characters on one line")
	}
	return nil
}

// wantsRefusal asks that a no be remembered.
type wantsRefusal struct {
	ID     string `json:"id,omitempty"`
	Person string `json:"person"`
	At     string `json:"at,omitempty"`
	Source string `json:"source,omitempty"`
	scope
}

func refuse(c *call) (any, error) {
	in, err := decode[wantsRefusal](c)
	if err != nil {
		return nil, err
	}
	return c.say("refuse", schemas.Signal{
		ID: in.ID, Person: in.Person, Type: schemas.TypeRefusal, Source: cmp.Or(in.Source, "api"),
		Channel: in.Channel, Purpose: in.Purpose, Subject: in.Subject, Brand: in.Brand, Address: in.Address,
	}, in.At)
}

// wantsConsent asks that a yes be remembered.
type wantsConsent struct {
	ID       string `json:"id,omitempty"`
	Person   string `json:"person"`
	At       string `json:"at,omitempty"`
	Source   string `json:"source,omitempty"`
	Evidence string `json:"evidence,omitempty"`
	scope
}

// agree remembers a yes. One that would lift nothing, for want of evidence, is not
// taken: whoever sends it believes that it does.
func agree(c *call) (any, error) {
	in, err := decode[wantsConsent](c)
	if err != nil {
		return nil, err
	}
	if in.Source != schemas.SourceSettings && strings.TrimSpace(in.Evidence) == "" {
		return nil, wrong("evidence", "is missing: say what proves that the person agreed (it is stored with the yes), or, where their own hand set it, write source: settings")
	}
	return c.say("consent", schemas.Signal{
		ID: in.ID, Person: in.Person, Type: schemas.TypeConsent, Source: in.Source, Evidence: in.Evidence,
		Channel: in.Channel, Purpose: in.Purpose, Subject: in.Subject, Brand: in.Brand, Address: in.Address,
	}, in.At)
}

// hasOutcome tells what became of a contact.
type hasOutcome struct {
	ID       string         `json:"id,omitempty"`
	Person   string         `json:"person"`
	At       string         `json:"at,omitempty"`
	Intent   string         `json:"intent,omitempty"`
	Decision string         `json:"decision,omitempty"`
	Result   schemas.Result `json:"result"`
}

func outcome(c *call) (any, error) {
	in, err := decode[hasOutcome](c)
	if err != nil {
		return nil, err
	}
	return c.say("outcome", schemas.Signal{
		ID: in.ID, Person: in.Person, Type: schemas.TypeOutcome, Intent: in.Intent, Decision: in.Decision, Result: in.Result,
	}, in.At)
}

// wantsErasure asks that a person be forgotten, but for the no.
type wantsErasure struct {
	ID string `json:"id,omitempty"`
	At string `json:"at,omitempty"`
}

func erase(c *call) (any, error) {
	in, err := maybe[wantsErasure](c)
	if err != nil {
		return nil, err
	}
	return c.say("erase", schemas.Signal{ID: in.ID, Person: c.r.PathValue("person"), Type: schemas.TypeErasure}, in.At)
}
