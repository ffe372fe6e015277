package health

import (
	"errors"
	"fmt"
	"strings"
	"testing"

	"github.com/contactgovernor/governor/consumer"
	"github.com/contactgovernor/governor/state"
)

// What is told of a hold is bounded, and text.
func TestWordsAreBounded(t *testing.T) {
	why := Words(errors.New("ö\xff" + strings.Repeat("é", 10_000)))
	if len(why) > mostWords+10 || !strings.HasPrefix(why, "ö�é") || !strings.HasSuffix(why, "é …") {
		t.Errorf("%d bytes: %.20q … %q", len(why), why, why[len(why)-10:])
	}
}

// "Why in words without any person's id": a memory that cannot be read is quoted by
// whoever could not read it, and that is a person's.
func TestWordsAreNobodys(t *testing.T) {
	for _, c := range []struct {
		err  error
		want string
	}{
		{fmt.Errorf("remember a person: unknown object member name %q", "ana@example.org"), `remember a person: unknown object member name "…"`},
		{fmt.Errorf("%q is no time zone: write an IANA name", `ana\"@\\`), `"…" is no time zone: write an IANA name`},
		{errors.New(`a "b" and "c\" d" end`), `a "…" and "…" end`},
		{errors.New(`it ends in "ana`), `it ends in "…"`},
		{errors.New(`it ends in "ana\`), `it ends in "…"`},
		{errors.New(`"" is empty`), `"…" is empty`},
		{fmt.Errorf("%q: %w", "ana", state.ErrLogVersion), `"…": ` + state.ErrLogVersion.Error()},
		{Blame(Kafka, errors.New(`join group "contact-governor": no coordinator`)), `join group "contact-governor": no coordinator`},
		{consumer.ErrClocks, consumer.ErrClocks.Error()},
	} {
		if got := Words(c.err); got != c.want {
			t.Errorf("%q is told as %q, not %q", c.err, got, c.want)
		}
	}
}
