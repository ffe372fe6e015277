//go:build integration

package integration

import (
	"bytes"
	"crypto/sha256"
	"encoding/csv"
	"encoding/json"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/mail"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/emersion/go-smtp"
)

// "An engine that publishes, an e-mail worker that redeems and delivers over SMTP to a real local mail server, a dialer
// worker that places simulated calls with a hold queue and reports outcomes", with people who say no in the middle (issue
// 6): the real binaries, real Kafka and Redis. Once a no was answered, nothing goes out to that person that is not told as
// a leak; and every mail that was delivered has its redemption, its outcome and its way out.
func TestWorkersStopWhenSomebodySaysNo(t *testing.T) {
	w := newWorks(t, 40)
	w.start(t, "mailer", "--smtp", w.box.addr)

	// Mails go out one after the other. Every now and then somebody who has none yet says no.
	refused := make(map[string]time.Time) // when it was answered
	campaign := w.begin(t, "engine", "--campaign", "spring")
	for range 6 {
		waitFor(t, "mails to go out", func() bool { return len(w.box.all()) > 2*len(refused) })
		next := slices.IndexFunc(w.people, func(person string) bool {
			_, no := refused[person]
			return !no && !slices.ContainsFunc(w.box.all(), func(m delivered) bool { return m.person == person })
		})
		if next < 0 {
			break
		}
		if status := w.post(t, "refuse", map[string]string{"person": w.people[next], "source": "help desk"}); status != http.StatusOK {
			t.Fatalf("the no was answered %d", status)
		}
		refused[w.people[next]] = time.Now()
	}
	w.ends(t, campaign)
	w.settled(t, "email")

	// A new campaign after the noes: none of it is for them.
	w.ends(t, w.begin(t, "engine", "--campaign", "summer"))
	w.settled(t, "email")

	leaked := make(map[string]bool)
	for _, r := range w.place.read(t, "contact.leaked") {
		leaked[field(t, r.Value, "decision")] = true
	}
	redeemed, sent := w.redeemed(t), w.outcomes(t)
	mails := w.box.all()
	times := make(map[string]int)
	for _, m := range mails {
		if at, no := refused[m.person]; no && m.at.After(at) && !leaked[m.decision] {
			t.Errorf("a mail of %s arrived %v after the no was answered, and is no leak", m.decision, m.at.Sub(at))
		}
		if times[m.decision]++; times[m.decision] > 1 {
			t.Errorf("the mail of %s arrived %d times", m.decision, times[m.decision])
		}
		if !redeemed[m.decision] {
			t.Errorf("the mail of %s arrived, and nobody redeemed it", m.decision)
		}
		if sent[m.decision] != "sent" {
			t.Errorf("the outcome of %s is %q", m.decision, sent[m.decision])
		}
		if !strings.HasPrefix(m.header.Get("List-Unsubscribe"), "<"+w.url+"/leave/") || m.header.Get("List-Unsubscribe-Post") != "List-Unsubscribe=One-Click" {
			t.Errorf("the mail of %s carries no way out", m.decision)
		}
	}
	// Each of the others has two mails, and some of those who said no have none: so this was no test of a mailer that stood
	// still, nor of noes that came too late.
	if least := 2 * (len(w.people) - len(refused)); len(mails) < least {
		t.Errorf("%d mails arrived, want %d at least", len(mails), least)
	}
	spared := 0
	for person := range refused {
		if !slices.ContainsFunc(mails, func(m delivered) bool { return m.person == person }) {
			spared++
		}
	}
	if spared == 0 {
		t.Errorf("%d people said no, and all of them had a mail before", len(refused))
	}
	verified(t, w.place)
}

// A mailer that is killed again and again delivers nothing twice, and what it delivered is told.
func TestAMailerThatIsKilledDeliversNothingTwice(t *testing.T) {
	w := newWorks(t, 20)
	campaign := w.begin(t, "engine", "--campaign", "spring")
	for round := range 2 {
		p := w.start(t, "mailer", "--smtp", w.box.addr)
		waitFor(t, "some mails", func() bool { return len(w.box.all()) >= 4*(round+1) })
		p.Kill(t)
	}
	w.ends(t, campaign)
	w.start(t, "mailer", "--smtp", w.box.addr)
	w.settled(t, "email")
	sent, times := w.outcomes(t), make(map[string]int)
	for _, m := range w.box.all() {
		if times[m.decision]++; times[m.decision] > 1 {
			t.Errorf("the mail of %s arrived %d times", m.decision, times[m.decision])
		}
		if sent[m.decision] != "sent" {
			t.Errorf("the outcome of %s is %q", m.decision, sent[m.decision])
		}
	}
	// At each kill one mail may have begun, and is not tried again.
	if len(times) < len(w.people)-2 {
		t.Errorf("%d of %d mails arrived", len(times), len(w.people))
	}
	verified(t, w.place)
}

// With no agent at all everybody who picks up is abandoned, in one way or the other: the governor hears it, and keeps
// predictive calls away from them; and soon from everybody, for the campaign has abandoned too many.
func TestAbandonedCallsAreTold(t *testing.T) {
	w := newWorks(t, 20)
	w.start(t, "dialer", "--agents", "0", "--lines", "5", "--second", "1ms")
	w.ends(t, w.begin(t, "engine", "--campaign", "renewal", "--channel", "call"))
	w.settled(t, "call")
	goes := []string{"abandoned", "abandoned", "abandoned", "abandoned", "abandoned", "hold_timeout", "hold_timeout", "busy", "no_answer", "hold_timeout"}
	heard := make(map[string]string) // by intent, the reason of a no
	for _, r := range w.place.read(t, "contact.redeemed") {
		heard[field(t, r.Value, "intent")] = field(t, r.Value, "reason")
	}
	for _, r := range w.place.read(t, "contact.revoked") {
		if intent := field(t, r.Value, "intent"); heard[intent] == "revoked" {
			heard[intent] = field(t, r.Value, "reason")
		}
	}
	told, cooling := w.outcomes(t), make(map[string]bool)
	for _, r := range w.place.read(t, "contact.approved") {
		switch d := decided(t, r); heard[d.Intent] {
		case "":
			want := goes[slices.Index(w.people, d.Person)%len(goes)]
			if told[d.ID] != want {
				t.Errorf("the outcome of %s is %q, want %q", d.Intent, told[d.ID], want)
			}
			cooling[d.Person] = want == "abandoned" || want == "hold_timeout"
		case "abandon.rate": // by then it had abandoned too many
			if told[d.ID] != "" {
				t.Errorf("%s was not to be called, and its outcome is %q", d.Intent, told[d.ID])
			}
		default:
			t.Errorf("the dialer asked about %s, and heard %s", d.Intent, heard[d.Intent])
		}
	}
	if len(cooling) == 0 {
		t.Fatal("nobody was called")
	}
	for _, r := range w.place.read(t, "contact.vetoed") {
		if d := decided(t, r); d.Reason != "abandon.rate" {
			t.Errorf("%s is vetoed: %s", d.Intent, d.Reason)
		}
	}

	w.ends(t, w.begin(t, "engine", "--campaign", "renewal-again", "--channel", "call"))
	for _, r := range append(w.place.read(t, "contact.vetoed"), w.place.read(t, "contact.approved")...) {
		d := decided(t, r)
		if again := strings.HasPrefix(d.Intent, "renewal-again-"); again && cooling[d.Person] != strings.Contains(string(r.Value), `"abandon.cooldown"`) {
			t.Errorf("%s, whose last call was abandoned (%v), is %s: %s", d.Intent, cooling[d.Person], d.Verdict, r.Value)
		}
	}
}

// works is a governor with doors, and people who are to be contacted.
type works struct {
	place  *place
	url    string
	token  string
	folder string
	flags  []string // of every program
	people []string
	box    *postbox
}

func newWorks(t *testing.T, people int) *works {
	t.Helper()
	port, err := freePort()
	must(t, err)
	w := &works{place: newPlace(t), url: "http://" + loopback(port), token: strings.Repeat("workers-", 4), folder: t.TempDir(), box: openPostbox(t)}
	list := [][]string{{"person", "email", "phone", "zone"}}
	for i := range people {
		person := fmt.Sprintf("p%d", i)
		w.people = append(w.people, person)
		list = append(list, []string{person, person + "@example.org", fmt.Sprintf("+4930231250%02d", i), noon()})
	}
	var text bytes.Buffer
	must(t, csv.NewWriter(&text).WriteAll(list))
	w.write(t, "people.csv", text.String())
	w.write(t, "token", w.token)
	w.write(t, "tokens.yaml", fmt.Sprintf("tokens: [{name: workers, roles: [operate], sha256: %x}]\n", sha256.Sum256([]byte(w.token))))
	w.write(t, "leave.key", strings.Repeat("A", 43)+"=\n")
	c := w.place.config()
	c["api"] = config{"listen": loopback(port), "tokens_file": filepath.Join(w.folder, "tokens.yaml")}
	c["leave"] = config{"base_url": w.url, "key_file": filepath.Join(w.folder, "leave.key")}
	startGovernor(t, c)
	w.flags = []string{"--kafka", w.place.kafka.Addr, "--prefix", w.place.prefix, "--people", filepath.Join(w.folder, "people.csv")}
	return w
}

func (w *works) write(t *testing.T, name, text string) {
	t.Helper()
	must(t, os.WriteFile(filepath.Join(w.folder, name), []byte(text), 0o600))
}

// example is one of the example programs, with the flags that say where everything is.
func (w *works) example(t *testing.T, name string, args ...string) *exec.Cmd {
	t.Helper()
	dir, err := exampleBinaries()
	must(t, err)
	args = append(slices.Clone(w.flags), args...)
	if name != "engine" {
		args = append(args, "--group", w.place.group+"-"+name, "--governor", w.url, "--token-file", filepath.Join(w.folder, "token"),
			"--notes", filepath.Join(w.folder, name+".notes"))
	}
	return exec.Command(filepath.Join(dir, name), args...)
}

// start starts a worker, which works until the test ends.
func (w *works) start(t *testing.T, name string, args ...string) *process {
	t.Helper()
	return startProcess(t, w.example(t, name, args...))
}

// begin starts a program that ends by itself.
func (w *works) begin(t *testing.T, name string, args ...string) *process {
	t.Helper()
	p := startProcess(t, w.example(t, name, args...))
	p.ending = true
	return p
}

// ends waits until it has ended well.
func (w *works) ends(t *testing.T, p *process) {
	t.Helper()
	waitAtLength(t, "every intent to be decided", p.hasExited)
	if code := p.command.ProcessState.ExitCode(); code != 0 {
		t.Fatalf("it ended with %d:\n%s", code, p.Logs(t))
	}
}

// settled waits until the workers of the channel are done with what was approved: each approval was asked for, and what
// was redeemed has its outcome.
func (w *works) settled(t *testing.T, channel string) {
	t.Helper()
	waitAtLength(t, "the workers to be done", func() bool {
		asked, told := make(map[string]bool), w.outcomes(t)
		for _, r := range w.place.read(t, "contact.redeemed") {
			asked[field(t, r.Value, "intent")] = true
		}
		for decision := range w.redeemed(t) {
			if told[decision] == "" {
				return false
			}
		}
		for _, r := range w.place.read(t, "contact.approved") {
			if d := decided(t, r); d.Channel == channel && !asked[d.Intent] {
				return false
			}
		}
		return true
	})
}

// redeemed are the decisions that a worker heard yes about.
func (w *works) redeemed(t *testing.T) map[string]bool {
	t.Helper()
	out := make(map[string]bool)
	for _, r := range w.place.read(t, "contact.redeemed") {
		if bytes.Contains(r.Value, []byte(`"ok":true`)) {
			out[field(t, r.Value, "decision")] = true
		}
	}
	return out
}

// outcomes are what was told of decisions, the first of each.
func (w *works) outcomes(t *testing.T) map[string]string {
	t.Helper()
	out := make(map[string]string)
	for _, r := range w.place.read(t, "contact.signals") {
		if decision := field(t, r.Value, "decision"); field(t, r.Value, "type") == "outcome" && out[decision] == "" {
			out[decision] = field(t, r.Value, "result")
		}
	}
	return out
}

// post asks at a door, until it answers for good: the governor may not govern yet.
func (w *works) post(t *testing.T, door string, body any) (status int) {
	t.Helper()
	waitFor(t, "an answer at "+door, func() bool {
		r, err := http.NewRequestWithContext(t.Context(), http.MethodPost, w.url+"/v1/"+door, strings.NewReader(text(t, body)))
		must(t, err)
		r.Header.Set("Content-Type", "application/json")
		r.Header.Set("Authorization", "Bearer "+w.token)
		answer, err := http.DefaultClient.Do(r)
		if err != nil {
			return false
		}
		defer answer.Body.Close()
		_, err = io.Copy(io.Discard, answer.Body)
		status = answer.StatusCode
		return err == nil && status < 500
	})
	return status
}

// field is a field of a message, "" where it is not there or no text.
func field(t *testing.T, value []byte, name string) string {
	t.Helper()
	var fields map[string]any
	must(t, json.Unmarshal(value, &fields))
	s, _ := fields[name].(string)
	return s
}

// postbox is a mail server that keeps what it takes.
type postbox struct {
	addr string

	mu    sync.Mutex
	mails []delivered
}

// delivered is a mail that arrived.
type delivered struct {
	person, decision string
	at               time.Time
	header           mail.Header
}

func openPostbox(t *testing.T) *postbox {
	t.Helper()
	at, err := net.Listen("tcp", "127.0.0.1:0")
	must(t, err)
	b := &postbox{addr: at.Addr().String()}
	s := smtp.NewServer(b)
	s.Domain = "example.org"
	served := make(chan error, 1)
	go func() { served <- s.Serve(at) }()
	t.Cleanup(func() {
		_ = s.Close()
		<-served
	})
	return b
}

func (b *postbox) NewSession(*smtp.Conn) (smtp.Session, error) { return &letter{box: b}, nil }

func (b *postbox) all() []delivered {
	b.mu.Lock()
	defer b.mu.Unlock()
	return slices.Clone(b.mails)
}

type letter struct {
	box *postbox
	to  string
}

func (l *letter) Mail(string, *smtp.MailOptions) error      { return nil }
func (l *letter) Rcpt(to string, _ *smtp.RcptOptions) error { l.to = to; return nil }
func (l *letter) Reset()                                    {}
func (l *letter) Logout() error                             { return nil }

func (l *letter) Data(r io.Reader) error {
	m, err := mail.ReadMessage(r)
	if err != nil {
		return err
	}
	if _, err := io.Copy(io.Discard, m.Body); err != nil {
		return err
	}
	person, _, _ := strings.Cut(l.to, "@")
	l.box.mu.Lock()
	defer l.box.mu.Unlock()
	l.box.mails = append(l.box.mails, delivered{person, m.Header.Get("X-Decision"), time.Now(), m.Header})
	return nil
}

// Each line of a shell block of the examples' README is run as it stands, in its order, in a folder with the examples'
// files; but for the addresses of Kafka, Redis, the API and the mailbox, which are the test's, and a place of its own.
func TestEveryCommandOfTheExamplesREADMEDoesWhatItSays(t *testing.T) {
	said, err := os.ReadFile("../deploy/examples/README.md")
	must(t, err)
	binary, err := governorBinary()
	must(t, err)
	dir, err := exampleBinaries()
	must(t, err)
	p := newPlace(t)
	folder := t.TempDir()
	examples := filepath.Join(folder, "deploy", "examples")
	must(t, os.MkdirAll(examples, 0o700))
	people, err := os.ReadFile("../deploy/examples/people.csv")
	must(t, err)
	must(t, os.WriteFile(filepath.Join(examples, "people.csv"), bytes.ReplaceAll(people, []byte("Europe/Berlin"), []byte(noon())), 0o600))
	api, smtpPort := freeAddress(t), freeAddress(t)
	here := strings.NewReplacer("127.0.0.1:9092", p.kafka.Addr, "127.0.0.1:6379", p.redis.Addr, "127.0.0.1:8471", api)
	settings, err := os.ReadFile("../deploy/examples/governor.yaml")
	must(t, err)
	mine := here.Replace(string(settings))
	mine = strings.Replace(mine, "kafka:\n", fmt.Sprintf("kafka:\n  group: %s\n  topics: {prefix: %s}\n", p.group, p.prefix), 1)
	mine = strings.Replace(mine, "redis:\n", fmt.Sprintf("redis:\n  database: %d\n", p.database), 1)
	must(t, os.WriteFile(filepath.Join(examples, "governor.yaml"), []byte(mine), 0o600))

	place := map[string][]string{
		"engine":  {"--kafka", p.kafka.Addr, "--prefix", p.prefix},
		"mailer":  {"--kafka", p.kafka.Addr, "--prefix", p.prefix, "--group", p.group + "-m", "--governor", "http://" + api, "--smtp", smtpPort},
		"dialer":  {"--kafka", p.kafka.Addr, "--prefix", p.prefix, "--group", p.group + "-d", "--governor", "http://" + api, "--second", "10ms"},
		"mailbox": {"--listen", smtpPort},
	}
	running := make(map[string]*process)
	var answers []string
	for _, block := range regexp.MustCompile("(?s)```sh\n(.*?)```").FindAllStringSubmatch(string(said), -1) {
		for line := range strings.Lines(block[1]) {
			line = strings.TrimSpace(line)
			var command *exec.Cmd
			stays := ""
			if name, ours := strings.CutPrefix(line, "go run ./deploy/examples/"); ours {
				words := strings.Fields(name)
				command = exec.Command(filepath.Join(dir, words[0]), append(slices.Clone(words[1:]), place[words[0]]...)...)
				if words[0] != "engine" {
					stays = words[0]
				}
			} else if args, ours := strings.CutPrefix(line, "go run ./cmd/governor "); ours {
				command, stays = exec.Command(binary, strings.Fields(args)...), "governor"
			} else {
				command = exec.Command("sh", "-c", here.Replace(line))
			}
			command.Dir = folder
			if stays != "" {
				running[stays] = startProcess(t, command)
				continue
			}
			if strings.Contains(line, "curl") {
				waitFor(t, "six mails", func() bool { return strings.Count(running["mailbox"].Logs(t), "--- a mail to") == 6 })
			}
			out := make(chan error, 1)
			var answer bytes.Buffer
			command.Stdout, command.Stderr = &answer, &answer
			must(t, command.Start())
			go func() { out <- command.Wait() }()
			waitAtLength(t, line, func() bool { return len(out) == 1 })
			if err := <-out; err != nil {
				t.Fatalf("%s: %v\n%s", line, err, &answer)
			}
			answers = append(answers, answer.String())
		}
	}
	if len(answers) != 8 || len(running) != 4 {
		t.Fatalf("%d commands ended and %d stayed: this test looks in the wrong place", len(answers), len(running))
	}
	spring, refuse, summer, renewal, again := answers[3], answers[4], answers[5], answers[6], answers[7]
	if strings.Count(spring, "approved until") != 6 {
		t.Errorf("the first campaign:\n%s", spring)
	}
	if !strings.Contains(refuse, `"recorded":true`) {
		t.Errorf("the no was answered:\n%s", refuse)
	}
	if strings.Count(summer, "approved until") != 5 || !strings.Contains(summer, "summer-2 vetoed for good: refused.state") {
		t.Errorf("the next campaign:\n%s", summer)
	}
	if calls := strings.Count(renewal, "approved until"); calls == 0 || calls+strings.Count(renewal, "abandon.rate") != 5 || !strings.Contains(renewal, "renewal-2 vetoed for good: refused.") {
		t.Errorf("the calls:\n%s", renewal)
	}
	if strings.Count(again, "duplicate") != 6 {
		t.Errorf("the first campaign once more:\n%s", again)
	}
	waitFor(t, "eleven mails", func() bool { return strings.Count(running["mailbox"].Logs(t), "--- a mail to") == 11 })
	mails := running["mailbox"].Logs(t)
	if strings.Count(mails, "ben@example.org, ") != 1 || strings.Count(mails, "List-Unsubscribe: <http://"+api+"/leave/") != 11 {
		t.Errorf("the mails are:\n%s", mails)
	}
	waitFor(t, "the calls", func() bool {
		return strings.Count(running["dialer"].Logs(t), "renewal-") == strings.Count(renewal, "approved until")
	})
}

func freeAddress(t *testing.T) string {
	t.Helper()
	port, err := freePort()
	must(t, err)
	return loopback(port)
}

// exampleBinaries returns the folder of the example programs, which are built once.
var exampleBinaries = sync.OnceValues(func() (string, error) {
	binary, err := governorBinary()
	if err != nil {
		return "", err
	}
	dir := filepath.Join(filepath.Dir(binary), "examples")
	if err := os.Mkdir(dir, 0o700); err != nil {
		return "", err
	}
	said, err := exec.Command("go", "build", "-o", dir, "../deploy/examples/...").CombinedOutput()
	if err != nil {
		err = fmt.Errorf("building the examples: %w\n%s", err, said)
	}
	return dir, err
})
