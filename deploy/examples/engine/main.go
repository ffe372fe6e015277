// Engine is a campaign engine, as short as one can be: it wants to contact everybody in a
// file once, asks the governor, and tells what became of it.
//
// An engine contacts nobody. It publishes intents, with the person as the record's key and
// the partitioner of Java's client, and reads what the governor decided. An intent's id is
// one contact: here it is made from the campaign and the line of the file, so that an
// engine that crashed may publish all of it again, and nobody is contacted twice.
package main

import (
	"context"
	"encoding/csv"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"os/signal"
	"strings"
	"syscall"
	"time"

	"github.com/segmentio/kafka-go"

	"github.com/contactgovernor/governor/schemas"
)

// engine is what the command line says.
type engine struct {
	kafka, prefix     string
	name              string
	people            string
	campaign, channel string
	purpose, mode     string
	stay              bool
	out               io.Writer
}

// topic is the name that a topic of the contract has here.
func (e *engine) topic(name string) string { return e.prefix + name }

func main() {
	e := engine{out: os.Stdout}
	flag.StringVar(&e.kafka, "kafka", "127.0.0.1:9092", "addresses of Kafka, with commas between them")
	flag.StringVar(&e.prefix, "prefix", "", "what comes before the name of every topic")
	flag.StringVar(&e.name, "name", "example-engine", "name of this engine, which its decisions carry")
	flag.StringVar(&e.people, "people", "deploy/examples/people.csv", "who is to be contacted")
	flag.StringVar(&e.campaign, "campaign", "spring", "name of the campaign")
	flag.StringVar(&e.channel, "channel", "email", "email or call")
	flag.StringVar(&e.purpose, "purpose", "marketing", "a purpose of the policy")
	flag.StringVar(&e.mode, "mode", "predictive", "of calls: manual, preview, predictive or prerecorded")
	flag.BoolVar(&e.stay, "stay", false, "go on telling what is taken back, until told to stop")
	flag.Parse()

	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	if err := e.run(ctx); err != nil && ctx.Err() == nil {
		fmt.Fprintln(os.Stderr, "engine:", err)
		os.Exit(1)
	}
}

// run publishes the campaign and tells what became of it.
func (e *engine) run(ctx context.Context) error {
	intents, err := e.intents()
	if err != nil {
		return err
	}
	if err := e.publish(ctx, intents); err != nil {
		return err
	}
	return e.listen(ctx, intents)
}

// intents is one intended contact for each line of the file.
func (e *engine) intents() (map[string]schemas.Intent, error) {
	f, err := os.Open(e.people)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	lines, err := csv.NewReader(f).ReadAll() // person, email, phone, zone
	if err != nil {
		return nil, err
	}
	if len(lines) < 2 {
		return nil, fmt.Errorf("%s names nobody: write a line for each person below the first", e.people)
	}
	intents := make(map[string]schemas.Intent)
	for i, line := range lines[1:] {
		in := schemas.Intent{
			ID: fmt.Sprintf("%s-%d", e.campaign, i+1), Person: line[0],
			Channel: e.channel, Purpose: e.purpose, Campaign: e.campaign, Engine: e.name,
			Address: line[1], Zones: []string{line[3]},
			At: schemas.TimeOf(time.Now()), Priority: schemas.DefaultPriority,
		}
		if e.channel == "call" {
			in.Address, in.Mode = line[2], e.mode
		}
		intents[in.ID] = in
	}
	return intents, nil
}

// publish has every intent acknowledged by all replicas in sync.
func (e *engine) publish(ctx context.Context, intents map[string]schemas.Intent) error {
	w := &kafka.Writer{
		Addr: kafka.TCP(strings.Split(e.kafka, ",")...), Topic: e.prefix + "contact.intents",
		Balancer:     kafka.Murmur2Balancer{}, // a person is on the same partition number everywhere
		RequiredAcks: kafka.RequireAll, BatchTimeout: 10 * time.Millisecond,
	}
	var records []kafka.Message
	for _, in := range intents {
		records = append(records, kafka.Message{Key: []byte(in.Person), Value: in.AppendJSON(nil)})
	}
	err := w.WriteMessages(ctx, records...)
	return errors.Join(err, w.Close())
}

// listen tells what became of the intents, until there is an answer to each.
//
// The group remembers how far this engine has read, so that one that was away hears what
// it missed. A new group begins with what the topics still have.
func (e *engine) listen(ctx context.Context, intents map[string]schemas.Intent) (err error) {
	approved, vetoed := e.topic("contact.approved"), e.topic("contact.vetoed")
	revoked, leaked := e.topic("contact.revoked"), e.topic("contact.leaked")
	r := kafka.NewReader(kafka.ReaderConfig{
		Brokers: strings.Split(e.kafka, ","), GroupID: e.name + "-" + e.campaign,
		GroupTopics: []string{approved, vetoed, revoked, leaked}, StartOffset: kafka.FirstOffset,
		MaxWait: 200 * time.Millisecond,
	})
	defer func() { err = errors.Join(err, r.Close()) }()
	answered := make(map[string]bool)
	for len(answered) < len(intents) || e.stay {
		m, err := r.FetchMessage(ctx)
		if err != nil {
			return err
		}
		// What these four topics have in common.
		var about struct{ Person, Intent, Reason string }
		err = json.Unmarshal(m.Value, &about)
		in, mine := intents[about.Intent]
		if err == nil && mine && in.Person == about.Person {
			switch m.Topic {
			case approved, vetoed:
				answered[about.Intent] = true
				fmt.Fprintln(e.out, about.Intent, verdict(m.Value))
			case revoked:
				fmt.Fprintln(e.out, about.Intent, "taken back: "+about.Reason)
			case leaked:
				fmt.Fprintln(e.out, about.Intent, "leaked: the no came while the contact was under way")
			}
		}
		if err := r.CommitMessages(ctx, m); err != nil {
			return err
		}
	}
	return nil
}

// verdict is a decision in words. A veto says whether, and from when, asking again makes
// sense.
func verdict(value []byte) string {
	d, err := schemas.DecodeDecision(value)
	switch {
	case err != nil:
		return "decided, but it cannot be read"
	case d.Verdict == schemas.Approved:
		return "approved until " + d.NotAfter.String()
	case d.Final:
		return "vetoed for good: " + d.Reason
	case d.Earliest == 0:
		return "vetoed: " + d.Reason
	}
	return "vetoed: " + d.Reason + ", not before " + d.Earliest.String()
}
