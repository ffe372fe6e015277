// Package consumer is the stream: it joins the group, and for each partition
// that it is given runs a worker that fetches, decides, remembers and emits.
//
// The log is the truth, the store is the view of it, and one atomic step a batch
// moves the view. From that follow the promises: a refusal acknowledged before
// an intent was acknowledged always vetoes it (the barrier); a crash at any point
// loses nothing and counts nothing twice; whoever lost a partition without
// knowing it can at worst repeat a batch byte for byte.
//
// What crosses partitions is never part of the step. What one partition must know
// of another's people is appended to its signals, after the commit and after every
// crash again, and heard there once, by its id. How the calls of a campaign fare is
// read from the store, when every partition has heard what was acknowledged before.
//
// The policy may change between two batches; one batch is decided under one.
//
// The package knows neither Kafka nor Redis: Reader, Writer and Membership are
// the log, state.Store is the memory. Package kafkaio has the former over
// kafka-go, package state/redisstate the latter. Package governor, below this
// one, is what decides; replay drives it offline.
package consumer
