package demo

import (
	"strconv"

	"github.com/contactgovernor/governor/schemas"
)

// mostWords is what fits beside the figures in 80 columns.
const mostWords = 36

// words says what a reason code means, to a person who has never seen one, in at
// most mostWords characters. A code without words speaks for itself.
func words(code string) string {
	switch code {
	case "refused.state":
		return "the person had said no"
	case "refused.channel_hop":
		return "no on one channel is no on all"
	case "refused.subject":
		return "the person had said no to it"
	case "refused.cancellation":
		return "the person had cancelled"
	case "refused.reprompt":
		return "the permission had been denied"
	case "refused.reask":
		return "after a no, consent is not asked for"
	case "refused.address":
		return "somebody there had said no"
	case "refused.tombstone":
		return "the person asked to be forgotten"
	case "silence":
		return "90 days of silence are an answer"
	case "silence.winback":
		return "no win-back into 90 days of silence"
	case "silence.streak":
		return "three in a row went unanswered"
	case "coalesced":
		return "another notice spoke for it"
	case "moot":
		return "its cause was gone"
	case "quiet.hours":
		return "it was not 09:00 to 20:00 there"
	case "quiet.person":
		return "the person wants quiet then"
	case "cap.any":
		return "three contacts in 7 days are enough"
	case "cap.email":
		return "two e-mails in 7 days are enough"
	case "cap.sms":
		return "one text message a day is enough"
	case "cap.push":
		return "one push message a day is enough"
	case "cap.call.day":
		return "one call in 24 hours is enough"
	case "cap.call.week":
		return "three calls in 7 days are enough"
	case "cap.call.campaign":
		return "three calls per campaign are enough"
	case "pace.min_gap":
		return "the last call was under 4 hours ago"
	case "channel.blast":
		return "another channel was just used"
	case "abandon.cooldown":
		return "a call was abandoned within 3 days"
	case "duplicate":
		return "the same id had been decided before"
	case "stale":
		return "it came too late"
	}
	return code
}

// because says why something was refused: the reasons, the most frequent first.
func because(reasons map[string]int) string {
	list := counted(reasons, nil)
	switch len(list) {
	case 0:
		return ""
	case 1:
		return ": " + list[0].Words
	}
	out := ": "
	for i, r := range list {
		if i > 0 {
			out += "; "
		}
		out += strconv.Itoa(r.Count) + " because " + r.Words
	}
	return out
}

// outcomeOf says what was decided.
func outcomeOf(d *schemas.Decision) string {
	if d.Verdict == schemas.Approved {
		return "approved"
	}
	return "refused, " + words(d.Reason)
}
