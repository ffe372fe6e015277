// Package strictyaml reads YAML that a person wrote, strictly, and tells that
// person everything that is wrong with it at once: each mistake with its
// file:line:column, what is wrong, and what to write instead. The policies
// (package policyfile) and the configuration of the process read with it.
//
// It guesses at nothing. A key that nobody asked for, a key that is there twice,
// a value of the wrong kind, a number without its unit: each is an error, since
// what was mistyped is a limit that does not hold.
//
// Of YAML it takes the plain part only. Anchors, aliases and tags are refused:
// whoever reads a line sees all that the line says, every setting has one place
// to point at, and no text of a megabyte grows to a terabyte. JSON is YAML, and
// plain.
//
// A caller walks the document that Read returns with Mapping, Items and the
// readers of single values; what they do not like, they tell the Reader.
package strictyaml
