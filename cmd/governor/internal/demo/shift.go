package demo

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/http"
	"os"
	"strings"
	"time"

	"github.com/go-json-experiment/json"
	"go.uber.org/zap"

	"github.com/contactgovernor/governor/cmd/governor/internal/app"
	"github.com/contactgovernor/governor/consumer"
	"github.com/contactgovernor/governor/consumer/governor"
	"github.com/contactgovernor/governor/schemas"
)

// shift is one working day of an engine, a mailer and a dialer, as Workers tells it.
type shift struct {
	page   *page
	folder string // of the key of the links
	site   *site
	clock  *clock
	shown  string // the time that was told last

	links  net.Listener // where people reach what is behind the links in mails
	server *http.Server
	served chan error

	approvals map[string]schemas.Decision // by intent
	news      []string                    // what the governor told unasked, and is to be told
	said      int                         // signals so far

	noes map[string]bool // who said no

	mailed, called, begun, revoked, leaked int
	after                                  int // begun after the person had said no
}

// The parts. The governor's is told by its own word.
const (
	engine = "engine"
	mailer = "mailer-1"
	dialer = "dialer-1"
)

// indent is where words begin.
const indent = "                    "

func name(person string) string { return strings.ToUpper(person[:1]) + person[1:] }

// mailTo is an intended mail.
func mailTo(campaign, person string) schemas.Intent {
	return schemas.Intent{
		ID: campaign + "-" + person, Person: person, Channel: "email", Purpose: "marketing", Campaign: campaign, Engine: engine,
		Address: person + "@example.org", Zones: []string{"Europe/Berlin"}, Priority: schemas.DefaultPriority,
	}
}

// callTo is an intended call of a predictive dialer.
func callTo(campaign, person string) schemas.Intent {
	in := mailTo(campaign, person)
	in.Channel, in.Mode, in.Address = schemas.ChannelCall, schemas.ModePredictive, ""
	return in
}

// linkHost is where the links say that they lead.
const linkHost = "https://leave.example.org"

// open begins to serve what is behind the links, as a governor does.
func (w *shift) open(ctx context.Context) (err error) {
	handler, err := app.LeaveHandler(&w.site.leave, w, zap.NewNop(), w.clock.now)
	if err != nil {
		return err
	}
	if w.links, err = (&net.ListenConfig{}).Listen(ctx, "tcp", "127.0.0.1:0"); err != nil {
		return err
	}
	w.server = &http.Server{Handler: handler, ReadHeaderTimeout: 5 * time.Second}
	w.served = make(chan error, 1)
	go func() { w.served <- w.server.Serve(w.links) }()
	return nil
}

// close ends everything, and leaves nothing behind.
func (w *shift) close() (err error) {
	if w.server != nil {
		err = w.server.Close()
		<-w.served // that it was closed
	}
	return errors.Join(err, w.site.close(), os.RemoveAll(w.folder))
}

// Signal implements leave.Publisher.
func (w *shift) Signal(ctx context.Context, person string, value []byte) error {
	slot := consumer.Slot{Topic: governor.Signals, Partition: partitionOf(person)}
	return w.site.writer.Produce(ctx, []consumer.Append{{Slot: slot, Records: []consumer.Record{{Key: []byte(person), Value: value}}}})
}

// midnight is when the day begins, a Monday, in Berlin.
func midnight() time.Time { return time.Date(2026, time.May, 3, 22, 0, 0, 0, time.UTC) }

// at moves the time on, to a time of the day.
func (w *shift) at(hour, minute, second int) {
	w.clock.moveTo(midnight().Add(time.Duration(hour)*time.Hour + time.Duration(minute)*time.Minute + time.Duration(second)*time.Second))
}

// hand is how the hands of the clock stand at an instant of the day, or of another.
func hand(at time.Time, layout string) string {
	return time.Time{}.Add(at.Sub(midnight())).Format(layout)
}

func (w *shift) head(text string) { w.page.head(text) }

// says tells what somebody does, beside the time where that is another one.
func (w *shift) says(who, format string, args ...any) {
	now := hand(w.clock.now(), "15:04:05")
	if now == w.shown {
		now = ""
	}
	if now != "" {
		w.shown = now
	}
	w.page.text(fmt.Sprintf("%-8s  %-8s", now, who)+"  ", indent, fmt.Sprintf(format, args...))
}

// step has the governor deal with what was put, and takes in what it answers.
func (w *shift) step(ctx context.Context) ([]schemas.Decision, error) {
	decisions, err := w.site.decide(ctx)
	if err != nil {
		return nil, err
	}
	for _, d := range decisions {
		if d.Verdict == schemas.Approved {
			w.approvals[d.Intent] = d
		}
	}
	revoked, err := w.site.rest(ctx, governor.Revoked)
	if err != nil {
		return nil, err
	}
	for _, value := range revoked {
		r, err := schemas.DecodeRevocation(value)
		if err != nil {
			return nil, err
		}
		w.revoked++
		w.news = append(w.news, fmt.Sprintf("takes back %s: %s. That is on contact.revoked, for whoever holds the approval.", r.Intent, words(r.Reason)))
	}
	leaks, err := w.site.rest(ctx, governor.Leaked)
	if err != nil {
		return nil, err
	}
	for _, value := range leaks {
		var l leaked
		if err := json.Unmarshal(value, &l); err != nil {
			return nil, err
		}
		w.leaked++
		w.news = append(w.news, fmt.Sprintf("cannot take back %s: it was redeemed %.1f s before the no. It does not hide that: it is on contact.leaked.", l.Intent, l.Seconds))
	}
	return decisions, nil
}

// took tells what the governor did of itself.
func (w *shift) took() {
	for _, text := range w.news {
		w.says("governor", "%s", text)
	}
	w.news = nil
}

// want publishes intents, and tells what was decided, in their order.
func (w *shift) want(ctx context.Context, intents ...schemas.Intent) error {
	var who []string
	for i := range intents {
		intents[i].At = schemas.TimeOf(w.clock.now())
		w.site.intend(&intents[i])
		who = append(who, name(intents[i].Person))
	}
	verb := "write to"
	if intents[0].Channel == schemas.ChannelCall {
		verb = "call"
	}
	w.says(engine, "wants to %s %s: %s.", verb, list(who), intents[0].Campaign)
	decisions, err := w.step(ctx)
	if err != nil {
		return err
	}
	answers := make(map[string]string)
	for i := range decisions {
		d := &decisions[i]
		answers[d.Intent] = w.verdict(d)
	}
	for i, in := range intents {
		answer := answers[in.ID]
		if i > 0 && answer == answers[intents[0].ID] {
			continue
		}
		w.says("governor", "%s", answer)
	}
	return nil
}

func (w *shift) verdict(d *schemas.Decision) string {
	switch {
	case d.Verdict == schemas.Approved && d.Channel == schemas.ChannelCall:
		w.called++
	case d.Verdict == schemas.Approved:
		w.mailed++
	}
	switch {
	case d.Verdict == schemas.Approved:
		return "approves, until " + hand(d.NotAfter.Std(), "15:04") + "."
	case d.Final:
		return "vetoes it for good: " + words(d.Reason) + " (" + d.Reason + ")."
	}
	return "vetoes it: " + words(d.Reason) + " (" + d.Reason + ")."
}

// signal says something to the governor.
func (w *shift) signal(ctx context.Context, s schemas.Signal) error {
	w.said++
	s.ID, s.At = fmt.Sprintf("s%d", w.said), schemas.TimeOf(w.clock.now())
	w.site.signal(&s)
	_, err := w.step(ctx)
	return err
}

// redeem asks, just before a contact, and returns the answer.
func (w *shift) redeem(ctx context.Context, worker, campaign, person, token string) (*schemas.Redemption, error) {
	if err := w.signal(ctx, schemas.Signal{Person: person, Type: schemas.TypeRedeem, Intent: campaign + "-" + person, Worker: token}); err != nil {
		return nil, err
	}
	answers, err := w.site.rest(ctx, governor.Redemption)
	if err != nil {
		return nil, err
	}
	if len(answers) != 1 {
		return nil, fmt.Errorf("%s asked once and heard %d answers", worker, len(answers))
	}
	r, err := schemas.DecodeRedemption(answers[0])
	if err != nil {
		return nil, err
	}
	if r.OK && !r.Again {
		w.begun++
		if w.noes[person] {
			w.after++
		}
	}
	return &r, nil
}

// send asks about a mail, and sends it where it may.
func (w *shift) send(ctx context.Context, campaign, person string) error {
	answer, err := w.redeem(ctx, mailer, campaign, person, "mailer-1's own for this mail")
	if err != nil {
		return err
	}
	switch {
	case answer.Again:
		w.says(mailer, "asks again, with the token that it has for this mail: %s.", inWords(answer))
	default:
		w.says(mailer, "asks about %s's mail: %s.", name(person), inWords(answer))
	}
	if !answer.OK {
		w.says(mailer, "sends nothing.")
		return nil
	}
	return w.tell(ctx, mailer, campaign, person, schemas.ResultSent)
}

// tell tells what became of a contact.
func (w *shift) tell(ctx context.Context, worker, campaign, person string, result schemas.Result) error {
	w.says(worker, "tells what became of it: %s.", result)
	return w.outcome(ctx, campaign, person, result)
}

func (w *shift) outcome(ctx context.Context, campaign, person string, result schemas.Result) error {
	return w.signal(ctx, schemas.Signal{Person: person, Type: schemas.TypeOutcome, Intent: campaign + "-" + person, Result: result})
}

// refuse is a no to everything.
func (w *shift) refuse(ctx context.Context, person string) error {
	w.noes[person] = true
	return w.signal(ctx, schemas.Signal{Person: person, Type: schemas.TypeRefusal, Source: "help desk"})
}

// press is what a mail program does when somebody presses its button (RFC 8058), and
// returns the status of the answer.
func (w *shift) press(ctx context.Context, person, link string) (int, error) {
	w.noes[person] = true
	path := strings.TrimPrefix(link, linkHost)
	r, err := http.NewRequestWithContext(ctx, http.MethodPost, "http://"+w.links.Addr().String()+path, strings.NewReader(schemas.HeaderUnsubscribe+"=One-Click"))
	if err != nil {
		return 0, err
	}
	r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	answer, err := http.DefaultClient.Do(r)
	if err != nil {
		return 0, err
	}
	if err := answer.Body.Close(); err != nil {
		return 0, err
	}
	_, err = w.step(ctx)
	return answer.StatusCode, err
}

// leaked is what is told of a leak.
type leaked struct {
	Intent  string  `json:"intent"`
	Seconds float64 `json:"seconds"`
}

// inWords is what a worker heard.
func inWords(r *schemas.Redemption) string {
	switch {
	case r.OK && r.Again:
		return "yes, as before"
	case r.OK:
		return "yes"
	case r.Reason == "already_redeemed":
		return "no, another worker has it"
	}
	return "no, " + words(r.Reason)
}

// list is some names with commas between them.
func list(names []string) string {
	if len(names) == 1 {
		return names[0]
	}
	last := len(names) - 1
	return strings.Join(names[:last], ", ") + " and " + names[last]
}
