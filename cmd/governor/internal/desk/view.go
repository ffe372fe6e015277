package desk

import "time"

// View is what there is to be seen at one moment. It does not change, and is shared
// by whoever asked for it: nobody may write into it.
type View struct {
	At       time.Time // when it was made
	Since    time.Time // what was decided from here on is in it
	Trouble  string    // why the topics cannot be read; "" while they can
	CaughtUp bool      // everything is in it that was in the topics a moment before; false at the start, and while they cannot be read

	Recent  []Verdict // the newest first, at most 200
	Minutes []Minute  // the oldest first; minutes without a decision are left out

	ByReason, ByCampaign, ByChannel []Share          // the largest first; what is beyond a bound is together under Others
	Lines                           map[string]int64 // objections by the line of the policy, as file:line
	Figures                         Figures
}

// Others is the name under which everything is counted that is beyond a bound on
// names.
const Others = "(others)"

// Verdict is one decision.
type Verdict struct {
	Decided    time.Time
	ID, Intent string
	Person     string // as it is: whoever shows it hides it from those whose role may not see it

	Channel, Campaign, Purpose, Subject, Brand, Engine string

	Verdict  string // approved or vetoed
	Reason   string // the first of Rules; "" on approval
	Rules    []Objection
	Earliest time.Time // zero: none
	Final    bool
}

// Objection is one rule that said no.
type Objection struct {
	Rule, Reason, Detail string
	Line                 string // where in the policy it stands, as file:line:column
	Earliest             time.Time
}

// Minute is what was decided in one, from contact.veto-rates.
type Minute struct {
	Start            time.Time
	Approved, Vetoed int64
	ByReason         map[string]int64 // of those vetoed, by the first reason

	ByCampaign, ByChannel map[string]Tally
}

// Tally is how many decisions there were of each kind.
type Tally struct{ Approved, Vetoed int64 }

// Share is what was decided about one name: a reason, a campaign, a channel.
type Share struct {
	Name             string
	Approved, Vetoed int64
}

// Figures are what the essays ask for, of the time that is kept. Definitions has the
// sentence for each.
type Figures struct {
	Exits, CleanExits int64
	ToQuiet           Quantiles
	ToHonour          Quantiles
	Pester            []Pester // the worst first
	InSilence         int64
	Revoked, Leaked   int64

	OneIn int64 // what is told of people is told of one in so many, and multiplied; 1: of all
}

// Quantiles are of durations. They are of those that there were, not estimates.
type Quantiles struct {
	N        int64
	P50, P99 time.Duration // 0 where N is
}

// Pester says how much an engine wanted of people who had said no.
type Pester struct {
	Campaign, Engine string
	Intents          int64 // that were decided
	AfterNo          int64 // of them those for people who had said no to it
}

// Definition is what a figure means.
type Definition struct {
	Name     string // as in Figures
	Title    string // for people
	Sentence string
}

// Definitions are of every figure, in the order in which they are shown.
func Definitions() []Definition {
	return []Definition{
		{"Exits", "Exits", "Refusals, cancellations and complaints that became known in the time that is kept, each once."},
		{"CleanExits", "Clean exits", "Exits after which nobody tried again: no intent that the no covers was approved, or vetoed for it, no worker was turned away for it, and no contact was under way."},
		{"ToQuiet", "Time to quiet", "Of the exits that were not clean: from when the no was known to the last attempt of any kind so far."},
		{"ToHonour", "Time to honour", "Of the exits after which a contact had to be blocked: from when the no was known to the last one that was."},
		{"Pester", "Pester index", "Of the intents of one campaign from one engine: how many were for people who had said no to it, so that they were vetoed as refused."},
		{"InSilence", "Respected silence", "People who did not answer for as long as the policy takes for an answer, and are left in silence now."},
		{"Revoked", "Taken back", "Approvals that were taken back before a worker had redeemed them, for what the person said meanwhile."},
		{"Leaked", "Leaks", "Approvals that a worker had taken when the no came: the contact may have happened after it."},
	}
}
