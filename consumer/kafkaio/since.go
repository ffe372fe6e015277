package kafkaio

import (
	"context"
	"fmt"
	"time"

	"github.com/contactgovernor/governor/consumer"
)

// none is the offset that brokers answer where no record is so young.
const none = -1

// Since returns the offset of the first record that has the time t or a later one, by
// the timestamps of the topic; the end of what is committed where there is none. Records behind it may
// be older, where producers set the timestamps.
func (r *Reader) Since(ctx context.Context, slot consumer.Slot, t time.Time) (int64, error) {
	offset, err := r.offset(ctx, slot, max(0, t.UnixMilli()))
	if err == nil && offset == none {
		offset, err = r.offset(ctx, slot, latest)
	}
	if err != nil {
		return 0, fmt.Errorf("find what is not older in %s: %w", slotName(slot), err)
	}
	return offset, nil
}
