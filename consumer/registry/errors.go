package registry

import (
	"errors"
	"fmt"
	"net/http"

	"github.com/twmb/franz-go/pkg/sr"
)

// ErrAway says that the registry does not answer, or not with what was asked for. It
// heals by trying again, or by whoever mends the registry.
var ErrAway = errors.New("the schema registry does not answer")

// ErrNoSchema says that the registry does not have the schema of an output. It heals when
// somebody registers it.
var ErrNoSchema = errors.New("the schema of an output is not registered")

// ErrUnreadable says that a record which the governor wrote cannot be read back: what it
// says is not known, so nothing may be done that depends on it.
var ErrUnreadable = errors.New("what the governor wrote cannot be read back")

// Malformed says of one record why it cannot be turned, and what to do. It never has
// anything in it that stood in the record.
type Malformed struct{ Reason string }

// Error implements error.
func (m *Malformed) Error() string { return m.Reason }

func malformed(format string, args ...any) *Malformed {
	return &Malformed{Reason: fmt.Sprintf(format, args...)}
}

// away is an error of asking the registry. The words of the registry are kept, but for
// a page that something in between answered with.
func away(doing string, err error) error {
	if r := (*sr.ResponseError)(nil); errors.As(err, &r) {
		why := fmt.Sprintf("it answers %d", r.StatusCode)
		if r.ErrorCode != 0 {
			why += fmt.Sprintf(" (%d: %.200s)", r.ErrorCode, r.Message)
		}
		switch r.StatusCode {
		case http.StatusUnauthorized, http.StatusForbidden:
			why += ": give the governor the right, or mend its user, password or token"
		case http.StatusNotFound:
			why += ": is registry.urls right, and does it end where /schemas/ids begins?"
		}
		return fmt.Errorf("%s: %s: %w", doing, why, ErrAway)
	}
	return fmt.Errorf("%s: %w: %w", doing, ErrAway, err)
}

// unknown says whether the registry itself answers that there is no such schema. A 404 of
// anything else, such as a proxy that was set up wrongly, is none of its answers.
func unknown(err error) bool {
	r := (*sr.ResponseError)(nil)
	if !errors.As(err, &r) || r.StatusCode != http.StatusNotFound {
		return false
	}
	switch r.ErrorCode {
	case sr.ErrSchemaNotFound.Code, sr.ErrSubjectNotFound.Code, sr.ErrVersionNotFound.Code:
		return true
	}
	return false
}
