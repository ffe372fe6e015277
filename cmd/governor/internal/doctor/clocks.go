package doctor

import (
	"context"
	"fmt"
	"time"

	"github.com/contactgovernor/governor/state/redisstate"
)

// By how much clocks may differ: at mostSkew a governor holds its partitions, and at
// someSkew somebody should look.
const (
	mostSkew = time.Minute
	someSkew = 2 * time.Second
)

// redisClock compares the clock of Redis with the one of this machine, in the middle
// of the question.
func (p *patient) redisClock(ctx context.Context, n *notes, store *redisstate.Store) {
	const what = "clock of redis"
	asked := p.o.Clock()
	theirs, err := store.Time(ctx)
	answered := p.o.Clock()
	if err != nil {
		n.unknown(what, "it does not tell the time: %s", err)
		return
	}
	round := answered.Sub(asked)
	apart := theirs.Time().Sub(asked.Add(round / 2))
	says := fmt.Sprintf("%s this machine's, known to within %s", ahead(apart), days(round/2+time.Millisecond))
	judge(n, what, says, apart.Abs())
}

// judge tells what a difference between clocks means.
func judge(n *notes, what, says string, apart time.Duration) {
	const mend = "let chrony or ntpd keep the clocks of all machines"
	switch {
	case apart > mostSkew:
		n.add(Wrong, what, says+": a governor holds its partitions", mend)
	case apart > someSkew:
		n.add(Warning, what, says, mend)
	default:
		n.ok(what, "%s", says)
	}
}

// ahead is a difference in words.
func ahead(d time.Duration) string {
	switch {
	case d.Abs() < time.Millisecond:
		return "the same as"
	case d < 0:
		return days(-d) + " behind"
	}
	return days(d) + " ahead of"
}

// brokersClock says what the newest records that brokers stamped tell of their clocks.
// A broker cannot be asked for its time, so that only one that is ahead is noticed.
func (p *patient) brokersClock(n *notes, stamped []string, newest time.Time, there int) {
	const what = "clock of kafka"
	switch {
	case there == 0:
		n.unknown(what, "there is no topic to see it by")
	case len(stamped) == 0:
		n.unknown(what, "records have the times of who made them (message.timestamp.type=CreateTime); with LogAppendTime they have the brokers', and governor verify can go by them")
	case newest.IsZero():
		n.unknown(what, "there is no record yet that would have the brokers' time")
	default:
		now := p.o.Clock()
		if early := newest.Sub(now); early > 0 {
			judge(n, what, "the newest record has a time "+days(early)+" ahead of this machine's", early)
			return
		}
		n.ok(what, "not ahead of this machine's: the newest record is %s old. Whether it is behind cannot be seen", days(now.Sub(newest)))
	}
}
