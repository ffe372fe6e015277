package app

import (
	"github.com/contactgovernor/governor/cmd/governor/internal/config"
	"github.com/contactgovernor/governor/consumer/governor"
	"github.com/contactgovernor/governor/consumer/kafkaio"
	"github.com/contactgovernor/governor/rules"
)

// topics is what the topics must be like under the policy: a person is on the
// same partition number everywhere, decisions and signals are kept as long as
// the policy remembers, and what stands is kept for ever. The intents are the
// first; partitions is how many they must have, 0 for as many as they do.
func topics(c *config.Kafka, policy *rules.Policy, partitions int) []kafkaio.TopicSpec {
	intents := c.Topics.Prefix + governor.Intents
	spec := func(topic, cleanup string, keep bool) kafkaio.TopicSpec {
		s := kafkaio.TopicSpec{
			Name: c.Topics.Prefix + topic, SameAs: intents, Partitions: partitions,
			Replication: c.Topics.Replication, Cleanup: cleanup,
		}
		if topic == governor.Intents {
			s.SameAs = ""
		}
		if keep {
			s.MinRetention = max(c.Topics.Retention, policy.Memory())
		}
		return s
	}
	return []kafkaio.TopicSpec{
		spec(governor.Intents, "delete", false),
		spec(governor.Signals, "delete", true),
		spec(governor.Approved, "delete", true),
		spec(governor.Vetoed, "delete", true),
		spec(governor.Revoked, "delete", true),
		spec(governor.Redemption, "delete", true),
		spec(governor.Leaked, "delete", true),
		spec(governor.Standing, "compact", false),
		spec(governor.VetoRates, "compact", false),
		spec(governor.DeadLetter, "delete", false),
	}
}
