package state

import "github.com/contactgovernor/governor/rules"

// names are the words of a contact that other contacts of the person are likely to have
// too: in memory one string for all of those, in a log written once in a row of them.
type names [nameCount]string

const nameCount = 9

func namesOf(c *rules.Contact) names {
	return names{
		string(c.Channel), string(c.Purpose), string(c.Campaign), string(c.Class),
		string(c.Subject), string(c.Brand), string(c.Address), string(c.Mode), c.Message,
	}
}

// name gives a contact those words.
func (n *names) name(c *rules.Contact) {
	c.Channel, c.Purpose, c.Campaign, c.Class = rules.Channel(n[0]), rules.Purpose(n[1]), rules.Campaign(n[2]), rules.Class(n[3])
	c.Subject, c.Brand, c.Address, c.Mode, c.Message = rules.Subject(n[4]), rules.Brand(n[5]), rules.Address(n[6]), rules.Mode(n[7]), n[8]
}

// share makes the words that two contacts have in common the same strings.
func share(c, with *rules.Contact) {
	now, before := namesOf(c), namesOf(with)
	for i := range now {
		if now[i] == before[i] {
			now[i] = before[i]
		}
	}
	now.name(c)
}
