package schemas

import (
	"bytes"
	"encoding/base64"
	"slices"
)

// Told is what the governor of one partition tells that of another, and the HTTP API
// all of them, on contact.signals. It is no signal of the contract: nobody else publishes it. What
// is remembered stands in it as package state writes it, and is read by that.
//
// It may come twice, and late: hearing it once more changes nothing.
type Told struct {
	ID     string
	Person string // the key: whom it is told of; of an address or a campaign none
	Type   ToldType
	At     Time

	Record   string // of a record: whose it is, of the same person
	Standing []byte // what stands for it, and how the records became one person
	Log      []byte // contacts of it
	Signal   []byte // a signal that was heard of it, as it came

	Address []byte // what was refused of an address, and by whom, as hashes

	Campaign []byte // what was said of a campaign: that it is registered, or killed
}

// ToldType says what is told.
type ToldType string

// The types of what is told.
const (
	ToldRecord   ToldType = "governor.record"   // of another record of a person
	ToldAddress  ToldType = "governor.address"  // of an address
	ToldCampaign ToldType = "governor.campaign" // of a campaign
)

// toldTypes lists every type.
func toldTypes() []ToldType { return []ToldType{ToldRecord, ToldAddress, ToldCampaign} }

// MaxTold is the most bytes that a record has that one partition tells another.
const MaxTold = 900 << 10

// AppendJSON appends what is told as one JSON object.
func (t *Told) AppendJSON(b []byte) []byte {
	w := open(b)
	w.str("id", t.ID)
	w.str("person", t.Person)
	w.str("type", string(t.Type))
	w.time("at", t.At)
	w.optional("record", t.Record)
	for _, f := range [...]struct {
		name string
		raw  []byte
	}{{"standing", t.Standing}, {"signal", t.Signal}, {"address", t.Address}, {"campaign", t.Campaign}} {
		if f.raw != nil {
			w.name(f.name)
			w.b = append(w.b, f.raw...)
		}
	}
	w.optional("log", base64.StdEncoding.EncodeToString(t.Log))
	return w.close()
}

// DecodeTold reads what AppendJSON wrote, strictly: a field that we do not know may
// be a no that a later version knows. Ours says whether the record says that it is
// such a one at all. value is not kept.
func DecodeTold(value []byte) (t Told, ours bool, err error) {
	if len(value) > MaxTold || valid(value) != nil || kindOf(value) != "an object" {
		return Told{}, false, nil
	}
	unknown := false
	c := inside(value)
	for name, raw, ok := c.pair(); ok; name, raw, ok = c.pair() {
		unknown = !t.read(string(unquote(name)), raw) || unknown
	}
	if !slices.Contains(toldTypes(), t.Type) {
		return Told{}, false, nil
	}
	if unknown {
		return Told{}, true, &Malformed{Reason: "is told by another version of the governor, and has what this one does not know: run the one that told it"}
	}
	if !t.enough() || t.ID == "" || t.Person == "" || t.At == 0 {
		return Told{}, true, &Malformed{Reason: "is told by a governor, and says not enough: nobody else publishes such records"}
	}
	return t, true, nil
}

// enough says whether what is told is there, and nothing of another type.
func (t *Told) enough() bool {
	record, address, campaign := t.Record != "", t.Address != nil, t.Campaign != nil
	return record == (t.Type == ToldRecord) && address == (t.Type == ToldAddress) && campaign == (t.Type == ToldCampaign)
}

// read takes one field in, and says whether it is one that can be read.
func (t *Told) read(name string, raw []byte) bool {
	text := ""
	if raw[0] == '"' {
		text = string(unquote(raw))
	}
	switch name {
	case "id":
		t.ID = text
	case "person":
		t.Person = text
	case "type":
		t.Type = ToldType(text)
	case "at":
		t.At, _ = ParseTime(text) // 0 is found missing
	case "record":
		t.Record = text
	case "standing":
		t.Standing = bytes.Clone(raw)
	case "signal":
		t.Signal = bytes.Clone(raw)
	case "address":
		t.Address = bytes.Clone(raw)
	case "campaign":
		t.Campaign = bytes.Clone(raw)
	case "log":
		log, err := base64.StdEncoding.DecodeString(text)
		t.Log = log
		return err == nil
	default:
		return false
	}
	return true
}
