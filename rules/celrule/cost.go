package celrule

import (
	"strings"

	"cel.dev/cel-go/common/cost"
)

// MostCost is what a rule may cost, in the units of the library: one is about the
// looking up of a name. A rule that compares some counts costs less than 50; this
// many take less than a millisecond.
const MostCost = 5000

// How large what a rule looks at can be; what is longer is not on the wire.
const (
	longestText = 256
	longestName = 129 // of a cap: <policy>.<name>, where policies are combined
	mostZones   = 64
)

// sizes says how large it is.
type sizes struct {
	caps int
}

// EstimateCallCost leaves the cost of every function to the library.
func (sizes) EstimateCallCost(_, _ string, _ *cost.AstNode, _ []cost.AstNode) *cost.CallEstimate {
	return nil
}

// EstimateSize is the size of what is looked at.
func (s sizes) EstimateSize(n cost.AstNode) *cost.SizeEstimate {
	switch path := strings.Join(n.Path(), " "); {
	case path == "counts":
		return &cost.SizeEstimate{Max: uint64(max(s.caps, 1))}
	case path == "intent.zones":
		return &cost.SizeEstimate{Max: mostZones}
	case path == "counts @keys":
		return &cost.SizeEstimate{Max: longestName}
	case path != "" && !strings.HasPrefix(path, "counts"):
		return &cost.SizeEstimate{Max: longestText}
	}
	return nil
}
