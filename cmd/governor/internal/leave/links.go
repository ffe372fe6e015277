package leave

import (
	"strings"

	"github.com/contactgovernor/governor/schemas"
)

// Paths of the doors, below the address that people reach.
const (
	LinkPath  = "/leave/"
	ReplyPath = "/hooks/reply/"
)

// oneClick is the value of List-Unsubscribe-Post, and the body of the POST that it
// speaks of.
const oneClick = schemas.HeaderUnsubscribe + "=One-Click"

// longestLine is how long a line of a mail may be (RFC 5322), without its end.
const longestLine = 998

// Links makes the way out of an approval.
type Links struct {
	Keys    *Keys
	BaseURL string // https://leave.example.org
	Mailto  string // an address that hears a no by mail; empty: none
}

// Of is the way out of what the ticket says, and nil where there can be none. The
// same ticket has the same, byte for byte.
func (l *Links) Of(t Ticket) *schemas.Leave {
	token, err := l.Keys.Seal(t)
	if err != nil {
		return nil // the contract's longest names make a token; what has none is no intent that was read
	}
	link := l.BaseURL + LinkPath + token
	out := &schemas.Leave{URL: link}
	header := "<" + link + ">"
	if !fits(header) {
		return out
	}
	out.UnsubscribePost = oneClick
	out.Unsubscribe = header
	if l.Mailto != "" {
		if both := header + ", <mailto:" + l.Mailto + "?subject=" + mailWord + "%20" + token + ">"; fits(both) {
			out.Unsubscribe = both
		}
	}
	return out
}

// mailWord comes before the token in the subject of a mail that says no.
const mailWord = "unsubscribe"

func fits(header string) bool {
	return len(schemas.HeaderUnsubscribe+": ")+len(header) <= longestLine
}

// ticketIn is the ticket in what a person sent by mail: the subject that Links wrote,
// and nothing else, since a reply may quote a link and mean no no.
func (k *Keys) ticketIn(text string) (Ticket, bool) {
	words := strings.Fields(text)
	if len(words) != 2 || !strings.EqualFold(words[0], mailWord) {
		return Ticket{}, false
	}
	t, err := k.Open(words[1])
	return t, err == nil
}
