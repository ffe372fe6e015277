package leave

import (
	"cmp"
	"context"
	"crypto/hmac"
	"crypto/rand"
	"crypto/sha256"
	"crypto/subtle"
	"encoding/hex"
	"errors"
	"io"
	"net/http"
	"strconv"
	"strings"
	"unicode/utf8"

	"github.com/go-json-experiment/json"
	"go.uber.org/zap"

	"github.com/contactgovernor/governor/cmd/governor/internal/logging"
	"github.com/contactgovernor/governor/schemas"
)

// Form is how a provider writes what a person answered.
type Form string

// The forms.
const (
	JSON   Form = "json"   // ours
	Twilio Form = "twilio" // a form, signed with X-Twilio-Signature
)

// Hook is one door for replies, at ReplyPath and its name.
type Hook struct {
	Name    string
	Form    Form
	Person  string // the person's id, made of the address that a reply is from: {from} is that
	Channel string // of replies that name none
	Brand   string // likewise

	// Secrets are those of which one opens the door, asked for each time. An error is
	// a door that stays shut for the while.
	Secrets func() ([]string, error)
}

// FromPlace is where the address goes in a Hook's Person.
const FromPlace = "{from}"

// answered is what somebody answered.
type answered struct {
	ID      string `json:"id"`
	Person  string `json:"person"`
	From    string `json:"from"`
	Text    string `json:"text"`
	Channel string `json:"channel"`
	Brand   string `json:"brand"`
	Auto    bool   `json:"auto"`
}

// The bounds of a reply. What of its words is beyond them was not a word of STOP.
const (
	mostReply = 256 << 10
	mostText  = 10_000
)

// reply takes what a provider passes on. Nothing of it is judged here: which words
// are a no is the governor's matter.
func (h *Handler) reply(w http.ResponseWriter, r *http.Request, name string) {
	hook := h.hooks[name]
	if hook == nil {
		refuseHook(w, http.StatusNotFound, "there is no hook of this name in the configuration, leave.hooks")
		return
	}
	if !allowed(w, r, http.MethodPost, http.MethodOptions) {
		return
	}
	if !h.crowd.admits(r.RemoteAddr, h.o.Clock()) {
		w.Header().Set("Retry-After", strconv.Itoa(retryAfter))
		refuseHook(w, http.StatusTooManyRequests, "too many at once; send it again later")
		return
	}
	body, err := io.ReadAll(http.MaxBytesReader(w, r.Body, mostReply))
	if err != nil {
		refuseHook(w, http.StatusRequestEntityTooLarge, "the body has more than "+strconv.Itoa(mostReply)+" bytes, or did not come whole")
		return
	}
	secrets, err := hook.Secrets()
	if err != nil {
		h.unheard(w, name, err)
		return
	}
	a, err := hook.read(r, body, h.o.BaseURL, secrets)
	switch {
	case errors.Is(err, errStranger):
		w.Header().Set("WWW-Authenticate", "Bearer")
		refuseHook(w, http.StatusUnauthorized, "the secret or the signature is not that of this hook")
	case err != nil:
		refuseHook(w, http.StatusBadRequest, err.Error())
	default:
		h.hear(r.Context(), w, hook, a)
	}
}

var errStranger = errors.New("nobody we know")

// read takes the reply out of a request, of somebody who knows a secret.
func (k *Hook) read(r *http.Request, body []byte, base string, secrets []string) (answered, error) {
	if k.Form == Twilio {
		return readTwilio(r, body, base, secrets)
	}
	if !knows(r, body, secrets) {
		return answered{}, errStranger
	}
	var a answered
	if err := json.Unmarshal(body, &a); err != nil {
		// What was wrong may repeat what was sent, and this is read by more people than that.
		return answered{}, errors.New("the body is not the JSON that is expected: {\"id\", \"person\" or \"from\", \"text\", \"channel\", \"brand\", \"auto\"}, each once, auto true or false and the others strings")
	}
	return a, nil
}

// knows tells whether the request shows one of the secrets: itself, or what it makes
// of the body.
func knows(r *http.Request, body []byte, secrets []string) bool {
	shown, bearer := strings.CutPrefix(r.Header.Get("Authorization"), "Bearer ")
	signed, signature := strings.CutPrefix(r.Header.Get("X-Hub-Signature-256"), "sha256=")
	known := false
	for _, secret := range secrets {
		if bearer && same(shown, secret) {
			known = true
		}
		if signature {
			mac := hmac.New(sha256.New, []byte(secret))
			mac.Write(body)
			known = known || same(strings.ToLower(signed), hex.EncodeToString(mac.Sum(nil)))
		}
	}
	return known
}

// same compares in a time that tells nothing of either text.
func same(a, b string) bool {
	x, y := sha256.Sum256([]byte(a)), sha256.Sum256([]byte(b))
	return subtle.ConstantTimeCompare(x[:], y[:]) == 1
}

// hear publishes a reply, and answers when it is stored.
func (h *Handler) hear(ctx context.Context, w http.ResponseWriter, hook *Hook, a answered) {
	var err error
	if t, ok := h.o.Keys.ticketIn(a.Text); ok && !a.Auto {
		err = h.refuse(ctx, t, SourceMail, ByMail)
	} else {
		s := hook.signal(a)
		if bad := unfit(s); bad != nil {
			refuseHook(w, http.StatusBadRequest, bad.Error())
			return
		}
		err = h.publish(ctx, ByHook+hook.Name, Reply, s)
	}
	if err != nil {
		h.unheard(w, hook.Name, err)
		return
	}
	logging.Audit(h.o.Log).Info("a reply was heard", zap.String("hook", hook.Name))
	if hook.Form == Twilio {
		w.Header().Set("Content-Type", "text/xml; charset=utf-8")
		_, _ = io.WriteString(w, twilioSaysNothing)
		return
	}
	w.WriteHeader(http.StatusNoContent)
}

// unheard says that a reply was not stored, so that it is sent again.
func (h *Handler) unheard(w http.ResponseWriter, hook string, err error) {
	logging.Audit(h.o.Log).Error("a reply could not be stored, and the provider was told so", zap.String("hook", hook), zap.Error(err))
	w.Header().Set("Retry-After", strconv.Itoa(retryAfter))
	refuseHook(w, http.StatusServiceUnavailable, "the reply could not be stored just now; send it again")
}

// signal is a reply as the log has it. The same one, sent again, has the same id;
// other words under an id that was there have another, for a no is not lost to a
// provider that numbers talks and not words.
func (k *Hook) signal(a answered) schemas.Signal {
	s := schemas.Signal{
		Type: schemas.TypeReply, Person: a.Person, Text: cut(strings.ToValidUTF8(a.Text, "\uFFFD"), mostText), Auto: a.Auto,
		Channel: cmp.Or(a.Channel, k.Channel), Brand: cmp.Or(a.Brand, k.Brand),
	}
	if s.Person == "" && a.From != "" {
		s.Person = strings.ReplaceAll(k.Person, FromPlace, a.From)
	}
	if a.ID == "" {
		s.ID = "reply-" + rand.Text()
		return s
	}
	sum := sha256.New()
	for _, part := range []string{k.Name, a.ID, s.Person, s.Channel, s.Brand, strconv.FormatBool(s.Auto), s.Text} {
		sum.Write(appendText(nil, part))
	}
	s.ID = "reply-" + hex.EncodeToString(sum.Sum(nil)[:16])
	return s
}

func cut(text string, most int) string {
	if utf8.RuneCountInString(text) <= most {
		return text
	}
	return string([]rune(text)[:most])
}

// unfit tells what the governor would not read, before it is in the log. It names
// fields, never what stood in them.
func unfit(s schemas.Signal) error {
	if s.Person == "" {
		return errors.New("person, from: one of them must say who answered")
	}
	s.At = schemas.Time(1_700_000_000_000) // the real one comes when it is published
	_, _, err := schemas.DecodeSignal(s.AppendJSON(nil))
	return err
}

// refuseHook answers a program.
func refuseHook(w http.ResponseWriter, status int, why string) {
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(status)
	b, err := json.Marshal(map[string]string{"error": why})
	if err == nil {
		_, _ = w.Write(append(b, '\n'))
	}
}
