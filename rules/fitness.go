package rules

import (
	"fmt"
	"slices"
	"strings"
)

// Fitness says what is wrong with a registered campaign's way out, each in words
// that begin after "the campaign's"; nil if nothing is. A way out is fit if it is
// no longer than the way in and its label says, and says only, that it is one.
//
// Labels are judged by wordings known to beg, mock, stall or say nothing, in
// English, German, French, Spanish, Italian, Portuguese and Dutch. Where a label
// is like none of them it is fit: to stop a campaign over a plain label would be
// worse than to miss an exotic one.
func Fitness(c *CampaignSpec) []string {
	var wrong []string
	if c.WayOut.Steps > c.WayIn.Steps {
		wrong = append(wrong, fmt.Sprintf("way out takes %d steps and its way in %d: make the way out as short", c.WayOut.Steps, c.WayIn.Steps))
	}
	if strings.TrimSpace(c.WayOut.Label) == "" {
		return append(wrong, `way out has no label: call it what it is, for example "Unsubscribe"`)
	}
	if fault := faultOf(c.WayOut.Label); fault != "" {
		wrong = append(wrong, fmt.Sprintf(`way out is called %q, which %s: call it only what it is, for example "Unsubscribe" or "No, thanks"`, c.WayOut.Label, fault.told()))
	}
	return wrong
}

// fault is what a label does that it should not; "" if it is fit.
type fault string

const (
	begs   fault = "begs"
	mocks  fault = "mocks"
	stalls fault = "stalls"
	silent fault = "says nothing"
)

func (f fault) told() string {
	switch f {
	case begs:
		return "pleads with the person, threatens, or asks again"
	case mocks:
		return "makes the person speak ill of themselves or of their choice"
	case stalls:
		return "puts the choice off, waters it down, or sends the person elsewhere to make it"
	}
	return "does not say that it is the way out"
}

func faultOf(label string) fault {
	const most = 40 // words of a label that are read
	words := strings.Fields(Plain(label))
	words = words[:min(len(words), most)]
	switch {
	case len(words) == 0:
		return silent
	case likeAny(words, plainly):
		return ""
	case likeAny(words, begging):
		return begs
	case likeAny(words, mocking), likeAny(words, confessing) && !likeAny(words, ofContact):
		return mocks
	case likeAny(words, stalling) && !likeAny(words, noMore):
		return stalls
	case likeAny(words, sayingNothing) && !likeAny(words, leaving):
		return silent
	}
	return ""
}

// likeAny says whether the words are like one of the wordings, one a line. A
// wording is words that stand in the label one after the other, where a|b is one
// or the other, ab* and *ab are words that so begin or end, ... is any words or
// none, ^ is the label's beginning and $ its end. A line with # is a comment.
func likeAny(words []string, wordings string) bool {
	for line := range strings.Lines(wordings) {
		wording := strings.Fields(line)
		if len(wording) == 0 || wording[0] == "#" {
			continue
		}
		if wording[0] != "^" {
			wording = append([]string{"..."}, wording...)
		} else {
			wording = wording[1:]
		}
		if like(words, wording) {
			return true
		}
	}
	return false
}

func like(words, wording []string) bool {
	switch {
	case len(wording) == 0:
		return true
	case len(words) == 0 && slices.Contains(strings.Split(wording[0], "|"), "$"):
		return true
	case wording[0] == "...":
		for i := range len(words) + 1 {
			if like(words[i:], wording[1:]) {
				return true
			}
		}
		return false
	}
	return len(words) > 0 && isOne(words[0], wording[0]) && like(words[1:], wording[1:])
}

// isOne says whether the word is one of the choices.
func isOne(word, choices string) bool {
	for choice := range strings.SplitSeq(choices, "|") {
		if stem, ok := strings.CutSuffix(choice, "*"); ok && strings.HasPrefix(word, stem) {
			return true
		}
		if end, ok := strings.CutPrefix(choice, "*"); ok && strings.HasSuffix(word, end) {
			return true
		}
		if word == choice {
			return true
		}
	}
	return false
}
