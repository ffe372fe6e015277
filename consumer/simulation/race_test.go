//go:build race

package simulation_test

// racing says that the race detector is at work: nothing is simulated then.
const racing = true
