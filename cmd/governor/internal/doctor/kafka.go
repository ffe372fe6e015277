package doctor

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/contactgovernor/governor/cmd/governor/internal/app"
	"github.com/contactgovernor/governor/cmd/governor/internal/config"
	"github.com/contactgovernor/governor/consumer/governor"
	"github.com/contactgovernor/governor/consumer/kafkaio"
)

// examineKafka looks at the log.
func (p *patient) examineKafka(ctx context.Context, n *notes) {
	way := app.Kafka(&p.config.Kafka)
	way.DialTimeout, way.RequestTimeout = p.o.Timeout, p.o.Timeout
	client, err := kafkaio.New(way)
	if err != nil {
		n.add(Wrong, "kafka", err.Error(), "")
		return
	}
	defer client.Close()
	if !p.examineBrokers(ctx, n, client) {
		for _, what := range []string{"kafka topics", "kafka group", "kafka rights", "clock of kafka"} {
			n.unknown(what, "not looked at, since Kafka does not answer")
		}
		return
	}
	p.examineGroup(ctx, n, client)
	if p.policy == nil {
		n.unknown("kafka topics", "not looked at: the policy says how long they must be kept, and has mistakes")
		return
	}
	there := p.examineTopics(ctx, n)
	stamped, newest := p.examineReading(ctx, n, client, there)
	p.examineWriting(ctx, n, client, there)
	p.brokersClock(n, stamped, newest, len(there))
}

// examineBrokers says whether Kafka answers at all.
func (p *patient) examineBrokers(ctx context.Context, n *notes, client *kafkaio.Client) bool {
	ctx, cancel := p.within(ctx)
	defer cancel()
	cluster, err := client.Admin().Look(ctx)
	if err != nil {
		n.add(Wrong, "kafka", err.Error(), "start Kafka, or correct kafka.brokers, kafka.tls and kafka.sasl")
		return false
	}
	n.ok("kafka", "cluster %s, %s, controller %d", cluster.ID, count(len(cluster.Brokers), "broker"), cluster.Controller)
	for _, b := range cluster.Brokers {
		what := fmt.Sprintf("kafka broker %d", b.ID)
		switch {
		case b.Err != nil && b.Release == "":
			n.add(Wrong, what, b.Err.Error(), "")
			continue
		case b.Err != nil:
			n.add(Wrong, what, fmt.Sprintf("%s: %s", b.Address, b.Err), "run Apache Kafka 2.4 or later, or what speaks as it does")
			continue
		}
		n.ok(what, "%s, speaks as Apache Kafka %s or later; 2.4 is needed", b.Address, b.Release)
		if !b.CertificateEnds.IsZero() {
			ends(n, what, b.Address+" shows a certificate", b.CertificateEnds, p.o.Clock(), "give the broker another")
		}
	}
	return true
}

// examineGroup tells who governs.
func (p *patient) examineGroup(ctx context.Context, n *notes, client *kafkaio.Client) {
	ctx, cancel := p.within(ctx)
	defer cancel()
	group, err := client.Admin().Group(ctx, p.config.Kafka.Group)
	switch {
	case err != nil:
		n.add(Wrong, "kafka group", err.Error(), "")
	case len(group.Members) == 0:
		n.ok("kafka group", "%s: nobody is in it, so no governor runs", p.config.Kafka.Group)
	default:
		n.ok("kafka group", "%s: %s, %s", p.config.Kafka.Group, count(len(group.Members), "governor"), group.State)
	}
}

// examineTopics looks at the topics as run does, and returns those that are there.
func (p *patient) examineTopics(ctx context.Context, n *notes) (there []kafkaio.TopicState) {
	ctx, cancel := p.within(ctx)
	defer cancel()
	all, err := app.TopicsOf(&p.config.Kafka, p.policy)
	if err != nil {
		n.add(Wrong, "kafka topics", err.Error(), "")
		return nil
	}
	defer all.Close()
	states, err := all.Look(ctx)
	if err != nil {
		n.add(Wrong, "kafka topics", err.Error(), "")
		return nil
	}
	right := 0
	var missing []string
	for _, s := range states {
		if !s.Exists {
			missing = append(missing, s.Name)
			continue
		}
		there = append(there, s)
		if len(s.Wrong) == 0 {
			right++
		}
		for _, wrong := range s.Wrong {
			n.wrong("kafka topics", wrong)
		}
	}
	if len(missing) > 0 {
		verdict, mend := Wrong, "governor topics create --config "+p.o.File
		says := strings.Join(missing, ", ") + ": not there"
		if p.config.Kafka.Topics.Create {
			verdict, says = Warning, says+" yet; governor run makes them"
		}
		n.add(verdict, "kafka topics", says, mend)
	}
	if right > 0 {
		partitions := "" // of the intents, if they are there
		if states[0].Exists {
			partitions = " and " + count(states[0].Partitions, "partition")
		}
		n.ok("kafka topics", "%s as they must be, with %s%s", count(right, "topic"), copies(states), partitions)
	}
	return there
}

func copies(states []kafkaio.TopicState) string {
	fewest := 0
	for _, s := range states {
		if s.Exists && (fewest == 0 || s.Replication < fewest) {
			fewest = s.Replication
		}
	}
	if fewest == 1 {
		return "1 copy"
	}
	return fmt.Sprintf("%d copies", fewest)
}

// lookAtPartitions bounds how many partitions of a topic are read from.
const lookAtPartitions = 16

// examineReading reads the newest records: whether it may, and what their times say of
// the brokers' clocks: which topics have them, and when the newest of these is from.
func (p *patient) examineReading(ctx context.Context, n *notes, client *kafkaio.Client, there []kafkaio.TopicState) (stamped []string, newest time.Time) {
	refused := false
	for _, t := range there {
		within, cancel := p.within(ctx)
		at, err := client.Newest(within, t.Name, min(t.Partitions, lookAtPartitions))
		cancel()
		if err != nil {
			refused = true
			n.add(Wrong, "kafka rights", fmt.Sprintf("topic %s cannot be read: %s", t.Name, err), "kafka-acls --add --allow-principal User:NAME --operation Read --topic "+t.Name)
			continue
		}
		if t.Settings["message.timestamp.type"] == "LogAppendTime" {
			stamped = append(stamped, t.Name)
			if at.After(newest) {
				newest = at
			}
		}
	}
	if !refused && len(there) > 0 {
		n.ok("kafka rights", "%s can be read", count(len(there), "topic"))
	}
	return stamped, newest
}

// examineWriting tells whether the rules let this principal write. Nothing is written
// to try it.
func (p *patient) examineWriting(ctx context.Context, n *notes, client *kafkaio.Client, there []kafkaio.TopicState) {
	outputs := make([]string, 0, len(there))
	for _, t := range there {
		if t.Name != p.config.Kafka.Topics.Prefix+governor.Intents {
			outputs = append(outputs, t.Name)
		}
	}
	ctx, cancel := p.within(ctx)
	defer cancel()
	writers, err := client.Admin().Writers(ctx, outputs)
	me := principal(&p.config.Kafka)
	switch {
	case errors.Is(err, kafkaio.ErrNoAuthorizer):
		n.add(Warning, "kafka rights", err.Error(), "where others reach them, set authorizer.class.name on the brokers, and let only the governor write its decisions")
	case err != nil:
		n.unknown("kafka rights", "whether it may write: %s; it must WRITE %s", err, strings.Join(outputs, ", "))
	case me == "":
		n.unknown("kafka rights", "whether it may write: without SASL the configuration does not say as whom it comes; it must WRITE %s", strings.Join(outputs, ", "))
	default:
		var lacking []string
		for _, topic := range outputs {
			if !contains(writers[topic], me) && !contains(writers[topic], "User:*") {
				lacking = append(lacking, topic)
			}
		}
		if len(lacking) > 0 {
			n.unknown("kafka rights", "no access rule lets %s WRITE %s; only a super user needs none", me, strings.Join(lacking, ", "))
			return
		}
		n.ok("kafka rights", "access rules let %s write %s", me, count(len(outputs), "topic"))
	}
}

// principal is as whom the governor comes to Kafka, as far as the configuration says.
func principal(c *config.Kafka) string {
	if c.SASL.Username == "" {
		return ""
	}
	return "User:" + c.SASL.Username
}

func contains(all []string, one string) bool {
	for _, s := range all {
		if s == one {
			return true
		}
	}
	return false
}

// count is a number and its noun.
func count(n int, one string) string {
	if n == 1 {
		return "1 " + one
	}
	return fmt.Sprintf("%d %ss", n, one)
}
