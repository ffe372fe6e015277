package api

import (
	"slices"

	"github.com/go-json-experiment/json/jsontext"

	"github.com/contactgovernor/governor/consumer/governor"
	"github.com/contactgovernor/governor/rules"
	"github.com/contactgovernor/governor/state"
)

// known is what is remembered of a person, and what the log says about them.
type known struct {
	Person   rules.PersonID   `json:"person"`
	Home     rules.PersonID   `json:"home,omitempty"`    // the record into which this one was merged
	Records  []rules.PersonID `json:"records,omitempty"` // all that are this person, where they are several
	AsOf     string           `json:"as_of"`
	Heard    int64            `json:"heard"`              // the signals before this offset are in it
	Standing jsontext.Value   `json:"standing,omitempty"` // every no, every yes, and what else stands; as on contact.standing
	Contacts []contact        `json:"contacts"`           // approvals, and what became of them
	Held     []held           `json:"held"`               // what waits: notices, and for a last slot
	Vetoed   []vetoed         `json:"vetoed"`             // whose ids are still known
	Receipts []receipt        `json:"receipts"`           // why the person was contacted, and why left alone; the latest last
	Whole    bool             `json:"whole"`              // the receipts are all that the log still has
}

type contact struct {
	At        string             `json:"at"`
	Decision  rules.DecisionID   `json:"decision"`
	Intent    rules.IntentID     `json:"intent"`
	Record    rules.PersonID     `json:"record,omitempty"`
	Channel   rules.Channel      `json:"channel"`
	Purpose   rules.Purpose      `json:"purpose"`
	Class     rules.Class        `json:"class"`
	Campaign  rules.Campaign     `json:"campaign"`
	Subject   rules.Subject      `json:"subject,omitempty"`
	Brand     rules.Brand        `json:"brand,omitempty"`
	Address   rules.Address      `json:"address,omitempty"`
	Message   string             `json:"message,omitempty"`
	Items     []rules.IntentID   `json:"items,omitempty"`
	NotAfter  string             `json:"not_after"`
	State     rules.ContactState `json:"state"`
	Counts    bool               `json:"counts"`
	Leaked    bool               `json:"leaked,omitzero"` // the person said no when a worker had taken it
	Redeemed  string             `json:"redeemed,omitempty"`
	Delivered string             `json:"delivered,omitempty"`
	Answered  string             `json:"answered,omitempty"`
	Abandoned string             `json:"abandoned,omitempty"`
}

type held struct {
	Arrived  string           `json:"arrived"`
	Decision rules.DecisionID `json:"decision"`
	Intent   rules.IntentID   `json:"intent"`
	Channel  rules.Channel    `json:"channel"`
	Purpose  rules.Purpose    `json:"purpose"`
	Campaign rules.Campaign   `json:"campaign"`
	Subject  rules.Subject    `json:"subject,omitempty"`
	Brand    rules.Brand      `json:"brand,omitempty"`
	Address  rules.Address    `json:"address,omitempty"`
	Message  string           `json:"message,omitempty"`
}

type vetoed struct {
	At       string           `json:"at"`
	Decision rules.DecisionID `json:"decision"`
	Intent   rules.IntentID   `json:"intent"`
}

// person tells what stands for a person, what counts, and why they were contacted or
// left alone.
func person(c *call) (any, error) {
	out, _, _, err := c.recall()
	return out, err
}

// recall reads what is remembered of the person of the path.
func (c *call) recall() (out *known, partition int32, records []rules.PersonID, err error) {
	id := rules.PersonID(c.r.PathValue("person"))
	if err := c.somebody(string(id)); err != nil {
		return nil, 0, nil, err
	}
	who, mark, partition, err := c.load(id)
	if err != nil {
		return nil, 0, nil, err
	}
	now := max(rules.At(c.Clock()), mark.Now)
	records = who.Records(id)
	out = &known{
		Person: id, AsOf: now.String(), Heard: mark.Signals,
		Contacts: []contact{}, Held: []held{}, Vetoed: []vetoed{}, Receipts: []receipt{},
	}
	if len(records) > 1 {
		out.Home, out.Records = records[0], records
	}
	if out.Standing, err = state.EncodeStanding(id, who); err != nil {
		return nil, 0, nil, err
	}
	for i := range who.Contacts {
		out.Contacts = append(out.Contacts, contactOf(&who.Contacts[i], now))
	}
	for i := range who.Held {
		h := &who.Held[i]
		out.Held = append(out.Held, held{
			text(h.Arrived), h.Decision, h.Intent.ID, h.Intent.Channel, h.Intent.Purpose, h.Intent.Campaign, h.Intent.Subject, h.Intent.Brand,
			h.Intent.Address, h.Intent.Message,
		})
	}
	for _, k := range who.Known.All() {
		out.Vetoed = append(out.Vetoed, vetoed{text(k.At), k.Decision, k.Intent})
	}
	here := c.those(records, partition)
	found, err := c.Log.Records(c.ctx, partition, here, receiptTopics(), mostReceipts)
	if err != nil {
		return nil, 0, nil, unavailable("Kafka does not answer: try again", err)
	}
	out.Receipts, out.Whole = receipts(found.Records, now), found.Whole && len(here) == len(records)
	return out, partition, records, nil
}

// load reads the memory of a person: that of their home, where all comes together, and
// that of the record itself, if it is kept apart. Both are as they are when everything
// that was acknowledged by now was heard.
func (c *call) load(id rules.PersonID) (*state.Person, state.Mark, int32, error) {
	partition, partitions, err := c.home(id)
	if err != nil {
		return nil, state.Mark{}, 0, err
	}
	who, mark, err := c.loadFrom(partition, id)
	if err != nil {
		return nil, state.Mark{}, 0, err
	}
	home := who.Records(id)[0]
	if at := c.PartitionOf([]byte(home), partitions); at != partition {
		there, far, err := c.loadFrom(at, home)
		if err != nil {
			return nil, state.Mark{}, 0, err
		}
		there.Absorb(home, who, id) // what the home has not heard yet stands too
		far.Now = max(far.Now, mark.Now)
		return there, far, at, nil
	}
	return who, mark, partition, nil
}

func (c *call) loadFrom(partition int32, id rules.PersonID) (*state.Person, state.Mark, error) {
	mark, err := c.abreast(partition)
	if err != nil {
		return nil, state.Mark{}, err
	}
	memories, err := c.Memory.Load(c.ctx, partition, []rules.PersonID{id})
	if err != nil {
		return nil, state.Mark{}, unavailable("the memory does not answer: try again", err)
	}
	who := &state.Person{}
	if err := state.DecodeStanding(memories[0].Standing, who, c.find); err != nil {
		return nil, state.Mark{}, err
	}
	if err := state.DecodeLog(memories[0].Log, who, c.find); err != nil {
		return nil, state.Mark{}, err
	}
	return who, mark, nil
}

// those are the records that belong to the partition.
func (c *call) those(records []rules.PersonID, partition int32) []rules.PersonID {
	n, err := c.Log.Partitions(c.ctx)
	return slices.DeleteFunc(slices.Clone(records), func(id rules.PersonID) bool {
		return err != nil || c.PartitionOf([]byte(id), n) != partition
	})
}

func contactOf(c *rules.Contact, now rules.Instant) contact {
	return contact{
		At: text(c.At), Decision: c.Decision, Intent: c.Intent, Record: c.Record, Channel: c.Channel, Purpose: c.Purpose, Class: c.Class,
		Campaign: c.Campaign, Subject: c.Subject, Brand: c.Brand, Address: c.Address, Message: c.Message, Items: c.Items,
		NotAfter: text(c.NotAfter), State: c.State(now), Counts: c.CountsAt(now), Leaked: c.Fate.Has(rules.Leaked),
		Redeemed: text(c.Redeemed), Delivered: text(c.Delivered), Answered: text(c.Answered), Abandoned: text(c.Abandoned),
	}
}

// text is the instant as the contract writes it, nothing for an absent one.
func text(at rules.Instant) string {
	if at == 0 || at == rules.Never {
		return ""
	}
	return at.String()
}

// exported is all that is kept about a person.
type exported struct {
	known
	Log []logged `json:"log"` // every record of the log that is about them, as it was written
}

type logged struct {
	Topic  string         `json:"topic"`
	Offset int64          `json:"offset"`
	At     string         `json:"at"`
	Value  jsontext.Value `json:"value,omitempty"`
}

// export gives a person what is kept about them.
func export(c *call) (any, error) {
	known, partition, records, err := c.recall()
	if err != nil {
		return nil, err
	}
	topics := append([]string{governor.Intents, governor.Signals}, receiptTopics()...)
	here := c.those(records, partition)
	found, err := c.Log.Records(c.ctx, partition, here, topics, mostExported)
	if err != nil {
		return nil, unavailable("Kafka does not answer: try again", err)
	}
	out := exported{known: *known, Log: []logged{}}
	out.Whole = found.Whole && len(here) == len(records)
	for _, r := range found.Records {
		value := jsontext.Value(r.Value)
		if !value.IsValid() {
			value, _ = jsontext.AppendQuote(nil, r.Value) // as text, what is no UTF-8 in it replaced
		}
		out.Log = append(out.Log, logged{r.Topic, r.Offset, text(rules.At(r.Time)), value})
	}
	return out, nil
}
