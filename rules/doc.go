// Package rules decides whether a person may be contacted.
//
// Decide is a pure function: policy, person, intent and the time in, a
// decision with its evidence out. It asks every rule, so that every objection
// is reported, and the strictest answer wins. It reads no clock, does no I/O,
// logs nothing and starts nothing; the same arguments give the same decision,
// in the live service, in recovery, in replay and in a test.
//
// A rule is one question: from when on would you not object? (See rule.free.)
// A rule that objects now is one whose answer lies in the future. From the same
// answer comes the instant at which asking again makes sense, so that the two
// cannot contradict each other.
//
// The ethics are those of the essays that the project starts from: a no is a
// state, not a suggestion; if the person did not ask again, do not ask again;
// silence is the answer. Nothing here lifts a no by the passing of time.
//
// The package uses the standard library only. What is remembered about a
// person is a value here (Person); how it changes and where it is kept is
// package state's business, how it travels is package schemas'.
package rules
