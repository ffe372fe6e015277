package access

import (
	"slices"
	"strings"
)

// Role is one thing that somebody may do. None includes another: a worker that
// redeems has no business reading what is remembered of people.
type Role string

// The roles.
const (
	View    Role = "view"    // read what is remembered, and what holds
	Operate Role = "operate" // redeem, tell outcomes, add a no, run and stop campaigns
	Consent Role = "consent" // speak for the person: lift a no, with evidence, and have them forgotten
)

// Roles lists every role.
func Roles() []Role { return []Role{View, Operate, Consent} }

// IsRole says whether there is such a role.
func IsRole(name string) bool { return slices.Contains(Roles(), Role(name)) }

// Principal is who asks.
type Principal struct {
	Name  string // of the token, or oidc: and the provider's subject; never a secret
	Roles []Role // sorted, each once
}

// Has says whether any of the principal's roles is among those.
func (p *Principal) Has(any []Role) bool {
	return slices.ContainsFunc(p.Roles, func(r Role) bool { return slices.Contains(any, r) })
}

// Named are the principal's roles as text, with commas between them.
func (p *Principal) Named() string { return Names(p.Roles) }

// Names are roles as text, with commas between them.
func Names(roles []Role) string {
	names := make([]string, len(roles))
	for i, r := range roles {
		names[i] = string(r)
	}
	return strings.Join(names, ", ")
}

// sorted are the roles in order, each once.
func sorted(roles []Role) []Role {
	slices.Sort(roles)
	return slices.Compact(roles)
}
