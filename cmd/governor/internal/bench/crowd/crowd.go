package crowd

import (
	"math/rand/v2"
	"strconv"
	"time"

	"github.com/contactgovernor/governor/schemas"
)

// Crowd is whom the traffic is about.
type Crowd struct {
	Seed   uint64
	People int
}

// Record is an intent or a signal as it is published.
type Record struct{ Key, Value []byte }

// lot is a word and how many of a hundred have it.
type lot struct {
	of   int
	word string
}

func draw(r *rand.Rand, lots []lot) string {
	n := r.IntN(100)
	for _, l := range lots {
		if n -= l.of; n < 0 {
			return l.word
		}
	}
	return lots[0].word
}

func channels() []lot {
	return []lot{{46, "email"}, {20, "push"}, {14, "sms"}, {12, "call"}, {6, "in_app"}, {2, "mail"}}
}

func purposes() []lot {
	return []lot{{44, "marketing"}, {14, "newsletter"}, {6, "winback"}, {5, "survey"}, {5, "onboarding"}, {8, "service"}, {6, "billing"}, {8, "receipt"}, {2, "password_reset"}, {2, "collection"}}
}

func zones() []string {
	return []string{"Europe/Berlin", "Europe/London", "America/New_York", "America/Los_Angeles", "America/Sao_Paulo", "Asia/Tokyo", "Asia/Kolkata", "Australia/Sydney"}
}

const (
	engines   = 5
	campaigns = 60
	brands    = 3
)

// Person is the id of somebody.
func Person(n int) string { return "person-" + strconv.Itoa(1_000_000_000+n) }

// IntentID is the id of the n-th intent of a wave.
func IntentID(wave string, n int) string { return wave + "-" + strconv.Itoa(n) }

// random is what decides about the n-th of a wave, whoever asks and in whatever order.
func (c Crowd) random(wave string, n int) *rand.Rand {
	other := c.Seed
	for _, b := range []byte(wave) {
		other = other*31 + uint64(b)
	}
	return rand.New(rand.NewPCG(c.Seed^uint64(n)*0x9e3779b97f4a7c15, other))
}

// Once is somebody, each person once in so many as there are, in an order that has nothing
// to do with who they are.
func (c Crowd) Once(n int) int {
	const stride = 7_368_787 // a prime that divides no number of people that anybody asks for
	return int(uint64(n) % uint64(c.People) * stride % uint64(c.People))
}

// Anybody is somebody, all of them alike.
func (c Crowd) Anybody(wave string, n int) int { return c.random(wave, n).IntN(c.People) }

// Intent is the n-th of a wave: what an engine wants of the person.
func (c Crowd) Intent(wave string, n, person int, at time.Time) schemas.Intent {
	r := c.random(wave, n)
	campaign := r.IntN(campaigns)
	in := schemas.Intent{
		ID: IntentID(wave, n), Person: Person(person), Channel: draw(r, channels()), Purpose: draw(r, purposes()),
		Campaign: "campaign-" + strconv.Itoa(campaign), Engine: "engine-" + strconv.Itoa(campaign%engines), Brand: "brand-" + strconv.Itoa(campaign%brands),
		At: schemas.TimeOf(at), Zones: []string{zones()[person%len(zones())]}, Priority: 10 * r.IntN(11),
	}
	switch in.Channel {
	case "email":
		in.Address = in.Person + "@example.org"
	case "call":
		in.Mode = draw(r, []lot{{60, schemas.ModeManual}, {40, schemas.ModePredictive}})
	}
	if r.IntN(2) == 0 {
		in.Message = "message-" + strconv.Itoa(campaign)
	}
	if in.Purpose == "marketing" && r.IntN(3) == 0 {
		in.Subject = "offer-" + strconv.Itoa(campaign)
	}
	return in
}

// Told is what is heard of the n-th intent of a wave: mostly what became of it, now and then
// what the person thinks of it. Not of every one is anything heard.
func (c Crowd) Told(wave string, n, person int, at time.Time) (Record, bool) {
	in := c.Intent(wave, n, person, at)
	r := c.random(wave+"'", n)
	w := writer{value: append([]byte(nil), `{"id":"told-`...)}
	w.value = append(append(w.value, in.ID...), '"')
	w.text("person", in.Person)
	w.text("at", at.UTC().Format("2006-01-02T15:04:05.000Z"))
	switch what := r.IntN(1000); {
	case what < 660:
		w.text("type", "outcome")
		w.text("intent", in.ID)
		w.text("result", result(r, in.Channel))
	case what < 760:
		w.text("type", "engagement")
		w.text("kind", draw(r, []lot{{70, "open"}, {25, "click"}, {5, "purchase"}}))
		w.text("actor", draw(r, []lot{{55, "machine"}, {45, "human"}}))
		w.text("campaign", in.Campaign)
	case what < 768:
		w.text("type", "refusal")
		w.text("channel", in.Channel)
		w.text("source", "link")
	case what < 772:
		w.text("type", "reply")
		w.text("channel", in.Channel)
		w.text("text", draw(r, []lot{{50, "STOP"}, {50, "thanks, maybe later"}}))
	case what < 776:
		w.text("type", "conversation")
		w.text("channel", "call")
	case what < 777:
		w.text("type", "cancellation")
		w.text("subject", "offer-1")
	default:
		return Record{}, false
	}
	return Record{[]byte(in.Person), append(w.value, '}')}, true
}

func result(r *rand.Rand, channel string) string {
	if channel == "call" {
		return draw(r, []lot{{40, "no_answer"}, {25, "answered"}, {15, "voicemail"}, {10, "conversation"}, {8, "busy"}, {2, "abandoned"}})
	}
	return draw(r, []lot{{70, "delivered"}, {25, "sent"}, {3, "not_sent"}, {2, "bounced"}})
}

// writer writes a flat object. Nothing that it is given needs to be escaped.
type writer struct{ value []byte }

func (w *writer) text(name, value string) {
	w.value = append(append(append(append(append(w.value, `,"`...), name...), `":"`...), value...), '"')
}
