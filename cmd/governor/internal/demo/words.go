package demo

import (
	"strconv"

	"github.com/contactgovernor/governor/schemas"
)

// words says what a reason code means, to a person who has never seen one.
func words(code string) string {
	switch code {
	case "refused.state":
		return "the person had said no"
	case "refused.channel_hop":
		return "the person had said no to it on another channel"
	case "refused.subject":
		return "the person had said no to it"
	case "refused.cancellation":
		return "the person had cancelled"
	case "refused.reprompt":
		return "the person had denied the permission"
	case "refused.reask":
		return "the person had said no, and was to be asked to consent"
	case "refused.address":
		return "somebody at that address had said no"
	case "refused.tombstone":
		return "the person had asked to be forgotten"
	case "silence":
		return "90 days without an answer are an answer"
	case "silence.winback":
		return "90 days without an answer are no reason to win back"
	case "silence.streak":
		return "three in a row had gone unanswered"
	case "coalesced":
		return "another notice about the same thing spoke for it"
	case "moot":
		return "its cause was gone"
	case "quiet.hours":
		return "it was outside 09:00 to 20:00 at the person's"
	case "quiet.person":
		return "the person wants quiet at that time"
	case "cap.any":
		return "three contacts in seven days are enough"
	case "cap.email":
		return "two e-mails in seven days are enough"
	case "cap.sms":
		return "one text message a day is enough"
	case "cap.push":
		return "one push message a day is enough"
	case "cap.call.day":
		return "one call in 24 hours is enough"
	case "cap.call.week":
		return "three calls in seven days are enough"
	case "cap.call.campaign":
		return "three calls of one campaign are enough, ever"
	case "pace.min_gap":
		return "the last call was less than four hours ago"
	case "channel.blast":
		return "the campaign had just used another channel"
	case "abandon.cooldown":
		return "a call had been abandoned within three days"
	case "duplicate":
		return "it had been asked before, under the same id"
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
