package rules

import (
	"slices"
	"strings"
)

// Reason is the code of a veto. Codes are fixed names of the contract; a cap's
// code ends with the name that the policy gives the cap, and so does that of a
// custom rule (custom.<name>, which the contract does not have).
type Reason string

// The reasons.
const (
	Duplicate           Reason = "duplicate"
	Conflict            Reason = "intent.conflict"
	SameContent         Reason = "dedupe.content"
	ConfirmOnce         Reason = "confirm.once"
	ConfirmLate         Reason = "confirm.late"
	ConfirmPromo        Reason = "confirm.promo"
	RefusedTombstone    Reason = "refused.tombstone"
	RefusedState        Reason = "refused.state"
	RefusedChannelHop   Reason = "refused.channel_hop"
	RefusedSubject      Reason = "refused.subject"
	RefusedCancellation Reason = "refused.cancellation"
	RefusedReprompt     Reason = "refused.reprompt"
	RefusedReask        Reason = "refused.reask"
	RefusedAddress      Reason = "refused.address"
	ConsentRequired     Reason = "consent.required"
	ConsentVoid         Reason = "consent.void"
	Inhibited           Reason = "inhibited"
	Silence             Reason = "silence"
	SilenceStreak       Reason = "silence.streak"
	SilenceWinback      Reason = "silence.winback"
	NotYet              Reason = "not_yet"
	QuietHours          Reason = "quiet.hours"
	QuietHoliday        Reason = "quiet.holiday"
	QuietPerson         Reason = "quiet.person"
	capPrefix           Reason = "cap."
	BudgetPerson        Reason = "budget.person"
	MinGap              Reason = "pace.min_gap"
	ChannelBlast        Reason = "channel.blast"
	AbandonRate         Reason = "abandon.rate"
	AbandonCooldown     Reason = "abandon.cooldown"
	CampaignUnfit       Reason = "campaign.unfit"
	CampaignEnded       Reason = "campaign.ended"
	CampaignKilled      Reason = "campaign.killed"
	customPrefix        Reason = "custom."
	Coalesced           Reason = "coalesced"
	Moot                Reason = "moot"
	Outranked           Reason = "outranked"
	Stale               Reason = "stale"
	Unavailable         Reason = "state.unavailable"
)

// order is the order in which the first reason of a decision is chosen. It is
// the contract's, but for the tombstone: semantics.md says of erasure that "its
// code comes before all other refused.*", and that protects the person better.
func order() []Reason {
	return []Reason{
		Duplicate, Conflict, SameContent, ConfirmOnce, ConfirmLate, ConfirmPromo,
		RefusedTombstone, RefusedState, RefusedChannelHop, RefusedSubject, RefusedCancellation,
		RefusedReprompt, RefusedReask, RefusedAddress,
		ConsentRequired, ConsentVoid, Inhibited, Silence, SilenceStreak, SilenceWinback,
		NotYet, QuietHours, QuietHoliday, QuietPerson, capPrefix, BudgetPerson, MinGap, ChannelBlast,
		AbandonRate, AbandonCooldown, CampaignUnfit, CampaignEnded, CampaignKilled, customPrefix,
		Coalesced, Moot, Outranked, Stale, Unavailable,
	}
}

// rank is the place of the reason in the order; all caps share one, and so do
// all custom rules.
func rank(r Reason) int {
	for _, prefix := range []Reason{capPrefix, customPrefix} {
		if strings.HasPrefix(string(r), string(prefix)) {
			r = prefix
		}
	}
	return slices.Index(order(), r)
}
