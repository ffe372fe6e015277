//go:build integration

package integration

import (
	"context"
	"fmt"
	"os"
	"testing"

	"github.com/redis/go-redis/v9/logging"
	"github.com/testcontainers/testcontainers-go/log"
)

// The servers that all tests share. A test that breaks a server starts its own, with startKafka or startRedis.
var (
	sharedKafka *kafkaServer
	sharedRedis *redisServer
)

func TestMain(m *testing.M) { os.Exit(run(m)) }

// run is TestMain in a form that lets deferred calls happen before the exit.
func run(m *testing.M) int {
	// Ryuk, which removes what a test run leaves behind, is one more image to fetch; removeLeftovers does its work.
	os.Setenv("TESTCONTAINERS_RYUK_DISABLED", "true")
	// Servers are published on the loopback, also where the tests themselves run in a container.
	os.Setenv("TESTCONTAINERS_HOST_OVERRIDE", "127.0.0.1")
	// That a server which is being broken cannot be reached is no news.
	log.SetDefault(log.NewNoopLogger())
	logging.Disable()

	go governorBinary() // built while the servers start
	defer removeBinary()

	ctx, cancel := context.WithTimeout(context.Background(), patience)
	defer cancel()
	if err := removeLeftovers(ctx); err != nil {
		return fail("no Docker engine answers; .ci/services starts one", err)
	}
	var err error
	if sharedRedis, err = runRedis(ctx); err != nil {
		return fail("Redis", err)
	}
	defer sharedRedis.remove()
	if sharedKafka, err = runKafka(ctx); err != nil {
		return fail("Kafka", err)
	}
	defer sharedKafka.remove()
	return m.Run()
}

func fail(what string, err error) int {
	fmt.Fprintf(os.Stderr, "integration: %s: %v\n", what, err)
	return 1
}
