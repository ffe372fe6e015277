package registry

import (
	"bytes"
	"mime"
	"strings"
	"unicode"

	"github.com/contactgovernor/governor/consumer"
)

// The headers in which a Reader keeps, of what it turned, what a dead letter needs. They
// are between the Reader and the Writer of one process, and its memory: a Writer takes
// them off again, and of what comes in they are taken off, too.
const (
	headerFramed = "governor_framed"      // the value as it came
	headerMedia  = "governor_framed_type" // a content-type as it came
	headerWhy    = "governor_framed_why"  // why it could not be turned
)

// mostWhy bounds what headerWhy says, in bytes.
const mostWhy = 1000

// line is a reason as a header can have it: what a compiler says may have many lines.
func line(s string) string {
	s = strings.Map(func(c rune) rune {
		if unicode.IsControl(c) {
			return ' '
		}
		return c
	}, s)
	return strings.ToValidUTF8(s[:min(len(s), mostWhy)], "")
}

// contentType is the header that says what a value is.
const contentType = "content-type"

func isOurs(h *consumer.Header) bool {
	return h.Key == headerFramed || h.Key == headerMedia || h.Key == headerWhy
}

// without are the headers but for ours.
func without(headers []consumer.Header) []consumer.Header {
	var out []consumer.Header
	for i := range headers {
		if !isOurs(&headers[i]) {
			out = append(out, headers[i])
		}
	}
	return out
}

func hasOurs(headers []consumer.Header) bool {
	for i := range headers {
		if isOurs(&headers[i]) {
			return true
		}
	}
	return false
}

// turnedHeaders are those of a record that is JSON now and was value: a content-type
// which says that it is something else says so no more.
func turnedHeaders(headers []consumer.Header, value []byte) []consumer.Header {
	out := make([]consumer.Header, 0, len(headers)+2)
	media := []consumer.Header{{Key: headerFramed, Value: value}}
	for _, h := range headers {
		if strings.EqualFold(h.Key, contentType) {
			media = append(media, consumer.Header{Key: headerMedia, Value: h.Value})
			h.Value = asJSON(h.Value)
		}
		out = append(out, h)
	}
	return append(out, media...)
}

// asJSON is the content-type of what was of another and is JSON now.
func asJSON(media []byte) []byte {
	if kind, _, err := mime.ParseMediaType(string(media)); err == nil && strings.HasSuffix(kind, "json") {
		return media
	}
	return []byte("application/json")
}

// letter is a dead letter as it leaves: value and headers as they came, and why it could
// not be turned, where that is the reason.
func letter(r consumer.Record, messageHeader string) consumer.Record {
	if !hasOurs(r.Headers) {
		return r
	}
	var media [][]byte
	var why []byte
	for _, h := range r.Headers {
		switch h.Key {
		case headerFramed:
			r.Value = h.Value
		case headerMedia:
			media = append(media, h.Value)
		case headerWhy:
			why = h.Value
		}
	}
	r.Headers = without(r.Headers)
	for i := range r.Headers {
		h := &r.Headers[i]
		if strings.EqualFold(h.Key, contentType) && len(media) > 0 {
			h.Value, media = media[0], media[1:]
		}
	}
	for i := len(r.Headers) - 1; i >= 0 && why != nil; i-- { // ours come behind its own
		if h := &r.Headers[i]; h.Key == messageHeader {
			h.Value, why = bytes.Clone(why), nil
		}
	}
	return r
}
