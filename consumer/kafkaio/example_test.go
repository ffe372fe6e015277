package kafkaio_test

import (
	"context"
	"fmt"
	"time"

	"github.com/twmb/franz-go/pkg/kfake"

	"github.com/contactgovernor/governor/consumer"
	"github.com/contactgovernor/governor/consumer/kafkaio"
)

// A record is appended once, and read behind a barrier: whatever was acknowledged before
// Bounds was asked is below the end that it answers.
func Example() {
	kafka, err := kfake.NewCluster(kfake.NumBrokers(1), kfake.SeedTopics(4, "contact.signals"))
	if err != nil {
		fmt.Println(err)
		return
	}
	defer kafka.Close()
	client, err := kafkaio.New(kafkaio.Config{Brokers: kafka.ListenAddrs(), RequestTimeout: time.Minute})
	if err != nil {
		fmt.Println(err)
		return
	}
	defer client.Close()
	ctx, cancel := context.WithTimeout(context.Background(), 2*time.Minute)
	defer cancel()

	key := []byte("ada")
	slot := consumer.Slot{Topic: "contact.signals", Partition: kafkaio.Murmur2Partition(key, 4)}
	writer := client.NewWriter()
	defer writer.Close()
	if err := writer.Produce(ctx, []consumer.Append{{Slot: slot, Records: []consumer.Record{{Key: key, Value: []byte("no"), Time: time.Now()}}}}); err != nil {
		fmt.Println("read the slot back before anything more is appended:", err)
		return
	}

	reader := client.NewReader()
	first, end, err := reader.Bounds(ctx, slot)
	if err != nil {
		fmt.Println(err)
		return
	}
	fetched, err := reader.Fetch(ctx, slot, first, time.Minute)
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println("partition", slot.Partition, "from", first, "to", end)
	for _, r := range fetched.Records {
		fmt.Printf("%d: %s says %s\n", r.Offset, r.Key, r.Value)
	}
	// Output:
	// partition 1 from 0 to 1
	// 0: ada says no
}
