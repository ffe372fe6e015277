package demo

import (
	"cmp"
	"slices"

	"github.com/contactgovernor/governor/schemas"
)

// tally counts what became of intents, by engine. The zero value is empty.
type tally struct {
	engines []*engineTally // in order of appearance
	reasons map[string]int // by first reason
	named   map[string]int // by every reason that was named
}

type engineTally struct {
	name                     string
	wanted, through, refused int
	reasons                  map[string]int
}

func (t *tally) engine(name string) *engineTally {
	for _, e := range t.engines {
		if e.name == name {
			return e
		}
	}
	e := &engineTally{name: name, reasons: make(map[string]int)}
	t.engines = append(t.engines, e)
	return e
}

// want counts an intent.
func (t *tally) want(engine string) { t.engine(engine).wanted++ }

// note counts a decision.
func (t *tally) note(d *schemas.Decision) {
	e := t.engine(d.Engine)
	if d.Verdict == schemas.Approved {
		e.through++
		return
	}
	if t.reasons == nil {
		t.reasons, t.named = make(map[string]int), make(map[string]int)
	}
	e.refused++
	e.reasons[d.Reason]++
	t.reasons[d.Reason]++
	for i, r := range d.Reasons {
		if !slices.ContainsFunc(d.Reasons[:i], func(o schemas.Objection) bool { return o.Reason == r.Reason }) {
			t.named[r.Reason]++
		}
	}
}

// summary is every engine, the one that wanted most first.
func (t *tally) summary() []Engine {
	var out []Engine
	for _, e := range t.engines {
		out = append(out, Engine{e.name, e.wanted, e.through, e.refused, counted(e.reasons, nil)})
	}
	slices.SortStableFunc(out, func(a, b Engine) int { return cmp.Compare(b.Wanted, a.Wanted) })
	return out
}

// counted is every reason, the most frequent first.
func counted(first, named map[string]int) []Reason {
	out := make([]Reason, 0, len(first))
	for code, n := range first {
		out = append(out, Reason{Code: code, Words: words(code), Count: n, Named: named[code]})
	}
	for code, n := range named {
		if first[code] == 0 {
			out = append(out, Reason{Code: code, Words: words(code), Named: n})
		}
	}
	slices.SortFunc(out, func(a, b Reason) int {
		return cmp.Or(cmp.Compare(b.Count, a.Count), cmp.Compare(b.Named, a.Named), cmp.Compare(a.Code, b.Code))
	})
	return out
}
