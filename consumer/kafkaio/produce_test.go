package kafkaio

import (
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/twmb/franz-go/pkg/kfake"

	"github.com/contactgovernor/governor/consumer"
)

func TestProducedRecordsComeBackAsTheyWere(t *testing.T) {
	c := fakeCluster(t, kfake.NumBrokers(3), kfake.SeedTopics(4, "a", "b"))
	for _, codec := range []string{"none", "gzip", "snappy", "lz4", "zstd"} {
		t.Run(codec, func(t *testing.T) {
			client := newClient(t, c, func(c *Config) { c.Compression = codec })
			w := client.NewWriter()
			defer w.Close()
			r := client.NewReader()
			want := numbered(0, 50)
			want[1].Key = nil
			want[2].Key = []byte{}
			want[3].Value = nil
			want[4].Headers = []consumer.Header{{Key: "n", Value: nil}, {Key: "", Value: []byte{}}, {Key: "n", Value: []byte("again")}}
			want[5].Time = want[5].Time.Add(-1e9)
			slots := []consumer.Slot{{Topic: "a", Partition: 0}, {Topic: "a", Partition: 1}, {Topic: "b", Partition: 1}, {Topic: "b", Partition: 3}}
			var appends []consumer.Append
			starts := make(map[consumer.Slot]int64)
			for _, s := range slots {
				_, end, err := r.Bounds(within(t), s)
				must(t, err)
				starts[s] = end
				appends = append(appends, consumer.Append{Slot: s, Records: want})
			}
			must(t, w.Produce(within(t), appends))
			for _, s := range slots {
				got := readAll(t, r, s, starts[s])
				for i := range want {
					want[i].Offset = starts[s] + int64(i)
				}
				if diff := cmp.Diff(want, got); diff != "" {
					t.Errorf("%v (-want +got):\n%s", s, diff)
				}
			}
		})
	}
}
