// Dialer is a worker for calls, a predictive one: it dials more people than it has agents,
// since not everybody picks up. The calls are simulated; what it asks and tells the
// governor is what a real one would.
//
// Whoever picks up when no agent is free is put on hold. If they hang up, the call is
// abandoned; if the dialer hangs up, it is a hold timeout. Both are told as what they are,
// and the governor then keeps such calls away from that person for a while, and from
// everybody where a campaign has too many of them.
//
// Like the mailer it may be killed anywhere: it commits the offsets of a round of calls
// last, asks again with the same tokens after a restart, and calls nobody again whose call
// had begun.
package main

import (
	"context"
	"encoding/csv"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"os/signal"
	"strings"
	"sync"
	"syscall"
	"time"

	"github.com/segmentio/kafka-go"

	"github.com/contactgovernor/governor/consumer/client"
	"github.com/contactgovernor/governor/schemas"
)

// dialer is what the command line says.
type dialer struct {
	kafka, prefix, group string
	governor, tokenFile  string
	name, notesFolder    string
	people               string
	lines, agents, hold  int
	second               time.Duration
	grace                time.Duration // to tell what has begun, once it is told to stop
	out                  io.Writer

	client *client.Client
	notes  client.Notes
	phones map[string]string // of people
	hall   *hall
	mu     sync.Mutex
	count  map[schemas.Result]int
}

func main() {
	w := dialer{out: os.Stdout, grace: 10 * time.Second}
	flag.StringVar(&w.kafka, "kafka", "127.0.0.1:9092", "addresses of Kafka, with commas between them")
	flag.StringVar(&w.prefix, "prefix", "", "what comes before the name of every topic")
	flag.StringVar(&w.group, "group", "example-dialers", "the dialers of one group share the approvals")
	flag.StringVar(&w.governor, "governor", "http://127.0.0.1:8471", "where the governor's API is")
	flag.StringVar(&w.tokenFile, "token-file", "deploy/examples/token", "file with the token for the API, which must have the role operate; empty: none is sent")
	flag.StringVar(&w.name, "name", "dialer-1", "name of this dialer, which no other has, and which it keeps")
	flag.StringVar(&w.notesFolder, "notes", "deploy/examples/dialer-1.notes", "folder of what it remembers over a crash")
	flag.StringVar(&w.people, "people", "deploy/examples/people.csv", "whose number is which")
	flag.IntVar(&w.lines, "lines", 4, "how many are dialed at a time")
	flag.IntVar(&w.agents, "agents", 2, "how many agents there are")
	flag.IntVar(&w.hold, "hold", 20, "how many seconds somebody is kept on hold")
	flag.DurationVar(&w.second, "second", time.Second, "how long a second of a simulated call takes")
	flag.Parse()

	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	if err := w.run(ctx); err != nil && ctx.Err() == nil {
		fmt.Fprintln(os.Stderr, "dialer:", err)
		os.Exit(1)
	}
}

// run works until ctx ends, or somebody must mend something.
func (w *dialer) run(ctx context.Context) (err error) {
	var options []client.Option
	if w.tokenFile != "" {
		options = append(options, client.BearerFile(w.tokenFile))
	}
	if w.client, err = client.New(w.governor, options...); err != nil {
		return err
	}
	defer w.client.Close()
	if w.notes, err = client.OpenNotes(w.notesFolder); err != nil {
		return err
	}
	if w.phones, err = phones(w.people); err != nil {
		return err
	}
	w.hall, w.count = newHall(w.agents, w.hold, w.second), make(map[schemas.Result]int)
	r := kafka.NewReader(kafka.ReaderConfig{
		Brokers: strings.Split(w.kafka, ","), GroupID: w.group, Topic: w.prefix + "contact.approved",
		StartOffset: kafka.FirstOffset, MaxWait: 200 * time.Millisecond,
		SessionTimeout: 10 * time.Second, // then another one gets the approvals of one that crashed
	})
	defer func() { err = errors.Join(err, r.Close()) }()
	for {
		round, calls, err := w.gather(ctx, r)
		if err != nil {
			return err
		}
		if err := w.dial(ctx, calls); err != nil {
			return err
		}
		// From here on they are not read again.
		if err := r.CommitMessages(ctx, round...); err != nil {
			if ctx.Err() != nil {
				return err
			}
			fmt.Fprintln(w.out, "not committed, and so read again, here or elsewhere:", err) // the group is sharing anew
			continue
		}
		for _, d := range calls {
			if err := w.notes.Done(client.TokenOf(w.name, d.ID)); err != nil {
				return err
			}
		}
	}
}

// gather waits for an approved call, and takes what else there is, up to a call a line.
func (w *dialer) gather(ctx context.Context, r *kafka.Reader) (round []kafka.Message, calls []schemas.Decision, err error) {
	more := ctx
	for len(calls) < w.lines {
		m, err := r.FetchMessage(more)
		if len(calls) > 0 && ctx.Err() == nil && errors.Is(err, context.DeadlineExceeded) {
			return round, calls, nil
		}
		if err != nil {
			return nil, nil, err
		}
		round = append(round, m)
		d, err := schemas.DecodeDecision(m.Value)
		if err != nil {
			fmt.Fprintln(w.out, "cannot read an approval, so it is none:", err)
		} else if d.Channel == schemas.ChannelCall {
			calls = append(calls, d)
		}
		if len(calls) == 1 && more == ctx {
			var enough context.CancelFunc
			more, enough = context.WithTimeout(ctx, 500*time.Millisecond)
			defer enough()
		}
	}
	return round, calls, nil
}

// dial makes the calls of a round, all at once.
func (w *dialer) dial(ctx context.Context, calls []schemas.Decision) error {
	failed := make([]error, len(calls))
	var round sync.WaitGroup
	for i := range calls {
		round.Go(func() { failed[i] = w.approved(ctx, &calls[i]) })
	}
	round.Wait()
	w.mu.Lock()
	defer w.mu.Unlock()
	if up := w.count[schemas.ResultAnswered] + w.count[schemas.ResultAbandoned] + w.count[schemas.ResultHoldTimeout]; up > 0 {
		fmt.Fprintf(w.out, "picked up: %d, nobody there for them: %d\n", up, up-w.count[schemas.ResultAnswered])
	}
	return errors.Join(failed...)
}

// approved deals with one approval. With an error the dialer ends, and the approval is
// read again after a restart.
func (w *dialer) approved(ctx context.Context, d *schemas.Decision) error {
	phone := w.phones[d.Person]
	if phone == "" {
		w.say(d, "not called: nobody knows the number") // it expires, and gives back
		return nil
	}
	token := client.TokenOf(w.name, d.ID)
	begun, err := w.notes.Begun(token)
	if err != nil {
		return err
	}
	if begun {
		w.say(d, "not called again: it had begun when this dialer was stopped")
		return w.tell(ctx, d, token, schemas.ResultSent) // what is not known counts
	}

	answer, err := w.client.RedeemApproval(ctx, d, token)
	switch problem := (*client.Problem)(nil); {
	case errors.As(err, &problem) || ctx.Err() != nil:
		return err
	case err != nil:
		w.say(d, "not called: "+err.Error())
		return nil
	case !answer.OK:
		w.say(d, "not called: "+answer.Reason)
		return nil
	}
	if _, err := w.notes.Begin(token); err != nil {
		return err
	}
	result := w.hall.call(phone)
	w.mu.Lock()
	w.count[result]++
	w.mu.Unlock()
	w.say(d, string(result))
	return w.tell(ctx, d, token, result)
}

// tell tells the governor what became of the call, and does not give up: as long as the
// governor does not know, the next round does not begin. A dialer that is told to stop
// tries for a little longer.
func (w *dialer) tell(ctx context.Context, d *schemas.Decision, token string, result schemas.Result) error {
	until, end := context.WithCancel(context.WithoutCancel(ctx))
	defer end()
	defer context.AfterFunc(ctx, func() { time.AfterFunc(w.grace, end) })()
	return w.client.Outcome(until, client.Outcome{ID: "outcome-" + token, Person: d.Person, Decision: d.ID, Result: result})
}

func (w *dialer) say(d *schemas.Decision, what string) {
	w.mu.Lock()
	defer w.mu.Unlock()
	fmt.Fprintln(w.out, d.Intent, what)
}

// hall is where the simulated agents sit.
type hall struct {
	agents chan struct{} // has one entry for each who is talking
	hold   int           // seconds
	second time.Duration // how long one takes
}

func newHall(agents, hold int, second time.Duration) *hall {
	return &hall{agents: make(chan struct{}, agents), hold: hold, second: second}
}

// call is a simulated call. The last digit of the number says how it goes: 7 is busy, 8
// does not pick up, and the others do; on hold they have patience for so many times five
// seconds, and 9 for ever.
func (h *hall) call(phone string) schemas.Result {
	digit := int(phone[len(phone)-1] - '0')
	switch digit {
	case 7:
		return schemas.ResultBusy
	case 8:
		h.pass(20)
		return schemas.ResultNoAnswer
	}
	h.pass(3)
	select {
	case h.agents <- struct{}{}:
		return h.talk()
	default:
	}
	patience, result := 5*digit, schemas.ResultAbandoned
	if digit == 9 || patience > h.hold {
		patience, result = h.hold, schemas.ResultHoldTimeout
	}
	music := time.NewTimer(time.Duration(patience) * h.second)
	defer music.Stop()
	select {
	case h.agents <- struct{}{}:
		return h.talk()
	case <-music.C:
		return result
	}
}

// talk is a conversation with an agent.
func (h *hall) talk() schemas.Result {
	h.pass(12)
	<-h.agents
	return schemas.ResultAnswered
}

func (h *hall) pass(seconds int) { time.Sleep(time.Duration(seconds) * h.second) }

// phones reads whose number is which.
func phones(file string) (map[string]string, error) {
	f, err := os.Open(file)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	lines, err := csv.NewReader(f).ReadAll() // person, email, phone, zone
	if err != nil {
		return nil, err
	}
	out := make(map[string]string)
	for _, line := range lines[min(1, len(lines)):] {
		out[line[0]] = line[2]
	}
	return out, nil
}
