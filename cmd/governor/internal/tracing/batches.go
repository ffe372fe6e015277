package tracing

import (
	"context"
	"strconv"

	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/codes"
	"go.opentelemetry.io/otel/trace"

	"github.com/contactgovernor/governor/cmd/governor/internal/health"
	"github.com/contactgovernor/governor/consumer"
	"github.com/contactgovernor/governor/consumer/governor"
	"github.com/contactgovernor/governor/schemas"
)

// batches makes spans of batches: one of each, in which are its stages, and one of each
// thing that came of a record. That one is part of the trace that the record is part of,
// right under whoever made it, and links to the batch; if the record is part of none it is in the
// batch.
type batches Tracing

var _ consumer.Tracer = (*batches)(nil)

// Batch implements consumer.Tracer.
func (t *batches) Batch(partition int32, b *consumer.BatchTrace) {
	if b.Intents == 0 && b.Signals == 0 && len(b.Emitted) == 0 && b.Err == nil {
		return
	}
	place := []attribute.KeyValue{
		attrSystem.String("kafka"), attrPartition.String(strconv.Itoa(int(partition))), attrGroup.String(t.o.Group),
	}
	ctx, span := t.tracer.Start(context.Background(), opBatch, trace.WithNewRoot(), trace.WithTimestamp(b.Began), trace.WithAttributes(place...))
	if span.IsRecording() {
		span.SetAttributes(attrOperation.String(opBatch), attrOperationType.String("process"),
			attrBatchCount.Int(b.Intents+b.Signals), attrIntents.Int(b.Intents), attrSignals.Int(b.Signals))
		for _, s := range b.Stages {
			_, stage := t.tracer.Start(ctx, string(s.Name), trace.WithTimestamp(s.Began))
			stage.End(trace.WithTimestamp(s.Ended))
		}
	}
	if b.Err != nil {
		class := string(health.ClassOf(b.Err))
		span.SetAttributes(attrErrorType.String(class))
		span.SetStatus(codes.Error, "held: "+class)
	}
	for i := range b.Emitted {
		if what := told(b.Emitted[i].Topic); what != nil {
			t.record(ctx, b, &b.Emitted[i], what, place)
		}
	}
	span.End(trace.WithTimestamp(b.Ended))
}

// record is the span of one thing that came of a record. It took as long as the batch:
// nothing is told of a batch before all of it is remembered.
func (t *batches) record(batch context.Context, b *consumer.BatchTrace, e *consumer.Emitted, what *teller, place []attribute.KeyValue) {
	o := []trace.SpanStartOption{trace.WithTimestamp(b.Began), trace.WithSpanKind(trace.SpanKindConsumer)}
	ctx := batch
	if from, has := parent(e.Record); has {
		ctx = trace.ContextWithRemoteSpanContext(batch, from)
		if in := trace.SpanContextFromContext(batch); in.IsSampled() {
			o = append(o, trace.WithLinks(trace.Link{SpanContext: in}))
		}
	}
	_, span := t.tracer.Start(ctx, what.operation, o...)
	defer span.End(trace.WithTimestamp(b.Ended))
	if !span.IsRecording() {
		return
	}
	span.SetAttributes(place...)
	span.SetAttributes(attrOperation.String(what.operation), attrOperationType.String("process"))
	if src, ok := source(e.Record); ok {
		span.SetName(what.operation + " " + t.o.Prefix + src.Topic)
		span.SetAttributes(attrDestination.String(t.o.Prefix+src.Topic), attrOffset.Int64(src.Offset))
	}
	what.say(span, e.Record.Value)
}

// source is the record that another came from. It is the last that says so: a dead letter
// has the headers that it came with before ours.
func source(r *consumer.Record) (src governor.Source, ok bool) {
	for _, h := range r.Headers {
		if h.Key == consumer.HeaderSource {
			src, ok = governor.ParseSource(string(h.Value))
		}
	}
	return src, ok && (src.Topic == governor.Intents || src.Topic == governor.Signals)
}

// teller tells in a span what a record says.
type teller struct {
	operation string
	say       func(span trace.Span, value []byte)
}

// told is what is told of records of a topic; nil: nothing.
func told(topic string) *teller {
	switch topic {
	case governor.Approved, governor.Vetoed:
		return &teller{opDecide, sayDecision}
	case governor.Redemption:
		return &teller{opRedeem, sayRedemption}
	case governor.Revoked:
		return &teller{opRevoke, sayRevocation}
	case governor.Leaked:
		return &teller{opLeak, sayLeak}
	case governor.DeadLetter:
		return &teller{opBury, sayDeadLetter}
	}
	return nil
}

func sayDecision(span trace.Span, value []byte) {
	d, err := schemas.DecodeDecision(value)
	if err != nil {
		return
	}
	span.SetAttributes(attrDecision.String(d.ID), attrVerdict.String(string(d.Verdict)), attrChannel.String(d.Channel),
		attrPurpose.String(d.Purpose), attrCampaign.String(d.Campaign), attrPolicy.String(d.Policy))
	if d.Verdict == schemas.Vetoed {
		span.SetAttributes(attrReason.String(d.Reason), attrFinal.Bool(d.Final))
		if len(d.Reasons) > 0 && d.Reasons[0].Line != "" {
			span.SetAttributes(attrLine.String(d.Reasons[0].Line))
		}
	}
}

func sayRedemption(span trace.Span, value []byte) {
	r, err := schemas.DecodeRedemption(value)
	if err != nil {
		return
	}
	verdict := "no"
	if r.OK {
		verdict = "yes"
	} else {
		span.SetAttributes(attrReason.String(r.Reason))
	}
	span.SetAttributes(attrVerdict.String(verdict), attrDecision.String(r.Decision), attrAgain.Bool(r.Again))
}

func sayRevocation(span trace.Span, value []byte) {
	if r, err := schemas.DecodeRevocation(value); err == nil {
		span.SetAttributes(attrVerdict.String("revoked"), attrDecision.String(r.Decision), attrReason.String(r.Reason))
	}
}

func sayLeak(span trace.Span, value []byte) {
	if _, decision, err := schemas.DecodeLeak(value); err == nil {
		span.SetAttributes(attrVerdict.String("leaked"), attrDecision.String(decision))
	}
}

// sayDeadLetter says nothing of what is in it: nobody could read that.
func sayDeadLetter(span trace.Span, _ []byte) {
	span.SetAttributes(attrErrorType.String("malformed"))
	span.SetStatus(codes.Error, "it cannot be read: its dead letter says why")
}
