package rules

import "slices"

// The names that people, contacts and rules are told apart by. Each is a type
// of its own, so that a campaign cannot be passed where a brand is wanted.
// Their limits are the wire's (package schemas); here any string is one.
type (
	PersonID   string // who is contacted; the record key
	IntentID   string // one contact: the idempotency key of an engine
	DecisionID string // one decision
	SignalID   string // one signal
	Channel    string // email, sms, call …, or what the policy declares
	Purpose    string // marketing, billing …, declared by the policy
	Campaign   string // what the engine runs
	Subject    string // what a contact is about or asks for
	Brand      string // in whose name; "" is a brand as well
	Address    string // e-mail address, number, device
	Mode       string // how a call is placed
)

// ChannelCall is the one channel that the core itself knows: notices by call
// are not held, and modes are a matter of calls.
const ChannelCall Channel = "call"

// The modes of a call.
const (
	ModeManual      Mode = "manual" // the default
	ModePreview     Mode = "preview"
	ModePredictive  Mode = "predictive"
	ModePrerecorded Mode = "prerecorded"
)

// Modes lists every mode, in the order of the contract.
func Modes() []Mode { return []Mode{ModeManual, ModePreview, ModePredictive, ModePrerecorded} }

// Class says what a purpose is to the person. Every purpose belongs to one.
type Class string

// The classes of the contract.
const (
	Solicitation Class = "solicitation" // somebody wants something: marketing, winback, survey
	Ask          Class = "ask"          // asks for a permission or a consent; judged and counted as a solicitation
	Collection   Class = "collection"   // asks for money that is owed
	Service      Class = "service"      // counts as pressure, is capped only as a call
	ByPerson     Class = "person"       // the person started it: only logged
	Confirmation Class = "confirmation" // the one answer to an opt-out
	Legal        Class = "legal"        // required by law
)

// Classes lists every class, in the order of the contract.
func Classes() []Class {
	return []Class{Solicitation, Ask, Collection, Service, ByPerson, Confirmation, Legal}
}

// Exempt says whether the class is spared by refusals, silence, quiet hours,
// the person's own quiet and budget, inhibition and the any-channel cap
// (semantics.md, "What a no covers").
func (c Class) Exempt() bool { return c == ByPerson || c == Legal || c == Confirmation }

// Role marks a purpose that some rules treat in a way of its own.
type Role string

// The roles.
const (
	NoRole         Role = ""
	Winback        Role = "winback"         // refused by a cancellation of the brand, and by silence under its own code
	ConsentRequest Role = "consent_request" // asks for a consent: refused together with the purpose that it asks for
)

// Selector picks contacts by class, channel, purpose and mode. An empty list
// picks any. Ask is not among the classes to pick: it is judged and counted as a
// solicitation.
//
// What sells is judged as a solicitation, and stays what its purpose is beside: a
// debt collector who also sells is picked by the class collection all the same.
type Selector struct {
	Classes  []Class
	Channels []Channel
	Purposes []Purpose
	Modes    []Mode
	Except   *Selector // is not picked after all, by the class as judged; nil excepts nothing
}

func (s *Selector) picks(judged, declared Class, channel Channel, purpose Purpose, mode Mode) bool {
	return (len(s.Classes) == 0 || slices.Contains(s.Classes, judged) || declared != judged && slices.Contains(s.Classes, declared)) &&
		(len(s.Channels) == 0 || slices.Contains(s.Channels, channel)) &&
		(len(s.Purposes) == 0 || slices.Contains(s.Purposes, purpose)) &&
		(len(s.Modes) == 0 || slices.Contains(s.Modes, mode)) &&
		(s.Except == nil || !s.Except.picks(judged, judged, channel, purpose, mode))
}

// asked says whether the selector picks the intent of the question.
func (s *Selector) asked(q *question) bool {
	return s.picks(q.class, q.declared, q.in.Channel, q.in.Purpose, q.in.Mode)
}

// made says whether the selector picks the contact.
func (s *Selector) made(p *Policy, c *Contact) bool {
	declared := c.Class
	if c.Promotes {
		declared = p.purpose(c.Purpose).Class
	}
	return s.picks(c.Class, declared, c.Channel, c.Purpose, c.Mode)
}
