// Package simulation has no code of its own: its tests run the whole stack in
// virtual time. Several governors, over the real adapters of package kafkaio and
// package redisstate, share an in-process Kafka and an in-process Redis inside one
// bubble of testing/synctest, while a schedule that a seed draws lets everything go
// wrong that may.
//
// What is promised: after every run a checker that knows nothing of the governor
// reads the topics and wants the invariants to hold, whatever went wrong (safety);
// and when the faults have ended, every intent is decided within a bounded time
// (progress). The checker, and the schedule, are themselves tested, by faults that
// are planted in the stack and must be caught.
//
// What is not: a seed replays the faults and the traffic, not the order in which
// goroutines run. One that failed may need several runs to fail again.
package simulation
