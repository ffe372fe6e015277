package app

import (
	"context"
	"errors"
	"fmt"

	"github.com/segmentio/kafka-go"

	"github.com/contactgovernor/governor/cmd/governor/internal/config"
	"github.com/contactgovernor/governor/consumer/governor"
	"github.com/contactgovernor/governor/consumer/kafkaio"
	"github.com/contactgovernor/governor/rules"
)

// Topics are the topics of a governor, for whoever looks after them without running
// one. They are held to exactly what Run holds them to. It has connections until it
// is closed.
type Topics struct {
	config config.Kafka
	policy *rules.Policy
	kafka  *kafkaio.Client
}

// TopicsOf connects nothing yet.
func TopicsOf(c *config.Kafka, policy *rules.Policy) (*Topics, error) {
	client, err := kafkaio.New(Kafka(c))
	if err != nil {
		return nil, fmt.Errorf("kafka: %w", err)
	}
	return &Topics{config: *c, policy: policy, kafka: client}, nil
}

// Close ends the connections.
func (t *Topics) Close() { t.kafka.Close() }

// Look tells how the topics are, the intents first, and changes nothing.
func (t *Topics) Look(ctx context.Context) ([]kafkaio.TopicState, error) {
	specs, err := t.specs(ctx)
	if err != nil {
		return nil, err
	}
	return t.kafka.Admin().Inspect(ctx, specs)
}

// Make makes those that are missing, unless another is wrong: then it makes none,
// and the error tells what is.
func (t *Topics) Make(ctx context.Context) error {
	specs, err := t.specs(ctx)
	if err != nil {
		return err
	}
	return t.kafka.Admin().Ensure(ctx, specs)
}

// specs are what the topics must be like: with as many partitions as the intents
// have, if they are there.
func (t *Topics) specs(ctx context.Context) ([]kafkaio.TopicSpec, error) {
	partitions := t.config.Topics.Partitions
	_, err := t.kafka.Admin().Partitions(ctx, t.config.Topics.Prefix+governor.Intents)
	switch {
	case err == nil:
		partitions = 0 // as many as there are
	case !errors.Is(err, kafka.UnknownTopicOrPartition) && !errors.Is(err, kafka.TopicAuthorizationFailed):
		return nil, err
	}
	return topics(&t.config, t.policy, partitions), nil
}
