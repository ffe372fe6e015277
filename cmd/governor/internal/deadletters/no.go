package deadletters

import (
	"fmt"

	"github.com/contactgovernor/governor/rules"
)

// Advice says what an unreadable no has done, and how that ends when somebody has looked:
// nothing, where the letter did nothing of the kind. Name is how a person is called.
func (l *Letter) Advice(name func(rules.PersonID) string) []string {
	if len(l.SaidNo) == 0 {
		return nil
	}
	who, them := name(l.SaidNo[0]), "this person"
	if len(l.SaidNo) > 1 {
		who, them = who+" and "+name(l.SaidNo[1]), "both"
	}
	return []string{
		fmt.Sprintf("It may be a no, and nobody knows of what. So %s is refused everything since it was heard, but what the law demands and what the person starts: doubt is a no. On contact.standing that is a refusal without a scope and without a signal.", who),
		"Sending it back, mended, adds what it says; it does not take that away. Only a later yes to everything does. When somebody has looked:",
		"1. See what it says: governor dlt show " + l.String() + " --show-person. If it is a no to everything, nothing is to be done.",
		"2. See what else " + them + " refused: GET /v1/people/ID of the API, under standing.refusals. The yes lifts older noes too.",
		fmt.Sprintf(`3. Say the yes, with what proves it: POST /v1/consent {"person":"ID","evidence":"dead letter %s, looked at by NAME: a no to …"}.`, l.Place),
		"4. Say every no again that is to stand, and the one that the letter has: governor refuse --person ID --channel …. A no counts from its own at: one that is sent back with an at from before the yes is lifted by it.",
	}
}
