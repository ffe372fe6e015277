package scenario

import (
	"maps"
	"slices"
	"strings"
	"time"

	"github.com/contactgovernor/governor/rules"
)

// header is what a scenario says before its first event. What stands before the
// first scenario of a file is true of each, unless it says otherwise.
type header struct {
	policy Policy
	zone   *time.Location
	zoneAt int // its line
	people map[string]person
}

// person is somebody in a story.
type person struct {
	zones []string // what engines say of where they are
}

func (h *header) find(name string) (person, bool) {
	p, ok := h.people[name]
	return p, ok
}

func (h *header) names() []string { return slices.Sorted(maps.Keys(h.people)) }

// head is the header that is being read.
func (p *parser) head() *header {
	if p.b.scenario == nil {
		return &p.above
	}
	return &p.b.header
}

// inHead says whether the statement stands where it may, before the first event.
func (p *parser) inHead(s *statement) bool {
	for _, e := range s.expects {
		p.wrong(e[0], "nothing is expected of %s: begin => below an event", s.first.text)
	}
	if len(p.b.lines) > 0 {
		p.wrong(s.first, "%s comes too late: write it above the first event", s.first.text)
		return false
	}
	return true
}

func (p *parser) scenario(s *statement) {
	p.b.finish()
	id, title, ok := strings.Cut(strings.TrimSpace(s.prose), ":")
	id, title = strings.TrimSpace(id), strings.TrimSpace(title)
	first, twice := p.taken[id]
	good := ok && title != "" && sayable(id)
	switch {
	case !good:
		p.wrong(s.first, "a scenario has a name, a colon, and what it shows: write for example scenario A1: A refusal vetoes the next contact")
	case twice:
		p.wrong(s.first, "the name %q is taken at line %d: give each scenario one of its own", id, first)
	}
	p.taken[id] = s.number
	head := p.above
	head.people = maps.Clone(head.people)
	p.b = &builder{
		p: p, header: head, when: map[string]rules.Instant{}, owners: map[string][]string{}, named: map[string]bool{},
		scenario: &Scenario{ID: id, Title: title, At: p.at(s.first)}, first: s.first, from: s.number, spoilt: !good,
	}
}

func (p *parser) why(s *statement) {
	switch {
	case p.b.scenario == nil:
		p.wrong(s.first, "why of what? Write it below scenario")
	case len(p.b.lines) > 0:
		p.wrong(s.first, "why comes too late: write it above the first event")
	case p.b.scenario.Why != "":
		p.wrong(s.first, "a second why: let the first go on in indented lines")
	case strings.TrimSpace(s.prose) == "":
		p.wrong(s.first, "why says nothing: write the sentence or the paragraph behind the scenario, or leave it out")
	default:
		p.b.scenario.Why = strings.Join(strings.Fields(s.prose), " ")
	}
}

func (p *parser) policy(s *statement) {
	if !p.inHead(s) {
		return
	}
	head := p.head()
	if first := head.policy.At.Line; first >= p.b.from {
		p.wrong(s.first, "a second policy, first at line %d: name several with commas between them, which means the strictest of all", first)
		return
	}
	head.policy = Policy{At: p.at(s.first)}
	if s.blocks {
		if strings.TrimSpace(s.block.String()) == "" {
			p.wrong(s.first, "which policy? Write policy no-means-no, or policy ./ours.yaml, or the policy itself in indented lines")
		}
		head.policy.Text = []byte(strings.Repeat("\n", s.number) + s.block.String())
		return
	}
	var names []string
	for i, t := range s.words[1:] {
		switch {
		case i%2 == 1 && t.kind == comma && i+2 < len(s.words):
		case i%2 == 0 && t.kind == word:
			names = append(names, t.text)
		default:
			p.wrong(t, "%s is not what belongs here: write policy and its name, or several with commas between them", t.named())
			return
		}
	}
	head.policy.Names = strings.Join(names, ",")
}

func (p *parser) zone(s *statement) {
	if !p.inHead(s) {
		return
	}
	w := p.words(s.words[1:], s.first)
	t, ok := w.next()
	if !ok || t.kind != word {
		p.wrong(t, "which zone? Write for example zone Europe/Berlin")
		return
	}
	head := p.head()
	if head.zoneAt >= p.b.from {
		p.wrong(s.first, "a second zone, first at line %d: keep one, and write others behind the times that need them", head.zoneAt)
		return
	}
	head.zoneAt = s.number
	head.zone = time.UTC // where the zone is none, no time complains about it
	if loc, ok := w.zone(t); ok && w.end() {
		head.zone = loc
	}
}

// people reads person anna in Europe/Berlin, and people p1..p3.
func (p *parser) people(s *statement) {
	if !p.inHead(s) {
		return
	}
	w := p.words(s.words[1:], s.first)
	var names []token
	for {
		t, ok := w.next()
		if !ok || t.kind != word {
			w.wrong(t, "who? Write for example person anna in Europe/Berlin")
			return
		}
		names = append(names, t)
		if t, ok := w.peek(); !ok || t.kind != comma {
			break
		}
		w.i++
	}
	var zones []string
	if w.take("in") { // who is somewhere that is nowhere is in the story all the same
		zones, _ = w.zones()
	}
	w.end()
	for _, t := range names {
		for _, name := range each(t.text) {
			if !p.person(t, name, person{zones}) {
				break
			}
		}
	}
}

// person introduces somebody, and says whether that was possible.
func (p *parser) person(t token, name string, who person) bool {
	head := p.head()
	_, twice := head.find(name)
	switch {
	case !sayable(name):
		p.wrong(t, "%q is no name: write letters, digits, dots, lines, and a letter first", name)
	case slices.Contains(notNames(), name):
		p.wrong(t, "%q is a word of the language: choose another name", name)
	case twice:
		p.wrong(t, "%s is there already: name everybody once", name)
	case len(head.people) >= mostTimes:
		p.wrong(t, "more than %d people: nobody can tell them apart", mostTimes)
	case head.people == nil:
		head.people = map[string]person{name: who}
		return true
	default:
		head.people[name] = who
		return true
	}
	return false
}

// notNames are the words that begin something else where a name may stand.
func notNames() []string {
	return []string{"redeem", "outcome", "record", "time", "then", "in", "everything", "scenario", "why", "policy", "zone", "person", "people",
		"approved", "vetoed", "held", "revoked", "not", "ok", "dead", "nothing", "for", "from", "until", "decided", "reasons", "items", "counted",
		"shadow", "naming", "and", "of", "no"}
}
