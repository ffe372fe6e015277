package consumer

import (
	"context"

	"github.com/contactgovernor/governor/rules"
)

// rateDue makes sure that the governor knows how the campaigns fare of calls that
// wait and are due. When they came it waited until everything was counted that was
// acknowledged by then (rate); what the others have by now is no less. It does not
// decide while one of them cannot tell.
func (t *term) rateDue(ctx context.Context, due []rules.PersonID) error {
	campaigns, others := t.governor.RatedDue(due...), t.others()
	if len(campaigns) == 0 || len(others) == 0 || t.recalled.going {
		return nil
	}
	behind, err := t.ask(ctx, campaigns, others, make([]int64, len(others)))
	if err != nil {
		return err
	}
	return behind
}
