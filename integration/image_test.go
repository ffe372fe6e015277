//go:build integration

package integration

import (
	"fmt"
	"os"
	"strings"

	"github.com/testcontainers/testcontainers-go"
)

// The images come from the environment. The defaults are the official ones; .ci/services, which makes images where no
// registry can be reached, names its own in GOVERNOR_TEST_KAFKA_IMAGE and GOVERNOR_TEST_REDIS_IMAGE through .ci/run.
func kafkaImage() string { return imageFrom("GOVERNOR_TEST_KAFKA_IMAGE", "apache/kafka:4.1.1") }
func redisImage() string { return imageFrom("GOVERNOR_TEST_REDIS_IMAGE", "redis:7-alpine") }

func imageFrom(variable, otherwise string) string {
	if image := os.Getenv(variable); image != "" {
		return image
	}
	return otherwise
}

// kafkaSettings hands settings to a broker in the way of its image: ours takes arguments of kafka.Kafka over a file of
// its own, the official one takes all of them as variables.
func kafkaSettings(image string, settings []string) testcontainers.ContainerCustomizer {
	if strings.HasPrefix(image, "local/") {
		var args []string
		for _, s := range settings {
			args = append(args, "--override", s)
		}
		return testcontainers.WithCmd(args...)
	}
	env := make(map[string]string)
	for _, s := range append([]string{
		"process.roles=broker,controller", "node.id=1", "controller.quorum.voters=1@localhost:9093",
		"controller.listener.names=CONTROLLER", "inter.broker.listener.name=CLIENT",
		"listener.security.protocol.map=CLIENT:PLAINTEXT,CONTROLLER:PLAINTEXT",
		"offsets.topic.replication.factor=1", "transaction.state.log.replication.factor=1", "transaction.state.log.min.isr=1",
		"group.initial.rebalance.delay.ms=0", "auto.create.topics.enable=false",
	}, settings...) {
		key, value, _ := strings.Cut(s, "=")
		env[fmt.Sprintf("KAFKA_%s", strings.ToUpper(strings.ReplaceAll(key, ".", "_")))] = value
	}
	return testcontainers.WithEnv(env)
}
