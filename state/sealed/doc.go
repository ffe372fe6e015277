// Package sealed is a state.Store that hides who is in the one beneath it: ids and
// addresses as keyed hashes, what is kept of them sealed. README.md says what an
// auditor may rely on.
//
// It passes the one conformance suite over the stores that hide nothing. It keeps
// nothing by itself, and whatever was written by it for another configuration is
// noticed: it never takes people that it cannot find for people who said nothing.
package sealed
