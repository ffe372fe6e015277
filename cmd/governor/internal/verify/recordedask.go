package verify

import (
	"errors"
	"fmt"

	"github.com/go-json-experiment/json"
	"github.com/go-json-experiment/json/jsontext"
)

// recorded is the topic of the lines by which workers ask in a recording, and of the
// lines that answer them. They are no signals.
const recorded = "redeem"

// ask is a line by which a worker asks.
type ask struct {
	person, intent, worker, at string
	signals                    int // how many there were before it
}

func readAsk(value jsontext.Value, at string, signals int) ask {
	var q struct {
		Person string `json:"person"`
		Intent string `json:"intent"`
		Worker string `json:"worker"`
	}
	_ = json.Unmarshal(value, &q) // a replay reads no further than a line that it cannot read
	return ask{q.Person, q.Intent, q.Worker, at, signals}
}

// workers makes of the lines that answer them what a governor that runs would have
// written.
type workers struct {
	asked     []ask                     // that have no answer yet
	signals   map[string][]int64        // the places of those that ask by signals, by id
	approvals map[[2]string]approvedAsk // by person and intent
	whose     map[string]string         // the person of the latest approval, by intent
	had       map[string]string         // who was told yes, by decision
}

// approvedAsk is an approval, as far as an answer repeats it.
type approvedAsk struct {
	ID       string `json:"id"`
	Person   string `json:"person"`
	Intent   string `json:"intent"`
	NotAfter string `json:"not_after"`
}

func (r *Recording) workers() *workers {
	w := &workers{
		asked: r.asked, signals: make(map[string][]int64), approvals: make(map[[2]string]approvedAsk),
		whose: make(map[string]string), had: make(map[string]string),
	}
	for i := range r.records[Signals] {
		e := &r.records[Signals][i]
		if s := readSignal(e, &entry{Place: e.Place}); s.readable && s.kind == asks {
			w.signals[s.id] = append(w.signals[s.id], s.Offset)
		}
	}
	return w
}

// decided notes an approval.
func (w *workers) decided(r *Record) {
	var a approvedAsk
	if r.Topic != Approved || decode(r.Value, &a) != nil {
		return
	}
	w.approvals[[2]string{a.Person, a.Intent}] = a
	w.whose[a.Intent] = a.Person
}

// question is from where the answer to a signal came.
func (w *workers) question(r *Record) []Header {
	a, err := readRedemption(r, &entry{})
	places := w.signals[a.id]
	if err != nil || len(places) == 0 {
		return nil
	}
	if a.ok {
		w.had[a.decision] = a.worker
	}
	w.signals[a.id] = places[1:]
	return []Header{{"governor_source", []byte(Place{Signals, 0, places[0]}.String())}}
}

// answer is what a line says to the next line that asks.
func (w *workers) answer(line int64, value jsontext.Value) (Record, error) {
	var says struct {
		Intent string `json:"intent"`
		OK     bool   `json:"ok"`
		Reason string `json:"reason"`
	}
	if err := decode(value, &says); err != nil {
		return Record{}, fmt.Errorf("redeem: %w", err)
	}
	if len(w.asked) == 0 || w.asked[0].intent != says.Intent {
		return Record{}, errors.New("redeem: no line of the events asks for it; are these the outputs of other events?")
	}
	q := w.asked[0]
	w.asked = w.asked[1:]
	if q.person == "" {
		q.person = w.whose[q.intent]
	}
	a := w.approvals[[2]string{q.person, q.intent}]
	again := says.OK && a.ID != "" && q.worker != "" && w.had[a.ID] == q.worker
	if says.OK {
		w.had[a.ID] = q.worker
	}
	made, err := json.Marshal(map[string]any{
		"id": fmt.Sprint("line ", line), "intent": q.intent, "decision": a.ID, "person": q.person, "worker": q.worker,
		"ok": says.OK, "reason": says.Reason, "not_after": a.NotAfter, "again": again, "answered": q.at,
	})
	return Record{
		Place: Place{Redeemed, 0, line}, Time: instant(q.at), Key: []byte(q.person), Value: made,
		Headers: []Header{{"governor_source", []byte(Place{recorded, 0, int64(q.signals)}.String())}},
	}, err
}
