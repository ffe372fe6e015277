package consumer_test

import (
	"context"
	"fmt"
	"time"

	"github.com/twmb/franz-go/pkg/kfake"

	"github.com/contactgovernor/governor/consumer"
	"github.com/contactgovernor/governor/consumer/governor"
	"github.com/contactgovernor/governor/consumer/kafkaio"
	"github.com/contactgovernor/governor/rules"
	"github.com/contactgovernor/governor/schemas"
	"github.com/contactgovernor/governor/state/memstate"
)

// A governor inside a program: it joins the group, hears what was said before it decides what
// was wanted, and tells its answer on the log. Here the log is a Kafka in the process, and the
// memory is forgotten with it; in earnest it is that of package redisstate.
func Example() {
	ctx, cancel := context.WithTimeout(context.Background(), 5*time.Minute)
	defer cancel()
	kafka, err := kfake.NewCluster(kfake.NumBrokers(1), kfake.SeedTopics(1, governor.Intents, governor.Signals, governor.Approved,
		governor.Vetoed, governor.Revoked, governor.Redemption, governor.Leaked, governor.Standing, governor.VetoRates, governor.DeadLetter))
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

	policy, problems := rules.Compile(&rules.Spec{
		Name:     "example",
		Purposes: []rules.PurposeSpec{{Name: "offer", Class: rules.Solicitation}},
		Channels: []rules.ChannelSpec{{Name: "sms"}},
	})
	if len(problems) > 0 {
		fmt.Println(problems)
		return
	}
	group, err := client.Join(kafkaio.GroupConfig{ID: "governor", Topic: governor.Intents})
	if err != nil {
		fmt.Println(err)
		return
	}
	c, err := consumer.New(consumer.Config{
		Policy: consumer.Always(policy), Store: memstate.New(), Log: client.NewReader(), Group: group, Partitions: 1,
		NewWriter: func(context.Context) (consumer.Writer, error) { return client.NewWriter(), nil },
	})
	if err != nil {
		fmt.Println(err)
		return
	}
	stopping, stop := context.WithCancel(ctx)
	defer stop()
	ended := make(chan error, 1)
	go func() { ended <- c.Run(stopping) }()

	at := time.Now().UTC().Format(time.RFC3339)
	writer := client.NewWriter()
	defer writer.Close()
	for _, said := range [][2]string{ // ada says no, and then an engine wants something
		{governor.Signals, `{"id":"s1","person":"ada","type":"refusal","at":"` + at + `"}`},
		{governor.Intents, `{"id":"i1","person":"ada","channel":"sms","purpose":"offer","campaign":"spring","at":"` + at + `"}`},
	} {
		record := consumer.Record{Key: []byte("ada"), Value: []byte(said[1]), Time: time.Now()}
		if err := writer.Produce(ctx, []consumer.Append{{Slot: consumer.Slot{Topic: said[0]}, Records: []consumer.Record{record}}}); err != nil {
			fmt.Println(err)
			return
		}
	}

	for reader, told := client.NewReader(), 0; told == 0; {
		fetched, err := reader.Fetch(ctx, consumer.Slot{Topic: governor.Vetoed}, 0, time.Second)
		if err != nil {
			fmt.Println(err)
			return
		}
		for _, r := range fetched.Records {
			d, err := schemas.DecodeDecision(r.Value)
			fmt.Println(d.Intent, d.Verdict, d.Reason, err)
			told++
		}
	}
	stop()
	fmt.Println("stopped:", <-ended)
	// Output:
	// i1 vetoed refused.state <nil>
	// stopped: <nil>
}
