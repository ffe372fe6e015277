package tracing

import (
	"errors"
	"fmt"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	tracepb "go.opentelemetry.io/proto/otlp/trace/v1"

	"github.com/contactgovernor/governor/cmd/governor/internal/health"
	"github.com/contactgovernor/governor/consumer"
	"github.com/contactgovernor/governor/consumer/governor"
	"github.com/contactgovernor/governor/schemas"
)

var noon = time.Date(2026, 5, 4, 12, 0, 0, 0, time.UTC)

const (
	theirs   = "0af7651916cd43dd8448eb211c80319c" // a trace of an engine's
	theSpan  = "b7ad6b7169203331"
	followed = "00-" + theirs + "-" + theSpan + "-01"
	passed   = "00-" + theirs + "-" + theSpan + "-00" // whoever made it does not trace it
)

// record is one that came of the nth record of a topic, which was part of the trace; "" of none.
func record(topic, from string, n int, trace string, value []byte) consumer.Emitted {
	r := &consumer.Record{Key: []byte("ana"), Value: value}
	if trace != "" && topic == governor.DeadLetter { // as it came, before ours
		r.Headers = append(r.Headers, consumer.Header{Key: "traceparent", Value: []byte(trace)})
	}
	if from != "" {
		r.Headers = append(r.Headers, consumer.Header{Key: consumer.HeaderSource, Value: fmt.Appendf(nil, "%s/3/%d", from, n)})
	}
	if trace != "" && topic != governor.DeadLetter {
		r.Headers = append(r.Headers,
			consumer.Header{Key: "traceparent", Value: []byte(trace)}, consumer.Header{Key: "tracestate", Value: []byte("engine=ana")})
	}
	return consumer.Emitted{Topic: topic, Record: r}
}

func approved(trace string) consumer.Emitted {
	d := schemas.Decision{ID: "d1", Intent: "i1", Person: "ana", Channel: "email", Purpose: "marketing", Campaign: "spring", Verdict: schemas.Approved, Policy: "hash", Decided: schemas.TimeOf(noon)}
	return record(governor.Approved, governor.Intents, 7, trace, d.AppendJSON(nil))
}

func vetoed(trace string) consumer.Emitted {
	d := schemas.Decision{
		ID: "d2", Intent: "i2", Person: "ana", Channel: "sms", Purpose: "marketing", Campaign: "spring", Verdict: schemas.Vetoed, Policy: "hash", Decided: schemas.TimeOf(noon),
		Reason: "cap.any", Reasons: []schemas.Objection{{Rule: "cap.any", Reason: "cap.any", Line: "no-means-no.yaml:12"}},
	}
	return record(governor.Vetoed, governor.Intents, 8, trace, d.AppendJSON(nil))
}

// batch is one of which everything comes that can.
func batch(trace string) *consumer.BatchTrace {
	at := func(ms int) time.Time { return noon.Add(time.Duration(ms) * time.Millisecond) }
	redeemed := schemas.Redemption{ID: "q1", Intent: "i1", Decision: "d1", Person: "ana", Worker: "w", Reason: "revoked", Answered: schemas.TimeOf(noon)}
	revoked := schemas.Revocation{ID: "rd1", Decision: "d1", Intent: "i1", Person: "ana", Reason: "refused.state", Revoked: schemas.TimeOf(noon)}
	leaked := schemas.Leak{ID: "ld1", Decision: "d1", Intent: "i1", Person: "ana", Reason: "refused.state", Redeemed: schemas.TimeOf(noon), Refused: schemas.TimeOf(noon)}
	return &consumer.BatchTrace{
		Began: at(0), Ended: at(60), Intents: 3, Signals: 3,
		Stages: []consumer.Stage{
			{Name: consumer.StageFetch, Began: at(0), Ended: at(10)}, {Name: consumer.StageLoad, Began: at(10), Ended: at(20)},
			{Name: consumer.StageDecide, Began: at(20), Ended: at(30)}, {Name: consumer.StageWait, Began: at(30), Ended: at(40)},
			{Name: consumer.StageCommit, Began: at(40), Ended: at(50)}, {Name: consumer.StageEmit, Began: at(50), Ended: at(60)},
		},
		Emitted: []consumer.Emitted{
			approved(trace), vetoed(trace),
			record(governor.Redemption, governor.Signals, 1, trace, redeemed.AppendJSON(nil)),
			record(governor.Revoked, governor.Signals, 2, trace, revoked.AppendJSON(nil)),
			record(governor.Leaked, governor.Signals, 3, trace, leaked.AppendJSON(nil)),
			record(governor.DeadLetter, governor.Intents, 9, trace, []byte(`{"person":"ana"`)),
			record(governor.Standing, "", 0, "", []byte(`{}`)),
		},
	}
}

// Each thing that came of a record is right under whoever made the record, in their trace,
// and links to the batch, which is a trace of its own with its stages in it.
func TestWhatComesOfARecordIsUnderWhoeverMadeIt(t *testing.T) {
	r := newReceiver(t)
	tracing := r.tracing()
	b := batch(followed)
	tracing.Tracer().Batch(3, b)
	spans := r.all(tracing)
	all := named(t, spans, "batch")
	if len(all.ParentSpanId) > 0 || id(all.TraceId) == theirs {
		t.Errorf("the batch is part of %s", id(all.TraceId))
	}
	for _, stage := range b.Stages {
		s := named(t, spans, string(stage.Name))
		if id(s.ParentSpanId) != id(all.SpanId) || s.StartTimeUnixNano != uint64(stage.Began.UnixNano()) || s.EndTimeUnixNano != uint64(stage.Ended.UnixNano()) {
			t.Errorf("%v", s)
		}
	}
	consumed := 0
	for _, s := range spans {
		if s.Kind != tracepb.Span_SPAN_KIND_CONSUMER {
			continue
		}
		consumed++
		if id(s.TraceId) != theirs || id(s.ParentSpanId) != theSpan || len(s.Links) != 1 || id(s.Links[0].SpanId) != id(all.SpanId) {
			t.Errorf("%s is in %s under %s, with the links %v", s.Name, id(s.TraceId), id(s.ParentSpanId), s.Links)
		}
		if s.TraceState != "" || s.StartTimeUnixNano != all.StartTimeUnixNano || s.EndTimeUnixNano != all.EndTimeUnixNano {
			t.Errorf("%v", s)
		}
	}
	if consumed != 6 {
		t.Errorf("%d spans are of records, not 6", consumed)
	}
	want := map[string]string{"service.name": "contact-governor", "service.version": "v1", "service.namespace": "ours"}
	if diff := cmp.Diff(want, r.resource); diff != "" {
		t.Errorf("who says so (-want +got):\n%s", diff)
	}
}

// What is said of each, to the letter.
func TestWhatSpansSay(t *testing.T) {
	r := newReceiver(t)
	tracing := r.tracing()
	b := batch(followed)
	b.Emitted = b.Emitted[1:]
	tracing.Tracer().Batch(3, b)
	tracing.Tracer().Batch(4, &consumer.BatchTrace{Began: noon, Ended: noon, Emitted: []consumer.Emitted{record(governor.Revoked, "", 0, "", nil)}})
	spans := r.all(tracing)
	for name, want := range map[string]map[string]string{
		"decide test.contact.intents": {
			"messaging.system": "kafka", "messaging.destination.partition.id": "3", "messaging.consumer.group.name": "ours", "messaging.operation.name": "decide",
			"messaging.operation.type": "process", "messaging.destination.name": "test.contact.intents", "messaging.kafka.offset": "8",
			"governor.decision": "d2", "governor.verdict": "vetoed", "governor.channel": "sms", "governor.purpose": "marketing", "governor.campaign": "spring",
			"governor.policy": "hash", "governor.reason": "cap.any", "governor.final": "false", "governor.line": "no-means-no.yaml:12",
		},
		"redeem test.contact.signals": {
			"messaging.system": "kafka", "messaging.destination.partition.id": "3", "messaging.consumer.group.name": "ours", "messaging.operation.name": "redeem",
			"messaging.operation.type": "process", "messaging.destination.name": "test.contact.signals", "messaging.kafka.offset": "1",
			"governor.decision": "d1", "governor.verdict": "no", "governor.reason": "revoked", "governor.again": "false",
		},
		"bury test.contact.intents": {
			"messaging.system": "kafka", "messaging.destination.partition.id": "3", "messaging.consumer.group.name": "ours", "messaging.operation.name": "bury",
			"messaging.operation.type": "process", "messaging.destination.name": "test.contact.intents", "messaging.kafka.offset": "9", "error.type": "malformed",
		},
		"revoke": {
			"messaging.system": "kafka", "messaging.destination.partition.id": "4", "messaging.consumer.group.name": "ours", "messaging.operation.name": "revoke",
			"messaging.operation.type": "process",
		},
	} {
		if diff := cmp.Diff(want, texts(named(t, spans, name).Attributes)); diff != "" {
			t.Errorf("%s (-want +got):\n%s", name, diff)
		}
	}
	if s := named(t, spans, "bury test.contact.intents"); s.Status.Code != tracepb.Status_STATUS_CODE_ERROR {
		t.Errorf("a dead letter is %v", s.Status)
	}
}

// Whoever made the record decides whether it is traced, the ratio whether the rest is; and
// what is part of no trace is in the batch.
func TestWhatIsTraced(t *testing.T) {
	for _, c := range []struct {
		what  string
		trace string
		ratio float64
		want  map[string]string // name: the trace that it is in
	}{
		{"it is traced, and so is all", followed, 1, map[string]string{"batch": "its own", "decide": theirs, "fetch": "the batch's"}},
		{"it is traced, and nothing else", followed, 0, map[string]string{"decide": theirs}},
		{"it is not traced, but all else", passed, 1, map[string]string{"batch": "its own", "fetch": "the batch's"}},
		{"neither is", passed, 0, map[string]string{}},
		{"it is part of none", "", 1, map[string]string{"batch": "its own", "decide": "the batch's", "fetch": "the batch's"}},
		{"it is part of none, and nothing is traced", "", 0, map[string]string{}},
		{"it says what is no trace", "00-" + theirs + "-0000000000000000-01", 1, map[string]string{"batch": "its own", "decide": "the batch's", "fetch": "the batch's"}},
	} {
		r := newReceiver(t)
		tracing := r.tracing(func(o *Options) { o.Ratio, o.Prefix = c.ratio, "" })
		b := batch(c.trace)
		b.Emitted, b.Stages = b.Emitted[:1], b.Stages[:1]
		tracing.Tracer().Batch(3, b)
		got, own := map[string]string{}, ""
		spans := r.all(tracing)
		for _, s := range spans {
			if s.Name == "batch" {
				own = id(s.TraceId)
			}
		}
		for _, s := range spans {
			name, in := s.Name, id(s.TraceId)
			if name == "decide contact.intents" {
				name = "decide"
				if linked := len(s.Links) == 1; linked != (own != "" && in != own) {
					t.Errorf("%s: %d links", c.what, len(s.Links))
				}
			}
			switch {
			case name == "batch":
				in = "its own"
			case in == own:
				in = "the batch's"
			}
			got[name] = in
		}
		if diff := cmp.Diff(c.want, got); diff != "" {
			t.Errorf("%s (-want +got):\n%s", c.what, diff)
		}
	}
}

// A batch that failed says of what kind its error is, and none of its words. One in which
// nothing happened is nothing.
func TestABatchThatFailed(t *testing.T) {
	r := newReceiver(t)
	tracing := r.tracing()
	tracing.Tracer().Batch(3, &consumer.BatchTrace{Began: noon, Ended: noon})
	tracing.Tracer().Batch(3, &consumer.BatchTrace{Began: noon, Ended: noon, Err: health.Blame(health.Redis, errors.New("ana said no"))})
	spans := r.all(tracing)
	if len(spans) != 1 {
		t.Fatalf("%d spans", len(spans))
	}
	s := named(t, spans, "batch")
	if s.Status.Code != tracepb.Status_STATUS_CODE_ERROR || s.Status.Message != "held: redis" || texts(s.Attributes)["error.type"] != "redis" || len(s.Events) > 0 {
		t.Errorf("%v", s)
	}
}

// What cannot be read by this version is told without what is in it.
func TestARecordOfAnotherForm(t *testing.T) {
	r := newReceiver(t)
	tracing := r.tracing()
	tracing.Tracer().Batch(3, &consumer.BatchTrace{Began: noon, Ended: noon, Emitted: []consumer.Emitted{
		record(governor.Approved, governor.Intents, 1, "", []byte("\x00\x00\x00\x00\x07ana")),
	}})
	if got := texts(named(t, r.all(tracing), "decide test.contact.intents").Attributes)["governor.verdict"]; got != "" {
		t.Errorf("it says %q", got)
	}
}
