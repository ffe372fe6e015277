package health

import (
	"bufio"
	"fmt"
	"io"
	"net"
	"net/http"
	"strings"
	"testing"
	"time"

	"go.uber.org/zap"
	"go.uber.org/zap/zaptest/observer"

	"github.com/contactgovernor/governor/cmd/governor/internal/httpserver"
)

// serve is a server that ends with the test.
func serve(t *testing.T, h http.Handler, l httpserver.Limits) (*httpserver.Server, *observer.ObservedLogs) {
	t.Helper()
	core, logs := observer.New(zap.DebugLevel)
	s, err := Listen("127.0.0.1:0", h, l, zap.New(core))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := s.Close(); err != nil {
			t.Errorf("it ended with %v", err)
		}
	})
	return s, logs
}

func dial(t *testing.T, s *httpserver.Server) net.Conn {
	t.Helper()
	c, err := net.Dial("tcp", s.Address())
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = c.Close() })
	if err := c.SetDeadline(time.Now().Add(10 * time.Second)); err != nil {
		t.Fatal(err)
	}
	return c
}

const question = "GET /livez HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n"

// says is all that comes on the connection until its end.
func says(t *testing.T, c net.Conn) string {
	t.Helper()
	b, err := io.ReadAll(c)
	if err != nil && !strings.Contains(err.Error(), "reset") {
		t.Fatalf("the connection has no end: %v", err)
	}
	return string(b)
}

func TestItServes(t *testing.T) {
	s, _ := serve(t, handler(newProcess()), NewLimits())
	c := dial(t, s)
	fmt.Fprint(c, question)
	if got := says(t, c); !strings.HasPrefix(got, "HTTP/1.1 200 OK\r\n") || !strings.HasSuffix(got, "\r\n\r\n{\"alive\":true}\n") {
		t.Errorf("got %q", got)
	}
}

// "Timeouts against slow clients": one who sends a letter now and then does not keep
// his connection, and nobody else hears less for it.
func TestASlowClientLosesItsConnection(t *testing.T) {
	l := NewLimits()
	l.Header, l.Idle = 50*time.Millisecond, 50*time.Millisecond
	s, logs := serve(t, handler(newProcess()), l)
	for what, begins := range map[string]string{"nothing": "", "half a header": "GET /livez HTTP/1.1\r\nHost: local", "then idle": "GET /livez HTTP/1.1\r\nHost: localhost\r\n\r\n"} {
		t.Run(what, func(t *testing.T) {
			c := dial(t, s)
			fmt.Fprint(c, begins)
			other := dial(t, s)
			fmt.Fprint(other, question)
			if got := says(t, other); !strings.Contains(got, "alive") {
				t.Errorf("another got %q", got)
			}
			says(t, c)
		})
	}
	for _, line := range logs.All() {
		if line.Level > zap.DebugLevel {
			t.Errorf("anybody can fill the log: %v", line)
		}
	}
}

// One who does not take his answer does not keep the process.
func TestAnAnswerThatNobodyTakes(t *testing.T) {
	l := NewLimits()
	l.Answer = 50 * time.Millisecond
	served := make(chan error, 1)
	s, _ := serve(t, http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		var err error
		for err == nil {
			_, err = w.Write(make([]byte, 1<<20))
		}
		served <- err
	}), l)
	c := dial(t, s)
	fmt.Fprint(c, question)
	select {
	case <-served:
	case <-time.After(10 * time.Second):
		t.Error("it waits for ever")
	}
}

// "Bounded headers."
func TestAnEndlessHeader(t *testing.T) {
	l := NewLimits()
	l.Bytes = 1 << 10
	s, _ := serve(t, handler(newProcess()), l)
	c := dial(t, s)
	go fmt.Fprintf(c, "GET /livez HTTP/1.1\r\nHost: localhost\r\nX: %s\r\n\r\n", strings.Repeat("x", 1<<20))
	line, err := bufio.NewReader(c).ReadString('\n')
	if err != nil || !strings.Contains(line, "431") {
		t.Errorf("got %q, %v", line, err)
	}
}

// More clients than there may be wait for their turn.
func TestThereAreOnlySoManyClients(t *testing.T) {
	l := NewLimits()
	l.Clients, l.Header = 2, 100*time.Millisecond
	s, _ := serve(t, handler(newProcess()), l)
	dial(t, s)
	dial(t, s)
	third := dial(t, s)
	began := time.Now()
	fmt.Fprint(third, question)
	if got := says(t, third); !strings.Contains(got, "alive") {
		t.Errorf("the third got %q", got)
	}
	if waited := time.Since(began); waited < l.Header/2 {
		t.Errorf("the third waited for %s only", waited)
	}
}

// "Graceful end with the process": what is under way is answered, and whoever takes
// too long is cut off.
func TestTheEnd(t *testing.T) {
	l := NewLimits()
	l.End = 100 * time.Millisecond
	asked, release := make(chan string, 2), make(chan struct{})
	s, _ := serve(t, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		asked <- r.URL.Path
		if r.URL.Path == "/hang" {
			<-r.Context().Done()
			return
		}
		<-release
		fmt.Fprint(w, "answered")
	}), l)
	slow, hangs := dial(t, s), dial(t, s)
	fmt.Fprint(slow, strings.Replace(question, "/livez", "/slow", 1))
	fmt.Fprint(hangs, strings.Replace(question, "/livez", "/hang", 1))
	<-asked
	<-asked
	time.AfterFunc(20*time.Millisecond, func() { close(release) })
	if err := s.Close(); err != nil {
		t.Error(err)
	}
	if got := says(t, slow); !strings.HasSuffix(got, "answered") {
		t.Errorf("the slow one got %q", got)
	}
	if got := says(t, hangs); got != "" {
		t.Errorf("the other got %q", got)
	}
	if _, err := net.Dial("tcp", s.Address()); err == nil {
		t.Error("it still listens")
	}
}

func TestAnAddressThatIsTaken(t *testing.T) {
	first, _ := serve(t, handler(newProcess()), NewLimits())
	_, err := Listen(first.Address(), handler(newProcess()), NewLimits(), zap.NewNop())
	want := "http.listen: listen tcp " + first.Address() + ": bind: address already in use: give every governor of a machine an address of its own, or write off"
	if err == nil || err.Error() != want {
		t.Errorf("got  %v\nwant %s", err, want)
	}
}
