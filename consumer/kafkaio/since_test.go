package kafkaio

import (
	"testing"
	"time"

	"github.com/twmb/franz-go/pkg/kfake"
	"github.com/twmb/franz-go/pkg/kgo"

	"github.com/contactgovernor/governor/consumer"
)

// The first record that is not older; the end where every one is.
func TestWhereATimeBegins(t *testing.T) {
	c := fakeCluster(t, kfake.SeedTopics(1, "t"))
	noon := time.Date(2026, 5, 4, 12, 0, 0, 0, time.UTC)
	reader, slot := newClient(t, c).NewReader(), consumer.Slot{Topic: "t"}
	since := func(at time.Time, want int64) {
		t.Helper()
		got, err := reader.Since(within(t), slot, at)
		must(t, err)
		if got != want {
			t.Errorf("since %s: offset %d, want %d", at, got, want)
		}
	}
	since(noon, 0) // of nothing
	writer := franz(t, c)
	for i := range 5 {
		must(t, writer.ProduceSync(within(t), &kgo.Record{Topic: "t", Value: []byte("v"), Timestamp: noon.Add(time.Duration(i) * time.Minute)}).FirstErr())
	}
	since(time.Time{}, 0)
	since(noon, 0)
	since(noon.Add(time.Millisecond), 1)
	since(noon.Add(4*time.Minute), 4)
	since(noon.Add(4*time.Minute+time.Millisecond), 5)
	if _, err := reader.Since(within(t), consumer.Slot{Topic: "gone"}, noon); err == nil {
		t.Error("a topic that is not there has an offset")
	}
}
