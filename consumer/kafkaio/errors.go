package kafkaio

import (
	"errors"
	"fmt"
	"strconv"

	"github.com/segmentio/kafka-go"

	"github.com/contactgovernor/governor/consumer"
)

// TooLarge says that a batch for a slot was refused for its size. Nothing of it
// was appended. Records is 1 where one record alone is too large; it is more
// where [Config.BatchBytes] exceeds what the topic accepts.
type TooLarge struct {
	consumer.Slot
	Records int // records in the refused batch
	Bytes   int // size of the refused batch, as it was sent
}

// Error names the slot, the sizes and what to do.
func (e *TooLarge) Error() string {
	remedy := "raise the topic's max.message.bytes or send less"
	if e.Records > 1 {
		remedy = "lower the client's batch bytes below the topic's max.message.bytes, or raise that"
	}
	return fmt.Sprintf("produce to %s: a batch of %d bytes and %d records is too large for the topic; %s",
		slotName(e.Slot), e.Bytes, e.Records, remedy)
}

// Unwrap lets errors.Is find kafka.MessageSizeTooLarge.
func (e *TooLarge) Unwrap() error { return kafka.MessageSizeTooLarge }

func slotName(s consumer.Slot) string {
	return s.Topic + "/" + strconv.Itoa(int(s.Partition))
}

// codeError is a broker's error code, with what to do about it.
func codeError(code int16) error {
	err := kafka.Error(code)
	switch err {
	case kafka.UnknownTopicOrPartition:
		return fmt.Errorf("%w; create the topic, or add it to the client's topics", err)
	case kafka.TopicAuthorizationFailed:
		return fmt.Errorf("%w; grant this principal the right on the topic", err)
	case kafka.ClusterAuthorizationFailed:
		return fmt.Errorf("%w; grant this principal IDEMPOTENT_WRITE on the cluster", err)
	case kafka.NotEnoughReplicas, kafka.NotEnoughReplicasAfterAppend:
		return fmt.Errorf("%w; bring back the brokers that hold its replicas", err)
	}
	return err
}

// leaderMoved tells whether a broker answered that it does not lead the slot, so
// that asking anew who does may help. Where the metadata themselves know no
// leader, they are polled soon enough.
func leaderMoved(err error) bool {
	var code kafka.Error
	if errors.As(err, &code) {
		switch code {
		case kafka.NotLeaderForPartition, kafka.LeaderNotAvailable, kafka.UnknownTopicOrPartition,
			kafka.FencedLeaderEpoch, kafka.UnknownLeaderEpoch, kafka.ReplicaNotAvailable,
			kafka.KafkaStorageError, kafka.BrokerNotAvailable:
			return true
		}
	}
	return false
}

// worthRetrying tells whether sending the same bytes again may succeed. What is
// no answer of a broker, such as a lost connection, is worth it.
func worthRetrying(err error) bool {
	var code kafka.Error
	if !errors.As(err, &code) {
		return !errors.Is(err, errOldBroker)
	}
	switch code {
	case kafka.RequestTimedOut, kafka.NotEnoughReplicas, kafka.NotEnoughReplicasAfterAppend,
		kafka.NetworkException, kafka.InvalidMessage, // "corrupt message": it may have suffered on the way
		kafka.GroupLoadInProgress, kafka.GroupCoordinatorNotAvailable, kafka.NotCoordinatorForGroup,
		kafka.ConcurrentTransactions, kafka.ThrottlingQuotaExceeded, kafka.UnknownTopicID:
		return true
	}
	return leaderMoved(err)
}
