package governor

import (
	"github.com/contactgovernor/governor/rules"
	"github.com/contactgovernor/governor/schemas"
)

// Leaving says how the person of an approval says no to more of it; nil says
// nothing. The approval carries it. It MUST say the same of the same intent and
// decision, for an approval has the same bytes each time.
func (g *Governor) Leaving(way func(in *rules.Intent, decision rules.DecisionID) *schemas.Leave) {
	g.leaving = way
}

// wayOut is what Leaving said of an approval, if there is one.
func (g *Governor) wayOut(in *rules.Intent, id rules.DecisionID) *schemas.Leave {
	if g.leaving == nil {
		return nil
	}
	return g.leaving(in, id)
}
