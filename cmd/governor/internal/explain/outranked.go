package explain

import (
	"slices"

	"github.com/contactgovernor/governor/rules"
	"github.com/contactgovernor/governor/schemas"
)

// outranked tells of the rules that object only because of what was more urgent and
// waited for the same slot, as the decision does: asked by themselves they do not know
// of it.
func outranked(list []Rule, d *schemas.Decision) {
	for i := range list {
		r := &list[i]
		at := slices.IndexFunc(d.Reasons, func(o schemas.Objection) bool { return o.Rule == r.Rule && o.Line == r.Line })
		if !r.Objects || at < 0 || d.Reasons[at].Reason != string(rules.Outranked) || r.Reason == string(rules.Outranked) {
			continue
		}
		r.Reason, r.Detail = d.Reasons[at].Reason, d.Reasons[at].Detail
		r.Change = append(r.Change, "Or a higher priority than what went out instead, if it is that urgent.")
	}
}
