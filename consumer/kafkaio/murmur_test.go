package kafkaio

import (
	"testing"

	"github.com/twmb/franz-go/pkg/kgo"
)

// The vectors are those of org.apache.kafka.common.utils.UtilsTest.
func TestMurmur2IsJavas(t *testing.T) {
	for key, want := range map[string]int32{
		"21":                         -973932308,
		"foobar":                     -790332482,
		"a-little-bit-long-string":   -985981536,
		"a-little-bit-longer-string": -1486304829,
		"lkjh234lh9fiuh90y23oiuhsafujhadof229phr9h19h89h8": -58897971,
		"abc": 479470107,
	} {
		if got := int32(murmur2([]byte(key))); got != want {
			t.Errorf("murmur2(%q) = %d, want %d", key, got, want)
		}
	}
}

func TestPartitionsAreThoseOfAnIndependentClient(t *testing.T) {
	p := kgo.StickyKeyPartitioner(nil).ForTopic("t")
	for _, r := range numbered(0, 1000) {
		key := r.Key[:len(r.Key)-len(r.Key)%5] // lengths of all remainders
		want := p.Partition(&kgo.Record{Key: key}, 48)
		if got := Murmur2Partition(key, 48); int(got) != want {
			t.Fatalf("partition of %q is %d, want %d", key, got, want)
		}
	}
	if got := Murmur2Partition([]byte("k"), 0); got != -1 {
		t.Errorf("partition of none is %d", got)
	}
}
