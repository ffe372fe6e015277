package api

import (
	"time"

	"github.com/contactgovernor/governor/rules"
	"github.com/contactgovernor/governor/schemas"
)

// inForce is the policy that holds now.
type inForce struct {
	Name     string      `json:"name"`
	Hash     string      `json:"hash"`
	Since    string      `json:"since"`
	Rules    []ruleText  `json:"rules"` // in the order in which the first reason is chosen, those on trial last
	Purposes []purposeOf `json:"purposes"`
	Channels []string    `json:"channels"`
}

type ruleText struct {
	Rule       string `json:"rule"`
	Reason     string `json:"reason"`
	Line       string `json:"line,omitempty"` // where in the policy; none where no policy can take it away
	Cites      string `json:"cites,omitempty"`
	Unverified bool   `json:"unverified,omitzero"`
	Trial      bool   `json:"trial,omitzero"`
}

type purposeOf struct {
	Purpose string `json:"purpose"`
	Class   string `json:"class"`
}

func policy(c *call) (any, error) {
	p := c.Policies.InForce()
	out := inForce{Name: p.Name(), Hash: p.Hash(), Rules: []ruleText{}, Purposes: []purposeOf{}, Channels: []string{}}
	for _, a := range c.Policies.History() {
		if a.Hash == out.Hash {
			out.Since = written(a.Since)
		}
	}
	for _, o := range rules.Opinions(p, &rules.Person{}, &rules.Intent{}, rules.At(c.Clock())) {
		out.Rules = append(out.Rules, ruleText{o.Rule, string(o.Reason), o.Line.String(), o.Cites, o.Unverified, o.Shadow})
	}
	for _, name := range p.Purposes() {
		class, _ := p.Class(name)
		out.Purposes = append(out.Purposes, purposeOf{string(name), string(class)})
	}
	for _, name := range p.Channels() {
		out.Channels = append(out.Channels, string(name))
	}
	return out, nil
}

// adopted is one policy of the history.
type adopted struct {
	Name  string `json:"name"`
	Hash  string `json:"hash"`
	Since string `json:"since"`
}

// history lists the policies that this process decided under. It begins with the
// process; decisions carry the hash of theirs for ever.
func history(c *call) (any, error) {
	out := struct {
		Policies []adopted `json:"policies"`
	}{[]adopted{}}
	for _, a := range c.Policies.History() {
		out.Policies = append(out.Policies, adopted{a.Name, a.Hash, written(a.Since)})
	}
	return out, nil
}

// written is a time as the contract writes it.
func written(at time.Time) string { return schemas.TimeOf(at).String() }

// health answers as health.Handler does.
func health(c *call) (any, error) { return c.Health, nil }
