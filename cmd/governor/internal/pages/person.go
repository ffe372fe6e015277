package pages

import (
	"errors"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"time"

	"github.com/go-json-experiment/json"
	"github.com/go-json-experiment/json/jsontext"
)

// peoplePage is where somebody asks about a person, and what is known of them. Whoever it is stands
// in no address, so that no browser, proxy or log keeps it.
type peoplePage struct {
	Asked  string // who
	Wrong  *problem
	Person *personPage // nil: nobody was asked about, or it is not known
}

// personPage is what is known of a person.
type personPage struct {
	Person   string
	AsOf     time.Time
	Answer   string // what holds now, in one sentence
	Quiet    bool   // they are to be left alone, altogether or in part
	Stands   []stands
	Next     []next
	Held     []heldIntent
	Contacts []contact
	Timeline []moment
	Whole    bool
	Records  []string
	Erased   bool
}

// stands is one thing that stands for a person until something lifts it.
type stands struct {
	Kind  string // no, yes or note
	What  string
	Since time.Time
	From  string // the signal that said so
}

// next is what was asked last for a campaign on a channel, and when it may be asked again.
type next struct {
	What     string
	Approved bool
	Reason   string
	Words    string
	When     string
	Instant  string
}

// stamp is an instant as the doors write it; "" is none.
type stamp string

// Time is the instant.
func (s stamp) Time() time.Time {
	at, err := time.Parse(time.RFC3339Nano, string(s))
	if err != nil {
		return time.Time{}
	}
	return at
}

// known is what the doors know of a person: GET /v1/people/{person}, as openapi.yaml has it.
type known struct {
	Person   string         `json:"person"`
	Home     string         `json:"home"`
	Records  []string       `json:"records"`
	AsOf     stamp          `json:"as_of"`
	Standing jsontext.Value `json:"standing"`
	Contacts []contact      `json:"contacts"`
	Held     []heldIntent   `json:"held"`
	Receipts []receipt      `json:"receipts"`
	Whole    bool           `json:"whole"`
}

type contact struct {
	At       stamp  `json:"at"`
	Intent   string `json:"intent"`
	Channel  string `json:"channel"`
	Purpose  string `json:"purpose"`
	Campaign string `json:"campaign"`
	NotAfter stamp  `json:"not_after"`
	State    string `json:"state"`
	Counts   bool   `json:"counts"`
	Leaked   bool   `json:"leaked"`
}

// Became says what became of it.
func (c contact) Became() string {
	switch c.State {
	case "approved":
		return "may begin until " + minute(c.NotAfter.Time())
	case "redeemed":
		return "begun; nothing was heard of it since"
	case "revoked":
		return "taken back in time"
	case "expired":
		return "nobody took it"
	case "not_sent":
		return "not sent"
	case "opted_out":
		return "the person opted out"
	case "wrong_number":
		return "it reached somebody else"
	}
	return strings.ReplaceAll(c.State, "_", " ")
}

type heldIntent struct {
	Arrived  stamp  `json:"arrived"`
	Intent   string `json:"intent"`
	Channel  string `json:"channel"`
	Purpose  string `json:"purpose"`
	Campaign string `json:"campaign"`
	Subject  string `json:"subject"`
}

type receipt struct {
	At     stamp          `json:"at"`
	Topic  string         `json:"topic"`
	Told   string         `json:"told"`
	Record jsontext.Value `json:"record"`
}

// standing is what stands for a person, as on contact.standing.
type standing struct {
	Refusals []struct {
		Kind string `json:"kind"`
		scope
		At     stamp  `json:"at"`
		Signal string `json:"signal"`
		Record string `json:"record"`
	} `json:"refusals"`
	Consents []struct {
		scope
		At        stamp  `json:"at"`
		Effective bool   `json:"effective"`
		Signal    string `json:"signal"`
	} `json:"consents"`
	SilentSince stamp    `json:"silent_since"`
	HumanAct    stamp    `json:"human_act"`
	Abandoned   stamp    `json:"abandoned"`
	Erased      stamp    `json:"erased"`
	Zones       []string `json:"zones"`
	Quiet       []struct {
		Days []string `json:"days"`
		From string   `json:"from"`
		To   string   `json:"to"`
	} `json:"quiet"`
}

// scope is what a no or a yes names. What is absent widens it.
type scope struct {
	Channel string `json:"channel"`
	Purpose string `json:"purpose"`
	Subject string `json:"subject"`
	Brand   string `json:"brand"`
	Address string `json:"address"`
}

// words says what a scope means.
func (s *scope) words() string {
	if *s == (scope{}) {
		return "everything, on every channel"
	}
	out := "everything"
	if s.Purpose != "" {
		out = s.Purpose
	}
	if s.Subject != "" {
		out += " about " + s.Subject
	}
	switch {
	case s.Subject != "":
		out += ", on every channel"
	case s.Channel != "":
		out += " by " + s.Channel
	}
	if s.Brand != "" && s.Subject == "" {
		out += " from " + s.Brand
	}
	if s.Address != "" && s.Subject == "" {
		out += " at " + s.Address
	}
	return out
}

func (v *visit) askPerson() {
	v.show(http.StatusOK, "people", frame{Title: "A person", Page: peoplePage{}})
}

// person shows what is known of a person.
func (v *visit) person() {
	out := peoplePage{Asked: strings.TrimSpace(v.r.PostForm.Get("person"))}
	if out.Asked == "" {
		out.Wrong = &problem{Title: "Who?", Detail: "Write the id that the engines use for the person."}
		v.show(http.StatusUnprocessableEntity, "people", frame{Title: "A person", Page: out})
		return
	}
	a, err := v.ask(http.MethodGet, "/v1/people/"+url.PathEscape(out.Asked), nil)
	switch {
	case err != nil:
		out.Wrong = &problem{Title: "This is nobody's id", Detail: "Write the id that the engines use for the person."}
		v.show(http.StatusUnprocessableEntity, "people", frame{Title: "A person", Page: out})
		return
	case a.status != http.StatusOK:
		out.Wrong = a.problem()
		v.show(a.status, "people", frame{Title: "A person", Page: out})
		return
	}
	if out.Person, err = readPerson(a.body.Bytes()); err != nil {
		out.Wrong = &problem{Title: "The answer cannot be read", Detail: "What the doors say of this person is not what this page knows: are both of one release?"}
		v.show(http.StatusBadGateway, "people", frame{Title: "A person", Page: out})
		return
	}
	v.show(http.StatusOK, "people", frame{Title: "A person", Page: out})
}

// mostMoments is how many of a timeline are shown, the latest. The export of the API has all.
const mostMoments = 200

// readPerson reads what the doors said.
func readPerson(b []byte) (*personPage, error) {
	var k known
	if err := json.Unmarshal(b, &k); err != nil {
		return nil, errors.New("unreadable") // the cause would quote from it
	}
	var s standing
	if len(k.Standing) > 0 {
		if err := json.Unmarshal(k.Standing, &s); err != nil {
			return nil, errors.New("unreadable")
		}
	}
	out := &personPage{
		Person: k.Person, AsOf: k.AsOf.Time(), Held: k.Held, Contacts: slices.Clone(k.Contacts), Whole: k.Whole, Records: k.Records,
		Stands: s.list(), Erased: s.Erased != "",
	}
	slices.Reverse(out.Contacts) // the newest first
	for i := len(k.Receipts) - 1; i >= 0 && len(out.Timeline) < mostMoments; i-- {
		out.Timeline = append(out.Timeline, momentOf(&k.Receipts[i]))
	}
	out.Whole = out.Whole && len(out.Timeline) == len(k.Receipts)
	out.Next = nextOf(out.Timeline)
	out.Answer, out.Quiet = out.answer(&s)
	return out, nil
}

// list is what stands, the noes first.
func (s *standing) list() (out []stands) {
	for _, n := range s.Refusals {
		what := ""
		switch n.Kind {
		case "cancellation":
			what = "Cancelled: no to " + n.words()
		case "complaint":
			what = "Complained: no to " + n.words()
		case "unreachable":
			what = "Cannot be reached: " + n.words()
		default:
			what = "No to " + n.words()
		}
		out = append(out, stands{"no", what, n.At.Time(), n.Signal})
	}
	if s.SilentSince != "" {
		out = append(out, stands{"note", "Has not answered", s.SilentSince.Time(), ""})
	}
	for _, c := range s.Consents {
		what := "Yes to " + c.words()
		if !c.Effective {
			what += ", which lifts nothing: there is no evidence of it"
		}
		out = append(out, stands{"yes", what, c.At.Time(), c.Signal})
	}
	if s.Abandoned != "" {
		out = append(out, stands{"note", "Picked up a call with nobody there", s.Abandoned.Time(), ""})
	}
	for _, q := range s.Quiet {
		out = append(out, stands{"note", "Wants quiet " + strings.Join(q.Days, ", ") + " from " + q.From + " to " + q.To, time.Time{}, ""})
	}
	if len(s.Zones) > 0 {
		out = append(out, stands{"note", "Lives by the clocks of " + strings.Join(s.Zones, ", "), time.Time{}, ""})
	}
	return out
}

// answer is what holds, in one sentence.
func (p *personPage) answer(s *standing) (sentence string, quiet bool) {
	all := false
	for _, n := range s.Refusals {
		all = all || n.scope == (scope{})
	}
	switch {
	case p.Erased:
		return "Asked to be forgotten. Every no stays.", true
	case all:
		return "Said no to everything. Nobody may ask again unless this person does.", true
	case len(s.Refusals) == 1:
		return "Said no once: what that covers is over until this person lifts it.", true
	case len(s.Refusals) > 1:
		return "Said no " + number(int64(len(s.Refusals))) + " times: what that covers is over until this person lifts it.", true
	case len(p.Timeline) == 0 && len(p.Contacts) == 0 && len(p.Stands) == 0:
		return "Nothing is known of this person: nobody wanted anything of them, as far as the log goes back.", false
	}
	return "Said no to nothing. What is wanted of them is weighed each time.", false
}
