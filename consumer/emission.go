package consumer

import (
	"fmt"
	"strconv"

	"github.com/contactgovernor/governor/consumer/governor"
	"github.com/contactgovernor/governor/schemas"
)

// The headers by which a worker finds again what of a batch has landed.
const (
	HeaderBatch   = "governor_batch"   // the number of the batch
	HeaderIndex   = "governor_index"   // the record's place in it, from 0
	HeaderSource  = "governor_source"  // topic/partition/offset of the record that it came from
	HeaderSignals = "governor_signals" // the signals before this offset were heard

	// HeaderFirstCall says of an approved call when the first call of its campaign
	// was approved, in ms since 1970, as far as its partition knew.
	HeaderFirstCall = "governor_first_call"

	// HeaderFrom marks what one partition tells another, on its signals: it is the
	// number of the one that tells.
	HeaderFrom = "governor_from"
)

// emission is one record on its way out. Topics are the contract's names; the
// worker's slots add the prefix.
type emission struct {
	topic     string
	partition int32
	record    Record
}

// tells says whether the emission is for another partition. What landed there cannot
// be seen from here; it may be emitted as often as one likes.
func (e *emission) tells() bool { return e.topic == governor.Signals }

// emissions adds records of an output to those of the batch: one, or one for each
// partition that is to hear of it.
func (t *term) emissions(out []emission, o *governor.Output, batch int64) []emission {
	if !o.Everywhere {
		e := t.emission(o, batch, len(out))
		if e.tells() && t.cfg.PartitionOf != nil {
			e.partition = t.cfg.PartitionOf(e.record.Key)
		}
		return append(out, e)
	}
	for _, p := range t.others() {
		e := t.emission(o, batch, len(out))
		e.partition = p
		out = append(out, e)
	}
	return out
}

// emission makes a record of an output. The batch's number and the place in it go
// into its headers.
func (t *term) emission(o *governor.Output, batch int64, index int) emission {
	event, id := eventOf(o)
	if id == "" { // a standing has no name of its own; its place in the log is unique
		id = fmt.Sprintf("%d-%d-%d", t.partition, batch, index)
	}
	p := &t.paper
	p.begin()
	for _, h := range schemas.CEHeaders(event, t.cfg.Source, id, p.time(o.At)) {
		p.put(h.Key, h.Value)
	}
	p.number(HeaderBatch, batch)
	p.number(HeaderIndex, int64(index))
	p.number(HeaderSignals, max(t.heard, t.recalled.heard))
	if o.Source.Topic != "" {
		src := o.Source
		src.Partition = t.partition
		from := len(p.text)
		p.text = src.Append(p.text)
		p.end(HeaderSource, from)
	}
	if o.FirstCall != 0 {
		p.number(HeaderFirstCall, int64(o.FirstCall))
	}
	if o.Topic == governor.Signals {
		p.number(HeaderFrom, int64(t.partition))
	}
	p.trace(o.Source.Trace)
	from := len(p.text)
	p.text = append(p.text, o.Person...)
	key := p.text[from:len(p.text):len(p.text)]
	return emission{o.Topic, t.partition, Record{Time: o.At.Time(), Key: key, Value: o.Value, Headers: p.written()}}
}

// eventOf is the CloudEvents type and id of an output; a dead letter is none.
func eventOf(o *governor.Output) (event, id string) {
	switch o.Topic {
	case governor.Approved:
		return schemas.EventApproved, o.ID
	case governor.Vetoed:
		return schemas.EventVetoed, o.ID
	case governor.Revoked:
		return schemas.EventRevoked, o.ID
	case governor.Redemption:
		return schemas.EventRedeemed, o.ID
	case governor.Leaked:
		return schemas.EventLeaked, o.ID
	case governor.Signals:
		return schemas.EventSignal, o.ID
	case governor.VetoRates:
		return schemas.EventVetoRate, ""
	}
	return schemas.EventStanding, ""
}

// mostDeadValue bounds the value of a dead letter. What is larger would not fit
// into a record of the broker's default size; it is cut, and the header says of
// how many bytes. The whole is still at its source, as long as that is kept.
const mostDeadValue = 900 << 10

// mostDeadRest bounds its key and its headers likewise. Where they are larger the
// headers that it came with are left out, and the key is cut.
const mostDeadRest = 64 << 10

// HeaderTruncated says of a dead letter how many bytes its value had.
const HeaderTruncated = "governor_truncated"

// deadLetter keeps a record that could not be read, as it was, with the reason.
func deadLetter(src governor.Source, r Record, why error, batch int64, index int) emission {
	var headers []Header
	rest := len(r.Key)
	for _, h := range r.Headers {
		rest += len(h.Key) + len(h.Value) + 8 // of their lengths
	}
	if rest > mostDeadRest {
		r.Headers, r.Key = nil, r.Key[:min(len(r.Key), mostDeadRest)]
	}
	headers = append(headers, r.Headers...)
	for _, h := range governor.DeadLetterHeaders(src, why) {
		headers = append(headers, Header(h))
	}
	value := r.Value
	if len(value) > mostDeadValue || rest > mostDeadRest {
		headers = append(headers, Header{HeaderTruncated, strconv.AppendInt(nil, int64(len(value)), 10)})
		value = value[:min(len(value), mostDeadValue)]
	}
	headers = append(headers,
		Header{HeaderBatch, strconv.AppendInt(nil, batch, 10)},
		Header{HeaderIndex, strconv.AppendInt(nil, int64(index), 10)},
		Header{HeaderSource, []byte(src.String())},
	)
	return emission{governor.DeadLetter, src.Partition, Record{Time: r.Time, Key: r.Key, Value: value, Headers: headers}}
}
