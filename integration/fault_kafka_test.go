//go:build integration

package integration

import (
	"context"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/moby/moby/api/types/container"
	"github.com/moby/moby/api/types/mount"
	"github.com/moby/moby/client"
	"github.com/testcontainers/testcontainers-go"
	"github.com/twmb/franz-go/pkg/kadm"
)

// killLeader kills the broker that leads the next partition of the intents. The other two go on; it comes back before the
// next one is killed.
func killLeader(r *trial) {
	for r.again() {
		leader := r.place.leader(r.T, int32(r.tried)%6)
		leader.Kill(r.T)
		r.decides("to be decided by the other brokers", 20)
		r.rest(3 * time.Second)
		leader.Start(r.T)
		r.place.inSync(r.T)
		r.decides("to be decided with all brokers", 10)
	}
}

// placeOnThreeBrokers is a place where every record has three copies, of which two count.
func placeOnThreeBrokers(t *testing.T) *place {
	t.Helper()
	brokers := startBrokers(t, 3)
	first := &kafkaServer{server: brokers[0], copies: 3}
	for _, b := range brokers {
		first.all = append(first.all, b.Addr)
	}
	p := faultPlaceOn(t, first, sharedRedis)
	p.brokers = brokers
	return p
}

// startBrokers starts a Kafka of several brokers, each of them a controller as well. They are on the network of this
// machine: an address is then the same for them and for us.
func startBrokers(t *testing.T, n int) []*server {
	t.Helper()
	var voters string
	clients, controllers := make([]int, n), make([]int, n)
	for i := range n {
		var err error
		clients[i], err = freePort()
		must(t, err)
		controllers[i], err = freePort()
		must(t, err)
		if i > 0 {
			voters += ","
		}
		voters += fmt.Sprintf("%d@%s", i+1, loopback(controllers[i]))
	}
	image := kafkaImage()
	starting := make([]*server, n)
	errs := make(chan error, n)
	ctx := patiently(t)
	for i := range n {
		go func() {
			var err error
			starting[i], err = runContainer(ctx, image, loopback(clients[i]), brokersIn(n, loopback(clients[i])), func(host *container.HostConfig) {
				host.NetworkMode = "host"
			}, identified(i+1), kafkaSettings(image, []string{
				fmt.Sprintf("node.id=%d", i+1), "controller.quorum.voters=" + voters,
				fmt.Sprintf("listeners=CLIENT://%s,CONTROLLER://%s", loopback(clients[i]), loopback(controllers[i])),
				"advertised.listeners=CLIENT://" + loopback(clients[i]),
				"offsets.topic.replication.factor=3", "transaction.state.log.replication.factor=3", "transaction.state.log.min.isr=2",
				"min.insync.replicas=2",
			}))
			errs <- err
		}()
	}
	var failed error
	for range n {
		if err := <-errs; err != nil {
			failed = err
		}
	}
	for _, s := range starting {
		if s != nil {
			s.ownedBy(t)
		}
	}
	must(t, failed)
	return starting
}

// identified tells a broker of our own image which one it is; its log was formatted for the first. The official image
// formats its log when it starts.
func identified(node int) testcontainers.ContainerCustomizer {
	return testcontainers.WithFiles(testcontainers.ContainerFile{
		Reader: strings.NewReader(identity(node)), ContainerFilePath: "/data/kafka/meta.properties", FileMode: 0o644,
	})
}

// identity is the file that makes a folder the log of a broker.
func identity(node int) string {
	return fmt.Sprintf("version=1\ncluster.id=integration-tests-only\nnode.id=%d\ndirectory.id=AAAAAAAAAAAAAAAAAAAA%dg\n", node, node)
}

// leader is the broker that leads a partition of the intents.
func (p *place) leader(t *testing.T, partition int32) *server {
	t.Helper()
	var led *server
	waitAtLength(t, "a leader", func() bool {
		led = nil
		topics, err := p.admin(t).ListTopics(patiently(t), p.topic("contact.intents"))
		if err == nil && topics.Error() == nil {
			leader := topics[p.topic("contact.intents")].Partitions[partition].Leader
			if leader > 0 && int(leader) <= len(p.brokers) {
				led = p.brokers[leader-1]
			}
		}
		return led != nil
	})
	return led
}

// inSync waits until every broker has all that was acknowledged, and leads what it did at first.
func (p *place) inSync(t *testing.T) {
	t.Helper()
	waitAtLength(t, "all copies to be in sync", func() bool {
		topics, err := p.admin(t).ListTopicsWithInternal(patiently(t))
		if err != nil || topics.Error() != nil {
			return false
		}
		for _, topic := range topics {
			for _, partition := range topic.Partitions {
				if len(partition.ISR) < len(partition.Replicas) {
					return false
				}
			}
		}
		return true
	})
}

func (p *place) admin(t *testing.T) *kadm.Client {
	t.Helper()
	if p.asking == nil {
		p.asking = kadm.NewClient(p.kafka.client(t))
	}
	return p.asking
}

// diskSize is how much the small disk holds, in mebibytes.
const diskSize = 64

// placeOnSmallDisk is a place whose broker has its log on a small disk in memory. A second container, which does nothing,
// keeps the disk while the broker is down.
func placeOnSmallDisk(t *testing.T) *place {
	t.Helper()
	ctx := patiently(t)
	docker, err := testcontainers.NewDockerClientWithOpts(ctx)
	must(t, err)
	made, err := docker.VolumeCreate(ctx, client.VolumeCreateOptions{Driver: "local", DriverOpts: map[string]string{
		"type": "tmpfs", "device": "tmpfs", "o": fmt.Sprintf("size=%dm", diskSize)}})
	must(t, err)
	disk := made.Volume.Name
	t.Cleanup(func() { // after the containers that use it
		if _, err := docker.VolumeRemove(context.Background(), disk, client.VolumeRemoveOptions{Force: true}); err != nil {
			t.Error(err)
		}
	})
	on := testcontainers.WithHostConfigModifier(func(host *container.HostConfig) {
		host.Mounts = append(host.Mounts, mount.Mount{Type: mount.TypeVolume, Source: disk, Target: "/disk"})
	})
	keeper, err := runRedisWith(ctx, nil, on)
	must(t, err)
	keeper.ownedBy(t)
	must(t, keeper.container.CopyToContainer(ctx, []byte(identity(1)), "/disk/kafka/meta.properties", 0o644))
	k, err := runKafkaWith(ctx, []string{"log.dirs=/disk/kafka", "log.index.size.max.bytes=65536"}, on)
	must(t, err)
	k.ownedBy(t)
	p := faultPlaceOn(t, k, sharedRedis)
	p.keeper = keeper.server
	return p
}

// fillDisk fills the disk under the broker until the broker gives up, or a while has passed; then there is room again,
// and it is started if it ended.
func fillDisk(r *trial) {
	for r.again() {
		k := r.place.kafka
		files := r.place.keeper.fill(r.T, "/disk")
		fallen, cancel := context.WithTimeout(r.T.Context(), 20*time.Second)
		down := holds(fallen, func() bool { return k.down(fallen) })
		cancel()
		r.rest(3 * time.Second)
		r.place.keeper.free(r.T, files)
		r.Logf("%d files filled the disk; the broker gave up: %v", len(files), down)
		if k.down(r.T.Context()) {
			k.Start(r.T)
		}
		r.decides("to be decided once there is room", 30)
	}
}

// fill writes until nothing more fits, and returns the files that it wrote.
func (s *server) fill(t *testing.T, dir string) []string {
	t.Helper()
	var files []string
	for _, size := range []int{1 << 20, 64 << 10, 4 << 10} {
		content := make([]byte, size)
		for range 2 * diskSize {
			name := fmt.Sprintf("%s/full-%d", dir, len(files))
			files = append(files, name)
			if s.container.CopyToContainer(patiently(t), content, name, 0o600) != nil {
				break
			}
		}
	}
	return files
}

// free empties files.
func (s *server) free(t *testing.T, files []string) {
	t.Helper()
	for _, name := range files {
		must(t, s.container.CopyToContainer(patiently(t), nil, name, 0o600))
	}
}
