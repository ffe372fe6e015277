package rules

import (
	"slices"
	"time"
)

// Spec is a policy as it was written, before it is checked: what a policy file
// says, with the place of every word. Compile makes a Policy of it. Package
// policyfile reads it from YAML.
//
// Absent rules (nil) are rules that the policy does not have. The core cannot
// be left out: refusals, duplicates, consent, approvals of a limited life,
// staleness and what the person asked for hold under every policy.
type Spec struct {
	Name string // as decisions name it
	Hash string // of the bytes it was read from

	Purposes []PurposeSpec
	Channels []ChannelSpec
	Zones    []ZoneSpec // where a person may be of whom nothing is known; all of them must allow

	Clock     Clock    // whose time decisions are made at
	ClockLine Position // where that is written

	ApprovalLife Span // how long an approval may be redeemed; default 15 minutes
	MaxAge       Span // an intent of this age is stale; default 72 hours
	Confirmation Span // how long an opt-out may be confirmed; default 5 minutes

	OptOutPhrases []string       // beyond the words that the law names
	OptOutOf      []OptOutOfSpec // phrases for a no that name the medium
	OptInPhrases  []string

	ConsentRequired []ConsentSpec
	AnswerOnce      *TermsRule // whoever asks through a refused medium is answered once
	SameMessage     *SpanRule  // the same message, once within
	Silence         *SpanRule  // unanswered for so long is an answer
	Streak          *StreakSpec
	Hours           []HoursSpec
	Holidays        []HolidaySpec
	Caps            []CapSpec
	Pauses          []PauseSpec
	Gaps            []GapSpec
	OneChannel      *SpanRule // the same campaign on one channel only, within
	Abandoned       *SpanRule // no predictive call for so long after an abandoned one
	AbandonRates    []RateSpec
	Campaigns       []CampaignSpec
	Registered      *TermsRule // only campaigns that are registered
	Custom          []CustomSpec
	Notices         *NoticeSpec

	Combined bool // it was put together from several policies

	// Beside are what is left of the others, where several policies are put
	// together: the rules of which a policy has one and which are not the same at
	// every time, and whom Registered lets through. All of them hold. Nothing else
	// of them is read.
	Beside []*Spec
}

// Terms are what every rule may carry beside what it says.
type Terms struct {
	Line       Position
	From       Date   // the first day of force, local to the person; zero: always was
	Until      Date   // the last day of force; zero: for good
	Shadow     bool   // it is decided and reported, and not enforced
	Cites      string // the sentence or paragraph that it comes from
	Unverified bool   // nobody read the source itself
}

// Date is a day of the calendar. The zero value is absent.
type Date struct {
	Year  int
	Month time.Month
	Day   int
}

// Span is a duration with the place where it was written.
type Span struct {
	Of   time.Duration // 0 where absent
	Line Position
}

// SpanRule is a rule that has no other setting than a duration.
type SpanRule struct {
	Terms
	Within time.Duration
}

// TermsRule is a rule that has no setting of its own.
type TermsRule struct {
	Terms
}

// PurposeSpec declares a purpose.
type PurposeSpec struct {
	Name  Purpose
	Class Class
	Role  Role
	Line  Position
}

// ChannelSpec declares a channel.
type ChannelSpec struct {
	Name Channel
	// Silent channels report no delivery: sent, or the redemption, counts as one.
	Silent bool
	Line   Position
}

// ZoneSpec is one zone of the default region.
type ZoneSpec struct {
	Zone *time.Location
	Line Position
}

// OptOutOfSpec says which phrases are a no to a channel, by whatever channel they
// come: "stop calling me", as a text, is a no to calls and to texts.
type OptOutOfSpec struct {
	Channel Channel
	Phrases []string
	Line    Position
}

// OptOuts are all phrases for a no.
func (s *Spec) OptOuts() []string {
	all := slices.Clone(s.OptOutPhrases)
	for _, of := range s.OptOutOf {
		all = append(all, of.Phrases...)
	}
	return all
}

// ConsentSpec demands a consent for what it selects.
type ConsentSpec struct {
	Terms
	Binds Selector
}

// StreakSpec ends a campaign after so many unanswered contacts.
type StreakSpec struct {
	Terms
	Most int
}

// HoursSpec opens channels at some hours of the week.
type HoursSpec struct {
	Terms
	Binds Selector
	Open  []OpenSpec
}

// OpenSpec is one opening: from From until To local time since midnight,
// half-open, on each of the days; To is at most 24 hours.
type OpenSpec struct {
	Days     [7]bool // indexed by time.Weekday
	From, To time.Duration
	Line     Position
}

// HolidaySpec closes channels on some days of the year, from midnight to
// midnight where the person is.
type HolidaySpec struct {
	Terms
	Binds Selector
	Days  []HolidayDay
}

// HolidayDay is a day of every year, a day of one year, or a day so many days
// from Easter Sunday (of the Gregorian calendar) of every year.
type HolidayDay struct {
	Date   Date // the Year is 0 for every year; zero where it depends on Easter
	Easter bool
	Offset int // days after Easter Sunday, or before it if negative
	Line   Position
}

// CapSpec allows at most Most contacts within a window.
type CapSpec struct {
	Terms
	Name    string // the reason is cap.<name>
	Most    int
	In      Window
	Binds   Selector
	Counts  Selector
	Per     []Key // counts only contacts that are the same in all of these
	Waiver  *WaiverSpec
	Reserve *ReserveSpec

	// Arbitrate is for how long the last slot waits for whoever needs it more
	// urgently; 0 is not at all.
	Arbitrate time.Duration
}

// Window is a time over which contacts are counted.
type Window struct {
	Kind   WindowKind
	Length time.Duration // of Rolling and Successive
	Days   int           // of CalendarDays
}

// WindowKind is how a window moves.
type WindowKind uint8

// The kinds of windows. Those of the calendar are local to the person; where
// several zones are possible a contact counts as long as it does in any.
const (
	Rolling       WindowKind = iota // (now−Length, now]
	Ever                            // a contact never leaves it
	CalendarDays                    // the day of the contact is day 1 of Days
	CalendarWeek                    // from Monday to Sunday
	CalendarMonth                   // from the first to the last
	Successive                      // periods of Length, one after the other, from the first contact counted on
)

// Key is what contacts may be told apart by.
type Key string

// The keys.
const (
	PerCampaign Key = "campaign"
	PerSubject  Key = "subject"
	PerBrand    Key = "brand"
	PerChannel  Key = "channel"
	PerAddress  Key = "address"
)

// Keys lists every key.
func Keys() []Key { return []Key{PerCampaign, PerSubject, PerBrand, PerChannel, PerAddress} }

// WaiverSpec sets a cap or a pause aside while a consent of the person is that
// fresh, and no conversation has followed it. What is contacted then does not
// count toward the cap later either.
type WaiverSpec struct {
	For Window // Rolling or CalendarDays
}

// ReserveSpec keeps the last slots of a cap for what is urgent.
type ReserveSpec struct {
	Slots    int
	Priority int // from this priority on an intent may have them
}

// PauseSpec keeps away after a conversation with the person.
type PauseSpec struct {
	Terms
	Name   string // the reason is cap.<name>
	Binds  Selector
	For    Window // Rolling or CalendarDays
	Per    []Key  // PerSubject, PerChannel or both: which conversations it is about
	Waiver *WaiverSpec
}

// GapSpec keeps contacts apart.
type GapSpec struct {
	Terms
	Least  time.Duration
	Binds  Selector
	Counts Selector
}

// RateSpec stops the predictive calls of a campaign for the rest of the period
// in which more than so many of those that were answered were abandoned.
type RateSpec struct {
	Terms
	Name   string         // tells the rates of several policies apart
	Most   int            // in thousandths: 30 is 3 %
	Period Window         // Successive (from the campaign's first approved call), CalendarDays of 1, CalendarWeek or CalendarMonth
	Zone   *time.Location // whose calendar it is; nil is the first of the default zones
}

// CampaignSpec registers a campaign.
type CampaignSpec struct {
	Name         Campaign
	Ends         Date // the last day
	MostAttempts int  // for each person
	WayIn        WaySpec
	WayOut       WaySpec
	Killed       bool // stopped by its owner
	Line         Position
}

// WaySpec is how one joins, or leaves.
type WaySpec struct {
	Steps int
	Label string // what the person presses
	Line  Position
}

// CustomSpec is a rule of the policy's own making.
type CustomSpec struct {
	Terms
	Name   string // the reason is custom.<name>
	Binds  Selector
	Vetoes func(*CustomFacts) (bool, error) // pure: the same facts, the same answer; safe for concurrent use
}

// CustomFacts are what a custom rule may look at.
type CustomFacts struct {
	Intent   *Intent
	Class    Class          // as judged
	Counts   map[string]int // by the name of every cap: how many contacts of the person it counts, whether it binds this intent or not
	Contacts int            // all that count and are remembered
	Silent   bool           // a solicitation reached the person since the last human act
}

// NoticeSpec puts notices about one subject together.
type NoticeSpec struct {
	Terms
	Wait   time.Duration
	Repeat time.Duration
}
