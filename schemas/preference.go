package schemas

import (
	"slices"
	"strconv"
	"time"
)

// Days lists the names of the days, as quiet has them.
func Days() []string { return []string{"mon", "tue", "wed", "thu", "fri", "sat", "sun"} }

// quiet reads the person's own quiet times; nil where there are none, empty
// but not nil where the person took them back.
func (o *object) quiet() []Quiet {
	var list []Quiet
	there := o.array(fQuiet, maxQuiet, func(i int, raw []byte) {
		e := object{path: entry("quiet", i)}
		const need fieldSet = 1<<fDays | 1<<fFrom | 1<<fTo
		if e.open(raw, need) {
			q := Quiet{Days: e.days(), From: e.minutes(fFrom, 1439), To: e.minutes(fTo, 1440)}
			e.require(need)
			list = append(list, q)
		}
		o.take(&e)
	})
	if there && list == nil {
		list = []Quiet{}
	}
	return list
}

func (o *object) days() []string {
	days := o.strs(fDays, maxDays, maxName, line)
	if days != nil && len(days) == 0 {
		o.fail("days", "is empty; name the days on which it starts")
	}
	for i, d := range days {
		if d != "" && !slices.Contains(Days(), d) {
			o.fail(entry("days", i), "must be "+oneOf(Days()))
		}
	}
	return days
}

// minutes reads "HH:MM" as minutes after midnight, up to last.
func (o *object) minutes(f field, last int) int {
	s := o.str(f, maxName, line)
	if s == "" {
		return 0 // absent, or told already
	}
	hour, minute, ok := 0, 0, len(s) == 5 && s[2] == ':'
	if ok {
		h, ok1 := digits([]byte(s[:2]))
		m, ok2 := digits([]byte(s[3:]))
		hour, minute, ok = h, m, ok1 && ok2
	}
	if n := hour*60 + minute; ok && minute < 60 && n <= last {
		return n
	}
	o.fail(f.String(), "must be a time of day like 09:30, up to "+clock(last))
	return 0
}

// clock is the inverse of minutes.
func clock(n int) string {
	return string(two(append(two(nil, n/60), ':'), n%60))
}

// budgets reads what the person allows; nil where nothing is said, empty but
// not nil where the person took it back.
func (o *object) budgets() []Budget {
	var list []Budget
	there := o.array(fBudget, maxBudgets, func(i int, raw []byte) {
		e := object{path: entry("budget", i)}
		if e.open(raw, 1<<fChannel|1<<fMax|1<<fPer) {
			b := Budget{
				Channel: e.str(fChannel, maxName, line),
				Max:     int(e.whole(fMax, 0, maxBudgetMax, 0)),
				Per:     e.duration(),
			}
			e.require(1<<fMax | 1<<fPer)
			list = append(list, b)
		}
		o.take(&e)
	})
	if there && list == nil {
		list = []Budget{}
	}
	return list
}

// duration reads a Go duration of a millisecond or more: all else here is
// counted in milliseconds.
func (o *object) duration() time.Duration {
	s := o.str(fPer, maxName, line)
	if s == "" {
		return 0
	}
	d, err := time.ParseDuration(s)
	if err != nil || d < time.Millisecond {
		o.fail(fPer.String(), "must be a duration of a millisecond or more, like 24h or 720h")
		return 0
	}
	return d
}

// take adds the mistakes and ignored fields of e, an object inside of o.
func (o *object) take(e *object) {
	for _, m := range e.mistakes {
		o.note(m)
	}
	o.ignored.Count += e.ignored.Count
	for _, name := range e.ignored.Names {
		if len(o.ignored.Names) < maxIgnoredNames {
			o.ignored.Names = append(o.ignored.Names, e.path+"."+name)
		}
	}
}

// AppendJSON appends the signal as one JSON object, fields in the order of
// the contract, absent ones left out. What DecodeSignal returned is read back
// the same.
func (s Signal) AppendJSON(b []byte) []byte {
	w := open(b)
	w.str("id", s.ID)
	w.str("person", s.Person)
	w.str("type", string(s.Type))
	w.time("at", s.At)
	w.optional("channel", s.Channel)
	w.optional("purpose", s.Purpose)
	w.optional("subject", s.Subject)
	w.optional("brand", s.Brand)
	w.optional("address", s.Address)
	w.optional("source", s.Source)
	w.optional("evidence", s.Evidence)
	w.optional("text", s.Text)
	if s.Auto {
		w.bool("auto", true)
	}
	w.optional("intent", s.Intent)
	w.optional("decision", s.Decision)
	w.optional("result", string(s.Result))
	w.optional("kind", string(s.Kind))
	w.optional("actor", string(s.Actor))
	w.optional("campaign", s.Campaign)
	s.appendPreference(&w)
	w.optional("value", s.Value)
	w.optional("status", string(s.Status))
	w.optional("into", s.Into)
	w.optional("worker", s.Worker)
	return w.close()
}

func (s Signal) appendPreference(w *writer) {
	if s.Quiet != nil {
		w.name("quiet")
		w.b = append(w.b, '[')
		for i, q := range s.Quiet {
			w.comma(i)
			e := open(w.b)
			e.strs("days", q.Days)
			e.str("from", clock(q.From))
			e.str("to", clock(q.To))
			w.b = e.close()
		}
		w.b = append(w.b, ']')
	}
	if s.Zones != nil {
		w.strs("zones", s.Zones)
	}
	if s.Budget != nil {
		w.name("budget")
		w.b = append(w.b, '[')
		for i, q := range s.Budget {
			w.comma(i)
			e := open(w.b)
			e.optional("channel", q.Channel)
			e.name("max")
			e.b = strconv.AppendInt(e.b, int64(q.Max), 10)
			e.str("per", q.Per.String())
			w.b = e.close()
		}
		w.b = append(w.b, ']')
	}
}
