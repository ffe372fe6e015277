package leave

import (
	"bytes"
	"context"
	"crypto/rand"
	"errors"
	"net/http"
	"strconv"
	"strings"
	"time"

	"go.uber.org/zap"

	"github.com/contactgovernor/governor/cmd/governor/internal/logging"
	"github.com/contactgovernor/governor/schemas"
)

// Publisher appends what a person said to contact.signals.
type Publisher interface {
	// Signal appends the value under the person's key. It MUST return nil only when
	// the log has acknowledged it, and no error that names the person.
	Signal(ctx context.Context, person string, value []byte) error
}

// Said is one thing that somebody said, for whoever keeps account of it.
type Said struct {
	By     string // ByLink, ByMail, or ByHook and the hook's name
	Action string // Refuse or Reply
	Person string
	Signal string // the id of the signal that it became
	Stored bool   // false: nobody knows whether it was
}

// What is in a Said.
const (
	ByLink = "link"
	ByMail = "mail"
	ByHook = "hook:"

	Refuse = "refuse"
	Reply  = "reply"
)

// The sources of a refusal that came through a link.
const (
	SourceLink = "unsubscribe link" // it was pressed
	SourceMail = "unsubscribe mail" // the mail that List-Unsubscribe offers was sent
)

// Options are what a Handler works with.
type Options struct {
	Publisher Publisher
	Keys      *Keys            // nil: there are no links, and none is opened
	BaseURL   string           // by which providers reach it; some sign it
	Mailto    string           // where a no can be sent to as well; empty: nowhere
	Hooks     []Hook           // where replies come in
	Log       *zap.Logger      // nil: nowhere
	Clock     func() time.Time // nil: time.Now

	// Witness is told what was said, before it is answered. What comes of that changes
	// nothing for the person, but it should not take long. Nil: nobody.
	Witness func(ctx context.Context, s Said)

	// Patience is how long the log may take to acknowledge. Default 8 s.
	Patience time.Duration
}

// Handler serves LinkPath and ReplyPath, to anybody. It changes something on POST
// only, and only after the log has acknowledged it says so.
type Handler struct {
	o      Options
	pages  *pages
	spoken spoken
	hooks  map[string]*Hook
	crowd  *crowd
}

// NewHandler checks the options and sets their defaults.
func NewHandler(o Options) (*Handler, error) {
	if o.Publisher == nil {
		return nil, errors.New("leave: there is nobody to publish a no")
	}
	if o.Log == nil {
		o.Log = zap.NewNop()
	}
	if o.Clock == nil {
		o.Clock = time.Now
	}
	if o.Witness == nil {
		o.Witness = func(context.Context, Said) {}
	}
	if o.Patience == 0 {
		o.Patience = 8 * time.Second
	}
	if o.Keys == nil {
		o.Keys = &Keys{}
	}
	pages, err := newPages()
	if err != nil {
		return nil, err
	}
	h := &Handler{o: o, pages: pages, spoken: newSpoken(), hooks: make(map[string]*Hook), crowd: newCrowd()}
	for _, hook := range o.Hooks {
		h.hooks[hook.Name] = &hook
	}
	return h, nil
}

// ServeHTTP implements http.Handler.
func (h *Handler) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	h.head(w.Header())
	if token, ok := strings.CutPrefix(r.URL.Path, LinkPath); ok {
		h.link(w, r, token)
	} else if name, ok := strings.CutPrefix(r.URL.Path, ReplyPath); ok {
		h.reply(w, r, name)
	} else {
		w.WriteHeader(http.StatusNotFound)
	}
}

// head sets what holds for every answer: nobody keeps it, finds it, frames it, or
// tells where it came from.
func (h *Handler) head(to http.Header) {
	for name, value := range map[string]string{
		"Cache-Control": "no-store", "Referrer-Policy": "no-referrer", "X-Robots-Tag": "noindex, nofollow",
		"X-Content-Type-Options": "nosniff", "X-Frame-Options": "DENY", "Content-Security-Policy": h.pages.policy,
	} {
		to.Set(name, value)
	}
}

// retryAfter is how many seconds whoever could not be heard is told to wait.
const retryAfter = 60

// link answers at one link.
func (h *Handler) link(w http.ResponseWriter, r *http.Request, token string) {
	if !allowed(w, r, http.MethodGet, http.MethodHead, http.MethodPost, http.MethodOptions) {
		return
	}
	speak := h.spoken.to(r)
	t, err := h.o.Keys.Open(token)
	switch {
	case !h.crowd.admits(r.RemoteAddr, h.o.Clock()):
		h.later(w, speak, http.StatusTooManyRequests, t)
	case err != nil:
		h.show(w, speak, http.StatusNotFound, page{Title: speak.titles.broken, Sentence: speak.gone(h.o.Mailto)})
	case r.Method == http.MethodPost:
		h.post(w, r, speak, t)
	default:
		h.ask(w, speak, http.StatusOK, t)
	}
}

// allowed answers what is not for these methods, and OPTIONS, which is for nobody
// else's pages.
func allowed(w http.ResponseWriter, r *http.Request, methods ...string) bool {
	status := http.StatusMethodNotAllowed
	for _, m := range methods {
		if r.Method == m {
			if m != http.MethodOptions {
				return true
			}
			status = http.StatusNoContent
		}
	}
	w.Header().Set("Allow", strings.Join(methods, ", "))
	w.WriteHeader(status)
	return false
}

// post is a no. A body that does not say so changes nothing, and is shown the
// button: whoever meant it can press it.
func (h *Handler) post(w http.ResponseWriter, r *http.Request, speak *words, t Ticket) {
	switch said, err := saysOneClick(w, r); {
	case err != nil:
		h.ask(w, speak, http.StatusRequestEntityTooLarge, t)
		return
	case !said:
		h.ask(w, speak, http.StatusBadRequest, t)
		return
	}
	if err := h.refuse(r.Context(), t, SourceLink, ByLink); err != nil {
		logging.Audit(h.o.Log).Error("a no could not be stored, and the person was told so", zap.String("decision", t.Decision), zap.Error(err))
		h.later(w, speak, http.StatusServiceUnavailable, t)
		return
	}
	logging.Audit(h.o.Log).Info("a person said no by link", zap.String("decision", t.Decision), zap.String("channel", t.Channel), zap.String("brand", t.Brand))
	h.show(w, speak, http.StatusOK, page{Title: speak.titles.done, Sentence: speak.fill(speak.done, t)})
}

// refuse publishes a no. Each has an id of its own, so that it is heard again after a
// later consent.
func (h *Handler) refuse(ctx context.Context, t Ticket, source, by string) error {
	return h.publish(ctx, by, Refuse, schemas.Signal{
		ID: "leave-" + rand.Text(), Person: t.Person, Type: schemas.TypeRefusal,
		Channel: t.Channel, Brand: t.Brand, Source: source,
	})
}

// publish appends what was said, as of now. Whoever hangs up meanwhile has said it
// all the same.
func (h *Handler) publish(ctx context.Context, by, action string, s schemas.Signal) error {
	s.At = schemas.TimeOf(h.o.Clock())
	ctx = context.WithoutCancel(ctx)
	within, cancel := context.WithTimeout(ctx, h.o.Patience)
	defer cancel()
	err := h.o.Publisher.Signal(within, s.Person, s.AppendJSON(nil))
	h.o.Witness(ctx, Said{By: by, Action: action, Person: s.Person, Signal: s.ID, Stored: err == nil})
	return err
}

func (h *Handler) ask(w http.ResponseWriter, speak *words, status int, t Ticket) {
	h.show(w, speak, status, page{Title: speak.titles.ask, Sentence: speak.fill(speak.ask, t), Button: speak.fill(speak.button, t)})
}

// later says that nothing was stored, with the button under it.
func (h *Handler) later(w http.ResponseWriter, speak *words, status int, t Ticket) {
	w.Header().Set("Retry-After", strconv.Itoa(retryAfter))
	h.show(w, speak, status, page{Title: speak.titles.failed, Sentence: speak.failed, Button: speak.fill(speak.button, t)})
}

func (h *Handler) show(w http.ResponseWriter, speak *words, status int, one page) {
	one.Language = speak.tag.String()
	var b bytes.Buffer
	if err := h.pages.write(&b, one); err != nil {
		h.o.Log.Error("a page could not be written", zap.Error(err))
		w.WriteHeader(http.StatusInternalServerError)
		return
	}
	to := w.Header()
	to.Set("Content-Type", "text/html; charset=utf-8")
	to.Set("Content-Language", one.Language)
	to.Set("Content-Length", strconv.Itoa(b.Len()))
	to.Set("Vary", "Accept-Language")
	w.WriteHeader(status)
	_, _ = w.Write(b.Bytes()) // who hangs up does not see it
}
