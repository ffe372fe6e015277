package scenario

import (
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
	people []person
}

// person is somebody in a story.
type person struct {
	name  string
	zones []string // what engines say of where they are
}

func (h *header) find(name string) (person, bool) {
	i := slices.IndexFunc(h.people, func(p person) bool { return p.name == name })
	if i < 0 {
		return person{}, false
	}
	return h.people[i], true
}

func (h *header) names() []string {
	var names []string
	for _, p := range h.people {
		names = append(names, p.name)
	}
	return names
}

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
	switch first, twice := p.taken[id]; {
	case !ok || title == "" || !sayable(id):
		p.wrong(s.first, "a scenario has a name, a colon, and what it shows: write for example scenario A1: A refusal vetoes the next contact")
	case twice:
		p.wrong(s.first, "the name %q is taken at line %d: give each scenario one of its own", id, first)
	}
	p.taken[id] = s.number
	head := p.above
	head.people = slices.Clone(head.people)
	p.b = &builder{
		p: p, header: head, when: map[string]rules.Instant{}, owners: map[string][]string{}, named: map[string]bool{},
		scenario: &Scenario{ID: id, Title: title, At: p.at(s.first)}, first: s.first, from: s.number,
	}
}

func (p *parser) why(s *statement) {
	switch {
	case p.b.scenario == nil:
		p.wrong(s.first, "why of what? Write it below scenario")
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
	if w.take("in") {
		list, ok := w.zones()
		if !ok {
			return
		}
		zones = list
	}
	if !w.end() {
		return
	}
	for _, t := range names {
		for _, name := range each(t.text) {
			p.person(t, person{name, zones})
		}
	}
}

func (p *parser) person(t token, who person) {
	head := p.head()
	_, twice := head.find(who.name)
	switch {
	case !sayable(who.name):
		p.wrong(t, "%q is no name: write letters, digits, dots, lines, and a letter first", who.name)
	case slices.Contains(notNames(), who.name):
		p.wrong(t, "%q is a word of the language: choose another name", who.name)
	case twice:
		p.wrong(t, "%s is there already: name everybody once", who.name)
	case len(head.people) >= mostTimes:
		p.wrong(t, "more than %d people: nobody can tell them apart", mostTimes)
	default:
		head.people = append(head.people, who)
	}
}

// notNames are the words that begin something else where a name may stand.
func notNames() []string {
	return []string{"redeem", "outcome", "record", "time", "then", "in", "everything", "scenario", "why", "policy", "zone", "person", "people",
		"approved", "vetoed", "held", "revoked", "not", "ok", "dead", "nothing", "and", "of", "no"}
}
