package api

import (
	"context"

	"github.com/contactgovernor/governor/cmd/governor/internal/api/access"
)

// vouched is where a context has who asks.
type vouched struct{}

// As is a context of requests whose sender is known already, by another way than a token
// that comes with each: the page asks so what somebody who is logged in there wants to
// know. Roles, limits and the audit hold for them as for everybody. No request that comes
// from outside has such a context.
func As(ctx context.Context, who access.Principal) context.Context {
	return context.WithValue(ctx, vouched{}, who)
}

// asks says who asks.
func (c *call) asks() (access.Principal, error) {
	if who, known := c.r.Context().Value(vouched{}).(access.Principal); known {
		return who, nil
	}
	return c.Gate.Who(c.r)
}
