//go:build integration

package integration

import (
	"encoding/json"
	"fmt"
	"testing"
	"time"

	"github.com/twmb/franz-go/pkg/kgo"
)

// What engines send and what the governor answers, as a stranger would write and read it: nothing of the governor's own
// code is used here.

// intent is an intended contact. Channels with office hours are asked for where it is noon now.
type intent struct {
	ID       string   `json:"id"`
	Person   string   `json:"person"`
	Channel  string   `json:"channel"`
	Purpose  string   `json:"purpose"`
	Campaign string   `json:"campaign"`
	At       string   `json:"at"`
	Zones    []string `json:"zones,omitempty"`
}

// signal is what a person said.
type signal struct {
	ID      string `json:"id"`
	Person  string `json:"person"`
	Type    string `json:"type"`
	At      string `json:"at"`
	Channel string `json:"channel,omitempty"`
	Source  string `json:"source,omitempty"`
	Text    string `json:"text,omitempty"`
}

// decision is an answer.
type decision struct {
	ID      string    `json:"id"`
	Intent  string    `json:"intent"`
	Person  string    `json:"person"`
	Channel string    `json:"channel"`
	Verdict string    `json:"verdict"`
	Reason  string    `json:"reason"`
	Decided time.Time `json:"decided"`
}

func stamp(t time.Time) string { return t.UTC().Format("2006-01-02T15:04:05.000Z") }

// noon is a zone in which it is about noon now, so that a test may run at night.
func noon() string {
	switch ahead := 12 - time.Now().UTC().Hour(); {
	case ahead > 0:
		return fmt.Sprintf("Etc/GMT-%d", ahead) // the sign of these names is the other way round
	case ahead < 0:
		return fmt.Sprintf("Etc/GMT+%d", -ahead)
	}
	return "Etc/UTC"
}

// marketing is an intent that somebody wants something with.
func marketing(id, person, channel, campaign string) intent {
	return intent{ID: id, Person: person, Channel: channel, Purpose: "marketing", Campaign: campaign, At: stamp(time.Now()), Zones: []string{noon()}}
}

func text(t *testing.T, v any) string {
	t.Helper()
	b, err := json.Marshal(v)
	must(t, err)
	return string(b)
}

// record is a message as a record of the place.
func (p *place) record(t *testing.T, topic, person string, v any) *kgo.Record {
	t.Helper()
	return &kgo.Record{Topic: p.topic(topic), Key: []byte(person), Value: []byte(text(t, v))}
}

// decisions reads all answers of the place.
func (p *place) decisions(t *testing.T) []decision {
	t.Helper()
	var out []decision
	for _, topic := range []string{"contact.approved", "contact.vetoed"} {
		for _, r := range p.read(t, topic) {
			out = append(out, decided(t, r))
		}
	}
	return out
}

// ask sends an intent and waits for its answer.
func (p *place) ask(t *testing.T, in intent) decision {
	t.Helper()
	p.send(t, "contact.intents", in.Person, text(t, in))
	var answer decision
	waitFor(t, "a decision on "+in.ID, func() bool {
		for _, d := range p.decisions(t) {
			if d.Intent == in.ID {
				answer = d
				return true
			}
		}
		return false
	})
	return answer
}

func decided(t *testing.T, r *kgo.Record) decision {
	t.Helper()
	var d decision
	must(t, json.Unmarshal(r.Value, &d))
	return d
}
