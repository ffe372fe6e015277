package consumer

import (
	"strings"

	"github.com/contactgovernor/governor/consumer/governor"
)

// The headers of W3C Trace Context. A record that has them is part of a trace, and
// what comes of it says that it is, too: the decision on an intent, the revocation
// that a signal causes, the answer to a worker. It is so whether this process traces
// anything or not, as the standard asks of whoever is in between; baggage, in which an
// engine may have put a person, is not carried.
//
// They are carried as they came: the trace, and in it the span of whoever made the
// intent. Under that span stand then, side by side, our span on the decision and
// those of the worker that acts on it. One level deeper, under ours, the worker's would
// tell more; but only where ours is there: it is not where nobody configured tracing,
// where the sampling left it out, where the collector was away. Then every trace of
// everybody else would be broken at our place. And what is emitted must be the same
// bytes whenever it is made: so its headers follow from the record that it came from
// and from nothing else, not from who decides it, when, nor with which configuration.
// A notice that waits has them with it in the memory until it is decided.
const (
	HeaderTraceParent = "traceparent"
	HeaderTraceState  = "tracestate"
)

// The bounds of what is carried.
const (
	traceParent    = 55  // bytes of a traceparent
	mostTraceState = 512 // bytes of a tracestate, which the standard asks for at least
)

// traceOf is what a record says of its trace, in one piece: the traceparent and, after a
// space, the tracestate. It is "" where there is none, or one that nobody could read.
func traceOf(r *Record) string {
	parent, state := "", ""
	for i := range r.Headers {
		switch h := &r.Headers[i]; {
		case h.Key == HeaderTraceParent && isTraceParent(h.Value):
			parent = "00" + string(h.Value[2:traceParent]) // of a later version, what this one knows of it
		case h.Key == HeaderTraceParent:
			parent = ""
		case h.Key == HeaderTraceState && isTraceState(h.Value):
			state = string(h.Value)
		}
	}
	if parent == "" || state == "" {
		return parent
	}
	return parent + " " + state
}

// trace writes what traceOf read.
func (p *paper) trace(trace string) {
	if trace == "" {
		return
	}
	parent, state, has := strings.Cut(trace, " ")
	p.put(HeaderTraceParent, parent)
	if has {
		p.put(HeaderTraceState, state)
	}
}

// isTraceParent says whether it is version-trace-span-flags, in lower hexadecimal, of a
// trace and a span that are not all zeros. A later version may have more behind it.
func isTraceParent(b []byte) bool {
	if len(b) < traceParent || len(b) > traceParent && (string(b[:2]) == "00" || b[traceParent] != '-') {
		return false
	}
	zero := true
	for i, c := range b[:traceParent] {
		switch i {
		case 2, 35, 52:
			if c != '-' || zero && i > 2 {
				return false
			}
			zero = true
		default:
			if c < '0' || c > 'f' || c > '9' && c < 'a' {
				return false
			}
			zero = zero && c == '0'
		}
	}
	return string(b[:2]) != "ff"
}

// isTraceState says whether it can stand in a header: its meaning is that of others.
func isTraceState(b []byte) bool {
	for _, c := range b {
		if c < ' ' || c > '~' {
			return false
		}
	}
	return len(b) > 0 && len(b) <= mostTraceState
}

// from is where the intent came from, for what comes of it.
func (in *readIntent) from() governor.Source { return from(in.src, in.record) }

// from is where the signal came from, for what comes of it.
func (h *heardRecord) from() governor.Source { return from(h.src, h.record) }

func from(src governor.Source, r *Record) governor.Source {
	src.Trace = traceOf(r)
	return src
}
