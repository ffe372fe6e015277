// Mailer is a worker for e-mail. For each approval it asks the governor once more, just
// before the mail goes out, delivers it over SMTP with the way out in its headers, and
// tells what became of it.
//
// It may be killed anywhere. The offset of an approval is committed last, so after a
// restart it is read again, and redeemed with the same token, which is made from the
// approval's id and the mailer's name. Whether the mail had begun to go out is in the
// mailer's notes: then it does not go out again. A mail too few is better than one too many.
package main

import (
	"bytes"
	"context"
	"encoding/csv"
	"errors"
	"flag"
	"fmt"
	"io"
	"mime"
	"mime/quotedprintable"
	"net"
	"net/smtp"
	"net/textproto"
	"os"
	"os/signal"
	"strings"
	"syscall"
	"time"

	"github.com/segmentio/kafka-go"

	"github.com/contactgovernor/governor/consumer/client"
	"github.com/contactgovernor/governor/schemas"
)

// mailer is what the command line says.
type mailer struct {
	kafka, prefix, group string
	governor, tokenFile  string
	name, notesFolder    string
	smtp, from, people   string
	grace                time.Duration // to tell what has begun, once it is told to stop
	out                  io.Writer

	client    *client.Client
	notes     client.Notes
	addresses map[string]string // of people
}

func main() {
	w := mailer{out: os.Stdout, grace: 10 * time.Second}
	flag.StringVar(&w.kafka, "kafka", "127.0.0.1:9092", "addresses of Kafka, with commas between them")
	flag.StringVar(&w.prefix, "prefix", "", "what comes before the name of every topic")
	flag.StringVar(&w.group, "group", "example-mailers", "the mailers of one group share the approvals")
	flag.StringVar(&w.governor, "governor", "http://127.0.0.1:8471", "where the governor's API is")
	flag.StringVar(&w.tokenFile, "token-file", "deploy/examples/token", "file with the token for the API, which must have the role operate; empty: none is sent")
	flag.StringVar(&w.name, "name", "mailer-1", "name of this mailer, which no other has, and which it keeps")
	flag.StringVar(&w.notesFolder, "notes", "deploy/examples/mailer-1.notes", "folder of what it remembers over a crash")
	flag.StringVar(&w.smtp, "smtp", "127.0.0.1:2525", "the mail server that takes the mails, host:port")
	flag.StringVar(&w.from, "from", "hello@example.com", "who the mails are from")
	flag.StringVar(&w.people, "people", "deploy/examples/people.csv", "whose address is which")
	flag.Parse()

	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	if err := w.run(ctx); err != nil && ctx.Err() == nil {
		fmt.Fprintln(os.Stderr, "mailer:", err)
		os.Exit(1)
	}
}

// run works until ctx ends, or somebody must mend something.
func (w *mailer) run(ctx context.Context) (err error) {
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
	if w.addresses, err = addresses(w.people); err != nil {
		return err
	}
	r := kafka.NewReader(kafka.ReaderConfig{
		Brokers: strings.Split(w.kafka, ","), GroupID: w.group, Topic: w.prefix + "contact.approved",
		StartOffset: kafka.FirstOffset, MaxWait: 200 * time.Millisecond,
		SessionTimeout: 10 * time.Second, // then another one gets the approvals of one that crashed
	})
	defer func() { err = errors.Join(err, r.Close()) }()
	for {
		m, err := r.FetchMessage(ctx)
		if err != nil {
			return err
		}
		d, err := schemas.DecodeDecision(m.Value)
		if err != nil {
			fmt.Fprintln(w.out, "cannot read an approval, so it is none:", err)
		} else if d.Channel == "email" {
			if err := w.approved(ctx, &d); err != nil {
				return err
			}
		}
		// From here on it is not read again.
		if err := r.CommitMessages(ctx, m); err != nil {
			if ctx.Err() != nil {
				return err
			}
			fmt.Fprintln(w.out, "not committed, and so read again, here or elsewhere:", err) // the group is sharing anew
			continue
		}
		if err := w.notes.Done(client.TokenOf(w.name, d.ID)); err != nil {
			return err
		}
	}
}

// approved deals with one approval. With an error the mailer ends, and the approval is
// read again after a restart.
func (w *mailer) approved(ctx context.Context, d *schemas.Decision) error {
	address := w.addresses[d.Person]
	if address == "" {
		fmt.Fprintln(w.out, d.Intent, "not mailed: nobody knows the address") // it expires, and gives back
		return nil
	}
	token := client.TokenOf(w.name, d.ID)
	begun, err := w.notes.Begun(token)
	if err != nil {
		return err
	}
	if begun {
		fmt.Fprintln(w.out, d.Intent, "not mailed again: it had begun when this mailer was stopped")
		return w.tell(ctx, d, token, schemas.ResultSent) // what is not known counts as sent
	}

	answer, err := w.client.RedeemApproval(ctx, d, token)
	switch problem := (*client.Problem)(nil); {
	case errors.As(err, &problem) || ctx.Err() != nil:
		return err
	case err != nil:
		fmt.Fprintln(w.out, d.Intent, "not mailed:", err)
		return nil
	case !answer.OK:
		fmt.Fprintln(w.out, d.Intent, "not mailed:", answer.Reason)
		return nil
	}
	if _, err := w.notes.Begin(token); err != nil {
		return err
	}
	result, err := w.deliver(ctx, d, token, address)
	if err != nil {
		fmt.Fprintln(w.out, d.Intent, string(result)+":", err)
	} else {
		fmt.Fprintln(w.out, d.Intent, string(result))
	}
	return w.tell(ctx, d, token, result)
}

// tell tells the governor what became of the mail, and does not give up: as long as the
// governor does not know, no other mail goes out. A mailer that is told to stop tries
// for a little longer.
func (w *mailer) tell(ctx context.Context, d *schemas.Decision, token string, result schemas.Result) error {
	until, end := context.WithCancel(context.WithoutCancel(ctx))
	defer end()
	defer context.AfterFunc(ctx, func() { time.AfterFunc(w.grace, end) })()
	return w.client.Outcome(until, client.Outcome{ID: "outcome-" + token, Person: d.Person, Decision: d.ID, Result: result})
}

// deliver hands the mail to the mail server, and says what became of it. Where that is
// not known, because the server was lost after it had the mail, it counts as sent.
func (w *mailer) deliver(ctx context.Context, d *schemas.Decision, token, to string) (schemas.Result, error) {
	mail, err := w.compose(d, token, to)
	if err != nil {
		return schemas.ResultNotSent, err
	}
	conn, err := (&net.Dialer{Timeout: 10 * time.Second}).DialContext(ctx, "tcp", w.smtp)
	if err != nil {
		return schemas.ResultNotSent, err
	}
	defer conn.Close()
	if err := conn.SetDeadline(time.Now().Add(time.Minute)); err != nil {
		return schemas.ResultNotSent, err
	}
	host, _, _ := net.SplitHostPort(w.smtp)
	server, err := smtp.NewClient(conn, host)
	if err != nil {
		return schemas.ResultNotSent, err
	}
	if err := server.Mail(w.from); err != nil {
		return schemas.ResultNotSent, err
	}
	if err := server.Rcpt(to); err != nil {
		return refused(err), err
	}
	body, err := server.Data()
	if err != nil {
		return schemas.ResultNotSent, err
	}
	if _, err := body.Write(mail); err != nil {
		return schemas.ResultNotSent, err // it never got the dot at the end
	}
	if err := body.Close(); err != nil {
		if answer := (*textproto.Error)(nil); errors.As(err, &answer) {
			return refused(err), err
		}
		return schemas.ResultSent, err
	}
	_ = server.Quit() // the mail is theirs, whatever they say now
	return schemas.ResultSent, nil
}

// refused tells a refusal for good, as of an address that does not exist, from one for now.
func refused(err error) schemas.Result {
	if answer := (*textproto.Error)(nil); errors.As(err, &answer) && answer.Code >= 500 {
		return schemas.ResultBounced
	}
	return schemas.ResultNotSent
}

// compose writes the mail. The two headers of the way out go in as the approval has them
// (RFC 8058 wants them signed with the rest, by DKIM: here that is up to the mail server).
func (w *mailer) compose(d *schemas.Decision, token, to string) ([]byte, error) {
	_, domain, _ := strings.Cut(w.from, "@")
	headers := [][2]string{
		{"From", w.from},
		{"To", to},
		{"Subject", mime.QEncoding.Encode("utf-8", "News: "+d.Campaign)},
		{"Date", time.Now().Format(time.RFC1123Z)},
		{"Message-ID", "<" + token + "@" + domain + ">"}, // the same, should the same mail ever come twice
		{"X-Decision", d.ID},
		{"MIME-Version", "1.0"},
		{"Content-Type", "text/plain; charset=utf-8"},
		{"Content-Transfer-Encoding", "quoted-printable"},
	}
	text := "Hello,\n\nthis is what we wanted to tell you about " + d.Campaign + ".\n"
	if d.Leave != nil {
		if d.Leave.Unsubscribe != "" {
			headers = append(headers, [2]string{schemas.HeaderUnsubscribe, d.Leave.Unsubscribe})
		}
		if d.Leave.UnsubscribePost != "" {
			headers = append(headers, [2]string{schemas.HeaderUnsubscribePost, d.Leave.UnsubscribePost})
		}
		text += "\nNo more of this: " + d.Leave.URL + "\n"
	}
	var mail bytes.Buffer
	for _, h := range headers {
		if strings.ContainsAny(h[1], "\r\n") {
			return nil, fmt.Errorf("the header %s would be two lines", h[0])
		}
		fmt.Fprintf(&mail, "%s: %s\r\n", h[0], h[1])
	}
	mail.WriteString("\r\n")
	body := quotedprintable.NewWriter(&mail)
	if _, err := io.WriteString(body, strings.ReplaceAll(text, "\n", "\r\n")); err != nil {
		return nil, err
	}
	return mail.Bytes(), body.Close()
}

// addresses reads whose address is which.
func addresses(file string) (map[string]string, error) {
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
	for _, line := range lines {
		out[line[0]] = line[1]
	}
	return out, nil
}
