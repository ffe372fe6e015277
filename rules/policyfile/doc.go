// Package policyfile reads policies: YAML in, a rules.Spec or a checked
// rules.Policy out. The language is described, key by key, in rules/README.md.
//
// It is strict, because a policy that is not what its author meant contacts
// people whom nobody meant to contact. An unknown key, a key that is there
// twice, a value of the wrong kind, a number without its unit, a 0 where the
// rule should have been left out: each is an error, none is guessed at. All of
// them are reported at once, in the order of the text, each with its
// file:line:column, what is wrong, and what to write instead.
//
// Of YAML it takes the plain part only. Anchors, aliases and tags are refused:
// whoever reads a line of a policy sees all that the line says, every rule has
// one place to point at, and no text of a megabyte grows to a terabyte.
//
// Nothing here decides anything. What the rules mean is package rules'.
package policyfile
