package kafkaio

import (
	"fmt"

	"github.com/segmentio/kafka-go/protocol"
)

// spoken are the requests that this package makes itself, and in which version.
func spoken() map[protocol.ApiKey]int16 {
	return map[protocol.ApiKey]int16{
		protocol.Produce: produceVersion, protocol.Fetch: fetchVersion,
		protocol.ListOffsets: listOffsetsVersion, protocol.InitProducerId: initProducerVersion,
	}
}

// The versions in which requests are made.
const (
	produceVersion      = 8
	fetchVersion        = 11
	listOffsetsVersion  = 5
	initProducerVersion = 1
)

// release guesses what a broker is, which does not say so: the first release of
// Apache Kafka that knows as much as it does. Others that speak Kafka's protocol are
// told as the release that they pass for.
func release(versions map[protocol.ApiKey]int16) string {
	for _, r := range []struct {
		name           string
		produce, fetch int16 // versions that it knows
	}{
		{"4.1", 13, 18}, {"4.0", 12, 17}, {"3.9", 11, 17}, {"3.8", 11, 16}, {"3.7", 10, 16}, {"3.5", 9, 15},
		{"3.1", 9, 13}, {"2.8", 9, 12}, {"2.7", 8, 12}, {"2.4", 8, 11},
	} {
		if versions[protocol.Produce] >= r.produce && versions[protocol.Fetch] >= r.fetch {
			return r.name
		}
	}
	return ""
}

// tooOld says which request a broker does not know, if there is one.
func tooOld(versions map[protocol.ApiKey]int16) error {
	for _, key := range []protocol.ApiKey{protocol.Produce, protocol.Fetch, protocol.ListOffsets, protocol.InitProducerId} {
		if want := spoken()[key]; versions[key] < want {
			return fmt.Errorf("%v version %d: %w", key, want, errOldBroker)
		}
	}
	return nil
}
