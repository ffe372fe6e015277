package kafkaio

import (
	"encoding/binary"
	"errors"
	"hash/crc32"
	"math"
	"runtime"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/klauspost/compress/snappy"
	"github.com/segmentio/kafka-go/compress"

	"github.com/contactgovernor/governor/consumer"
)

// encoded returns records as one batch at an offset, changed as a test likes.
func encoded(t testing.TB, base int64, records []consumer.Record, change ...func(b []byte) []byte) []byte {
	t.Helper()
	b, err := (&packer{}).appendBatch(nil, records, producer{id: 5, epoch: 1}, 0)
	must(t, err)
	binary.BigEndian.PutUint64(b, uint64(base))
	for _, f := range change {
		b = f(b)
	}
	return sealed(b)
}

// sealed makes a batch's length and checksum right again.
func sealed(b []byte) []byte {
	binary.BigEndian.PutUint32(b[atLength:], uint32(len(b)-lengthSize))
	binary.BigEndian.PutUint32(b[atCRC:], crc32.Checksum(b[atAttributes:], castagnoli()))
	return b
}

func attributes(a uint16) func([]byte) []byte {
	return func(b []byte) []byte {
		binary.BigEndian.PutUint16(b[atAttributes:], a)
		return b
	}
}

func by(producer int64) func([]byte) []byte {
	return func(b []byte) []byte {
		binary.BigEndian.PutUint64(b[atProducer:], uint64(producer))
		return b
	}
}

// emptied is what compaction leaves of a batch: a header that spans n offsets.
func emptied(n int) func([]byte) []byte {
	return func(b []byte) []byte {
		binary.BigEndian.PutUint32(b[atLastDelta:], uint32(n-1))
		binary.BigEndian.PutUint32(b[atCount:], 0)
		return b[:headerSize]
	}
}

// marker is the control batch that ends a transaction; kind 0 aborts it.
func marker(t testing.TB, base, producer int64, kind byte) []byte {
	return encoded(t, base, []consumer.Record{{Key: []byte{0, 0, 0, kind}, Value: make([]byte, 6)}},
		attributes(transactionalBit|controlBit), by(producer))
}

func newDecoder(t testing.TB) *decoder {
	t.Helper()
	z, err := newZstd()
	must(t, err)
	return &decoder{enough: math.MaxInt, plain: plain{zstd: z}}
}

func join2(batches ...[]byte) []byte {
	var set []byte
	for _, b := range batches {
		set = append(set, b...)
	}
	return set
}

func TestDecodingBatches(t *testing.T) {
	const all = math.MaxInt64
	for _, test := range []struct {
		name    string
		set     []byte
		from    int64
		stable  int64
		aborted []abortedTxn
		want    []string
		next    int64
	}{
		{"nothing", nil, 7, all, nil, nil, 7},
		{"one batch", encoded(t, 10, numbered(0, 2)), 10, all, nil, []string{"value-0", "value-1"}, 12},
		{"a batch that begins before the asked offset", encoded(t, 10, numbered(0, 3)), 12, all, nil, []string{"value-2"}, 13},
		{"a batch wholly before it", join2(encoded(t, 10, numbered(0, 3)), encoded(t, 13, numbered(3, 1))), 13, all, nil, []string{"value-3"}, 14},
		{"a partial batch behind", join2(encoded(t, 10, numbered(0, 1)), encoded(t, 11, numbered(1, 9))[:80]), 10, all, nil, []string{"value-0"}, 11},
		{"a few bytes behind", join2(encoded(t, 10, numbered(0, 1)), make([]byte, 5)), 10, all, nil, []string{"value-0"}, 11},
		{"an empty batch", encoded(t, 10, numbered(0, 1), emptied(20)), 10, all, nil, nil, 30},
		{"several empty batches", join2(encoded(t, 10, numbered(0, 1), emptied(20)), encoded(t, 30, numbered(0, 1), emptied(5)), encoded(t, 40, numbered(7, 1))),
			10, all, nil, []string{"value-7"}, 41},
		{"a compacted tail", encoded(t, 10, numbered(0, 2), func(b []byte) []byte {
			binary.BigEndian.PutUint32(b[atLastDelta:], 9)
			return b
		}), 10, all, nil, []string{"value-0", "value-1"}, 20},
		{"beyond the stable end", join2(encoded(t, 10, numbered(0, 1)), encoded(t, 11, numbered(1, 1))), 10, 11, nil, []string{"value-0"}, 11},
		{"an aborted transaction", join2(
			encoded(t, 10, numbered(0, 1), attributes(transactionalBit), by(5)), marker(t, 11, 5, 0),
			encoded(t, 12, numbered(2, 1), attributes(transactionalBit), by(5)), marker(t, 13, 5, 1)),
			10, all, []abortedTxn{{5, 10}}, []string{"value-2"}, 14},
		{"two producers, two aborted transactions, in no order", join2(
			encoded(t, 10, numbered(0, 1), attributes(transactionalBit), by(5)),
			encoded(t, 11, numbered(1, 1), attributes(transactionalBit), by(6)), marker(t, 12, 5, 0), marker(t, 13, 6, 1),
			encoded(t, 14, numbered(4, 1), attributes(transactionalBit), by(6)), marker(t, 15, 6, 0)),
			10, all, []abortedTxn{{6, 14}, {5, 10}}, []string{"value-1"}, 16},
		{"an idempotent producer inside its own aborted transaction's offsets", join2(
			encoded(t, 10, numbered(0, 1), by(5)), encoded(t, 11, numbered(1, 1), attributes(transactionalBit), by(5)), marker(t, 12, 5, 0)),
			10, all, []abortedTxn{{5, 10}}, []string{"value-0"}, 13},
		{"a marker that compaction emptied", join2(
			encoded(t, 10, numbered(0, 1), attributes(transactionalBit|controlBit), by(5), emptied(1)), encoded(t, 11, numbered(1, 1), by(5))),
			10, all, nil, []string{"value-1"}, 12},
	} {
		t.Run(test.name, func(t *testing.T) {
			got, next, err := newDecoder(t).decode(test.set, test.from, test.stable, test.aborted)
			if err != nil || next != test.next || !cmp.Equal(values(got), test.want) {
				t.Errorf("got %v, next %d, %v; want %v, next %d", values(got), next, err, test.want, test.next)
			}
		})
	}
}

func TestWhatIsWrongWithABatchIsTold(t *testing.T) {
	put32 := func(at int, n uint32) func([]byte) []byte {
		return func(b []byte) []byte { binary.BigEndian.PutUint32(b[at:], n); return b }
	}
	cut := func(n int) func([]byte) []byte { return func(b []byte) []byte { return b[:len(b)-n] } }
	old := encoded(t, 10, numbered(0, 1))
	old[atMagic] = 1
	flipped := encoded(t, 10, numbered(0, 1))
	flipped[len(flipped)-1] ^= 1
	short := encoded(t, 10, numbered(0, 1))
	binary.BigEndian.PutUint32(short[atLength:], 20)
	for _, test := range []struct {
		name string
		set  []byte
		is   error
		text string
	}{
		{"an old message format", old, nil, "offset 10 has message format 1"},
		{"a wrong checksum", flipped, errCorrupt, "offset 10: its checksum is wrong"},
		{"less than one batch", encoded(t, 10, numbered(0, 1))[:70], errMalformed, "less than one whole batch"},
		{"an impossible length", short, errCorrupt, "its length is 20"},
		{"more records than bytes", encoded(t, 10, numbered(0, 1), put32(atCount, 1<<30), put32(atLastDelta, 1<<30)), errCorrupt, "1073741824 records"},
		{"more records than offsets", encoded(t, 10, numbered(0, 1), put32(atCount, 9)), errCorrupt, "9 records"},
		{"fewer records than bytes", encoded(t, 10, numbered(0, 2), put32(atCount, 1)), errCorrupt, "behind the last record"},
		{"negative offsets", encoded(t, -10, numbered(0, 2)), errCorrupt, "offset -10"},
		{"offsets that overflow", encoded(t, math.MaxInt64, numbered(0, 2)), errCorrupt, ""},
		{"a record cut short", encoded(t, 10, numbered(0, 1), cut(3)), errCorrupt, "record 0 of 1"},
		{"unknown compression", encoded(t, 10, numbered(0, 1), attributes(5)), errCorrupt, "compression 5 is unknown"},
		{"no gzip", encoded(t, 10, numbered(0, 1), attributes(1)), errCorrupt, "decompress gzip"},
		{"no snappy", encoded(t, 10, numbered(0, 1), attributes(2)), errCorrupt, "decompress snappy"},
		{"no lz4", encoded(t, 10, numbered(0, 1), attributes(3)), errCorrupt, "decompress lz4"},
		{"no zstd", encoded(t, 10, numbered(0, 1), attributes(4)), errCorrupt, "decompress zstd"},
	} {
		t.Run(test.name, func(t *testing.T) {
			got, next, err := newDecoder(t).decode(test.set, 10, math.MaxInt64, nil)
			if err == nil || len(got) > 0 || next != 10 {
				t.Fatalf("got %v, next %d, %v", values(got), next, err)
			}
			if test.is != nil && !errors.Is(err, test.is) || !strings.Contains(err.Error(), test.text) || strings.Contains(err.Error(), "person") {
				t.Errorf("got %v", err)
			}
		})
	}
}

// packed replaces a batch's records by compressed ones.
func packed(t testing.TB, base int64, records []consumer.Record, codec compress.Compression, pack func([]byte) []byte) []byte {
	return encoded(t, base, records, attributes(uint16(codec)), func(b []byte) []byte {
		return append(b[:headerSize:headerSize], pack(b[headerSize:])...)
	})
}

func TestSnappyComesFramedAndUnframed(t *testing.T) {
	framed := func(b []byte) []byte {
		out := append([]byte(xerialMagic), 0, 0, 0, 1, 0, 0, 0, 1)
		for len(b) > 0 {
			n := min(len(b), 100)
			block := snappy.Encode(nil, b[:n])
			out = binary.BigEndian.AppendUint32(out, uint32(len(block)))
			out, b = append(out, block...), b[n:]
		}
		return out
	}
	for name, pack := range map[string]func([]byte) []byte{
		"framed":   framed,
		"unframed": func(b []byte) []byte { return snappy.Encode(nil, b) },
	} {
		got, next, err := newDecoder(t).decode(packed(t, 10, numbered(0, 50), compress.Snappy, pack), 10, math.MaxInt64, nil)
		if err != nil || next != 60 || !cmp.Equal(values(got), values(numbered(0, 50))) {
			t.Errorf("%s: got %d records, next %d, %v", name, len(got), next, err)
		}
	}
}

func TestACompressionBombIsRefused(t *testing.T) {
	for codec := compress.Gzip; codec <= compress.Zstd; codec++ {
		bomb := make([]byte, mostPlainBytes+1)
		pack := func([]byte) []byte {
			b, _, err := (&packer{codec: codec}).pack(bomb, 0)
			must(t, err)
			return b
		}
		_, _, err := newDecoder(t).decode(packed(t, 10, numbered(0, 1), codec, pack), 10, math.MaxInt64, nil)
		if !errors.Is(err, errTooMuch) {
			t.Errorf("%v: got %v", codec, err)
		}
	}
}

// A zstd frame may claim any window in a few bytes.
func TestAClaimedZstdWindowIsNotAllocated(t *testing.T) {
	claim := []byte{0x28, 0xb5, 0x2f, 0xfd, 0, 19 << 3, 0x01, 0, 0} // 512 MiB, and an empty last block
	set := packed(t, 10, numbered(0, 1), compress.Zstd, func([]byte) []byte { return claim })
	d := newDecoder(t)
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	_, _, err := d.decode(set, 10, math.MaxInt64, nil)
	runtime.ReadMemStats(&after)
	if n := after.TotalAlloc - before.TotalAlloc; err == nil || n > 16<<20 {
		t.Errorf("%d bytes were allocated, %v", n, err)
	}
}

func TestDecodingStopsWhenItHasEnough(t *testing.T) {
	pack := func(b []byte) []byte { return snappy.Encode(nil, b) }
	set := join2(packed(t, 10, numbered(0, 50), compress.Snappy, pack), packed(t, 60, numbered(50, 50), compress.Snappy, pack))
	d := newDecoder(t)
	d.enough = 1
	for _, want := range []int64{60, 110} {
		got, next, err := d.decode(set, want-50, math.MaxInt64, nil)
		if err != nil || len(got) != 50 || next != want {
			t.Errorf("got %d records, next %d, %v; want next %d", len(got), next, err, want)
		}
		_, size, _ := parseBatch(set)
		set = set[size:]
	}
}

func TestTimestamps(t *testing.T) {
	put64 := func(at int, n int64) func([]byte) []byte {
		return func(b []byte) []byte { binary.BigEndian.PutUint64(b[at:], uint64(n)); return b }
	}
	for name, test := range map[string]struct {
		set  []byte
		want time.Time
	}{
		"the producer's": {encoded(t, 0, numbered(0, 1)), time.UnixMilli(1_800_000_000_000)},
		"the broker's":   {encoded(t, 0, numbered(0, 1), attributes(appendTimeBit), put64(atMaxTime, 1_900_000_000_000)), time.UnixMilli(1_900_000_000_000)},
		"none":           {encoded(t, 0, numbered(0, 1), put64(atFirstTime, -1)), time.Time{}},
	} {
		got, _, err := newDecoder(t).decode(test.set, 0, math.MaxInt64, nil)
		if err != nil || !got[0].Time.Equal(test.want) {
			t.Errorf("%s: got %v, %v; want %v", name, got, err, test.want)
		}
	}
}

// What a decoder returned holds while it grows its memory within one decode.
func TestRecordsOfOneFetchStayWholeTogether(t *testing.T) {
	var set []byte
	var want []string
	for i := range 40 {
		n := 1 << (i % 8)
		batch := numbered(len(want), n)
		for j := range batch {
			batch[j].Headers = []consumer.Header{{Key: "h", Value: batch[j].Value}}
		}
		codec := compress.Compression(i % 5)
		pack := func(b []byte) []byte {
			out, used, err := (&packer{codec: codec}).pack(append([]byte(nil), b...), 0)
			must(t, err)
			if used != codec { // it did not shrink
				out = nil
			}
			return out
		}
		b := encoded(t, int64(len(want)), batch)
		if codec != compress.None && pack(b[headerSize:]) != nil {
			b = packed(t, int64(len(want)), batch, codec, pack)
		}
		set, want = append(set, b...), append(want, values(batch)...)
	}
	d := newDecoder(t)
	for range 3 {
		got, next, err := d.decode(set, 0, math.MaxInt64, nil)
		if err != nil || next != int64(len(want)) || !cmp.Equal(values(got), want) {
			t.Fatalf("got %d records of %d, %v", len(got), len(want), err)
		}
		for i, r := range got {
			if r.Offset != int64(i) || len(r.Headers) != 1 || string(r.Headers[0].Value) != want[i] {
				t.Fatalf("record %d is %+v", i, r)
			}
		}
	}
}

func FuzzDecode(f *testing.F) {
	f.Add(encoded(f, 10, numbered(0, 3)), int64(10), int64(5), int64(10))
	f.Add(join2(encoded(f, 10, numbered(0, 1), attributes(transactionalBit)), marker(f, 11, 5, 0)), int64(0), int64(5), int64(10))
	f.Add(encoded(f, 10, numbered(0, 1), emptied(20)), int64(15), int64(1), int64(1))
	for codec := compress.Gzip; codec <= compress.Zstd; codec++ {
		b, err := (&packer{codec: codec}).appendBatch(nil, numbered(0, 100), producer{}, 0)
		must(f, err)
		f.Add(b, int64(0), int64(0), int64(0))
	}
	z, err := newZstd()
	must(f, err)
	f.Fuzz(func(t *testing.T, set []byte, from, producer, first int64) {
		if from < 0 {
			return
		}
		for _, right := range []bool{false, true} { // as it is, and with a right checksum
			if b := set; right && len(b) >= headerSize && b[atMagic] == currentMagic {
				set = sealed(append([]byte(nil), b...))
			}
			d := &decoder{enough: 1 << 20, plain: plain{zstd: z}}
			records, next, err := d.decode(set, from, math.MaxInt64, []abortedTxn{{producer, first}})
			if next < from || err != nil && (len(records) > 0 || next != from) {
				t.Fatalf("from %d: next %d, %d records, %v", from, next, len(records), err)
			}
			last := from - 1
			for _, r := range records {
				if r.Offset <= last || r.Offset >= next {
					t.Fatalf("offset %d follows %d, next is %d", r.Offset, last, next)
				}
				last = r.Offset
			}
			if n := cap(d.plain.buf); n > 2*mostPlainBytes+len(set)*4+1<<20 {
				t.Fatalf("%d bytes were allocated for %d", n, len(set))
			}
		}
	})
}

func FuzzAnswers(f *testing.F) {
	f.Add([]byte{0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1, 0, 1, 't', 0, 0, 0, 1, 0, 0, 0, 0, 0, 0})
	f.Fuzz(func(t *testing.T, body []byte) {
		fetched := &fetchExchange{exchange: exchange{body: body}, slot: slot0}
		if a, err := fetched.parse(nil); err == nil && (len(a.set) > len(body) || len(a.aborted)*16 > len(body)) {
			t.Fatalf("%+v of %d bytes", a, len(body))
		}
		_, _ = (&offsetExchange{exchange: exchange{body: body}, slot: slot0}).parse()
		_, _ = (&introduction{exchange: exchange{body: body}}).parse()
		if answers, _ := (&produceExchange{exchange: exchange{body: body}}).parse(); len(answers)*30 > len(body) {
			t.Fatalf("%d answers of %d bytes", len(answers), len(body))
		}
	})
}
