// Package doctor looks at everything that a governor depends on: its configuration,
// its policy, its files and certificates, Kafka, Redis, the clocks, and who says whom
// to let in. Of each it tells what it is, what is wrong with it, and how that is mended.
//
// It changes nothing, and joins no group. What it tries in Redis it tries on two keys
// of its own, which are gone afterwards, as governor run does at its start. Whatever is
// away is told to be away, after a bounded time, and the rest is looked at all the same.
// It never tells a secret, nor a person.
package doctor
