package rules

import (
	"crypto/sha256"
	"encoding/binary"
	"encoding/hex"
	"time"
)

// Intent is one contact that an engine means to make. The contract says what
// each field means; absent fields hold their zero value.
type Intent struct {
	ID       IntentID
	Person   PersonID
	Channel  Channel
	Purpose  Purpose
	Campaign Campaign
	Subject  Subject
	Brand    Brand
	Engine   string
	Address  Address
	Mode     Mode
	Message  string
	ReplyTo  SignalID

	At        Instant // when the engine made it
	NotBefore Instant // the engine's own window; 0 is none
	NotAfter  Instant

	// Zones are where the intent says the person may be, NumberZones what the
	// number tells; the latter count only where nothing better is known.
	Zones       []*time.Location
	NumberZones []*time.Location

	Priority int
	Promotes bool // contains_promotion

	// What is known beside the person; the governor fills it in.
	AddressNoes []AddressNo   // what others refused at the address
	Rates       []Rate        // how the campaign's calls fare, under each abandon rate of the policy
	Registered  *Registration // what was said of the campaign otherwise than in the policy; nil is nothing
}

// Rate is how many of a campaign's calls were answered, and how many of those
// abandoned, in the present period of an abandon rate.
type Rate struct {
	Rule      string  // RatePeriod.Rule
	Until     Instant // the end of the period
	Answered  int     // by the person, whether somebody was there to talk or not
	Abandoned int
}

// Fingerprint tells whether two records with one id are the same contact. It
// covers what semantics.md calls the content. 64 bits are enough: both answers
// are a veto, so nobody gains by a collision.
func (in *Intent) Fingerprint() uint64 {
	h := fnvOffset
	for _, s := range [...]string{
		string(in.Person), string(in.Channel), string(in.Purpose), string(in.Campaign), string(in.Subject),
		string(in.Brand), string(in.Address), in.Message, string(in.Mode), string(in.ReplyTo),
	} {
		// The length keeps "ab"+"c" and "a"+"bc" apart.
		var length [binary.MaxVarintLen64]byte
		for _, b := range length[:binary.PutUvarint(length[:], uint64(len(s)))] {
			h = h.step(b)
		}
		h = h.with(s)
	}
	if in.Promotes {
		h = h.step(1)
	}
	return uint64(h)
}

// fnv is a hash under way: FNV-1a of 64 bits, as hash/fnv has it, which allocates.
type fnv uint64

const fnvOffset fnv = 14695981039346656037

func (h fnv) step(b byte) fnv { return (h ^ fnv(b)) * 1099511628211 }

func (h fnv) with(s string) fnv {
	for i := range len(s) {
		h = h.step(s[i])
	}
	return h
}

// DecisionFor is the id of the first decision on an intent: made from the
// person and the intent's id, so that the same intent, redelivered, carries the
// same decision id.
func DecisionFor(person PersonID, intent IntentID) DecisionID {
	return decisionID(string(person), string(intent))
}

// RepeatedDecisionFor is the id of a decision on a duplicate, a conflict or an
// id asked again after it was forgotten. It also takes the record's position,
// so that no two decisions share an id.
func RepeatedDecisionFor(person PersonID, intent IntentID, position string) DecisionID {
	return decisionID(string(person), string(intent), position)
}

func decisionID(parts ...string) DecisionID {
	var room [256]byte // of most: ids are short
	b := room[:0]
	for _, p := range parts {
		b = binary.AppendUvarint(b, uint64(len(p)))
		b = append(b, p...)
	}
	sum := sha256.Sum256(b)
	return DecisionID(AppendDecision(room[:0], [16]byte(sum[:16])))
}

// DecisionLength is how long an id of ours is.
const DecisionLength = 34

// AppendDecision appends the id of that digest.
func AppendDecision(b []byte, digest [16]byte) []byte {
	return hex.AppendEncode(append(b, "d-"...), digest[:])
}

// Digest is what the id is of, if it is one that AppendDecision makes: half as long.
func (id DecisionID) Digest() (digest [16]byte, ok bool) {
	if len(id) != DecisionLength || id[:2] != "d-" {
		return digest, false
	}
	bad := byte(0)
	for i := range digest {
		high, low := nibble(id[2+2*i]), nibble(id[3+2*i])
		digest[i] = high<<4 | low
		bad |= high | low
	}
	return digest, bad <= 0xf
}

// nibble is the value of a digit of hex.Encode, 0xff of anything else. Digits are as
// good as random, so to ask which kind one is would be to guess wrong half of the time.
func nibble(c byte) byte {
	const (
		gap    = "\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff"
		values = "\x00\x01\x02\x03\x04\x05\x06\x07\x08\x09" + gap + gap + gap + "\x0a\x0b\x0c\x0d\x0e\x0f"
	)
	if c -= '0'; int(c) < len(values) {
		return values[c]
	}
	return 0xff
}
