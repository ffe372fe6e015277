package demo

import (
	"context"
	"crypto/rand"
	"encoding/base64"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"

	"github.com/contactgovernor/governor/cmd/governor/internal/leave"
	"github.com/contactgovernor/governor/rules/policyfile"
	"github.com/contactgovernor/governor/schemas"
)

// Workers shows an engine, a mailer and a dialer at work, with people who say no in the
// middle. Everything is in memory, in simulated time; what it writes is the same each
// time.
func Workers(ctx context.Context, out io.Writer, bold bool) (err error) {
	w, err := openShift(ctx, &page{w: out, bold: bold})
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, w.close()) }()
	for _, part := range []func(context.Context) error{w.mails, w.theWayOut, w.underWay, w.calls} {
		if err := part(ctx); err != nil {
			return err
		}
	}
	w.end()
	return w.page.err
}

// mails: a campaign begins.
func (w *shift) mails(ctx context.Context) error {
	w.head("An engine wants to write to three people, and a mailer does")
	w.at(10, 0, 0)
	if err := w.want(ctx, mailTo("spring", "ada"), mailTo("spring", "ben"), mailTo("spring", "cem")); err != nil {
		return err
	}
	w.at(10, 0, 1)
	if err := w.send(ctx, "spring", "ada"); err != nil {
		return err
	}
	way := w.approvals["spring-ada"].Leave
	if way == nil || !strings.HasPrefix(way.Unsubscribe, "<"+linkHost+leave.LinkPath) {
		return errors.New("the approval of a mail carries no way out")
	}
	w.says("", "In the head of the mail, as the approval brought it:")
	w.page.line("%s  %s: <%s…>", indent, schemas.HeaderUnsubscribe, linkHost+leave.LinkPath)
	w.page.line("%s  %s: %s", indent, schemas.HeaderUnsubscribePost, way.UnsubscribePost)
	w.at(10, 0, 2)
	first, err := w.redeem(ctx, mailer, "spring", "ben", "mailer-1's own for this mail")
	if err != nil {
		return err
	}
	w.says(mailer, "asks about Ben's mail. The answer was %s, but it gets lost on the way.", inWords(first))
	w.at(10, 0, 4)
	return w.send(ctx, "spring", "ben")
}

// theWayOut: somebody says no while another mail to her is approved already.
func (w *shift) theWayOut(ctx context.Context) error {
	w.head("Ada says no, in the middle")
	w.at(10, 2, 0)
	if err := w.want(ctx, mailTo("loyalty", "ada")); err != nil {
		return err
	}
	w.at(10, 2, 3)
	status, err := w.press(ctx, "ada", w.approvals["spring-ada"].Leave.URL)
	if err != nil {
		return err
	}
	w.says("Ada", "presses the button that her mail program made of the two headers: one POST, "+
		"no login, no page, no question. The governor answers %d once Kafka has her no.", status)
	w.took()
	w.at(10, 2, 4)
	if err := w.send(ctx, "loyalty", "ada"); err != nil {
		return err
	}
	w.at(10, 2, 10)
	return w.want(ctx, mailTo("please-stay", "ada"))
}

// underWay: a no that comes when the mail has left already.
func (w *shift) underWay(ctx context.Context) error {
	w.head("Cem says no while his mail is on its way")
	w.at(10, 3, 0)
	answer, err := w.redeem(ctx, mailer, "spring", "cem", "mailer-1's own for this mail")
	if err != nil {
		return err
	}
	w.says(mailer, "asks about Cem's mail: %s. It hands the mail over.", inWords(answer))
	w.at(10, 3, 2)
	if err := w.refuse(ctx, "cem"); err != nil {
		return err
	}
	w.says("Cem", "says no on the phone, to the help desk, to everything.")
	w.took()
	w.at(10, 3, 3)
	return w.tell(ctx, mailer, "spring", "cem", schemas.ResultSent)
}

// calls: more people pick up than there are agents.
func (w *shift) calls(ctx context.Context) error {
	w.head("A dialer with two agents dials four")
	w.at(11, 0, 0)
	callees := []string{"dora", "eva", "finn", "gus"}
	var wanted []schemas.Intent
	for _, who := range callees {
		wanted = append(wanted, callTo("renewal", who))
	}
	if err := w.want(ctx, wanted...); err != nil {
		return err
	}
	w.at(11, 0, 5)
	for _, who := range callees {
		answer, err := w.redeem(ctx, dialer, "renewal", who, "dialer-1's own for this call")
		if err != nil {
			return err
		}
		w.says(dialer, "asks about %s: %s. It dials.", name(who), inWords(answer))
	}
	answer, err := w.redeem(ctx, dialer, "renewal", "dora", "dialer-2's own for this call")
	if err != nil {
		return err
	}
	w.says("dialer-2", "has read Dora's approval too, and asks: %s.", inWords(answer))
	w.at(11, 0, 20)
	w.says("", "All four pick up. Dora and Eva talk to the two agents. Finn hears music, and hangs up; "+
		"Gus hears music until the dialer hangs up.")
	results := []schemas.Result{schemas.ResultConversation, schemas.ResultConversation, schemas.ResultAbandoned, schemas.ResultHoldTimeout}
	for i, who := range callees {
		if err := w.outcome(ctx, "renewal", who, results[i]); err != nil {
			return err
		}
	}
	w.says(dialer, "tells: two conversations, one call abandoned, one put on hold for nothing.")
	w.head("The day after")
	w.at(24+12, 0, 0)
	return w.want(ctx, callTo("renewal-again", "finn"))
}

func (w *shift) end() {
	w.head("What was real, and what was played")
	w.page.text("", "", fmt.Sprintf("%d mails and %d calls were approved, %d of them were begun, %s taken back in time, and %s under way when the no "+
		"came. After a no that was answered, %d were begun.", w.mailed, w.called, w.begun, were(w.revoked), were(w.leaked), w.after))
	w.page.text("", "", "The intents, decisions, questions, answers and noes are records of a Kafka in this process, with a governor "+
		"as it runs in production; Ada's link is signed, and was opened by the handler that opens it there. The people, the mail server, "+
		"the telephone and the time were played. The programs to begin your own with are in deploy/examples.")
}

func were(n int) string {
	if n == 1 {
		return "1 was"
	}
	return fmt.Sprintf("%d were", n)
}

// openShift starts a governor, with a way out in each mail.
func openShift(ctx context.Context, p *page) (w *shift, err error) {
	w = &shift{page: p, approvals: make(map[string]schemas.Decision), noes: make(map[string]bool), clock: newClock(midnight())}
	if w.folder, err = os.MkdirTemp("", "governor-demo-"); err != nil {
		return nil, err
	}
	key := make([]byte, 32)
	_, _ = rand.Read(key) // it never fails
	file := filepath.Join(w.folder, "leave.key")
	if err = os.WriteFile(file, []byte(base64.StdEncoding.EncodeToString(key)+"\n"), 0o600); err == nil {
		w.site, err = openSite("", w.clock)
	}
	if err != nil {
		return nil, errors.Join(err, os.RemoveAll(w.folder))
	}
	w.site.leave.BaseURL, w.site.leave.KeyFile, w.site.leave.Channels = linkHost, file, []string{"email"}
	policy, err := policyfile.Load(Policy)
	if err == nil {
		err = w.site.govern(ctx, policy)
	}
	if err == nil {
		err = w.open(ctx)
	}
	if err != nil {
		return nil, errors.Join(err, w.close())
	}
	return w, nil
}
