package schemas

import "strconv"

// Intent is one intended contact, as an engine publishes it on
// contact.intents. Strings are as on the wire; an absent one is "".
type Intent struct {
	ID       string // the idempotency key: the same id twice is one contact
	Person   string // equals the record key
	Channel  string
	Purpose  string
	Campaign string
	At       Time // when the engine made it

	Subject   string
	Brand     string
	Engine    string
	NotBefore Time // the engine's own window: from here on
	NotAfter  Time // and before here
	Address   string
	// Zones are IANA names by their form; whether they exist is not known here.
	Zones []string
	// Mode is how a call is dialed. Calls always have one after DecodeIntent,
	// other channels never.
	Mode string
	// Priority is 0 to 100. DecodeIntent gives DefaultPriority where the engine
	// gave none; who builds an Intent by hand has to do so too, for 0 is the lowest.
	Priority          int
	Message           string // identity of the content
	ReplyTo           string // id of the signal in which the person asked for this
	ContainsPromotion bool
}

// ChannelCall is the only channel that this package has to know: Mode is about it.
const ChannelCall = "call"

// The modes of a call.
const (
	ModeManual      = "manual"
	ModePreview     = "preview"
	ModePredictive  = "predictive"
	ModePrerecorded = "prerecorded"
)

// DefaultPriority is the priority of an intent that names none.
const DefaultPriority = 50

// The most characters (code points) that each string may have. Where the
// contract is silent, they are generous: they keep a mistake out, not a user.
const (
	maxID       = 128
	maxPerson   = 256
	maxName     = 64 // channel, purpose, type, …: what a policy declares
	maxCampaign = 128
	maxSubject  = 256
	maxBrand    = 128
	maxEngine   = 128
	maxAddress  = 320 // an e-mail address of the longest kind
	maxMessage  = 256
	maxSource   = 128
	maxText     = 10000
	maxEvidence = 4096

	maxZones     = 32
	maxZoneName  = 64
	maxQuiet     = 64
	maxBudgets   = 32
	maxDays      = 7
	maxBudgetMax = 1_000_000
)

// What an intent must and may have.
const (
	intentMust fieldSet = 1<<fID | 1<<fPerson | 1<<fChannel | 1<<fPurpose | 1<<fCampaign | 1<<fAt
	intentMay  fieldSet = intentMust | 1<<fSubject | 1<<fBrand | 1<<fEngine | 1<<fNotBefore | 1<<fNotAfter | 1<<fAddress |
		1<<fZones | 1<<fMode | 1<<fPriority | 1<<fMessage | 1<<fReplyTo | 1<<fContainsPromotion
)

// DecodeIntent reads one intent, strictly. The error is a *Malformed with
// every mistake found; the Intent is then zero. value is not kept.
func DecodeIntent(value []byte) (Intent, Ignored, error) {
	var o object
	if err := o.openRecord(value); err != nil {
		return Intent{}, Ignored{}, err
	}
	if !o.open(value, intentMay) {
		return Intent{}, Ignored{}, o.err()
	}
	in := Intent{
		ID:                o.str(fID, maxID, line),
		Person:            o.str(fPerson, maxPerson, line),
		Channel:           o.str(fChannel, maxName, line),
		Purpose:           o.str(fPurpose, maxName, line),
		Campaign:          o.str(fCampaign, maxCampaign, line),
		At:                o.time(fAt),
		Subject:           o.str(fSubject, maxSubject, line),
		Brand:             o.str(fBrand, maxBrand, line),
		Engine:            o.str(fEngine, maxEngine, line),
		NotBefore:         o.time(fNotBefore),
		NotAfter:          o.time(fNotAfter),
		Address:           o.str(fAddress, maxAddress, line),
		Zones:             o.zones(),
		Mode:              o.str(fMode, maxName, line),
		Priority:          int(o.whole(fPriority, 0, 100, DefaultPriority)),
		Message:           o.str(fMessage, maxMessage, line),
		ReplyTo:           o.str(fReplyTo, maxID, line),
		ContainsPromotion: o.boolean(fContainsPromotion),
	}
	o.require(intentMust)
	in.Mode = o.mode(in.Mode, in.Channel)
	if len(in.Zones) == 0 {
		in.Zones = nil // an intent that names no zone is one that has none to name
	}
	if err := o.err(); err != nil {
		return Intent{}, o.ignored, err
	}
	return in, o.ignored, nil
}

// openRecord refuses what is too large or no JSON, before anything is read.
func (o *object) openRecord(value []byte) error {
	if len(value) > MaxRecord {
		return tooLarge(len(value), MaxRecord)
	}
	if bad := valid(value); bad != nil {
		return bad
	}
	return nil
}

func tooLarge(size, limit int) *Malformed {
	return &Malformed{Reason: "the record has " + strconv.Itoa(size) + " bytes; the limit is " + strconv.Itoa(limit)}
}

// mode settles how the intent is dialed: an absent mode is manual, so manual
// on another channel says nothing and passes; any other mode there is a
// mistake that a person has to look at.
func (o *object) mode(mode, channel string) string {
	switch mode {
	case "", ModeManual:
		if channel == ChannelCall {
			return ModeManual
		}
		return ""
	case ModePreview, ModePredictive, ModePrerecorded:
		if channel != ChannelCall && channel != "" {
			o.fail("mode", "is for calls; leave it out on other channels")
		}
		return mode
	}
	o.fail("mode", "must be manual, preview, predictive or prerecorded")
	return ""
}

// AppendJSON appends the intent as one JSON object, fields in the order of
// the contract, absent ones and defaults left out. What DecodeIntent returned
// is read back the same.
func (in Intent) AppendJSON(b []byte) []byte {
	w := open(b)
	w.str("id", in.ID)
	w.str("person", in.Person)
	w.str("channel", in.Channel)
	w.str("purpose", in.Purpose)
	w.str("campaign", in.Campaign)
	w.time("at", in.At)
	w.optional("subject", in.Subject)
	w.optional("brand", in.Brand)
	w.optional("engine", in.Engine)
	w.optionalTime("not_before", in.NotBefore)
	w.optionalTime("not_after", in.NotAfter)
	w.optional("address", in.Address)
	if len(in.Zones) > 0 {
		w.strs("zones", in.Zones)
	}
	if in.Mode != ModeManual {
		w.optional("mode", in.Mode)
	}
	if in.Priority != DefaultPriority {
		w.int("priority", int64(in.Priority))
	}
	w.optional("message", in.Message)
	w.optional("reply_to", in.ReplyTo)
	if in.ContainsPromotion {
		w.bool("contains_promotion", true)
	}
	return w.close()
}
