package main

import (
	"bufio"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/emersion/go-smtp"
	"github.com/segmentio/kafka-go"
	"github.com/twmb/franz-go/pkg/kfake"

	"github.com/contactgovernor/governor/consumer/client"
	"github.com/contactgovernor/governor/schemas"
)

// governor is the API as a test wants it. It says yes, unless there is a reason not to.
type governor struct {
	mu       sync.Mutex
	reason   string
	status   int      // of an answer to a redeem that is none
	deaf     func()   // called instead of hearing an outcome
	redeemed []string // worker tokens
	outcomes []client.Outcome
}

func (g *governor) ServeHTTP(rw http.ResponseWriter, r *http.Request) {
	g.mu.Lock()
	defer g.mu.Unlock()
	rw.Header().Set("Content-Type", "application/json")
	if r.URL.Path == "/v1/outcomes" {
		if g.deaf != nil {
			g.deaf()
			rw.WriteHeader(http.StatusServiceUnavailable)
			return
		}
		var o client.Outcome
		_ = json.NewDecoder(r.Body).Decode(&o)
		g.outcomes = append(g.outcomes, o)
		_, _ = io.WriteString(rw, `{"recorded":true}`)
		return
	}
	var asked struct{ Person, Intent, Worker string }
	_ = json.NewDecoder(r.Body).Decode(&asked)
	if g.status != 0 {
		rw.WriteHeader(g.status)
		return
	}
	if g.reason != "" {
		fmt.Fprintf(rw, `{"ok":false,"reason":%q,"intent":%q}`, g.reason, asked.Intent)
		return
	}
	again := slices.Contains(g.redeemed, asked.Worker)
	g.redeemed = append(g.redeemed, asked.Worker)
	fmt.Fprintf(rw, `{"ok":true,"reason":"","intent":%q,"decision":%q,"not_after":"2999-01-01T00:00:00Z","again":%v}`, asked.Intent, "d-"+asked.Intent, again)
}

// be changes how it answers.
func (g *governor) be(change func()) {
	g.mu.Lock()
	defer g.mu.Unlock()
	change()
}

// heard is what became of contacts, as the governor heard it.
func (g *governor) heard() []string {
	g.mu.Lock()
	defer g.mu.Unlock()
	var out []string
	for _, o := range g.outcomes {
		out = append(out, o.Decision+" "+string(o.Result))
	}
	return out
}

// box is a mail server that keeps what it takes, and says no as the address says.
type box struct {
	mu    sync.Mutex
	mails []string
}

func (b *box) NewSession(c *smtp.Conn) (smtp.Session, error) { return &session{box: b, conn: c}, nil }

type session struct {
	box  *box
	conn *smtp.Conn
	to   string
}

func (s *session) Mail(string, *smtp.MailOptions) error { return nil }
func (s *session) Reset()                               {}
func (s *session) Logout() error                        { return nil }

func (s *session) Rcpt(to string, _ *smtp.RcptOptions) error {
	s.to = to
	switch to {
	case "gone@example.org":
		return &smtp.SMTPError{Code: 550, Message: "nobody of that name"}
	case "busy@example.org":
		return &smtp.SMTPError{Code: 451, Message: "later"}
	}
	return nil
}

func (s *session) Data(r io.Reader) error {
	mail, err := io.ReadAll(r)
	if err != nil {
		return err
	}
	s.box.mu.Lock()
	s.box.mails = append(s.box.mails, string(mail))
	s.box.mu.Unlock()
	switch s.to {
	case "spam@example.org":
		return &smtp.SMTPError{Code: 554, Message: "we do not want this"}
	case "lost@example.org":
		return s.conn.Conn().Close()
	}
	return nil
}

func (b *box) all() []string {
	b.mu.Lock()
	defer b.mu.Unlock()
	return slices.Clone(b.mails)
}

// town is a mailer with a governor and a mail server.
func town(t *testing.T) (*mailer, *governor, *box) {
	t.Helper()
	g, b := &governor{}, &box{}
	api := httptest.NewServer(g)
	t.Cleanup(api.Close)
	at, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	s := smtp.NewServer(b)
	s.Domain = "example.org"
	served := make(chan error, 1)
	go func() { served <- s.Serve(at) }()
	t.Cleanup(func() {
		_ = s.Close()
		<-served
	})
	dir := t.TempDir()
	people := "person,email\nada,ada@example.org\n"
	for _, who := range []string{"gone", "busy", "spam", "lost"} {
		people += who + "," + who + "@example.org\n"
	}
	if err := os.WriteFile(filepath.Join(dir, "people.csv"), []byte(people), 0o600); err != nil {
		t.Fatal(err)
	}
	w := &mailer{
		group: "mailers", governor: api.URL, name: "mailer-1", notesFolder: filepath.Join(dir, "notes"),
		smtp: at.Addr().String(), from: "hello@example.com", people: filepath.Join(dir, "people.csv"), out: io.Discard,
	}
	if w.client, err = client.New(w.governor, client.Attempt(5*time.Second)); err != nil {
		t.Fatal(err)
	}
	if w.notes, err = client.OpenNotes(w.notesFolder); err != nil {
		t.Fatal(err)
	}
	if w.addresses, err = addresses(w.people); err != nil {
		t.Fatal(err)
	}
	return w, g, b
}

func approval(intent, person string) *schemas.Decision {
	return &schemas.Decision{
		ID: "d-" + intent, Intent: intent, Person: person, Channel: "email", Purpose: "marketing", Campaign: "früh ling",
		Verdict: schemas.Approved, NotAfter: schemas.TimeOf(time.Now().Add(15 * time.Minute)), Decided: schemas.TimeOf(time.Now()),
		Leave: &schemas.Leave{URL: "https://leave.example.org/abc", Unsubscribe: "<https://leave.example.org/abc>", UnsubscribePost: "List-Unsubscribe=One-Click"},
	}
}

// "Delivers over SMTP … with the two headers ready to paste into the mail" (issue 6).
func TestAMailCarriesTheWayOut(t *testing.T) {
	w, g, b := town(t)
	if err := w.approved(t.Context(), approval("i1", "ada")); err != nil {
		t.Fatal(err)
	}
	mails := b.all()
	if len(mails) != 1 {
		t.Fatalf("%d mails", len(mails))
	}
	for _, line := range []string{
		"To: ada@example.org", "List-Unsubscribe: <https://leave.example.org/abc>", "List-Unsubscribe-Post: List-Unsubscribe=One-Click",
		"Subject: =?utf-8?q?News:_fr=C3=BCh_ling?=", "X-Decision: d-i1", "No more of this: https://leave.example.org/abc",
	} {
		if !slices.Contains(strings.Split(mails[0], "\r\n"), line) {
			t.Errorf("the mail has no line %q:\n%s", line, mails[0])
		}
	}
	if got := g.heard(); !slices.Equal(got, []string{"d-i1 sent"}) {
		t.Errorf("the governor heard %q", got)
	}
}

// Every result that a mail server can bring about is told, and what is not known counts as sent.
func TestWhatBecameOfAMailIsTold(t *testing.T) {
	w, g, b := town(t)
	for _, who := range []string{"gone", "busy", "spam", "lost"} {
		if err := w.approved(t.Context(), approval(who, who)); err != nil {
			t.Fatal(err)
		}
	}
	w.smtp = "127.0.0.1:1"
	if err := w.approved(t.Context(), approval("down", "ada")); err != nil {
		t.Fatal(err)
	}
	two := approval("two", "ada")
	two.Leave.Unsubscribe += "\r\nBcc: eve@example.org"
	if err := w.approved(t.Context(), two); err != nil {
		t.Fatal(err)
	}
	want := []string{"d-gone bounced", "d-busy not_sent", "d-spam bounced", "d-lost sent", "d-down not_sent", "d-two not_sent"}
	if got := g.heard(); !slices.Equal(got, want) {
		t.Errorf("got  %q\nwant %q", got, want)
	}
	if n := len(b.all()); n != 2 {
		t.Errorf("%d mails arrived, want those that were refused or lost at the end", n)
	}
}

// Without a yes nothing goes out, and nothing is told: what expires gives back.
func TestWithoutAYesNothingGoesOut(t *testing.T) {
	w, g, b := town(t)
	g.be(func() { g.reason = "refused.state" })
	if err := w.approved(t.Context(), approval("i1", "ada")); err != nil {
		t.Error(err)
	}
	if err := w.approved(t.Context(), approval("i2", "nobody")); err != nil {
		t.Error(err)
	}
	late := approval("i3", "ada")
	late.NotAfter = schemas.TimeOf(time.Now())
	if err := w.approved(t.Context(), late); err != nil {
		t.Error(err)
	}
	g.be(func() { g.status = 503 })
	short := approval("i4", "ada")
	short.NotAfter = schemas.TimeOf(time.Now().Add(300 * time.Millisecond))
	if err := w.approved(t.Context(), short); err != nil {
		t.Error(err)
	}
	g.be(func() { g.status = 403 })
	if err := w.approved(t.Context(), approval("i5", "ada")); err == nil {
		t.Error("a mailer that may not redeem goes on")
	}
	if n := len(b.all()); n != 0 || len(g.heard()) != 0 {
		t.Errorf("%d mails, and the governor heard %q", n, g.heard())
	}
}

// A mailer that is killed between the yes and the mail has the same yes after a restart; one that is killed later sends
// nothing twice.
func TestAMailerThatIsKilledSendsNothingTwice(t *testing.T) {
	w, g, b := town(t)
	ctx, kill := context.WithCancel(t.Context())

	// Before the note: as if the process had ended after the answer.
	if answer, err := w.client.RedeemApproval(ctx, approval("i1", "ada"), client.TokenOf(w.name, "d-i1")); err != nil || !answer.OK {
		t.Fatalf("got %+v, %v", answer, err)
	}
	if err := w.approved(ctx, approval("i1", "ada")); err != nil || len(b.all()) != 1 {
		t.Fatalf("%d mails, %v", len(b.all()), err)
	}

	// After the mail, with the outcome still on its way.
	g.be(func() { g.deaf = kill })
	if err := w.approved(ctx, approval("i2", "ada")); err == nil || len(b.all()) != 2 {
		t.Fatalf("%d mails, %v", len(b.all()), err)
	}
	g.be(func() { g.deaf = nil })
	if err := w.approved(t.Context(), approval("i2", "ada")); err != nil {
		t.Fatal(err)
	}
	if n := len(b.all()); n != 2 {
		t.Errorf("%d mails arrived, want 2", n)
	}
	if got := g.heard(); !slices.Equal(got, []string{"d-i1 sent", "d-i2 sent"}) {
		t.Errorf("the governor heard %q", got)
	}
}

// From Kafka to the mail server, over a restart: what was dealt with is not read again.
func TestTheOffsetIsCommittedLast(t *testing.T) {
	w, g, b := town(t)
	cluster, err := kfake.NewCluster(kfake.NumBrokers(1), kfake.SeedTopics(2, "contact.approved"))
	if err != nil {
		t.Fatal(err)
	}
	defer cluster.Close()
	w.kafka = strings.Join(cluster.ListenAddrs(), ",")
	call := approval("call", "ada")
	call.Channel = "call"
	publish(t, w.kafka, []byte("no approval"), call.AppendJSON(nil), approval("i1", "ada").AppendJSON(nil))
	work(t, w, "i1 sent")
	publish(t, w.kafka, approval("i2", "ada").AppendJSON(nil))
	work(t, w, "i2 sent")
	if got := g.heard(); !slices.Equal(got, []string{"d-i1 sent", "d-i2 sent"}) || len(b.all()) != 2 {
		t.Errorf("%d mails, and the governor heard %q", len(b.all()), got)
	}
	if left, err := filepath.Glob(filepath.Join(w.notesFolder, "*")); err != nil || len(left) > 0 {
		t.Errorf("notes that are left: %v, %v", left, err)
	}
}

func publish(t *testing.T, brokers string, values ...[]byte) {
	t.Helper()
	p := &kafka.Writer{Addr: kafka.TCP(brokers), Topic: "contact.approved", Balancer: kafka.Murmur2Balancer{}, RequiredAcks: kafka.RequireAll, BatchTimeout: time.Millisecond}
	defer p.Close()
	for _, v := range values {
		if err := p.WriteMessages(t.Context(), kafka.Message{Key: []byte("ada"), Value: v}); err != nil {
			t.Fatal(err)
		}
	}
}

// work has the mailer work until it has said the line and committed what it is about.
func work(t *testing.T, w *mailer, line string) {
	t.Helper()
	ctx, stop := context.WithCancel(t.Context())
	defer stop()
	read, write := io.Pipe()
	w.out = write
	ended := make(chan error, 1)
	go func() {
		ended <- w.run(ctx)
		write.Close()
	}()
	for lines := bufio.NewScanner(read); lines.Scan(); {
		if lines.Text() != line {
			continue
		}
		for noted := true; noted; time.Sleep(5 * time.Millisecond) { // until the note is gone, which is after the commit
			left, _ := filepath.Glob(filepath.Join(w.notesFolder, "*"))
			noted = len(left) > 0
		}
		stop()
	}
	if err := <-ended; ctx.Err() == nil {
		t.Fatalf("the mailer ended: %v", err)
	}
}
