package pages

import (
	"fmt"
	"net/http"
	"time"

	"github.com/contactgovernor/governor/cmd/governor/internal/health"
	"github.com/contactgovernor/governor/cmd/governor/internal/page"
)

// status is how the process fares, in a word and a sentence. It is at the head of every page.
type status struct {
	Kind string // well, busy or held
	Word string
	Text string
}

func (v *visit) status() status {
	s := v.o.Board.Status()
	return statusOf(&s)
}

func statusOf(s *health.Status) status {
	switch {
	case len(s.Holds) > 0:
		h := &s.Holds[0]
		text := fmt.Sprintf("%s, for %s: nothing is approved there.", h.What, span(h.For))
		if more := len(s.Holds) - 1; more > 0 {
			text += fmt.Sprintf(" And %d more.", more)
		}
		return status{"held", "Held", text}
	case s.Ready && len(s.Partitions) == 0:
		return status{"well", "Standing by", "Other governors have all partitions."}
	case s.Ready:
		return status{"well", "Deciding", page.Count(len(s.Partitions), "partition") + ", none held."}
	case s.Stage == health.Stopping:
		return status{"busy", "Stopping", "It finishes what is under way."}
	case s.Stage == health.Governing:
		return status{"busy", "Recovering", "Memory and log are made to agree; nothing is decided yet."}
	}
	return status{"busy", "Starting", "Nothing is decided yet."}
}

// holdsPage is what holds, and what lags.
type holdsPage struct {
	At         time.Time
	Status     status
	Holds      []held
	Rebuilds   []health.Rebuild
	Partitions []partition
	Classes    []class
}

type held struct {
	What, Class, Why string
	Since            time.Time
	For              string
}

type partition struct {
	Number        int32
	State         string
	Kind          string
	Since         time.Time
	LastBatch     string
	Took          string
	Intents, Sigs int64
	Lag           string
	Behind        bool
}

// class is how often something held, and how long.
type class struct {
	Name, Words string
	Begun       int
	Held        string
}

func (v *visit) holds() {
	v.show(http.StatusOK, "holds", frame{Title: "Holds and lag", Live: true, Again: reload(v.r), Page: v.fares()})
}

// lagging is from when on a partition is behind: what is fetched is answered in well under a second.
const lagging = 5 * time.Second

func (v *visit) fares() holdsPage {
	s, now := v.o.Board.Status(), v.o.Clock()
	out := holdsPage{At: now, Status: statusOf(&s), Rebuilds: s.Rebuilds}
	for _, h := range s.Holds {
		out.Holds = append(out.Holds, held{h.What, string(h.Class), h.Why, h.Since, span(h.For)})
	}
	for _, p := range s.Partitions {
		one := partition{
			Number: p.Number, State: string(p.State), Kind: "busy", Since: p.Since, LastBatch: absent, Took: absent,
			Intents: p.Intents, Sigs: p.Signals, Lag: span(p.Lag), Behind: p.Lag >= lagging && p.Intents+p.Signals > 0,
		}
		switch p.State {
		case health.Deciding:
			one.Kind = "well"
		case health.Holding:
			one.Kind, one.Behind = "held", true
		}
		if !p.LastBatch.IsZero() {
			one.LastBatch, one.Took = span(max(0, now.Sub(p.LastBatch)))+" ago", span(p.Took)
		}
		out.Partitions = append(out.Partitions, one)
	}
	for _, c := range health.Classes() {
		one := class{string(c), classWords(c), s.Begun[c], absent}
		if one.Begun > 0 {
			one.Held = span(s.Held[c])
		}
		out.Classes = append(out.Classes, one)
	}
	return out
}

// classWords says what a class of holds is.
func classWords(c health.Class) string {
	switch c {
	case health.Kafka:
		return "the log did not answer"
	case health.Redis:
		return "the memory did not answer"
	case health.Clocks:
		return "two clocks disagreed"
	case health.Fenced:
		return "another governor took the partition"
	case health.Memory:
		return "the memory was not what it had been"
	}
	return "something else"
}
