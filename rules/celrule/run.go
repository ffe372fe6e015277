package celrule

import (
	"context"
	"errors"
	"time"

	"cel.dev/cel-go/cel"
	"cel.dev/cel-go/common/types"

	"github.com/contactgovernor/governor/rules"
)

// longestRun is when the clock stops a rule. It is looked at only where more was
// walked than MostCost allows, so that no rule which keeps to that depends on it.
const longestRun = 100 * time.Millisecond

func run(program cel.Program) Rule {
	return func(f *rules.CustomFacts) (bool, error) {
		ctx, cancel := context.WithTimeout(context.Background(), longestRun)
		defer cancel()
		out, _, err := program.ContextEval(ctx, facts{f})
		if err != nil {
			return false, errors.New(plain(err))
		}
		no, ok := out.(types.Bool)
		if !ok {
			return false, errors.New("the answer is neither true nor false")
		}
		return bool(no), nil
	}
}

// facts are what a rule looks at, by name.
type facts struct {
	*rules.CustomFacts
}

// ResolveName finds what the name stands for.
func (f facts) ResolveName(name string) (any, bool) {
	in := f.Intent
	switch name {
	case "intent.channel":
		return string(in.Channel), true
	case "intent.purpose":
		return string(in.Purpose), true
	case "intent.campaign":
		return string(in.Campaign), true
	case "intent.subject":
		return string(in.Subject), true
	case "intent.brand":
		return string(in.Brand), true
	case "intent.engine":
		return in.Engine, true
	case "intent.mode":
		return string(in.Mode), true
	case "intent.message":
		return in.Message, true
	case "intent.zones":
		zones := make([]string, len(in.Zones))
		for i, z := range in.Zones {
			zones[i] = z.String()
		}
		return zones, true
	case "intent.priority":
		return int64(in.Priority), true
	case "intent.contains_promotion":
		return in.Promotes, true
	case "class":
		return string(f.Class), true
	case "counts":
		return f.Counts, true
	case "contacts":
		return int64(f.Contacts), true
	case "silent":
		return f.Silent, true
	}
	return nil, false
}

// Parent has nothing more: there are no other names.
func (f facts) Parent() cel.Activation { return nil }
