package rules

import "time"

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

	ApprovalLife Span // how long an approval may be redeemed; default 15 minutes
	MaxAge       Span // an intent of this age is stale; default 72 hours
	Confirmation Span // how long an opt-out may be confirmed; default 5 minutes

	OptOutPhrases []string // beyond the words that the law names
	OptInPhrases  []string

	ConsentRequired []ConsentSpec
	SameMessage     *SpanRule // the same message, once within
	Silence         *SpanRule // unanswered for so long is an answer
	Streak          *StreakSpec
	Hours           []HoursSpec
	Caps            []CapSpec
	Gaps            []GapSpec
	OneChannel      *SpanRule // the same campaign on one channel only, within
	Abandoned       *SpanRule // no predictive call for so long after an abandoned one
	Notices         *NoticeSpec
}

// Span is a duration with the place where it was written.
type Span struct {
	Of   time.Duration // 0 where absent
	Line Position
}

// SpanRule is a rule that has no other setting than a duration.
type SpanRule struct {
	Within time.Duration
	Line   Position
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

// ConsentSpec demands a consent for what it selects.
type ConsentSpec struct {
	Binds Selector
	Line  Position
}

// StreakSpec ends a campaign after so many unanswered contacts.
type StreakSpec struct {
	Most int
	Line Position
}

// HoursSpec opens channels at some hours of the week.
type HoursSpec struct {
	Binds Selector
	Open  []OpenSpec
	Line  Position
}

// OpenSpec is one opening: from From until To local time since midnight,
// half-open, on each of the days; To is at most 24 hours.
type OpenSpec struct {
	Days     [7]bool // indexed by time.Weekday
	From, To time.Duration
	Line     Position
}

// CapSpec allows at most Most contacts within a rolling window of In, or ever.
type CapSpec struct {
	Name        string // the reason is cap.<name>
	Most        int
	In          time.Duration // 0 means ever, and Ever must say so
	Ever        bool
	Binds       Selector
	Counts      Selector
	PerCampaign bool
	Line        Position
}

// GapSpec keeps contacts apart.
type GapSpec struct {
	Least  time.Duration
	Binds  Selector
	Counts Selector
	Line   Position
}

// NoticeSpec puts notices about one subject together.
type NoticeSpec struct {
	Wait   time.Duration
	Repeat time.Duration
	Line   Position
}
