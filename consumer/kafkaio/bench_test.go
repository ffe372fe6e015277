package kafkaio

import (
	"fmt"
	"math"
	"testing"

	"github.com/segmentio/kafka-go/compress"
	"github.com/twmb/franz-go/pkg/kfake"

	"github.com/contactgovernor/governor/consumer"
)

// decisions are records of the size and redundancy of the real ones.
func decisions(n int) []consumer.Record {
	records := numbered(0, n)
	for i := range records {
		records[i].Value = fmt.Appendf(nil, `{"id":"d-%08x","intent":"i-%d","person":"person-%d","channel":"email","purpose":"marketing",`+
			`"campaign":"spring","verdict":"vetoed","reason":"cap.email-week","final":false,"earliest":"2026-05-%02dT10:00:00Z","policy":"%08x"}`,
			i*2654435761, i, i, i%28+1, 12345)
		records[i].Headers = []consumer.Header{{Key: "ce_type", Value: []byte("contact.vetoed.v1")}, {Key: "ce_id", Value: fmt.Append(nil, i)}}
	}
	return records
}

func perRecord(b *testing.B, n int) {
	b.Helper()
	b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N)/float64(n), "ns/record")
}

// BenchmarkFetch is the whole way: request, network, checksum, decoding; from a
// broker that answers one canned megabyte for ever.
func BenchmarkFetch(b *testing.B) {
	for codec := compress.None; codec <= compress.Zstd; codec++ {
		b.Run(codec.String(), func(b *testing.B) {
			canned, err := (&packer{codec: codec}).appendBatch(nil, decisions(3000), producer{id: -1, epoch: -1}, -1)
			must(b, err)
			c := fakeCluster(b, kfake.SeedTopics(1, slot0.Topic), kfake.SyntheticFetch(kfake.SyntheticBatch{Batch: canned}))
			r := newClient(b, c).NewReader()
			records, next := 0, int64(0)
			b.ReportAllocs()
			for b.Loop() {
				got, err := r.Fetch(b.Context(), slot0, next, 0)
				must(b, err)
				records, next = records+len(got.Records), got.Next
			}
			perRecord(b, records/b.N)
		})
	}
}

// BenchmarkDecode is the decoding alone.
func BenchmarkDecode(b *testing.B) {
	for codec := compress.None; codec <= compress.Zstd; codec++ {
		b.Run(codec.String(), func(b *testing.B) {
			set, err := (&packer{codec: codec}).appendBatch(nil, decisions(3000), producer{}, 0)
			must(b, err)
			d := newDecoder(b)
			b.ReportAllocs()
			for b.Loop() {
				_, _, err := d.decode(set, 0, math.MaxInt64, nil)
				must(b, err)
			}
			perRecord(b, 3000)
		})
	}
}

// BenchmarkProduce is the whole way to a broker that throws the records away.
func BenchmarkProduce(b *testing.B) {
	for _, codec := range []string{"none", "gzip", "snappy", "lz4", "zstd"} {
		for _, n := range []int{1, 100, 1000} {
			b.Run(fmt.Sprintf("%s/%d", codec, n), func(b *testing.B) {
				c := fakeCluster(b, kfake.SeedTopics(1, slot0.Topic), kfake.BlackholeProduce())
				w := newClient(b, c, func(c *Config) { c.Compression = codec }).NewWriter()
				appends := one(decisions(n))
				b.ReportAllocs()
				for b.Loop() {
					must(b, w.Produce(b.Context(), appends))
				}
				perRecord(b, n)
			})
		}
	}
}

// BenchmarkEncode is the encoding alone.
func BenchmarkEncode(b *testing.B) {
	for codec := compress.None; codec <= compress.Zstd; codec++ {
		b.Run(codec.String(), func(b *testing.B) {
			records := decisions(1000)
			var buf []byte
			packer := packer{codec: codec}
			b.ReportAllocs()
			for b.Loop() {
				var err error
				buf, err = packer.appendBatch(buf[:0], records, producer{}, 0)
				must(b, err)
			}
			perRecord(b, len(records))
			b.ReportMetric(float64(len(buf))/float64(len(records)), "B/record")
		})
	}
}

// BenchmarkBounds is what the barrier costs.
func BenchmarkBounds(b *testing.B) {
	c := fakeCluster(b, kfake.SeedTopics(1, slot0.Topic))
	r := newClient(b, c).NewReader()
	b.ReportAllocs()
	for b.Loop() {
		_, _, err := r.Bounds(b.Context(), slot0)
		must(b, err)
	}
}
