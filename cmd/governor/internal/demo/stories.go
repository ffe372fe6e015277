package demo

import (
	"bufio"
	"bytes"
	"cmp"
	"embed"
	"fmt"
	"slices"

	"github.com/go-json-experiment/json"
	"github.com/go-json-experiment/json/jsontext"

	"github.com/contactgovernor/governor/schemas"
)

// The stories, in the format of governor replay, which can play them too:
//
//	governor replay --policy no-means-no --events cmd/governor/internal/demo/stories/a10.jsonl
//
//go:embed stories
var storyFiles embed.FS

// Topics of a recording that are none of Kafka's.
const (
	topicRedeem = "redeem"
	topicTick   = "tick"
)

// story is one of the index.
type story struct {
	File     string `json:"file"`
	Case     string `json:"case"` // which of the project's open cases it is
	Engine   string `json:"engine"`
	Title    string `json:"title"`
	Essay    string `json:"essay"`
	Sentence string `json:"sentence"` // of the essay, that it is about

	events []event
}

// event is one line of a recording.
type event struct {
	story   int // index of its story
	last    bool
	arrived schemas.Time
	topic   string
	intent  schemas.Intent // of contact.intents
	signal  schemas.Signal // of contact.signals
	redeem  string         // of redeem: the intent
}

// stories reads the embedded stories.
func stories() ([]story, error) {
	index, err := storyFiles.ReadFile("stories/index.json")
	if err != nil {
		return nil, err
	}
	var list []story
	if err := json.Unmarshal(index, &list, json.RejectUnknownMembers(true)); err != nil {
		return nil, fmt.Errorf("stories/index.json: %w", err)
	}
	for i := range list {
		s := &list[i]
		b, err := storyFiles.ReadFile("stories/" + s.File)
		if err != nil {
			return nil, err
		}
		lines := bufio.NewScanner(bytes.NewReader(b))
		for n := 1; lines.Scan(); n++ {
			e, err := readEvent(lines.Bytes())
			if err != nil {
				return nil, fmt.Errorf("stories/%s, line %d: %w", s.File, n, err)
			}
			e.story = i
			s.events = append(s.events, e)
		}
		if err := lines.Err(); err != nil {
			return nil, err
		}
		if len(s.events) == 0 {
			return nil, fmt.Errorf("stories/%s is empty", s.File)
		}
		s.events[len(s.events)-1].last = true
	}
	return list, nil
}

// readEvent reads one line.
func readEvent(line []byte) (event, error) {
	var w struct {
		Arrived string         `json:"arrived"`
		Topic   string         `json:"topic"`
		Value   jsontext.Value `json:"value"`
	}
	if err := json.Unmarshal(line, &w, json.RejectUnknownMembers(true)); err != nil {
		return event{}, err
	}
	e := event{topic: w.Topic}
	var err error
	if e.arrived, err = schemas.ParseTime(w.Arrived); err != nil {
		return event{}, err
	}
	switch w.Topic {
	case "contact.intents":
		e.intent, _, err = schemas.DecodeIntent(w.Value)
	case "contact.signals":
		e.signal, _, err = schemas.DecodeSignal(w.Value)
	case topicRedeem:
		var ask struct {
			Intent string `json:"intent"`
		}
		err = json.Unmarshal(w.Value, &ask)
		e.redeem = ask.Intent
	case topicTick:
	default:
		err = fmt.Errorf("topic %q is none of a story's", w.Topic)
	}
	return e, err
}

// timeline is what happens in all stories, in order of time.
func timeline(list []story) []event {
	var all []event
	for i := range list {
		all = append(all, list[i].events...)
	}
	slices.SortStableFunc(all, func(a, b event) int { return cmp.Compare(a.arrived, b.arrived) })
	return all
}
