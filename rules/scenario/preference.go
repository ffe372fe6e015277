package scenario

import (
	"slices"
	"strconv"
	"strings"
)

// quietSpan and budget are as the wire has them.
type (
	quietSpan struct {
		Days []string `json:"days"`
		From string   `json:"from"`
		To   string   `json:"to"`
	}
	budget struct {
		Channel string `json:"channel,omitempty"`
		Max     int    `json:"max"`
		Per     string `json:"per"`
	}
)

// preferences are the clauses of a preference.
func (s *sentence) preferences() []clause {
	quiets, budgets := []quietSpan{}, []budget{}
	return []clause{
		{word: "quiet never", read: func(*words, clause) bool { s.set("quiet", quiets); return true }},
		{word: "quiet", write: "quiet mon-fri 15:00-17:00", many: true, read: func(w *words, c clause) bool {
			q, ok := w.quiet(c.write)
			quiets = append(quiets, q)
			s.set("quiet", quiets)
			return ok
		}},
		{word: "budget none", read: func(*words, clause) bool { s.set("budget", budgets); return true }},
		{word: "budget", write: "budget 1 by email per 720h", many: true, read: func(w *words, c clause) bool {
			limit, ok := w.budget(c.write)
			budgets = append(budgets, limit)
			s.set("budget", budgets)
			return ok
		}},
		{word: "in", read: func(w *words, _ clause) bool {
			list, ok := w.zones()
			s.set("zones", append([]string{}, list...))
			return ok
		}},
	}
}

// quiet reads mon-fri 15:00-17:00.
func (w *words) quiet(write string) (q quietSpan, ok bool) {
	if q.Days, ok = w.days(write); !ok {
		return q, false
	}
	t, _ := w.next()
	q.From, q.To, ok = strings.Cut(t.text, "-")
	if !ok || !isClock(q.From) || !isClock(q.To) {
		return q, w.wrong(t, "when on these days? Write for example %s", write)
	}
	return q, true
}

// budget reads 1 by email per 720h.
func (w *words) budget(write string) (limit budget, ok bool) {
	most, _ := w.next()
	n, err := strconv.Atoi(most.text)
	if err != nil {
		return limit, w.wrong(most, "how many? Write for example %s", write)
	}
	limit.Max = n
	if w.take("by") {
		t, ok := w.value(write)
		if !ok {
			return limit, false
		}
		limit.Channel = t.text
	}
	per := w.take("per")
	t, _ := w.next()
	d, ok := duration(t.text)
	if !per || !ok {
		return limit, w.wrong(t, "in how long? Write for example %s", write)
	}
	if limit.Per = t.text; strings.Contains(t.text, "d") {
		limit.Per = d.String() // the wire knows no days
	}
	return limit, true
}

// set puts a field, or puts another value where it is.
func (s *sentence) set(name string, value any) {
	s.fields = slices.DeleteFunc(s.fields, func(f field) bool { return f.name == name })
	s.plain(name, value)
}

// days reads mon-fri and sun.
func (w *words) days(write string) ([]string, bool) {
	week := []string{"mon", "tue", "wed", "thu", "fri", "sat", "sun"}
	list, ok := w.names(write)
	var out []string
	for _, t := range list {
		first, last, several := strings.Cut(t.text, "-")
		if !several {
			last = first
		}
		from, to := slices.Index(week, first), slices.Index(week, last)
		if from < 0 || to < 0 {
			return nil, w.wrong(t, "%s is no day: write mon, tue, wed, thu, fri, sat, sun, mon-fri, or several with and between them", t.named())
		}
		for i := from; ; i = (i + 1) % len(week) {
			out = append(out, week[i])
			if i == to {
				break
			}
		}
	}
	return out, ok
}
