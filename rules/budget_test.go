package rules_test

import (
	"strings"
	"testing"

	"github.com/contactgovernor/governor/rules"
)

// The person's own limit: "per is a Go duration; budgets bind everything but
// exempt and service, which still counts toward them."
func TestBudget(t *testing.T) {
	who := with(sent(noon, rules.WasRedeemed, to("email", "service")))
	who.Budget = []rules.Budget{{Max: 1, Per: 36 * hour}}
	for _, purpose := range []rules.Purpose{"marketing", "collection", "permission_prompt"} {
		opens(t, house(t), who, to("mail", purpose), rules.BudgetPerson, noon.Add(36*hour))
	}
	for _, purpose := range []rules.Purpose{"service", "receipt", "legal"} {
		approved(t, ask(house(t), who, to("mail", purpose), noon.Add(hour)))
	}
	vetoed(t, ask(house(t), who, to("mail", "receipt", promotes), noon.Add(hour)), rules.BudgetPerson)

	t.Run("exempt classes do not count", func(t *testing.T) {
		who := with(sent(noon, rules.WasRedeemed, to("email", "receipt")), sent(noon+1, rules.WasRedeemed, to("email", "legal")))
		who.Budget = []rules.Budget{{Max: 1, Per: 36 * hour}}
		approved(t, ask(house(t), who, to("mail", "marketing"), noon.Add(hour)))
	})
	t.Run("what was given back does not count, what is out does until it expires", func(t *testing.T) {
		who.Contacts[0].Fate = rules.NotSent
		approved(t, ask(house(t), who, to("mail", "marketing"), noon.Add(hour)))
		who.Contacts[0].Fate = 0
		opens(t, house(t), who, to("mail", "marketing"), rules.BudgetPerson, noon.Add(15*minute))
	})
}

// A budget on one channel binds and counts that channel, one on none binds and
// counts all together; of several the strictest holds.
func TestBudgetsByChannel(t *testing.T) {
	who := with(sent(noon, rules.WasRedeemed, to("email", "collection")))
	who.Budget = []rules.Budget{{Channel: "sms", Max: 1, Per: 48 * hour}, {Channel: "email", Max: 1, Per: 36 * hour}}
	opens(t, house(t), who, to("email", "collection"), rules.BudgetPerson, noon.Add(36*hour))
	approved(t, ask(house(t), who, to("mail", "collection"), noon.Add(hour)))
	approved(t, ask(house(t), who, to("sms", "collection"), noon.Add(hour)))

	who.Budget = append(who.Budget, rules.Budget{Max: 1, Per: 40 * hour})
	opens(t, house(t), who, to("email", "collection"), rules.BudgetPerson, noon.Add(40*hour))

	d := ask(house(t), who, to("email", "collection"), noon.Add(37*hour))
	if !strings.Contains(d.Objections[0].Detail, "1 at most in 40h") {
		t.Errorf("the wrong budget is told: %q", d.Objections[0].Detail)
	}
}

// A budget of none is a wish for nothing, until the person says otherwise.
func TestBudgetOfNone(t *testing.T) {
	who := &rules.Person{Budget: []rules.Budget{{Max: 0, Per: hour}}}
	final(t, ask(house(t), who, to("email", "marketing"), noon), rules.BudgetPerson)
	approved(t, ask(house(t), who, to("email", "service"), noon))
}
