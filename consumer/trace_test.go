package consumer_test

import (
	"bytes"
	"fmt"
	"testing"
	"time"

	"github.com/contactgovernor/governor/consumer"
	"github.com/contactgovernor/governor/consumer/governor"
	"github.com/contactgovernor/governor/state/memstate"
)

// part makes a record part of a trace of its own: the nth.
func part(in input, n int) input {
	in.Headers = append(in.Headers,
		consumer.Header{Key: "traceparent", Value: fmt.Appendf(nil, "00-%032x-%016x-01", n, n)},
		consumer.Header{Key: "baggage", Value: []byte("person=ana")})
	if n%2 == 0 {
		in.Headers = append(in.Headers, consumer.Header{Key: "tracestate", Value: fmt.Appendf(nil, "v=%d", n)})
	}
	return in
}

// traced makes every record of a story part of a trace of its own.
func traced(s story) story {
	n := 0
	for i := range s {
		for j := range s[i].in {
			n++
			s[i].in[j] = part(s[i].in[j], n)
		}
	}
	return s
}

// header is the value of a record's header, and how often there is one.
func header(r consumer.Record, key string) (value string, n int) {
	for _, h := range r.Headers {
		if h.Key == key {
			value, n = string(h.Value), n+1
		}
	}
	return value, n
}

// Whatever comes of a record is part of its trace: the decision on an intent, also where it
// waited, the answer to a worker, the revocation and the leak that a no causes. What stands
// for a person is of no trace, and a dead letter has the headers that it came with.
func TestWhatComesOfARecordIsPartOfItsTrace(t *testing.T) {
	st := newStage(traced(lifeOfAna()), memstate.New())
	if !st.play(t, st.enter(nil), nil) {
		t.Fatal("the story has no end")
	}
	sources := map[string]consumer.Record{}
	for _, topic := range []string{governor.Intents, governor.Signals} {
		for i, r := range st.log.records(slot(topic)) {
			sources[position(slot(topic), int64(i))] = r.Record
		}
	}
	for _, topic := range []string{governor.Approved, governor.Vetoed, governor.Revoked, governor.Redemption, governor.Leaked, governor.DeadLetter} {
		said := 0
		for _, r := range st.log.records(slot(topic)) {
			source, _ := header(r.Record, consumer.HeaderSource)
			from, known := sources[source]
			for _, key := range []string{"traceparent", "tracestate"} {
				want, wanted := header(from, key)
				if got, n := header(r.Record, key); known && (got != want || n != wanted) {
					t.Errorf("%s: %d of %s, %q, and it came from %s with %q", topic, n, key, got, source, want)
				}
			}
			if _, n := header(r.Record, "baggage"); n > 0 && topic != governor.DeadLetter {
				t.Errorf("%s: baggage is carried", topic)
			}
			if known {
				said++
			}
		}
		if said == 0 {
			t.Errorf("nothing on %s came from anything: this test proves little", topic)
		}
	}
	for _, r := range st.log.records(slot(governor.Standing)) {
		if value, n := header(r.Record, "traceparent"); n > 0 {
			t.Errorf("what stands is said to be part of %s", value)
		}
	}
}

// A notice that waits for others is part of its trace after a restart, too: it is
// remembered with it.
func TestANoticeThatWaitsStaysInItsTrace(t *testing.T) {
	st := newStage(story{
		{noon, []input{part(intent("n1", "ana", "email", "reminder", noon, "subject:toll"), 2)}},
		{noon.Add(time.Minute), []input{part(intent("n2", "ana", "email", "reminder", noon, "subject:toll"), 3)}},
		{noon.Add(2 * time.Minute), []input{intent("e", "ben", "email", "marketing", noon)}},
		{noon.Add(15 * time.Minute), nil},
		{noon.Add(16 * time.Minute), nil},
	}, memstate.New())
	commits := 0
	if st.play(t, st.enter(func(op string, _, _ int) fate {
		if op == opCommit {
			if commits++; commits == 3 {
				return diesLate
			}
		}
		return goesWell
	}), nil) {
		t.Fatal("nobody died")
	}
	if !st.play(t, st.enter(nil), nil) {
		t.Fatal("the story was not taken up again")
	}
	for topic, want := range map[string]string{
		governor.Approved: "00-00000000000000000000000000000002-0000000000000002-01", governor.Vetoed: "00-00000000000000000000000000000003-0000000000000003-01",
	} {
		found := false
		for _, r := range st.log.records(slot(topic)) {
			got, _ := header(r.Record, "traceparent")
			found = found || got == want
		}
		if !found {
			t.Errorf("nothing on %s is part of %s", topic, want)
		}
	}
}

// Only what W3C Trace Context calls one is carried, for whoever reads it relies on that.
func TestOnlyATraceIsCarried(t *testing.T) {
	const good = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-00"
	type headers [][2]string
	for _, c := range []struct {
		what  string
		in    headers
		trace string
		state string
	}{
		{"one", headers{{"traceparent", good}}, good, ""},
		{"with a state", headers{{"tracestate", "a=1, b=x y"}, {"traceparent", good}}, good, "a=1, b=x y"},
		{"of a later version", headers{{"traceparent", "01" + good[2:] + "-more"}}, good, ""},
		{"the last of two", headers{{"traceparent", "00-11f7651916cd43dd8448eb211c80319c-b7ad6b7169203331-00"}, {"traceparent", good}}, good, ""},
		{"none", nil, "", ""},
		{"a state alone", headers{{"tracestate", "a=1"}}, "", ""},
		{"the last of two is none", headers{{"traceparent", good}, {"traceparent", ""}}, "", ""},
		{"of a version that is none", headers{{"traceparent", "ff" + good[2:]}}, "", ""},
		{"with more than its version has", headers{{"traceparent", good + "-more"}}, "", ""},
		{"of a later version, run on", headers{{"traceparent", "01" + good[2:] + "more"}}, "", ""},
		{"cut", headers{{"traceparent", good[:54]}}, "", ""},
		{"in capitals", headers{{"traceparent", "00-0AF7651916CD43DD8448EB211C80319C-b7ad6b7169203331-00"}}, "", ""},
		{"no hexadecimal", headers{{"traceparent", "00-0af7651916cd43dd8448eb211c80319g-b7ad6b7169203331-00"}}, "", ""},
		{"a dash elsewhere", headers{{"traceparent", "000-af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-00"}}, "", ""},
		{"no trace", headers{{"traceparent", "00-00000000000000000000000000000000-b7ad6b7169203331-00"}}, "", ""},
		{"no span", headers{{"traceparent", "00-0af7651916cd43dd8448eb211c80319c-0000000000000000-00"}}, "", ""},
		{"a state of two lines", headers{{"traceparent", good}, {"tracestate", "a=1\nb=2"}}, good, ""},
		{"a state without end", headers{{"traceparent", good}, {"tracestate", "a=" + string(bytes.Repeat([]byte("x"), 511))}}, good, ""},
	} {
		in := intent("e", "ana", "email", "marketing", noon)
		for _, h := range c.in {
			in.Headers = append(in.Headers, consumer.Header{Key: h[0], Value: []byte(h[1])})
		}
		st := newStage(story{{noon, []input{in}}}, memstate.New())
		if !st.play(t, st.enter(nil), nil) {
			t.Fatal("the story has no end")
		}
		for _, r := range st.log.records(slot(governor.Approved)) {
			if got, n := header(r.Record, "traceparent"); got != c.trace || n > 1 {
				t.Errorf("%s: %d of %q, not %q", c.what, n, got, c.trace)
			}
			if got, n := header(r.Record, "tracestate"); got != c.state || n > 1 {
				t.Errorf("%s: a state %q, not %q", c.what, got, c.state)
			}
		}
		if st.log.size(governor.Approved) != 1 {
			t.Errorf("%s: the intent is not approved", c.what)
		}
	}
}
