// Package sizing tells what a governor will need for so many people and so many intents:
// partitions, memory in Redis, processors, and disk for the topics.
//
// It guesses nothing that can be measured. What was measured is in measured.go, each
// figure with where it is from. What is bytes is held to what is measured, at every run
// of the tests: a person who is remembered more dearly fails them. What is speed was
// measured once, on the machine that is named there: a test that measured speed would
// fail on a busy machine, so benchmarks do, by hand.
//
// What nobody can measure beforehand, how much of what is wanted is approved, how many
// people say no, is assumed; every assumption is told with the answer, and is a flag.
package sizing
