package policyfile

import (
	"strconv"
	"strings"

	"github.com/contactgovernor/governor/rules"
	"github.com/contactgovernor/governor/rules/strictyaml"
)

const exampleRate = "[{name: tsr, at_most: 3%, per: successive 30d}]"

// rates reads which share of a campaign's calls may be abandoned.
func (r *reader) rates(e entry) {
	for _, item := range r.Items(e) {
		s := rules.RateSpec{Terms: rules.Terms{Line: r.At(item.Value)}}
		if r.rule(item, "an abandon rate", &s.Terms, r.rateFields(&s)...) {
			r.spec.AbandonRates = append(r.spec.AbandonRates, s)
		}
	}
}

func (r *reader) rateFields(s *rules.RateSpec) []strictyaml.Field {
	return []strictyaml.Field{
		strictyaml.Must("name", "tsr", r.name(&s.Name)),
		strictyaml.Must("at_most", "3%", r.share(&s.Most)),
		strictyaml.Must("per", "successive 30d", func(e entry) {
			r.window(&s.Period, periodsOnly, rules.Successive, rules.CalendarDays, rules.CalendarWeek, rules.CalendarMonth)(e)
			if s.Period.Days > 1 {
				r.Wrong(e.Value, "periods of %s overlap: write for example %s", s.Period, periodsOnly)
			}
		}),
	}
}

// share reads a share in percent, with one decimal if wanted, as thousandths.
func (r *reader) share(into *int) func(entry) {
	return func(e entry) {
		s, ok := r.Text(e)
		if !ok {
			return
		}
		number, percent := strings.CutSuffix(s, "%")
		whole, tenth, decimal := strings.Cut(number, ".")
		n, err := strconv.ParseUint(whole+tenth, 10, 16)
		if !decimal {
			n *= 10
		}
		switch {
		case err != nil || len(whole) > 1 && whole[0] == '0' || whole == "" || decimal && tenth == "":
			r.Wrong(e.Value, "%q must be a share in percent, not %s: write for example 3%% or 2.5%%", e.Key.Value, strictyaml.Describe(e.Value))
		case !percent:
			r.Wrong(e.Value, "%q has no unit: write for example %s%%", e.Key.Value, number)
		case len(tenth) > 1:
			r.Wrong(e.Value, "%q has at most one decimal, not %s: write for example 3%% or 2.5%%", e.Key.Value, s)
		case n >= 1000:
			r.Wrong(e.Value, "no share is more than %s, so this stops nothing: write less, or leave the rule out", s)
		default:
			*into = int(n)
		}
	}
}
