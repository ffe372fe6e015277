// Package celrule compiles the custom rules of a policy: expressions in CEL, the
// Common Expression Language, over an intent and what is counted of its person.
// rules/README.md, "Custom rules", describes what they can say.
//
// The language is typed and small. There is no time in it: what a rule says may
// change only when a count does, so that the earliest instant of a veto is exact.
// There is no field that tells one person from another: a rule is for everybody.
// There are no lists that an expression makes, no texts that grow, no patterns
// that are put together. An expression must be true or false, must look at
// something, and must cost no more than MostCost, as estimated before it is
// accepted and as measured while it runs. What still runs on, because the library
// has a hole, is stopped by the clock.
//
// A rule that fails while it runs is an error, and of errors package rules makes
// a veto. Its text has nothing of the intent in it. Rules are pure and may be used
// by any number of goroutines.
package celrule
