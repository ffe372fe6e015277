// Package integration tests the governor as a black box: the real binary between a real Kafka and a real Redis, which are
// killed, stopped and frozen while it works.
//
//	.ci/run services integration
//
// or, where the official images can be had, go test -tags integration -count=1 ./integration/...
// GOVERNOR_TEST_KAFKA_IMAGE and GOVERNOR_TEST_REDIS_IMAGE name other images.
//
// GOVERNOR_RACE=1 builds the binary with the race detector; a race it reports fails the test that ran it.
//
// Every kind of fault is tried again and again by .ci/faults, a few times by .ci/run; README.md says which, how, and what
// was seen.
//
// The tests share one Kafka and one Redis, since starting them is what takes time. Each test works at a [place] of its
// own on them; one that makes a server fail starts its own server, so that the others do not notice. A test that cannot
// have its servers fails: nothing here is ever skipped.
//
// No time limit decides what is right. A test waits for a condition, for as long as patience allows, and fails with the
// name of what never happened.
package integration
