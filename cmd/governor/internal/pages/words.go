package pages

import "strings"

// words says what a reason code means, to a person who has never seen one. A code without words
// speaks for itself.
func words(code string) string {
	if known, ok := meanings()[code]; ok {
		return known
	}
	switch {
	case strings.HasPrefix(code, "cap."):
		return "enough contacts already"
	case strings.HasPrefix(code, "custom."):
		return "a rule of this policy's own"
	}
	return code
}

func meanings() map[string]string {
	return map[string]string{
		"duplicate":            "decided before, under the same id",
		"intent.conflict":      "the same id with other content",
		"dedupe.content":       "the same message was just sent",
		"confirm.once":         "the opt-out was confirmed already",
		"confirm.late":         "too late to confirm an opt-out",
		"confirm.promo":        "a confirmation must not advertise",
		"refused.tombstone":    "the person asked to be forgotten",
		"refused.state":        "the person said no",
		"refused.channel_hop":  "a no on one channel is a no on all",
		"refused.subject":      "the person said no to this subject",
		"refused.cancellation": "the person had cancelled",
		"refused.reprompt":     "the permission was denied",
		"refused.reask":        "after a no, consent is not asked for",
		"refused.address":      "somebody at this address said no",
		"consent.required":     "there is no consent for it",
		"consent.void":         "the consent does not hold",
		"inhibited":            "something else goes first",
		"silence":              "long silence is an answer",
		"silence.streak":       "the last ones went unanswered",
		"silence.winback":      "no win-back into long silence",
		"not_yet":              "it is too early",
		"quiet.hours":          "quiet hours where the person is",
		"quiet.holiday":        "a holiday where the person is",
		"quiet.person":         "the person wants quiet then",
		"budget.person":        "more than the person allows",
		"pace.min_gap":         "too soon after the last one",
		"channel.blast":        "another channel was just used",
		"abandon.rate":         "too many calls with nobody there",
		"abandon.cooldown":     "a call had nobody there",
		"campaign.unfit":       "the campaign has no fit way out",
		"campaign.ended":       "the campaign is over",
		"campaign.killed":      "the campaign was stopped",
		"coalesced":            "another notice spoke for it",
		"moot":                 "its cause was gone",
		"outranked":            "something more urgent had the slot",
		"stale":                "it came too late",
		"state.unavailable":    "the state was not known",
	}
}
