//go:build race

package simulation_test

// racing says that the race detector is at work, which makes everything some eight
// times slower: less is simulated then.
const racing = true
