package leave

import (
	"io"
	"mime"
	"mime/multipart"
	"net/http"
	"net/url"
	"strings"

	"github.com/contactgovernor/governor/schemas"
)

// mostOneClick is far more than the body of a one-click POST has, in either of its
// forms.
const mostOneClick = 8 << 10

// saysOneClick reads the body of a POST: List-Unsubscribe=One-Click, as a form of
// either sort (RFC 8058), or without a word on what it is, for a no is not lost to a
// header that is missing. Its error is a body that is too large.
func saysOneClick(w http.ResponseWriter, r *http.Request) (bool, error) {
	body, err := io.ReadAll(http.MaxBytesReader(w, r.Body, mostOneClick))
	if err != nil {
		return false, err
	}
	kind, of, _ := mime.ParseMediaType(r.Header.Get("Content-Type"))
	if kind == "multipart/form-data" {
		return inParts(multipart.NewReader(strings.NewReader(string(body)), of["boundary"])), nil
	}
	form, _ := url.ParseQuery(strings.TrimSpace(string(body))) // what cannot be read of it is not there
	return isOneClick(form.Get(schemas.HeaderUnsubscribe)), nil
}

func inParts(r *multipart.Reader) bool {
	for {
		part, err := r.NextPart()
		if err != nil {
			return false
		}
		if part.FormName() != schemas.HeaderUnsubscribe {
			continue
		}
		value, err := io.ReadAll(part)
		return err == nil && isOneClick(string(value))
	}
}

func isOneClick(value string) bool { return strings.EqualFold(strings.TrimSpace(value), "One-Click") }
