package leave

import (
	"crypto/hmac"
	"crypto/sha1" // it is what Twilio signs with
	"encoding/base64"
	"errors"
	"net/http"
	"net/url"
	"slices"
	"strings"
)

// twilioSaysNothing is the answer after which Twilio sends the person nothing.
const twilioSaysNothing = `<?xml version="1.0" encoding="UTF-8"?><Response/>` + "\n"

// readTwilio reads an incoming message of Twilio's.
func readTwilio(r *http.Request, body []byte, base string, secrets []string) (answered, error) {
	form, err := url.ParseQuery(string(body))
	if err != nil {
		return answered{}, errors.New("the body is not a form, application/x-www-form-urlencoded")
	}
	// Under the path that it has there: a proxy in front may have its own name and
	// scheme, so the address is that of the configuration.
	at := base + r.URL.EscapedPath()
	if r.URL.RawQuery != "" {
		at += "?" + r.URL.RawQuery
	}
	shown := r.Header.Get("X-Twilio-Signature")
	for _, secret := range secrets {
		if same(shown, twilioSignature(at, form, secret)) {
			return answered{ID: form.Get("MessageSid"), From: form.Get("From"), Text: form.Get("Body")}, nil
		}
	}
	return answered{}, errStranger
}

// twilioSignature is what Twilio shows: an HMAC-SHA1 under the account's token, of
// the address and then of each name and value of the form, in the order of the names.
func twilioSignature(at string, form url.Values, token string) string {
	var names []string
	for name := range form {
		names = append(names, name)
	}
	slices.Sort(names)
	var text strings.Builder
	text.WriteString(at)
	for _, name := range names {
		values := slices.Clone(form[name])
		slices.Sort(values)
		for _, value := range slices.Compact(values) {
			text.WriteString(name)
			text.WriteString(value)
		}
	}
	mac := hmac.New(sha1.New, []byte(token))
	mac.Write([]byte(text.String()))
	return base64.StdEncoding.EncodeToString(mac.Sum(nil))
}
