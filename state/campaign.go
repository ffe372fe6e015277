package state

import (
	"cmp"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/go-json-experiment/json"

	"github.com/contactgovernor/governor/rules"
)

// Campaign is what was said of a campaign beside the policy: by whom it was registered
// or killed. What is added to it may come late, twice and in any order. The zero value
// is a campaign of which nobody said anything.
type Campaign struct {
	Registered rules.Instant      // when it was said what it is; 0: it is not registered
	Spec       rules.CampaignSpec // what was said last, but for its name
	Killed     rules.Instant      // when it was first stopped, which is for good; 0: it was not
}

// campaignMark begins the ids under which campaigns are kept beside people. No id of a
// person has a control character (package schemas).
const campaignMark = "\x1d"

// CampaignID is the id under which the memory of a campaign is kept.
func CampaignID(c rules.Campaign) rules.PersonID { return campaignMark + rules.PersonID(c) }

// IsCampaign says whether the id is that of a campaign, and of which.
func IsCampaign(id rules.PersonID) (rules.Campaign, bool) {
	c, yes := strings.CutPrefix(string(id), campaignMark)
	return rules.Campaign(c), yes
}

// IsNobody says whether the id is that of an address or of a campaign, which are kept
// beside people and have no log.
func IsNobody(id rules.PersonID) bool {
	_, address := IsAddress(id)
	_, campaign := IsCampaign(id)
	return address || campaign
}

// Absorb adds what another memory of the campaign has, and says whether that was
// anything new. Of two registrations the later one holds, and of two at the same
// instant the stricter one.
func (c *Campaign) Absorb(other *Campaign) bool {
	before := *c
	if cmp.Or(cmp.Compare(other.Registered, c.Registered), stricter(&other.Spec, &c.Spec)) > 0 {
		c.Registered, c.Spec = other.Registered, other.Spec
	}
	if other.Killed != 0 && (c.Killed == 0 || other.Killed < c.Killed) {
		c.Killed = other.Killed
	}
	return *c != before
}

// stricter is positive if the one spec lets less through than the other, and 0 only if
// they are the same.
func stricter(one, other *rules.CampaignSpec) int {
	return cmp.Or(
		cmp.Compare(len(rules.Fitness(one)), len(rules.Fitness(other))),
		day(other.Ends).Compare(day(one.Ends)),
		cmp.Compare(other.MostAttempts, one.MostAttempts),
		cmp.Compare(one.WayOut.Steps, other.WayOut.Steps),
		cmp.Compare(other.WayIn.Steps, one.WayIn.Steps),
		cmp.Compare(one.WayOut.Label, other.WayOut.Label),
		cmp.Compare(one.WayIn.Label, other.WayIn.Label),
	)
}

// Registration is what the rules know of it; nil if that is nothing.
func (c *Campaign) Registration() *rules.Registration {
	if *c == (Campaign{}) {
		return nil
	}
	var r rules.Registration
	if c.Registered != 0 {
		r = rules.Register(&c.Spec)
	}
	r.Killed = c.Killed != 0
	return &r
}

// standingCampaign is how the memory of a campaign is written.
type standingCampaign struct {
	Campaign   rules.Campaign `json:"campaign"`
	Registered *registration  `json:"registered,omitempty"`
	Killed     string         `json:"killed,omitempty"`
}

type registration struct {
	At           string `json:"at"`
	Ends         string `json:"ends"`
	MostAttempts int    `json:"most_attempts"`
	WayIn        way    `json:"way_in"`
	WayOut       way    `json:"way_out"`
}

type way struct {
	Steps int    `json:"steps"`
	Label string `json:"label"`
}

// EncodeCampaign writes what is remembered of a campaign, deterministically; nil if that
// is nothing.
func EncodeCampaign(name rules.Campaign, c *Campaign) ([]byte, error) {
	if *c == (Campaign{}) {
		return nil, nil
	}
	s := standingCampaign{Campaign: name, Killed: text(c.Killed)}
	if c.Registered != 0 {
		s.Registered = &registration{
			At: text(c.Registered), Ends: day(c.Spec.Ends).Format(time.DateOnly), MostAttempts: c.Spec.MostAttempts,
			WayIn: way{c.Spec.WayIn.Steps, c.Spec.WayIn.Label}, WayOut: way{c.Spec.WayOut.Steps, c.Spec.WayOut.Label},
		}
	}
	b, err := json.Marshal(s)
	if err != nil {
		return nil, fmt.Errorf("encode what was said of a campaign: %w", err)
	}
	return b, nil
}

// DecodeCampaign reads what EncodeCampaign wrote of the campaign of that name. No bytes
// are a campaign of which nobody said anything.
func DecodeCampaign(name rules.Campaign, b []byte) (Campaign, error) {
	if len(b) == 0 {
		return Campaign{}, nil
	}
	var s standingCampaign
	err := json.Unmarshal(b, &s, json.RejectUnknownMembers(true))
	if err != nil || s.Campaign != name {
		return Campaign{}, fmt.Errorf("decode what was said of a campaign: %w", ErrSpoilt)
	}
	var r reading
	c := Campaign{Killed: r.instant(s.Killed)}
	if said := s.Registered; said != nil {
		c.Registered = r.instant(said.At)
		c.Spec = rules.CampaignSpec{
			Ends: r.date(said.Ends), MostAttempts: said.MostAttempts,
			WayIn:  rules.WaySpec{Steps: said.WayIn.Steps, Label: said.WayIn.Label},
			WayOut: rules.WaySpec{Steps: said.WayOut.Steps, Label: said.WayOut.Label},
		}
		if c.Registered == 0 || c.Spec.MostAttempts < 1 {
			r.fail(errors.New("a registration says when it was made, and how often the campaign comes"))
		}
	}
	if r.err != nil || c == (Campaign{}) {
		return Campaign{}, fmt.Errorf("decode what was said of a campaign: %w", ErrSpoilt)
	}
	return c, nil
}

// day is the beginning of a date, in UTC.
func day(d rules.Date) time.Time { return time.Date(d.Year, d.Month, d.Day, 0, 0, 0, 0, time.UTC) }

// date reads a day, like 2026-06-30.
func (r *reading) date(s string) rules.Date {
	t, err := time.Parse(time.DateOnly, s)
	if err != nil {
		r.fail(err)
	}
	return rules.Date{Year: t.Year(), Month: t.Month(), Day: t.Day()}
}
