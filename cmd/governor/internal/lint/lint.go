// Package lint tells what a policy does, rule by rule and in sentences, and what its
// owner should look at before trusting it.
//
// What is wrong with a policy is not told here: a policy that is told compiles
// (package policyfile). Warnings are about what is allowed and seldom meant.
package lint

import (
	"cmp"
	"slices"
	"time"

	"github.com/contactgovernor/governor/rules"
)

// Sheet is what a policy does.
type Sheet struct {
	Policy   string    `json:"policy"`
	Hash     string    `json:"hash"`
	File     string    `json:"file,omitempty"` // absent where it is several together
	Purposes []Purpose `json:"purposes"`
	Channels []Channel `json:"channels"`
	Zones    []string  `json:"default_zones"`
	Core     []string  `json:"core,omitempty"`
	Rules    []Rule    `json:"rules,omitempty"`
	Warnings []Warning `json:"warnings"`
}

// Purpose is what intents may be for.
type Purpose struct {
	Name  string `json:"name"`
	Class string `json:"class"`
	Role  string `json:"role,omitempty"`
}

// Channel is one way to a person.
type Channel struct {
	Name       string `json:"name"`
	Unreported bool   `json:"unreported,omitempty"`
}

// Rule is one rule, as a sentence.
type Rule struct {
	Line       int    `json:"line"`
	Text       string `json:"text"`
	Cites      string `json:"cites,omitempty"`
	From       string `json:"from,omitempty"`
	Until      string `json:"until,omitempty"`
	NotYet     bool   `json:"not_yet,omitempty"` // it is not in force yet
	Over       bool   `json:"over,omitempty"`    // it is not in force any more
	Trial      bool   `json:"trial,omitempty"`
	Unverified bool   `json:"unverified,omitempty"`

	at rules.Position
}

// Warning is what the owner should look at.
type Warning struct {
	At   string `json:"at"` // file:line:column; the name of the policies together
	What string `json:"what"`

	place rules.Position
}

// Of tells a policy as it was written. On is the day for which it is told: midnight
// of it, UTC. Alone says that it is not told together with others.
func Of(s *rules.Spec, file string, on time.Time, alone bool) *Sheet {
	sheet := &Sheet{Policy: s.Name, Hash: s.Hash, File: file, Core: core(s), Warnings: []Warning{}}
	for _, p := range s.Purposes {
		sheet.Purposes = append(sheet.Purposes, Purpose{string(p.Name), string(p.Class), string(p.Role)})
	}
	for _, c := range s.Channels {
		sheet.Channels = append(sheet.Channels, Channel{string(c.Name), c.Silent})
	}
	for _, z := range s.Zones {
		sheet.Zones = append(sheet.Zones, z.Zone.String())
	}
	sheet.Rules = told(s, on)
	w := warner{spec: s, file: file, on: on}
	w.all(sheet.Rules)
	if policy, problems := rules.Compile(s); problems == nil {
		sheet.Hash = policy.Hash()
		if alone {
			w.uncapped(policy)
		}
	}
	slices.SortStableFunc(w.out, func(a, b Warning) int {
		return cmp.Or(cmp.Compare(a.place.File, b.place.File), cmp.Compare(a.place.Line, b.place.Line), cmp.Compare(a.place.Column, b.place.Column))
	})
	sheet.Warnings = append(sheet.Warnings, w.out...)
	return sheet
}

// Together tells of several policies that hold together what none of them tells
// alone.
func Together(p *rules.Policy, on time.Time) *Sheet {
	sheet := &Sheet{Policy: p.Name(), Hash: p.Hash(), Warnings: []Warning{}}
	for _, purpose := range p.Purposes() {
		class, _ := p.Class(purpose)
		sheet.Purposes = append(sheet.Purposes, Purpose{Name: string(purpose), Class: string(class)})
	}
	for _, c := range p.Channels() {
		sheet.Channels = append(sheet.Channels, Channel{string(c), !p.ReportsDelivery(c)})
	}
	w := warner{file: p.Name(), on: on}
	w.uncapped(p)
	sheet.Warnings = append(sheet.Warnings, w.out...)
	return sheet
}

// Once leaves out of the later sheets the warnings that an earlier one has: policies
// may have their purposes from the same one.
func Once(sheets []*Sheet) {
	seen := make(map[Warning]bool)
	for _, s := range sheets {
		s.Warnings = slices.DeleteFunc(s.Warnings, func(w Warning) bool {
			before := seen[w]
			seen[w] = true
			return before
		})
	}
}
