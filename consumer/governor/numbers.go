package governor

import (
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/nyaruka/phonenumbers"

	"github.com/contactgovernor/governor/rules"
	"github.com/contactgovernor/governor/rules/zones"
)

// mostNumbers bounds how many numbers are kept. Reading one takes longer than all
// of a decision.
const mostNumbers = 10_000

// numbers knows where telephone numbers belong. The zero value is ready.
type numbers struct {
	places map[rules.Address][]*time.Location
}

// zones are those in which whoever is called or texted at the address may be, as
// far as the number tells: those of its area, or, of a number that can be carried
// about, those of the whole country code. None where the address is not written as
// E.164 has it, where there is no such number, and where it belongs to no place, as
// a toll-free one.
func (n *numbers) zones(channel rules.Channel, address rules.Address, find *zones.Finder) []*time.Location {
	if channel != rules.ChannelCall && channel != channelSMS || !isE164(string(address)) {
		return nil
	}
	if places, known := n.places[address]; known {
		return places
	}
	if len(n.places) >= mostNumbers || n.places == nil {
		n.places = make(map[rules.Address][]*time.Location)
	}
	places := placesOf(string(address), find)
	n.places[address] = places
	return places
}

// channelSMS is the other channel whose addresses are telephone numbers.
const channelSMS rules.Channel = "sms"

func placesOf(address string, find *zones.Finder) []*time.Location {
	number, err := phonenumbers.Parse(address, phonenumbers.UNKNOWN_REGION)
	if err != nil || !phonenumbers.IsValidNumber(number) {
		return nil
	}
	prefix := strconv.Itoa(int(number.GetCountryCode()))
	switch phonenumbers.GetNumberType(number) {
	case phonenumbers.FIXED_LINE, phonenumbers.FIXED_LINE_OR_MOBILE:
		prefix = address
	case phonenumbers.MOBILE:
		if phonenumbers.GEO_MOBILE_COUNTRIES[number.GetCountryCode()] { // they give mobile numbers by area
			prefix = address
		}
	case phonenumbers.VOIP, phonenumbers.PERSONAL_NUMBER, phonenumbers.PAGER:
	default:
		return nil
	}
	names, err := phonenumbers.GetTimezonesForPrefix(prefix)
	if err != nil || slices.Contains(names, phonenumbers.UNKNOWN_TIMEZONE) {
		return nil
	}
	names = slices.Clone(names)
	for i, name := range names {
		if number.GetCountryCode() == 7 && name == "Europe/Bucharest" { // had the same time until 2011
			names[i] = "Europe/Kaliningrad"
		}
	}
	places, err := find.FindAll(names)
	if err != nil {
		return nil // a zone that we do not know: better all of the default region than a part of the truth
	}
	return places
}

// isE164 says whether the address is a plus and 7 to 15 digits, of which the first
// is no zero.
func isE164(address string) bool {
	digits, plus := strings.CutPrefix(address, "+")
	return plus && len(digits) >= 7 && len(digits) <= 15 && digits[0] != '0' && strings.Trim(digits, "0123456789") == ""
}
