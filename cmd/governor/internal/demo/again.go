package demo

import (
	"context"
	"strconv"
	"strings"
	"time"

	"github.com/contactgovernor/governor/consumer/governor"
	"github.com/contactgovernor/governor/schemas"
)

// remembered is what a site's log tells about those who ever said no there.
type remembered struct {
	run     int          // how often the stories were told before
	until   schemas.Time // the latest decision
	noes    []schemas.Signal
	earlier int // of the noes: said in an earlier run
	lifted  int // noes that their person took back, in the settings
}

// remember reads the log of a site. Run is the present one. What the governor put
// with the dead letters is passed over.
func remember(ctx context.Context, s *site, run int) (*remembered, error) {
	m := &remembered{}
	back := make(map[string]bool)
	var said []schemas.Signal
	hear := func(value []byte) {
		sig, _, err := schemas.DecodeSignal(value)
		if err != nil {
			return
		}
		m.run, m.until = max(m.run, runOf(sig.Person)+1), max(m.until, sig.At)
		switch sig.Type {
		case schemas.TypeRefusal, schemas.TypeCancellation, schemas.TypeComplaint:
			said = append(said, sig)
		case schemas.TypeConsent:
			back[sig.Person] = true
		}
	}
	read := func(value []byte) {
		if in, _, err := schemas.DecodeIntent(value); err == nil {
			m.until = max(m.until, in.At)
			if in.Engine != beat {
				m.run = max(m.run, runOf(in.Person)+1)
			}
		}
	}
	decided := func(value []byte) {
		if d, err := schemas.DecodeDecision(value); err == nil {
			m.until = max(m.until, d.Decided)
		}
	}
	for topic, each := range map[string]func([]byte){
		governor.Intents: read, governor.Signals: hear, governor.Approved: decided, governor.Vetoed: decided,
	} {
		if err := s.history(ctx, topic, each); err != nil {
			return nil, err
		}
	}
	for _, no := range said {
		switch {
		case back[no.Person]:
			m.lifted++
			continue
		case runOf(no.Person) < run:
			m.earlier++
		}
		m.noes = append(m.noes, no)
	}
	return m, nil
}

// runOf is in which telling a person occurs; 0 is the first.
func runOf(person string) int {
	if _, number, ok := strings.Cut(person, "."); ok {
		if n, err := strconv.Atoi(number); err == nil && n > 1 {
			return n - 1
		}
	}
	return 0
}

// againEngine asks everybody who said no once more.
const againEngine = "one-more-time"

// askAgain has every no put to the test: an intent that it must refuse.
func askAgain(ctx context.Context, s *site, m *remembered, run int) (Restart, error) {
	s.clock.moveTo(m.until.Std().Add(24 * time.Hour))
	for _, no := range m.noes {
		in := schemas.Intent{
			ID: againEngine + "-" + strconv.Itoa(run) + "-" + no.ID, Person: no.Person,
			Channel: otherwise(no.Channel, "email"), Purpose: otherwise(no.Purpose, "marketing"),
			Campaign: againEngine + "-" + strconv.Itoa(run), Subject: no.Subject, Brand: no.Brand, Engine: againEngine,
			At: schemas.TimeOf(s.clock.now()), Priority: schemas.DefaultPriority,
		}
		s.intend(&in)
	}
	decisions, err := s.decide(ctx)
	if err != nil {
		return Restart{}, err
	}
	r := Restart{Noes: len(m.noes), Earlier: m.earlier, TookBack: m.lifted}
	for i := range decisions {
		switch d := &decisions[i]; {
		case d.Engine != againEngine:
		case d.Verdict == schemas.Approved:
			r.Through++
		case strings.HasPrefix(d.Reason, "refused."):
			r.Refused++
		}
	}
	return r, nil
}

func otherwise(s, fallback string) string {
	if s == "" {
		return fallback
	}
	return s
}
