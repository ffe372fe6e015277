package celrule

import (
	"slices"
	"strings"

	"cel.dev/cel-go/cel"
	"cel.dev/cel-go/common/operators"

	"github.com/contactgovernor/governor/rules/strictyaml"
)

const example = `write for example counts["any"] > 1`

// issues tells what the library found, in our words where it is about ours.
func (s source) issues(issues *cel.Issues) []Mistake {
	var out []Mistake
	for _, e := range issues.Errors() {
		m := s.explain(s.at(e.Location), strings.TrimSuffix(e.Message, " (in container '')"))
		if m.alone {
			return []Mistake{m.Mistake}
		}
		if !slices.Contains(out, m.Mistake) {
			out = append(out, m.Mistake)
		}
	}
	return out
}

// explained is a mistake; alone if what else was found follows from it.
type explained struct {
	Mistake
	alone bool
}

func (s source) explain(at int, what string) explained {
	if name, ok := between(what, "undeclared reference to '", "'"); ok {
		return s.undeclared(at, name)
	}
	say := func(what string) explained { return explained{Mistake: Mistake{at, what}} }
	if operator, ok := between(what, "found no matching overload for '", "'"); ok {
		operands, _ := between(what, "applied to '", "'")
		if shown, known := operators.FindReverse(operator); known && shown != "" {
			operator = shown
		}
		return say(operator + " cannot be applied to " + operands + ": compare like with like; only whole numbers and texts have an order, and only whole numbers are reckoned with")
	}
	switch {
	case strings.Contains(what, "does not support field selection"):
		return say(`this has no fields: write for example counts["call.day"]`)
	case strings.Contains(what, "expected type"):
		return say(what + ": write things of one kind")
	case strings.Contains(what, "nesting limit"):
		return say("a walk within a walk within a walk is too much: write several rules")
	case strings.Contains(what, "regex program size"):
		return say("the pattern is too large: write a shorter one")
	case strings.Contains(what, "invalid matches argument"):
		return say("this is no pattern: mend it, or compare with startsWith, endsWith or contains")
	case strings.Contains(what, "recursion limit"):
		return say("the expression is nested too deep: write several rules")
	}
	what, _, _ = strings.Cut(strings.TrimPrefix(what, "Syntax error: "), " expecting ")
	return say("this is no expression: " + what + ": " + example)
}

// undeclared explains a name that there is not, or that there is not on purpose.
func (s source) undeclared(at int, name string) explained {
	at = s.begin(at)
	field, ofIntent := strings.CutPrefix(name, "intent.")
	if name == "intent" {
		field, ofIntent = s.field(at)
	}
	say := func(what string) explained { return explained{Mistake: Mistake{at, what}} }
	switch {
	case ofIntent && slices.Contains([]string{"id", "person", "address", "reply_to"}, field):
		return say("intent." + field + " tells one person from another, and a rule is for everybody: leave it out")
	case ofIntent && slices.Contains([]string{"at", "not_before", "not_after"}, field), slices.Contains(clocks(), name):
		return say("a rule cannot look at the time, since nobody could say then until when it objects: write quiet_hours, holidays, from or until")
	case ofIntent:
		return say("an intent has no " + field + ": " + strictyaml.Suggest(field, fields()))
	case name == "intent":
		return say("an intent as a whole is nothing to look at: write for example intent.channel")
	case name == operators.Has:
		return explained{Mistake{at, `every field is there, and one that the engine left out is "": write for example intent.subject != ""`}, true}
	case slices.Contains([]string{operators.Map, operators.Filter}, name):
		return explained{Mistake{at, name + " makes a list, and rules make none: write all, exists or exists_one"}, true}
	case slices.Contains(macros(), name):
		return explained{Mistake{at, name + " takes a name and a condition: write for example counts.exists(name, counts[name] > 1)"}, true}
	case slices.Contains(fields(), name):
		return say("nothing is called " + name + " here: did you mean intent." + name + "?")
	}
	known := []string{
		"intent", "class", "counts", "contacts", "silent",
		"size", "contains", "startsWith", "endsWith", "matches", operators.All, operators.Exists, operators.ExistsOne,
	}
	return say("nothing is called " + name + " here: " + strictyaml.Suggest(name, known))
}

// fields are those of the intent.
func fields() []string {
	var out []string
	for _, n := range names() {
		if field, ok := strings.CutPrefix(n.name, "intent."); ok {
			out = append(out, field)
		}
	}
	return out
}

// clocks are what other languages of this kind have for the time.
func clocks() []string {
	return []string{
		"now", "timestamp", "duration", "time", "date",
		"getFullYear", "getMonth", "getDate", "getDayOfMonth", "getDayOfWeek", "getDayOfYear",
		"getHours", "getMinutes", "getSeconds", "getMilliseconds",
	}
}

func between(s, before, after string) (string, bool) {
	_, rest, ok := strings.Cut(s, before)
	found, _, end := strings.Cut(rest, after)
	return found, ok && end
}
