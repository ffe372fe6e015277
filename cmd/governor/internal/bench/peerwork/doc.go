// Package peerwork is the work that the peers do: one generated stream of intents, the
// refusals that stand before it, and the oracle that knows the one right answer to each.
// Its generator draws what that of the peers draws, from the same seed, so that figures
// can be laid side by side.
//
// The values differ from the peers' in two keys, since the governor reads its own
// messages only: what they call intent_id and signal_id is id here. The text that nobody
// reads is longer by as much, so that an intent has as many bytes.
package peerwork
