// Package governor governs the people of one partition: intents, signals and
// the passing of time go in, decisions, revocations and what stands for a person
// come out. It knows no Kafka, no Redis and no clock; whoever drives it (the
// partition worker, replay, somebody's own program) brings the stream, the
// memory and the time.
//
// It is the place where the two pure functions meet: rules.Decide says what to
// answer, package state what that does to the person. Everything else here is
// order: what is due is decided at its own instant before anything later is
// heard, and every signal has the approvals that are out judged again.
//
// A person may have several records (a merge): in one partition they are one memory,
// of which every record is a name. An address may have several people: what one of
// them refused of it binds the others, and is a memory beside those of people. Where
// other partitions are concerned they are told, by outputs that they hear as signals;
// elsewhere.go says what that leaves late.
//
// How the calls of a campaign fare is a matter of all people: each partition counts
// its own, in the same step as its memory, and whoever drives the governor tells it
// what the others counted before it decides by that (campaigns.go). The policy may be
// another from one event to the next (Adopt).
//
// A Governor is not for concurrent use. Its memory is right as long as nobody
// else changes the store's (state.Store): the epoch of the partition.
package governor
