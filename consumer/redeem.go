package consumer

import (
	"context"

	"github.com/contactgovernor/governor/consumer/governor"
	"github.com/contactgovernor/governor/schemas"
)

// redeem answers a worker that asks. What the log says was answered is not answered
// anew: it was acted on.
func (t *term) redeem(ctx context.Context, h *heardRecord) error {
	answer, err := t.recalled.answers.of(ctx, t, h.record.Offset)
	switch {
	case err != nil:
		return err
	case answer != nil:
		t.governor.RecallAnswer(answer)
	default:
		t.governor.Signal(h.from(), &h.signal)
	}
	return nil
}

// answerLog reads the answers to workers that the log has and the memory may lack, in
// step with the questions. The zero value has none.
type answerLog struct {
	next, end int64 // offsets still to read
	page      []givenAnswer
}

// givenAnswer is an answer that was found, and the offset of its question.
type givenAnswer struct {
	question int64
	answer   schemas.Redemption
}

// of is the answer that was given to the question at the offset, nil if none was.
// Questions are asked about in their order. What a fenced owner repeated late is of a
// question that is past, and passed over.
func (l *answerLog) of(ctx context.Context, t *term, question int64) (*schemas.Redemption, error) {
	for {
		for len(l.page) > 0 && l.page[0].question < question {
			l.page = l.page[1:]
		}
		if len(l.page) > 0 && l.page[0].question == question {
			return &l.page[0].answer, nil
		}
		if len(l.page) > 0 || l.next >= l.end {
			return nil, nil
		}
		if err := l.turn(ctx, t); err != nil {
			return nil, err
		}
	}
}

// turn reads the next page.
func (l *answerLog) turn(ctx context.Context, t *term) error {
	f, err := t.fetch(ctx, governor.Redemption, l.next)
	if err != nil {
		return err
	}
	l.page = l.page[:0]
	for i := range f.Records {
		r := &f.Records[i]
		source, ours := governor.ParseSource(text(r, HeaderSource))
		if answer, err := schemas.DecodeRedemption(r.Value); err == nil && ours && r.Offset < l.end {
			l.page = append(l.page, givenAnswer{source.Offset, answer})
		}
	}
	l.next = f.Next
	return nil
}
