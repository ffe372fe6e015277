package sizing

// Where the figures are from, for whoever reads the answer.
const (
	fromPerson = "a test holds it to state's own encoding (person_test.go)"
	fromRedis  = "measured on Redis 7.0.15 (jemalloc) by BenchmarkSize of state/redisstate; a test holds it to the table in state/README.md"
	fromWire   = "a test holds it to what a whole governor reads and writes (wire_test.go)"
	fromSpeed  = "measured by BenchmarkGovern on 2 cores of a Xeon at 2.8 GHz that were busy with other things, beside Kafka 4.1 and Redis 7.0.15 on the same machine, 23 November 2026"
)

// What is remembered of a person, in bytes of the two values (state/codec.go,
// state/standing.go).
const (
	standingBase = 60  // as soon as anything stands, or was heard
	noBytes      = 172 // each no, the signal that said it included
	firstNoBytes = 50  // and the first on top: the words around all of them
	heardBytes   = 78  // each signal that was heard, for 400 days
	mostHeard    = 512
	logBase      = 9
	contactBytes = 57 // each contact that is remembered, with what became of it
	namesBytes   = 68 // and the first on top, of which the others say only what differs
	knownBytes   = 45 // the id of each intent that was vetoed in the last 24 hours
	spentBytes   = 8  // the id of each that is not remembered otherwise any more
	mostSpent    = 512
	keyBytes     = 142 // a key in Redis, besides its value: its name, of some 60 letters, and its entry
	valueHeader  = 6   // before and after a value
	outboxBytes  = 6 << 20
)

// Records as they are on the wire, key, value and headers, in bytes.
const (
	intentBytes    = 280
	signalBytes    = 180
	decisionBytes  = 850 // approved or vetoed; an answer to a worker is not larger
	standingRecord = 240 // beside what stands
	rateBytes      = 460
)

// How much smaller a topic is on the disk than on the wire: 1 where records come singly
// (a batch below 1 KiB is not compressed), and at most this, where batches are full.
const mostCompression = 9

// Speeds.
const (
	governorSeconds     = 51e-6 // of a processor, for an intent
	redisSeconds        = 9e-6  // of the one processor that Redis uses, for an intent
	intentsPerPartition = 8000  // a second, of one partition alone
)
