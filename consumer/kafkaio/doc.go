// Package kafkaio reads and writes the log in Apache Kafka: it implements the
// ports of package consumer over github.com/segmentio/kafka-go.
//
// # Why not kafka.Reader and kafka.Writer
//
// kafka-go gives us connections, TLS, SASL, routing to the leader and group
// membership. Its reader and writer are not used, because a person would be
// called who should not be:
//
//   - its reader hands out aborted records and transaction markers as if they
//     were ordinary messages, also under ReadCommitted; steps over records that
//     retention removed without saying so; panics or loops on compacted logs;
//     and after a rebalance lets a reader that lost a partition move the
//     offsets of its new owner;
//   - its writer has no producer id: a record whose acknowledgement was lost is
//     appended a second time.
//
// So fetch, list-offsets, init-producer-id and produce are encoded here, sent
// through kafka.Transport by protocol.RawExchanger.
//
// # What is promised
//
//   - [Reader] returns committed data records only, in order, each batch checked
//     by its CRC-32C; it never skips an offset that it was not told is empty.
//   - [Reader.Bounds] never answers an end below a record that was acknowledged
//     before the call, not on a new leader either (KIP-207). Any number may ask, of
//     slots that others fetch from too.
//   - [Writer] appends with acks from all in-sync replicas, and once, whatever it
//     had to send again. A batch that was in flight when a Produce failed may
//     still land a little later: brokers do not fence idempotent producers. The
//     caller's records must therefore be safe to find twice, byte for byte.
//   - [Membership] runs every function of a generation to its end before the next
//     generation begins.
//   - [Admin.Ensure] reports everything that is wrong with the topics at once,
//     with the commands that mend it.
//   - Memory is bounded: by [Config.FetchBytes] a slot in the ordinary case, and by
//     fixed limits against hostile lengths and compression bombs.
//   - Nothing is logged, and no error carries a record's key or value, a password or
//     a token. Secrets are asked for at each connection, and no connection waits for
//     ever, whatever a broker leaves unanswered.
//
// Brokers must speak Fetch v11, ListOffsets v5, Produce v8 and InitProducerId v1:
// Apache Kafka 2.4 to 4.x, or what is compatible with it.
package kafkaio
