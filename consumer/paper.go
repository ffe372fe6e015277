package consumer

import (
	"strconv"

	"github.com/contactgovernor/governor/rules"
	"github.com/contactgovernor/governor/schemas"
)

// paper is what the headers of a batch are written on. It is used again with the next
// batch: thousands of records with a dozen headers each would else be most of what the
// garbage collector has to do.
type paper struct {
	headers []Header
	text    []byte
	start   int // of the headers of the record under way

	at     rules.Instant
	atText string // as it is written; one instant is that of many records
}

// turn makes all of the paper blank. What is written on it must not be read any more.
func (p *paper) turn() {
	clear(p.headers)
	p.headers, p.text = p.headers[:0], p.text[:0]
}

// begin begins the headers of another record.
func (p *paper) begin() { p.start = len(p.headers) }

// put writes a header.
func (p *paper) put(key, value string) {
	from := len(p.text)
	p.text = append(p.text, value...)
	p.end(key, from)
}

// number writes a header that is a number.
func (p *paper) number(key string, n int64) {
	from := len(p.text)
	p.text = strconv.AppendInt(p.text, n, 10)
	p.end(key, from)
}

// end is the end of a header whose value was written from there. Where the paper had to
// be made larger, those before stay what they were, on the smaller one.
func (p *paper) end(key string, from int) {
	p.headers = append(p.headers, Header{key, p.text[from:len(p.text):len(p.text)]})
}

// written are the headers of the record under way.
func (p *paper) written() []Header {
	return p.headers[p.start:len(p.headers):len(p.headers)]
}

// time is the instant as it is written.
func (p *paper) time(at rules.Instant) string {
	if at != p.at || p.atText == "" {
		p.at, p.atText = at, schemas.Time(at).String()
	}
	return p.atText
}
