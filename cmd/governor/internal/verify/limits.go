package verify

import (
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"
	"time"

	"go.yaml.in/yaml/v3"
)

// Limits is what the checker knows of a policy: its own short table, and not the
// policy's file, lest it repeats a mistake of whoever reads that.
type Limits struct {
	Purposes        map[string]string // purpose → class
	Winback         []string          // the purposes that win people back
	ConsentRequests []string          // those that ask for consent
	Caps            []Cap
	Live            time.Duration // how long an approval is good at most; 0: unknown
	NoticeWait      time.Duration // notices are answered at the latest this and
	NoticeRepeat    time.Duration // this after they came; both 0: at once
	AnswerOnce      bool          // a person who asks on a refused medium is answered there
}

// Cap is at most so many within a window.
type Cap struct {
	Name     string        // evidence and objections call it cap.<name>
	Most     int           // of contacts
	Within   time.Duration // half-open; 0: ever
	Of       []string      // the classes that it binds
	Counting []string      // the classes that count toward it; none: those that it binds
	Channel  string        // "": all together
	Campaign bool          // each campaign by itself

	Arbitrates bool // who would take the last one is answered later, by a day at most
}

func (c *Cap) rule() string { return "cap." + c.Name }

// NoMeansNo is the table of the built-in policy, written from design.md and
// semantics.md.
func NoMeansNo() Limits {
	week, day := 168*time.Hour, 24*time.Hour
	asked := []string{"solicitation"}
	pressure := []string{"solicitation", "service", "collection"}
	calls := []string{"solicitation", "service", "collection", "confirmation"}
	return Limits{
		Purposes: map[string]string{
			"marketing": "solicitation", "winback": "solicitation", "survey": "solicitation", "onboarding": "solicitation",
			"newsletter": "solicitation", "permission_prompt": "ask", "consent_request": "ask", "collection": "collection",
			"payment_reminder": "collection", "service": "service", "billing": "service", "receipt": "person",
			"password_reset": "person", "reply": "person", "confirmation": "confirmation", "legal": "legal",
		},
		Winback:         []string{"winback"},
		ConsentRequests: []string{"consent_request"},
		Caps: []Cap{
			{Name: "any", Most: 3, Within: week, Of: asked, Counting: pressure},
			{Name: "email", Most: 2, Within: week, Of: asked, Channel: "email"},
			{Name: "sms", Most: 1, Within: day, Of: asked, Channel: "sms"},
			{Name: "push", Most: 1, Within: day, Of: asked, Channel: "push"},
			{Name: "call.day", Most: 1, Within: day, Of: calls, Channel: "call"},
			{Name: "call.week", Most: 3, Within: week, Of: calls, Channel: "call"},
			{Name: "call.campaign", Most: 3, Of: calls, Channel: "call", Campaign: true},
		},
		Live: 15 * time.Minute, NoticeWait: 15 * time.Minute, NoticeRepeat: day,
	}
}

// class is how an intent is judged: an ask is a solicitation, and so is what
// sells beside something else. Known is false where the table lacks the purpose.
func (l *Limits) class(purpose string, promotes bool) (class string, known bool) {
	class, known = l.Purposes[purpose]
	if class == "ask" || promotes && class != "legal" && class != "confirmation" {
		class = "solicitation"
	}
	return class, known
}

// exempt says whether refusals leave the class alone.
func exempt(class string) bool {
	return class == "person" || class == "legal" || class == "confirmation"
}

// ReadLimits reads a table from YAML. What it does not say of purposes is as in
// NoMeansNo; of everything else, that there is none.
//
//	purposes: {promo: solicitation, bill: service}
//	caps:
//	  - {name: week, most: 3, within: 168h, of: [solicitation], counting: [solicitation, service], channel: email, per: campaign, arbitrates: true}
//	live: 15m
//	notices: {wait: 15m, repeat: 24h}
func ReadLimits(in io.Reader) (Limits, error) {
	var file struct {
		Purposes        map[string]string `yaml:"purposes"`
		Winback         []string          `yaml:"winback"`
		ConsentRequests []string          `yaml:"consent_requests"`
		Caps            []struct {
			Name     string   `yaml:"name"`
			Most     *int     `yaml:"most"`
			Within   string   `yaml:"within"`
			Of       []string `yaml:"of"`
			Counting []string `yaml:"counting"`
			Channel  string   `yaml:"channel"`
			Per      string   `yaml:"per"`

			Arbitrates bool `yaml:"arbitrates"`
		} `yaml:"caps"`
		Live    time.Duration `yaml:"live"`
		Notices struct {
			Wait   time.Duration `yaml:"wait"`
			Repeat time.Duration `yaml:"repeat"`
		} `yaml:"notices"`
		AnswerOnce bool `yaml:"answer_once"`
	}
	d := yaml.NewDecoder(in)
	d.KnownFields(true)
	if err := d.Decode(&file); err != nil && !errors.Is(err, io.EOF) {
		return Limits{}, fmt.Errorf("read the limits: %w", err)
	}
	l := Limits{
		Purposes: file.Purposes, Winback: file.Winback, ConsentRequests: file.ConsentRequests, Live: file.Live,
		NoticeWait: file.Notices.Wait, NoticeRepeat: file.Notices.Repeat, AnswerOnce: file.AnswerOnce,
	}
	if house := NoMeansNo(); l.Purposes == nil {
		l.Purposes, l.Winback, l.ConsentRequests = house.Purposes, house.Winback, house.ConsentRequests
	}
	for purpose, class := range l.Purposes {
		if !slices.Contains(classes(), class) {
			return Limits{}, fmt.Errorf("purposes: %s is of class %q; write one of %s", purpose, class, strings.Join(classes(), ", "))
		}
	}
	for i, c := range file.Caps {
		cap := Cap{Name: c.Name, Of: c.Of, Counting: c.Counting, Channel: c.Channel, Campaign: c.Per == "campaign", Arbitrates: c.Arbitrates}
		wrong := func(what string) (Limits, error) { return Limits{}, fmt.Errorf("caps[%d]: %s", i, what) }
		switch {
		case c.Name == "" || c.Most == nil || len(c.Of) == 0:
			return wrong("write name, most and of, like {name: week, most: 3, within: 168h, of: [solicitation]}")
		case c.Per != "" && c.Per != "campaign":
			return wrong("per: write campaign, or leave it out")
		}
		if cap.Most = *c.Most; c.Within != "ever" {
			var err error
			if cap.Within, err = time.ParseDuration(c.Within); err != nil || cap.Within <= 0 {
				return wrong("within: write a duration like 168h, or ever")
			}
		}
		l.Caps = append(l.Caps, cap)
	}
	return l, nil
}

func classes() []string {
	return []string{"solicitation", "ask", "collection", "service", "person", "confirmation", "legal"}
}
