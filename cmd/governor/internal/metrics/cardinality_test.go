package metrics

import (
	"fmt"
	"strings"
	"testing"

	"github.com/contactgovernor/governor/cmd/governor/internal/desk"
	"github.com/contactgovernor/governor/consumer"
	"github.com/contactgovernor/governor/consumer/governor"
)

// "No person label; cardinality test": with however many campaigns, engines, channels, reasons and people, a scrape is as
// long as it was before, and names none of them. They are on contact.veto-rates, and on the page.
func TestNobodyWhoAsksMakesAScrapeLonger(t *testing.T) {
	p := newProcess(t)
	view := seen()
	p.view = view
	p.Acquired(0, 1)
	p.Committed(0, consumer.BatchReport{Intents: 1, Emitted: map[string]int{governor.Approved: 1}})
	before := p.scrape(t)

	for i := range 3000 {
		name := fmt.Sprintf("canary-%d", i)
		view.Figures.Pester = append(view.Figures.Pester, desk.Pester{Campaign: name, Engine: name, Intents: 3, AfterNo: 2})
		share := desk.Share{Name: name, Approved: 1, Vetoed: 1}
		view.ByReason, view.ByCampaign, view.ByChannel = append(view.ByReason, share), append(view.ByCampaign, share), append(view.ByChannel, share)
		p.Committed(0, consumer.BatchReport{Intents: 1, Emitted: map[string]int{governor.Vetoed: 1, name: 1}})
	}
	after := p.scrape(t)
	if len(after) != len(before) {
		t.Errorf("%d series, and %d after three thousand campaigns", len(before), len(after))
	}
	if text := strings.Join(after, "\n"); strings.Contains(text, "canary") {
		t.Errorf("somebody is named:\n%s", text)
	}
	if most := 9 + 80; len(after) > most { // of one partition, as the README has it
		t.Errorf("%d series, not %d at most", len(after), most)
	}
}
