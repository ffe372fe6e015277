//go:build integration

package integration

import (
	"context"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"net"
	"net/netip"
	"os"
	"strconv"
	"syscall"
	"testing"
	"time"

	"github.com/moby/moby/api/types/container"
	"github.com/moby/moby/api/types/network"
	"github.com/moby/moby/client"
	"github.com/testcontainers/testcontainers-go"
)

// server is a container that serves clients at a fixed address and can be made to fail.
//
// Address and files survive Kill, Stop and Start, as they do where a machine is rebooted.
type server struct {
	Addr string // host:port on the loopback

	container *testcontainers.DockerContainer
	docker    *testcontainers.DockerClient
	ping      func(context.Context) error // nil once a client is served
}

// ownerLabel holds the process id of the test run that a container belongs to.
const ownerLabel = "contactgovernor.integration.pid"

// runServer starts a container of the image, publishing the port, and returns when ping succeeds. The port is the same
// inside and outside: the address that a broker tells its clients is then true for the broker as well.
func runServer(ctx context.Context, image string, port int, ping func(context.Context) error, with ...testcontainers.ContainerCustomizer) (*server, error) {
	inner := network.MustParsePort(strconv.Itoa(port) + "/tcp")
	outer := network.PortBinding{HostIP: netip.MustParseAddr("127.0.0.1"), HostPort: strconv.Itoa(port)}
	return runContainer(ctx, image, loopback(port), ping, func(host *container.HostConfig) {
		host.PortBindings = network.PortMap{inner: {outer}}
	}, append(with, testcontainers.WithExposedPorts(inner.String()))...)
}

// runContainer starts a container of the image, whose host settings are as given, and returns when ping succeeds.
func runContainer(ctx context.Context, image, addr string, ping func(context.Context) error, host func(*container.HostConfig), with ...testcontainers.ContainerCustomizer) (*server, error) {
	docker, err := testcontainers.NewDockerClientWithOpts(ctx)
	if err != nil {
		return nil, err
	}
	c, err := testcontainers.Run(ctx, image, append(with,
		testcontainers.WithLabels(map[string]string{ownerLabel: strconv.Itoa(os.Getpid())}),
		testcontainers.WithHostConfigModifier(host))...)
	if err != nil {
		return nil, errors.Join(err, testcontainers.TerminateContainer(c))
	}
	s := &server{Addr: addr, container: c, docker: docker, ping: ping}
	if err := s.served(ctx); err != nil {
		defer s.remove()
		return nil, fmt.Errorf("%w; it said:\n%s", err, s.logs())
	}
	return s, nil
}

// served returns when a client is served, or cannot be any more.
func (s *server) served(ctx context.Context) error {
	var err error
	holds(ctx, func() bool { err = s.ping(ctx); return err == nil || s.down(ctx) })
	if err != nil {
		return fmt.Errorf("%s at %s does not answer: %w", s.container.Image, s.Addr, err)
	}
	return nil
}

// down says whether the server's process has ended.
func (s *server) down(ctx context.Context) bool {
	state, err := s.container.State(ctx)
	return err == nil && !state.Running
}

// Kill ends the server as a power cut would: it has no time to write anything down.
func (s *server) Kill(t *testing.T) {
	t.Helper()
	_, err := s.docker.ContainerKill(t.Context(), s.container.ID, client.ContainerKillOptions{Signal: "SIGKILL"})
	must(t, err)
	waitFor(t, "a killed server to be gone", func() bool { return s.down(t.Context()) })
}

// Stop asks the server to end and waits until it has.
func (s *server) Stop(t *testing.T) {
	t.Helper()
	timeout := patience
	must(t, s.container.Stop(t.Context(), &timeout))
}

// Start starts the server again after Kill or Stop, where it was and with what it had on disk.
func (s *server) Start(t *testing.T) {
	t.Helper()
	ctx := patiently(t)
	must(t, s.container.Start(ctx))
	must(t, s.served(ctx))
}

// Pause freezes the server. Connections stay open and new ones are accepted, but nothing answers.
func (s *server) Pause(t *testing.T) {
	t.Helper()
	_, err := s.docker.ContainerPause(t.Context(), s.container.ID, client.ContainerPauseOptions{})
	must(t, err)
}

// Resume ends a Pause: the server goes on with what it was about to do.
func (s *server) Resume(t *testing.T) {
	t.Helper()
	_, err := s.docker.ContainerUnpause(t.Context(), s.container.ID, client.ContainerUnpauseOptions{})
	must(t, err)
}

// ownedBy removes the server at the end of the test, after telling what it said if the test failed.
func (s *server) ownedBy(t *testing.T) {
	t.Cleanup(func() {
		if t.Failed() {
			t.Logf("%s said:\n%s", s.container.Image, lastLines(s.logs(), 40))
		}
		s.remove()
	})
}

func (s *server) remove() {
	// It has nothing worth saving.
	err := testcontainers.TerminateContainer(s.container, testcontainers.StopTimeout(0))
	if err != nil {
		fmt.Fprintf(os.Stderr, "integration: removing %s: %v\n", s.container.Image, err)
	}
}

func (s *server) logs() string {
	// Not the test's context, which has ended when this is asked for.
	ctx, cancel := context.WithTimeout(context.Background(), 10*time.Second)
	defer cancel()
	r, err := s.container.Logs(ctx)
	if err != nil {
		return err.Error()
	}
	defer r.Close()
	text, _ := io.ReadAll(r)
	return string(text)
}

// freePort returns a port that nobody listens on, below those from which the kernel takes the ports of outgoing
// connections: one of those must not move in while a server is down.
func freePort() (int, error) {
	for range 100 {
		port := 20000 + rand.IntN(10000)
		if l, err := net.Listen("tcp", net.JoinHostPort("127.0.0.1", strconv.Itoa(port))); err == nil {
			return port, l.Close()
		}
	}
	return 0, errors.New("no free port found")
}

// loopback is the address of a port of this machine.
func loopback(port int) string { return net.JoinHostPort("127.0.0.1", strconv.Itoa(port)) }

// removeLeftovers removes the containers of test runs that were ended before they could do so.
func removeLeftovers(ctx context.Context) error {
	docker, err := testcontainers.NewDockerClientWithOpts(ctx)
	if err != nil {
		return err
	}
	defer docker.Close()
	all, err := docker.ContainerList(ctx, client.ContainerListOptions{
		All: true, Filters: make(client.Filters).Add("label", ownerLabel)})
	if err != nil {
		return err
	}
	for _, c := range all.Items {
		owner, err := strconv.Atoi(c.Labels[ownerLabel])
		if err == nil && syscall.Kill(owner, 0) != syscall.ESRCH {
			continue
		}
		if _, err := docker.ContainerRemove(ctx, c.ID, client.ContainerRemoveOptions{Force: true}); err != nil {
			return err
		}
	}
	return nil
}

func must(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}
