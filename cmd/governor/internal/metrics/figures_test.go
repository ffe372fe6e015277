package metrics

import (
	"testing"
	"time"

	"github.com/contactgovernor/governor/cmd/governor/internal/desk"
)

// seen is a view with something in every figure.
func seen() *desk.View {
	return &desk.View{
		At: noon, Since: noon.Add(-24 * time.Hour), CaughtUp: true,
		Figures: desk.Figures{
			Exits: 8, CleanExits: 6, InSilence: 7, Revoked: 3, Leaked: 1, OneIn: 2,
			ToQuiet: desk.Quantiles{N: 2, P50: time.Minute, P99: time.Hour}, ToHonour: desk.Quantiles{N: 1, P50: time.Second, P99: time.Second},
			Pester: []desk.Pester{{Campaign: "ana@example.org", Engine: "crm", Intents: 5, AfterNo: 4}, {Campaign: "b", Engine: "b", Intents: 2}},
		},
	}
}

// "Figures that the essays ask for, as metrics" (issue 7); and before anything was read
// there is no figure, for 0 would be one.
func TestTheFiguresAreTold(t *testing.T) {
	p := newProcess(t)
	p.view = &desk.View{}
	p.wants(t, "governor_figures_caught_up 0", "!governor_figures_exits", "!governor_figures_quiet_seconds")
	p.view = seen()
	p.wants(t, "governor_figures_caught_up 1", "governor_figures_since_seconds 1.7778096e+09", "governor_figures_one_in 2",
		"governor_figures_exits 8", "governor_figures_clean_exits 6", "governor_figures_silent_people 7",
		`governor_figures_quiet_seconds{percent="50"} 60`, `governor_figures_quiet_seconds{percent="99"} 3600`,
		`governor_figures_honour_seconds{percent="99"} 1`, "governor_figures_intents 7", "governor_figures_intents_after_no 4",
		"governor_figures_revoked 3", "governor_figures_leaked 1")
}
