//go:build integration

package integration

import (
	"io"
	"net"
	"strings"
	"sync"
	"testing"
)

// switchboard is an address behind which servers change.
type switchboard struct {
	Addr string

	mu    sync.Mutex
	to    string // the server; "" is none
	lines map[net.Conn]bool
}

// startSwitchboard connects whoever calls with a server, until the test ends.
func startSwitchboard(t *testing.T, to string) *switchboard {
	t.Helper()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	must(t, err)
	s := &switchboard{Addr: listener.Addr().String(), to: to, lines: make(map[net.Conn]bool)}
	var running sync.WaitGroup
	t.Cleanup(func() { listener.Close(); s.cut(); running.Wait() })
	running.Go(func() {
		for {
			caller, err := listener.Accept()
			if err != nil {
				return
			}
			running.Go(func() { s.serve(caller) })
		}
	})
	return s
}

// serve is one call, from beginning to end.
func (s *switchboard) serve(caller net.Conn) {
	defer caller.Close()
	s.mu.Lock()
	to := s.to
	s.mu.Unlock()
	server, err := net.Dial("tcp", to)
	if to == "" || err != nil {
		return
	}
	defer server.Close()
	s.mu.Lock()
	stale := s.to != to // it was cut meanwhile
	s.lines[caller], s.lines[server] = true, true
	s.mu.Unlock()
	if stale {
		return
	}
	var both sync.WaitGroup
	for from, to := range map[net.Conn]net.Conn{caller: server, server: caller} {
		both.Go(func() {
			_, _ = io.Copy(to, from) // either end may be cut
			from.Close()
			to.Close()
		})
	}
	both.Wait()
	s.mu.Lock()
	delete(s.lines, caller)
	delete(s.lines, server)
	s.mu.Unlock()
}

// cut ends all calls, and refuses more.
func (s *switchboard) cut() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.to = ""
	for line := range s.lines {
		line.Close()
	}
}

// connect gives those who call from now on another server.
func (s *switchboard) connect(to string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.to = to
}

func portOf(addr string) string { return addr[strings.LastIndex(addr, ":")+1:] }
