package schemas

// Leave is how the person says no to more of what an approval lets through: in an
// approval's field unsubscribe. The two headers go into the mail as they are.
type Leave struct {
	URL             string // the link, for the text of the message
	Unsubscribe     string // value of the header List-Unsubscribe (RFC 2369); "" where a mail could not carry it
	UnsubscribePost string // value of the header List-Unsubscribe-Post (RFC 8058); "" likewise
}

// The names of the two headers, as they are on the wire and in a mail.
const (
	HeaderUnsubscribe     = "List-Unsubscribe"
	HeaderUnsubscribePost = "List-Unsubscribe-Post"
)

// leave writes the field, and nothing where there is none.
func (w *writer) leave(l *Leave) {
	if l == nil {
		return
	}
	w.name("unsubscribe")
	e := open(w.b)
	e.str("url", l.URL)
	if l.Unsubscribe != "" || l.UnsubscribePost != "" {
		e.name("headers")
		h := open(e.b)
		h.optional(HeaderUnsubscribe, l.Unsubscribe)
		h.optional(HeaderUnsubscribePost, l.UnsubscribePost)
		e.b = h.close()
	}
	w.b = e.close()
}

// leave reads the field out of the whole decision. Its names are none of the
// contract's other messages, so they are looked for here only.
func (o *object) leave(value []byte) *Leave {
	raw := member(value, "unsubscribe")
	switch {
	case raw == nil || raw[0] == 'n':
		return nil
	case raw[0] != '{':
		o.fail("unsubscribe", "must be a JSON object, but is "+kindOf(raw))
		return nil
	}
	l := &Leave{URL: o.text("unsubscribe.url", member(raw, "url"))}
	headers := member(raw, "headers")
	if headers == nil || headers[0] == 'n' {
		return l
	}
	if headers[0] != '{' {
		o.fail("unsubscribe.headers", "must be a JSON object, but is "+kindOf(headers))
		return nil
	}
	l.Unsubscribe = o.text("unsubscribe.headers."+HeaderUnsubscribe, member(headers, HeaderUnsubscribe))
	l.UnsubscribePost = o.text("unsubscribe.headers."+HeaderUnsubscribePost, member(headers, HeaderUnsubscribePost))
	return l
}

// text is what a string says that the caller has looked up; absent is "".
func (o *object) text(name string, raw []byte) string {
	switch {
	case raw == nil || raw[0] == 'n':
		return ""
	case raw[0] != '"':
		o.fail(name, "must be a string, but is "+kindOf(raw))
		return ""
	}
	return string(unquote(raw))
}

// member is the raw value of a name in an object that valid has passed, or nil.
func member(value []byte, name string) []byte {
	c := inside(value)
	for key, raw, ok := c.pair(); ok; key, raw, ok = c.pair() {
		if string(unquote(key)) == name {
			return raw
		}
	}
	return nil
}
