package demo

import (
	"context"
	"errors"
	"fmt"
	"io"
	"path/filepath"
	"strings"
	"time"

	"github.com/contactgovernor/governor/cmd/governor/internal/embedded"
	"github.com/contactgovernor/governor/rules"
	"github.com/contactgovernor/governor/rules/policyfile"
	"github.com/contactgovernor/governor/schemas"
)

// Options say how the demo runs.
type Options struct {
	Data   string // folder of the Kafka and the Redis that outlive the process; required
	Fresh  bool   // begin with nothing in it
	Sample int    // play every Sample-th person of the history; 0 and 1 are all

	Talk     io.Writer // hears what happens
	Terminal bool      // Talk is a terminal, which shows a bar
	Bold     bool      // Talk shows headings in bold

	Show *Show // where it is seen while it runs; nil: nowhere

	table string                  // in place of the embedded one; for tests
	heard func(*schemas.Decision) // hears every decision of the stories; for tests
}

// Policy is the built-in policy that the demo runs under.
const Policy = "no-means-no"

// Run runs the demo. It returns ctx's error if ctx ends first; what was decided
// until then is in the folder.
func Run(ctx context.Context, o Options) (*Summary, error) {
	d := &demo{Options: o, began: time.Now()}
	d.Sample = max(1, o.Sample)
	for _, part := range []func(context.Context) error{d.prepare, d.tell, d.restart, d.play} {
		if err := part(ctx); err != nil {
			if ctx.Err() != nil {
				err = ctx.Err() // whatever went wrong, it was told to stop
			}
			return nil, err
		}
	}
	d.finish()
	return &d.sum, nil
}

// demo is one run.
type demo struct {
	Options
	began  time.Time
	policy *rules.Policy
	list   []story
	rows   table
	clock  *clock // of the stories
	all    tally
	sum    Summary
}

// say tells something, wrapped, behind an indentation. What cannot be told is
// not worth ending for.
func (d *demo) say(indent, format string, args ...any) {
	p := &page{w: d.Talk}
	p.text(indent, strings.Repeat(" ", len(indent)), fmt.Sprintf(format, args...))
}

func (d *demo) head(text string) { (&page{w: d.Talk, bold: d.Bold}).head(text) }

func (d *demo) prepare(context.Context) (err error) {
	if d.Data, err = filepath.Abs(d.Data); err != nil {
		return err
	}
	if d.table == "" {
		d.table = bankCalls
	}
	if d.rows, err = readTable(d.table); err != nil {
		return err
	}
	if d.list, err = stories(); err != nil {
		return err
	}
	if d.policy, err = policyfile.Load(Policy); err != nil {
		return err
	}
	d.clock = newClock(timeline(d.list)[0].arrived.Std())
	if d.Fresh {
		if err := embedded.Clear(d.Data); err != nil {
			return err
		}
	}
	return nil
}

// tell tells the stories.
func (d *demo) tell(ctx context.Context) (err error) {
	d.say("", "A Kafka and a Redis in this process, and the governor between them. Data: %s", d.Data)
	if d.Show != nil {
		d.say("", "Seen in a browser, while it runs: %s", d.Show.Address())
	}
	s, before, err := d.open(ctx, 0)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, s.close()) }()
	if before.run > 0 {
		d.say("", "It was run here before: %s. Who said no then is not forgotten.", count(before.run, "time"))
	}
	t := newTelling(s, d.list, before.run, before.until, &d.all)
	t.first = func(x *schemas.Decision) {
		d.sum.FirstAfter = seconds(time.Since(d.began))
		d.say("", "First decision, %.2f s after the start: %s, %s by %s for %s on %s.", d.sum.FirstAfter,
			outcomeOf(x), x.Purpose, x.Channel, x.Engine, x.Decided.Std().Format("2 January 2006, 15:04"))
		d.head("Stories, told in simulated time, each when it is over")
	}
	if d.heard != nil {
		t.heard = d.heard
	}
	t.told = func(s *story, e *engineTally) {
		d.say(fmt.Sprintf("%-16s", s.Engine), "%s. %d wanted, %d got through%s.", s.Title, e.wanted, e.through, because(e.reasons))
	}
	if err := t.tell(ctx); err != nil {
		return err
	}
	d.sum.Run = before.run + 1
	d.sum.Stories = t.summary()
	return nil
}

// open starts a governor on the folder, at the time at which its log ends, and
// tells what the log has. Run is the present one.
func (d *demo) open(ctx context.Context, run int) (*site, *remembered, error) {
	s, err := openSite(d.Data, d.clock)
	if err != nil {
		return nil, nil, err
	}
	s.show = d.Show
	m, err := remember(ctx, s, run)
	if err == nil {
		d.clock.moveTo(m.until.Std())
		err = s.govern(ctx, d.policy)
	}
	if err == nil {
		// What an earlier run was killed before is decided before time goes on.
		_, err = s.decide(ctx)
	}
	if err != nil {
		return nil, nil, errors.Join(err, s.close())
	}
	return s, m, nil
}

// restart starts everything again on the folder that the stories left behind,
// and has everybody who said no asked once more.
func (d *demo) restart(ctx context.Context) (err error) {
	began := time.Now()
	s, m, err := d.open(ctx, d.sum.Run-1)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, s.close()) }()
	if d.sum.Restart, err = askAgain(ctx, s, m, d.sum.Run); err != nil {
		return err
	}
	r := &d.sum.Restart
	r.Seconds = seconds(time.Since(began))
	d.head("The same folder, after everything was stopped and started again")
	d.say("", "%s. It took %.2f s.", restartLine(r), r.Seconds)
	return nil
}

// play plays the telemarketing history.
func (d *demo) play(ctx context.Context) error {
	c := newCampaign(d.rows, d.Sample)
	d.head("A telemarketing campaign")
	d.say("", "%s wants %s calls to %s people%s.", bankEngine, number(c.calls), number(len(c.people)), d.sampled())
	p, err := playHistory(ctx, d.policy, c, d.Show, &d.all, &progress{talk: d.Talk, terminal: d.Terminal})
	if err != nil {
		return err
	}
	d.sum.History = p.summary(d.rows)
	d.say("", "%s calls decided in %.1f s, %s a second.", number(c.calls), p.took.Seconds(), number(int(d.sum.History.CallsPerSecond)))
	return nil
}

func (d *demo) sampled() string {
	if d.Sample == 1 {
		return ""
	}
	return fmt.Sprintf(" (a sample, 1 in %d)", d.Sample)
}

func (d *demo) finish() {
	s := &d.sum
	s.Policy, s.PolicyHash, s.Data, s.Sample = d.policy.Name(), d.policy.Hash(), d.Data, d.Sample
	s.Engines, s.Reasons = d.all.summary(), counted(d.all.reasons, d.all.named)
	for _, e := range s.Engines {
		s.Wanted, s.Through, s.Refused = s.Wanted+e.Wanted, s.Through+e.Through, s.Refused+e.Refused
	}
	s.Assumptions, s.Source = assumptions(), source
	s.Seconds = seconds(time.Since(d.began))
}

// source is where the table is from, and what is asked of those who use it.
const source = "UCI Bank Marketing, S. Moro, P. Cortez, P. Rita (2014), CC BY 4.0; here only the counts of calls per person and of yes"

// assumptions are what the table does not say.
func assumptions() []string {
	return []string{
		"The table has no times. Everybody is called on successive working days, at their own hour between 10:00 and 18:00 " +
			"in Lisbon, within twelve weeks from May 2008 on; so the limits per day and per hour never bite.",
		"Who said yes said it in their last call, and was not called again.",
		"Nobody picked up before their last call. Had they, the limit of three calls per campaign would have refused the same calls.",
		"A call that is refused is not tried again. A yes that came in a refused call counts as lost, although the person " +
			"might have come by themselves.",
		"The stories are told as the essays and the public record tell them; the names of companies are left out.",
	}
}
