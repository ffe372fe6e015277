// Package consumer is the stream: it joins the group, and for each partition
// that it is given runs a worker that fetches, decides, remembers and emits.
//
// The log is the truth, the store is the view of it, and one atomic step a batch
// moves the view. From that follow the promises: a refusal acknowledged before
// an intent was acknowledged always vetoes it (the barrier); a crash at any point
// loses nothing and counts nothing twice; whoever lost a partition without
// knowing it can at worst repeat a batch byte for byte.
//
// The package knows neither Kafka nor Redis: Reader, Writer and Membership are
// the log, state.Store is the memory. Package kafkaio has the former over
// kafka-go, package state/redisstate the latter. Package governor, below this
// one, is what decides; replay drives it offline.
package consumer
