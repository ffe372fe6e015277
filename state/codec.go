package state

import (
	"encoding/binary"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/contactgovernor/governor/rules"
	"github.com/contactgovernor/governor/rules/zones"
)

// The log of a person, packed: one byte of version, then five lists (contacts,
// known ids, held notices, spent ids, what was asked), each with its length in
// front. Numbers are varints, strings have their length in front, and names stand
// as names, so that nothing changes its meaning when a list in the code does. An
// instant is written as its distance from the one before.
//
// Of a contact, what is as in the one before is not written again, nor what few have:
// its first number says what is there (contactParts).
//
// Version 1 had neither what was asked, nor of a contact what it answers, whose
// record it is on and what was waived for it; version 2 had neither which worker
// took it, nor of what is held for which last slots it waits; version 3 had not of
// which trace what is held is part; version 4 wrote every contact in full. All of them
// are still read.
const (
	logVersion    = 5
	oldLogVersion = 1
)

// ErrLogVersion says that the log of a person was written by another version of
// the governor.
var ErrLogVersion = errors.New("the log of a person has an unknown version: run the version that wrote it, or rebuild the store from Kafka")

// EncodeLog packs what may one day be forgotten; nil if there is nothing.
func EncodeLog(p *Person) []byte {
	return AppendLog(nil, p)
}

// AppendLog appends what EncodeLog packs.
func AppendLog(b []byte, p *Person) []byte {
	if len(p.Contacts) == 0 && p.Known.Len() == 0 && len(p.Held) == 0 && len(p.Spent.Hashes) == 0 && !p.Spent.Dropped && len(p.Asked) == 0 {
		return b
	}
	w := packer{b: slices.Grow(b, 64+64*len(p.Contacts)+48*p.Known.Len())}
	w.b = append(w.b, logVersion)
	w.uint(uint64(len(p.Contacts)))
	for i := range p.Contacts {
		w.contact(&p.Contacts[i])
	}
	w.uint(uint64(p.Known.Len()))
	for _, k := range p.Known.All() {
		w.string(string(k.Intent))
		w.fixed(k.Content)
		w.decision(k.Decision)
		w.instant(k.At)
	}
	w.uint(uint64(len(p.Held)))
	for i := range p.Held {
		h := &p.Held[i]
		w.intent(&h.Intent)
		w.instant(h.Arrived)
		w.string(string(h.Decision))
		w.uint(uint64(h.Source))
		w.strings(len(h.Slots), func(i int) string { return h.Slots[i] })
		w.absent(h.By)
		w.string(h.Trace)
	}
	w.uint(uint64(len(p.Spent.Hashes)))
	for _, hash := range p.Spent.Hashes {
		w.fixed(hash)
	}
	w.bool(p.Spent.Dropped)
	w.uint(uint64(len(p.Asked)))
	for i := range p.Asked {
		r := &p.Asked[i]
		w.string(string(r.Signal))
		w.string(string(r.Channel))
		w.instant(r.At)
	}
	return w.b
}

// DecodeLog reads into p what EncodeLog packed. No bytes are an empty log.
func DecodeLog(b []byte, p *Person, find *zones.Finder) error {
	if len(b) == 0 {
		return nil
	}
	if b[0] > logVersion || b[0] < oldLogVersion {
		return fmt.Errorf("version %d: %w", b[0], ErrLogVersion)
	}
	r := unpack(b[1:])
	r.version, r.find = b[0], find
	p.Contacts = make([]rules.Contact, r.length())
	r.decisions(len(p.Contacts))
	for i := range p.Contacts {
		r.contact(&p.Contacts[i])
	}
	known := make([]rules.Known, r.length())
	r.decisions(len(known))
	for i := range known {
		known[i] = rules.Known{Intent: rules.IntentID(r.string()), Content: r.fixed(), Decision: r.decision(), At: r.instant()}
	}
	p.Known = rules.KnownOf(known...)
	p.Held = make([]rules.Held, r.length())
	for i := range p.Held {
		h := &p.Held[i]
		r.intent(&h.Intent)
		h.Arrived, h.Decision, h.Source = r.instant(), rules.DecisionID(r.string()), int64(r.uint())
		if r.version >= 3 {
			h.Slots, h.By = r.strings(), r.absent()
		}
		if r.version >= 4 {
			h.Trace = r.string()
		}
	}
	p.Spent.Hashes = make([]uint64, r.length())
	for i := range p.Spent.Hashes {
		p.Spent.Hashes[i] = r.fixed()
	}
	p.Spent.Dropped = r.bool()
	if r.version >= 2 {
		p.Asked = make([]rules.Request, r.length())
		for i := range p.Asked {
			p.Asked[i] = rules.Request{Signal: rules.SignalID(r.string()), Channel: rules.Channel(r.string()), At: r.instant()}
		}
	}
	if r.err == nil && len(r.b) > 0 {
		r.err = errors.New("bytes are left over")
	}
	if r.err != nil {
		return fmt.Errorf("decode the log of a person: %w", ErrSpoilt)
	}
	return nil
}

type packer struct {
	b     []byte
	last  rules.Instant
	names names // of the contact before
}

func (w *packer) uint(v uint64)  { w.b = binary.AppendUvarint(w.b, v) }
func (w *packer) fixed(v uint64) { w.b = binary.LittleEndian.AppendUint64(w.b, v) }

func (w *packer) string(s string) {
	w.uint(uint64(len(s)))
	w.b = append(w.b, s...)
}

func (w *packer) strings(n int, at func(int) string) {
	w.uint(uint64(n))
	for i := range n {
		w.string(at(i))
	}
}

func (w *packer) instant(i rules.Instant) {
	w.b = binary.AppendVarint(w.b, int64(i-w.last))
	w.last = i
}

// absent writes an instant that may be absent, without losing the distance.
func (w *packer) absent(i rules.Instant) {
	if i == 0 {
		w.b = append(w.b, 0)
		return
	}
	w.b = append(w.b, 1)
	w.instant(i)
}

func (w *packer) bool(v bool) {
	if v {
		w.b = append(w.b, 1)
	} else {
		w.b = append(w.b, 0)
	}
}

// decision writes an id, in half of its length where it is one of ours.
func (w *packer) decision(id rules.DecisionID) {
	digest, ok := id.Digest()
	if !ok {
		w.uint(1 + uint64(len(id)))
		w.b = append(w.b, id...)
		return
	}
	w.uint(0)
	w.b = append(w.b, digest[:]...)
}

func (w *packer) intent(in *rules.Intent) {
	for _, s := range [...]string{
		string(in.ID), string(in.Person), string(in.Channel), string(in.Purpose), string(in.Campaign), string(in.Subject),
		string(in.Brand), in.Engine, string(in.Address), string(in.Mode), in.Message, string(in.ReplyTo),
	} {
		w.string(s)
	}
	w.instant(in.At)
	w.absent(in.NotBefore)
	w.absent(in.NotAfter)
	w.uint(uint64(in.Priority))
	w.bool(in.Promotes)
	names := zones.Names(in.Zones)
	w.strings(len(names), func(i int) string { return names[i] })
	numbers := zones.Names(in.NumberZones)
	w.strings(len(numbers), func(i int) string { return numbers[i] })
}

// unpacker keeps the first error and then yields zero values, so that reading
// can go on in a row.
//
// What it reads is a part of one copy of the bytes: of a person who is remembered most
// of it is, and a thousand small strings cost more than they are long.
type unpacker struct {
	b       []byte
	text    string          // all of it, of which b is the end
	ids     strings.Builder // the ids of decisions, likewise
	version byte
	last    rules.Instant
	names   names // of the contact before
	find    *zones.Finder
	err     error
}

func unpack(b []byte) *unpacker { return &unpacker{b: b, text: string(b)} }

var errShort = errors.New("it ends too early")

func (r *unpacker) fail(err error) {
	if r.err == nil {
		r.err = err
	}
	r.b = nil
}

func (r *unpacker) uint() uint64 {
	v, n := binary.Uvarint(r.b)
	if n <= 0 {
		r.fail(errShort)
		return 0
	}
	r.b = r.b[n:]
	return v
}

// length is the length of a list. No list is longer than the bytes that are
// left, so that a wrong length cannot make us allocate the world.
func (r *unpacker) length() int {
	n := r.uint()
	if n > uint64(len(r.b)) {
		r.fail(errShort)
		return 0
	}
	return int(n)
}

func (r *unpacker) bytes(n int) []byte {
	if n > len(r.b) {
		r.fail(errShort)
		return nil
	}
	out := r.b[:n]
	r.b = r.b[n:]
	return out
}

func (r *unpacker) string() string {
	n := r.length()
	at := len(r.text) - len(r.b)
	r.bytes(n)
	return r.text[at : at+n]
}

func (r *unpacker) decision() rules.DecisionID {
	if r.version < 5 {
		return rules.DecisionID(r.string())
	}
	if n := r.length(); n > 0 {
		return rules.DecisionID(r.bytes(n - 1))
	}
	digest := r.bytes(16)
	if digest == nil {
		return ""
	}
	at := r.ids.Len()
	r.ids.Write(rules.AppendDecision(make([]byte, 0, rules.DecisionLength), [16]byte(digest)))
	return rules.DecisionID(r.ids.String()[at:])
}

// decisions makes room for so many ids.
func (r *unpacker) decisions(n int) {
	r.ids = strings.Builder{}
	r.ids.Grow(n * rules.DecisionLength)
}

func (r *unpacker) strings() []string {
	n := r.length()
	if n == 0 {
		return nil
	}
	out := make([]string, n)
	for i := range out {
		out[i] = r.string()
	}
	return out
}

func (r *unpacker) fixed() uint64 {
	b := r.bytes(8)
	if b == nil {
		return 0
	}
	return binary.LittleEndian.Uint64(b)
}

func (r *unpacker) instant() rules.Instant {
	v, n := binary.Varint(r.b)
	if n <= 0 {
		r.fail(errShort)
		return 0
	}
	r.b = r.b[n:]
	r.last += rules.Instant(v)
	return r.last
}

func (r *unpacker) absent() rules.Instant {
	if !r.bool() {
		return 0
	}
	return r.instant()
}

func (r *unpacker) bool() bool {
	b := r.bytes(1)
	return b != nil && b[0] != 0
}

func (r *unpacker) intent(in *rules.Intent) {
	*in = rules.Intent{
		ID: rules.IntentID(r.string()), Person: rules.PersonID(r.string()), Channel: rules.Channel(r.string()),
		Purpose: rules.Purpose(r.string()), Campaign: rules.Campaign(r.string()), Subject: rules.Subject(r.string()),
		Brand: rules.Brand(r.string()), Engine: r.string(), Address: rules.Address(r.string()), Mode: rules.Mode(r.string()),
		Message: r.string(), ReplyTo: rules.SignalID(r.string()), At: r.instant(), NotBefore: r.absent(), NotAfter: r.absent(),
		Priority: int(r.uint()), Promotes: r.bool(),
	}
	in.Zones, in.NumberZones = r.zones(), r.zones()
}

func (r *unpacker) zones() []*time.Location {
	names := r.strings()
	locs, err := r.find.FindAll(names)
	if err != nil {
		r.fail(err)
	}
	return locs
}
