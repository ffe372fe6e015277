package refuse

import (
	"bufio"
	"cmp"
	"crypto/rand"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/contactgovernor/governor/consumer/governor"
	"github.com/contactgovernor/governor/rules"
	"github.com/contactgovernor/governor/rules/strictyaml"
	"github.com/contactgovernor/governor/rules/zones"
	"github.com/contactgovernor/governor/schemas"
)

// Wish is what is to be refused, for whom.
type Wish struct {
	People []rules.PersonID
	Scope  rules.Scope // an absent field widens: the zero Scope is everything
	Source string      // where the person said it; "" is DefaultSource
	Reason string      // for whoever reads the log; kept beside the record, in HeaderReason
	By     string      // who brings it, for the audit
	ID     string      // of the signal; "": a new one
	Each   bool        // the signals have ids that begin with ID: each person's is their own, and the same each time
}

// DefaultSource is where a no was said if nobody says where.
const DefaultSource = "operator"

// The headers of a record that an operator brought.
const (
	HeaderReason = "governor_reason"
	HeaderBy     = "governor_by"
)

// mostReason bounds the reason, in characters.
const mostReason = 1024

// Check says what is wrong with the wish under the policy: nothing, or a mistake a line.
// A no that binds nothing is one, for whoever typed it believes that it does.
func (w *Wish) Check(policy *rules.Policy) error {
	var bad []error
	wrong := func(format string, args ...any) { bad = append(bad, fmt.Errorf(format, args...)) }
	if c := w.Scope.Channel; c != "" && !policy.HasChannel(c) {
		wrong("--channel %q: the policy %s has no such channel, so nothing would be refused: %s", c, policy.Name(), strictyaml.Suggest(string(c), words(policy.Channels())))
	}
	if p := w.Scope.Purpose; p != "" {
		if _, known := policy.Class(p); !known {
			wrong("--purpose %q: the policy %s has no such purpose, so nothing would be refused: %s", p, policy.Name(), strictyaml.Suggest(string(p), words(policy.Purposes())))
		}
	}
	if utf8.RuneCountInString(w.Reason) > mostReason {
		wrong("--reason: write at most %d characters", mostReason)
	}
	if len(w.People) == 0 {
		wrong("for whom? Write --person ID, or --person-file FILE with an id a line")
	}
	reader := governor.Reader{Policy: policy, Zones: &zones.Finder{}}
	for _, id := range w.People {
		if why := unfit(string(id)); why != "" {
			wrong("--person %s", why)
			break
		}
		_, value := w.signal(id, rules.Instant(anyTime))
		if _, _, err := reader.Signal(value, anyTime); err != nil {
			wrong("the refusal could not be read: %w", err)
			break // the same is wrong with all of them
		}
	}
	return errors.Join(bad...)
}

// anyTime is one at which a signal can be looked at: its time is another one.
const anyTime = rules.Instant(1_767_225_600_000)

func words[T ~string](names []T) (out []string) {
	for _, n := range names {
		out = append(out, string(n))
	}
	return out
}

// mostPerson is how many characters the id of a person may have.
const mostPerson = 256

// unfit says why an id is none that a person can have, "" if it is. Spaces around it
// are a mistake of typing: the id without them is somebody else.
func unfit(id string) string {
	switch {
	case strings.TrimSpace(id) == "":
		return "is empty: write the id of a person"
	case strings.TrimSpace(id) != id:
		return "has spaces around it: ids are told apart to the letter, so take them away"
	case !utf8.ValidString(id):
		return "is no UTF-8: no record could have it as its person"
	case utf8.RuneCountInString(id) > mostPerson:
		return "is longer than 256 characters: no person has such an id"
	case strings.ContainsFunc(id, unicode.IsControl):
		return "has control characters: no person has such an id"
	}
	return ""
}

// signal is the record by which it is refused for one person.
func (w *Wish) signal(id rules.PersonID, at rules.Instant) (rules.SignalID, []byte) {
	s := schemas.Signal{
		ID: w.id(id), Person: string(id), Type: schemas.TypeRefusal, At: schemas.Time(at), Source: cmp.Or(w.Source, DefaultSource),
		Channel: string(w.Scope.Channel), Purpose: string(w.Scope.Purpose), Subject: string(w.Scope.Subject),
		Brand: string(w.Scope.Brand), Address: string(w.Scope.Address),
	}
	return rules.SignalID(s.ID), s.AppendJSON(nil)
}

// id is that of the person's signal.
func (w *Wish) id(person rules.PersonID) string {
	if !w.Each {
		return w.ID
	}
	sum := sha256.Sum256([]byte(person))
	return w.ID + "-" + hex.EncodeToString(sum[:8])
}

// NewID is an id that nobody had yet.
func NewID() string { return "cli-" + rand.Text() }

// Words says what is refused, for people to read.
func (w *Wish) Words() string {
	var named []string
	for _, f := range [...]struct{ name, value string }{
		{"channel", string(w.Scope.Channel)}, {"purpose", string(w.Scope.Purpose)}, {"subject", string(w.Scope.Subject)},
		{"brand", string(w.Scope.Brand)}, {"address", string(w.Scope.Address)},
	} {
		if f.value != "" {
			named = append(named, f.name+" "+f.value)
		}
	}
	if named == nil {
		return "everything but what the law demands and what the person starts"
	}
	return strings.Join(named, ", ")
}

// ReadPeople reads ids of people, one a line. All that is wrong is told at once, by
// line; empty lines are passed over. Who is there twice is one person, and how many
// lines that were is told too.
func ReadPeople(in io.Reader) (people []rules.PersonID, twice int, err error) {
	seen := make(map[string]bool)
	var bad []error
	lines := bufio.NewScanner(in)
	for n := 1; lines.Scan(); n++ {
		id := lines.Text() // without its end, \r\n too
		switch why := unfit(id); {
		case id == "":
			continue
		case why != "":
			bad = append(bad, fmt.Errorf("line %d %s", n, why))
			continue
		case seen[id]:
			twice++
			continue
		}
		seen[id] = true
		people = append(people, rules.PersonID(id))
	}
	if err := lines.Err(); err != nil {
		bad = append(bad, fmt.Errorf("line %d: %w", len(seen)+twice+1, err))
	}
	if len(bad) > mostTold {
		bad = append(slices.Clip(bad[:mostTold]), fmt.Errorf("and %d lines more", len(bad)-mostTold))
	}
	return people, twice, errors.Join(bad...)
}

// mostTold is how many wrong lines are told one by one.
const mostTold = 20
