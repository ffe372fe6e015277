//go:build integration

package integration

import (
	"encoding/json"
	"os"
	"path/filepath"
	"strings"

	"github.com/twmb/franz-go/pkg/kgo"
)

// dumped is a record as governor verify --dump reads it.
type dumped struct {
	Topic     string      `json:"topic"`
	Partition int32       `json:"partition"`
	Offset    int64       `json:"offset"`
	Timestamp int64       `json:"timestamp"`
	Appended  bool        `json:"appended"`
	Key       []byte      `json:"key_base64"`
	Value     []byte      `json:"value_base64"`
	Headers   [][2]string `json:"headers,omitempty"`
}

// keep writes down, if the trial failed, what the topics hold and what the governors said, to look at afterwards: the
// servers will be gone.
func (r *trial) keep() {
	if !r.Failed() || r.fleet == nil {
		return
	}
	dir, err := os.MkdirTemp("", "governor-faults-"+r.fault.key+"-")
	must(r.T, err)
	r.Logf("kept in %[1]s; governor verify --dump %[1]s/topics --settled --partitions 6", dir)
	must(r.T, os.Mkdir(filepath.Join(dir, "topics"), 0o755))
	for _, m := range r.fleet.all {
		text, err := os.ReadFile(m.log)
		must(r.T, err)
		must(r.T, os.WriteFile(filepath.Join(dir, m.id+".log"), text, 0o644))
	}
	for _, topics := range contractTopics {
		for _, topic := range topics {
			must(r.T, dump(filepath.Join(dir, "topics", topic+".jsonl"), topic, r.place.read(r.T, topic)))
		}
	}
}

// dump writes records into a file, one a line.
func dump(file, topic string, records []*kgo.Record) error {
	var b strings.Builder
	lines := json.NewEncoder(&b)
	for _, r := range records {
		d := dumped{Topic: topic, Partition: r.Partition, Offset: r.Offset, Timestamp: r.Timestamp.UnixMilli(),
			Appended: r.Attrs.TimestampType() == 1, Key: r.Key, Value: r.Value}
		for _, h := range r.Headers {
			d.Headers = append(d.Headers, [2]string{h.Key, string(h.Value)})
		}
		if err := lines.Encode(d); err != nil {
			return err
		}
	}
	return os.WriteFile(file, []byte(b.String()), 0o644)
}
