package verify

import (
	"context"
	"crypto/sha256"
	"encoding/binary"
	"fmt"
	"strconv"
	"strings"
	"time"
)

// The topics, as the contract names them.
const (
	Intents    = "contact.intents"
	Signals    = "contact.signals"
	Approved   = "contact.approved"
	Vetoed     = "contact.vetoed"
	Revoked    = "contact.revoked"
	Redeemed   = "contact.redeemed"
	Leaked     = "contact.leaked"
	Standing   = "contact.standing"
	VetoRates  = "contact.veto-rates"
	DeadLetter = "contact.deadletter"

	Audit = "contact.audit" // the doors' own; there may be none
)

// Topics lists what is read, in the order in which it is: the outputs before the
// inputs, and what became of approvals before the approvals, so that of a running
// system every answer finds its question.
func Topics() []string { return append(outputs(), Intents, Signals) }

// outputs are what the governor numbers, batch by batch.
func outputs() []string {
	return []string{VetoRates, Leaked, Redeemed, Revoked, Approved, Vetoed, Standing, DeadLetter}
}

// Place is where a record is.
type Place struct {
	Topic     string
	Partition int32
	Offset    int64
}

// String is topic/partition/offset.
func (p Place) String() string { return fmt.Sprintf("%s/%d/%d", p.Topic, p.Partition, p.Offset) }

// parsePlace reads what String wrote.
func parsePlace(s string) (Place, bool) {
	parts := strings.Split(s, "/")
	if len(parts) != 3 {
		return Place{}, false
	}
	partition, err := strconv.ParseInt(parts[1], 10, 32)
	offset, wrong := strconv.ParseInt(parts[2], 10, 64)
	if err != nil || wrong != nil {
		return Place{}, false
	}
	return Place{parts[0], int32(partition), offset}, true
}

// Header is a record's header.
type Header struct {
	Key   string
	Value []byte
}

// Record is a record of a log. Its bytes are only looked at during the visit.
type Record struct {
	Place
	Time     time.Time
	Appended bool  // Time is the broker's, when it was appended, and not the producer's
	Order    int64 // of its acknowledgement, over all topics, from 1; 0 where nobody knows
	Key      []byte
	Value    []byte // nil for a tombstone
	Headers  []Header
}

// Log is where the records come from.
type Log interface {
	// Partitions are the numbers of the partitions that there are.
	Partitions() []int32

	// Read visits the records of a topic's partition, in order, that are committed,
	// and says from which offset on they are kept.
	Read(ctx context.Context, topic string, partition int32, visit func(*Record) error) (first int64, err error)
}

// header is the last of its name: what the governor adds comes last.
func (r *Record) header(name string) (string, bool) {
	for i := len(r.Headers) - 1; i >= 0; i-- {
		if r.Headers[i].Key == name {
			return string(r.Headers[i].Value), true
		}
	}
	return "", false
}

// number is a numeric header, -1 where there is none.
func (r *Record) number(name string) int64 {
	s, _ := r.header(name)
	n, err := strconv.ParseInt(s, 10, 64)
	if err != nil {
		return -1
	}
	return n
}

// entry is what is kept of any record.
type entry struct {
	Place
	time     time.Time
	appended bool
	order    int64
	key      string
	size     int      // of the value
	print    [32]byte // of key, value and headers
	source   string   // the header, as it is
	batch    int64    // -1: there is no such header
	index    int64
	signals  int64
	event    time.Time // when it came about, by the governor's clock; zero where it does not say
}

func newEntry(r *Record) entry {
	e := entry{
		Place: r.Place, time: r.Time, appended: r.Appended, order: r.Order, key: string(r.Key), size: len(r.Value),
		print: printOf(r.Key, r.Value, r.Headers),
		batch: r.number("governor_batch"), index: r.number("governor_index"), signals: r.number("governor_signals"),
	}
	e.source, _ = r.header("governor_source")
	said, _ := r.header("ce_time")
	e.event, _ = time.Parse(time.RFC3339, said) // the zero time where it is none
	return e
}

// printOf is a hash of everything that a copy has in common.
func printOf(key, value []byte, headers []Header) (print [32]byte) {
	h := sha256.New()
	field := func(b []byte) {
		size := uint64(len(b)) + 1
		if b == nil {
			size = 0 // nil is not empty
		}
		h.Write(binary.AppendUvarint(nil, size)) // writing to a hash never fails
		h.Write(b)
	}
	field(key)
	field(value)
	for _, header := range headers {
		field([]byte(header.Key))
		field(header.Value)
	}
	h.Sum(print[:0])
	return print
}
