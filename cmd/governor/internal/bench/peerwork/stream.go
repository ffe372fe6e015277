package peerwork

import (
	"math/rand"
	"strconv"
	"time"
)

// Work is which stream it is.
type Work struct {
	Seed    int64
	Intents int // records of the stream, second deliveries among them
	People  int
	Hot     bool // every second intent is for one and the same person
}

// What the peers have.
const (
	Seed    = 1
	People  = 200_000
	Intents = 1_000_000
)

// Least is the shortest stream that can be judged: event time covers 30 days, however
// few the intents are, and in a shorter one a second delivery would come more than 24 hours
// after the first, when the id of an intent that was vetoed is forgotten, as it should be.
const Least = 2000

const (
	span   = 30 * 24 * time.Hour
	dupOne = 200 // one intent in dupOne is delivered a second time
	dupLag = 50  // up to this many intents later

	refusingOne = 100           // one person in refusingOne refuses a channel
	refusedMs   = 3_600_000     // within so long before the first intent
	skew        = 1.1           // of Zipf's law, by which people are drawn
	rotation    = 40            // how many campaigns there are
	seedOfNoes  = int64(0x5eed) // makes another stream of the same seed
)

// begins is when event time does.
func begins() int64 { return time.Date(2026, 10, 1, 0, 0, 0, 0, time.UTC).UnixMilli() }

func channel(n uint8) string { return [...]string{"call", "email", "sms"}[n] }

// The text that nobody reads. It makes up for what `intent_id` is longer than `id`.
const (
	theirs  = "Hello {{first_name}}, here is our offer of the week; reply STOP to end these messages. ref 0123456789abcdef0123456789abcdef0123456789abcdef0123456789"
	padding = theirs + "abcdef0"
)

// Intent is one record of the stream.
type Intent struct {
	Seq     int // the intent's own number; a second delivery has the same
	Person  int
	Channel uint8
	AtMs    int64
	Again   bool // it is a second delivery
}

// Refusal says that the person refuses one channel.
type Refusal struct {
	Seq     int
	Person  int
	Channel uint8
	AtMs    int64
}

// Refusals are the same for each length of the stream.
func (w Work) Refusals() (out []Refusal) {
	r := rand.New(rand.NewSource(w.Seed ^ seedOfNoes))
	for p := range w.People {
		if r.Intn(refusingOne) == 0 {
			out = append(out, Refusal{len(out), p, uint8(r.Intn(3)), begins() - 1 - int64(r.Intn(refusedMs))})
		}
	}
	return out
}

// Each calls visit with every record in order, and says how many different intents there
// were. It ends early when visit says so.
func (w Work) Each(visit func(Intent) bool) (different int) {
	r := rand.New(rand.NewSource(w.Seed))
	z := rand.NewZipf(r, skew, 1, uint64(w.People-1))
	step := float64(span.Milliseconds()) / float64(w.Intents)
	type due struct {
		at int
		in Intent
	}
	var pending []due
	for i := range w.Intents {
		if len(pending) > 0 && pending[0].at <= i {
			again := pending[0].in
			pending = pending[1:]
			again.Again = true
			if !visit(again) {
				break
			}
			continue
		}
		in := Intent{
			Seq:     different,
			Person:  int(z.Uint64()),
			Channel: uint8(r.Intn(3)),
			AtMs:    begins() + int64(step*float64(i)),
		}
		if w.Hot && i%2 == 0 {
			in.Person = 0
		}
		different++
		if r.Intn(dupOne) == 0 {
			d := due{i + 1 + r.Intn(dupLag), in}
			k := len(pending)
			for k > 0 && pending[k-1].at > d.at {
				k--
			}
			pending = append(pending[:k], append([]due{d}, pending[k:]...)...)
		}
		if !visit(in) {
			break
		}
	}
	return different
}

func digits(b []byte, v, width int) []byte {
	s := strconv.Itoa(v)
	for i := len(s); i < width; i++ {
		b = append(b, '0')
	}
	return append(b, s...)
}

// AppendPerson appends the id of a person, which is the key of their records.
func AppendPerson(b []byte, person int) []byte { return digits(append(b, "p-"...), person, 7) }

func moment(b []byte, ms int64) []byte {
	return time.UnixMilli(ms).UTC().AppendFormat(b, "2006-01-02T15:04:05.000Z")
}

// AppendJSON appends the record's value.
func (in Intent) AppendJSON(b []byte) []byte { return in.write(b, "id", padding) }

func (in Intent) write(b []byte, id, text string) []byte {
	b = append(append(append(b, `{"`...), id...), `":"i-`...)
	b = digits(b, in.Seq, 8)
	b = AppendPerson(append(b, `","person":"`...), in.Person)
	b = append(append(b, `","channel":"`...), channel(in.Channel)...)
	b = append(b, `","purpose":"marketing","campaign":"c-`...)
	b = strconv.AppendInt(b, int64(in.Seq%rotation), 10)
	b = moment(append(b, `","at":"`...), in.AtMs)
	b = append(append(b, `","template":"`...), text...)
	return append(b, `"}`...)
}

// AppendJSON appends the record's value.
func (f Refusal) AppendJSON(b []byte) []byte { return f.write(b, "id") }

func (f Refusal) write(b []byte, id string) []byte {
	b = append(append(append(b, `{"`...), id...), `":"s-`...)
	b = digits(b, f.Seq, 6)
	b = AppendPerson(append(b, `","person":"`...), f.Person)
	b = append(append(b, `","type":"refusal","channel":"`...), channel(f.Channel)...)
	b = moment(append(b, `","at":"`...), f.AtMs)
	return append(b, `"}`...)
}
