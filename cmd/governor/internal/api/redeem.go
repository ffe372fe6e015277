package api

import (
	"crypto/rand"

	"github.com/contactgovernor/governor/rules"
	"github.com/contactgovernor/governor/schemas"
)

// wantsRedeem is a worker that is about to contact somebody.
type wantsRedeem struct {
	Person string `json:"person"`
	Intent string `json:"intent"`
	Worker string `json:"worker"` // its own token for this one contact
}

// redeemed answers it.
type redeemed struct {
	OK       bool   `json:"ok"`
	Reason   string `json:"reason"` // "" when OK
	Intent   string `json:"intent"`
	Decision string `json:"decision,omitempty"`
	NotAfter string `json:"not_after,omitempty"` // when OK: begin before this, else not at all
	Again    bool   `json:"again,omitzero"`      // when OK: the same worker asked before
	Answered string `json:"answered"`
}

// redeem asks the person's partition whether the contact may begin. That answers behind
// every no that was acknowledged before the question was. No answer is a no.
func redeem(c *call) (any, error) {
	in, err := decode[wantsRedeem](c)
	if err != nil {
		return nil, err
	}
	s := schemas.Signal{ID: "redeem-" + rand.Text(), Person: in.Person, Type: schemas.TypeRedeem, Intent: in.Intent, Worker: in.Worker}
	value, err := c.signal(&s, "")
	if err != nil {
		return nil, err
	}
	c.begin(change{action: actionRedeem, person: rules.PersonID(in.Person), signal: s.ID})
	answer, err := c.Log.Redeem(c.ctx, rules.PersonID(in.Person), s.ID, value)
	if err != nil {
		return nil, notNow(err)
	}
	return redeemed{
		OK: answer.OK, Reason: answer.Reason, Intent: answer.Intent, Decision: answer.Decision,
		NotAfter: answer.NotAfter.String(), Again: answer.Again, Answered: answer.Answered.String(),
	}, nil
}

// notNow is a no for want of an answer.
func notNow(cause error) *Problem {
	p := unavailable("nobody answered in time: do not begin the contact; ask again with the same worker token, which gives the same answer as long as it is good", cause)
	no := false
	p.OK, p.Reason = &no, string(rules.Unavailable)
	return p
}
