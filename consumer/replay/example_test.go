package replay_test

import (
	"context"
	"fmt"
	"os"
	"strings"

	"github.com/contactgovernor/governor/consumer/replay"
	"github.com/contactgovernor/governor/rules"
	"github.com/contactgovernor/governor/state/memstate"
)

// What was recorded is decided again, offline, by the same governor: the same lines always
// make the same bytes.
func Example() {
	policy, problems := rules.Compile(&rules.Spec{
		Name:     "example",
		Purposes: []rules.PurposeSpec{{Name: "offer", Class: rules.Solicitation}},
		Channels: []rules.ChannelSpec{{Name: "sms"}},
	})
	if len(problems) > 0 {
		fmt.Println(problems)
		return
	}
	ctx := context.Background()
	r, err := replay.New(ctx, policy, memstate.New(), os.Stdout)
	if err != nil {
		fmt.Println(err)
		return
	}
	err = r.Run(ctx, strings.NewReader(`
{"arrived":"2026-05-04T10:00:00Z","topic":"contact.intents","value":{"id":"i1","person":"ada","channel":"sms","purpose":"offer","campaign":"spring","at":"2026-05-04T10:00:00Z"}}
{"arrived":"2026-05-04T10:00:01Z","topic":"contact.signals","value":{"id":"s1","person":"ada","type":"refusal","at":"2026-05-04T10:00:01Z"}}
{"arrived":"2026-05-04T10:00:02Z","topic":"redeem","value":{"intent":"i1"}}
`))
	if err != nil {
		fmt.Println(err)
	}
	// Output:
	// {"topic":"contact.approved","value":{"id":"d-3dcc07c22891af901ab7a14f94348e6c","intent":"i1","person":"ada","channel":"sms","purpose":"offer","campaign":"spring","verdict":"approved","reason":"","reasons":[],"not_after":"2026-05-04T10:15:00.000Z","decided":"2026-05-04T10:00:00.000Z","policy":"","signals":0}}
	// {"topic":"contact.revoked","value":{"id":"rd-3dcc07c22891af901ab7a14f94348e6c","decision":"d-3dcc07c22891af901ab7a14f94348e6c","intent":"i1","person":"ada","reason":"refused.state","signal":"s1","revoked":"2026-05-04T10:00:01.000Z"}}
	// {"topic":"contact.standing","value":{"person":"ada","refusals":[{"kind":"refusal","at":"2026-05-04T10:00:01.000Z","signal":"s1"}],"opt_out":"2026-05-04T10:00:01.000Z","heard":[{"signal":"e8bc163c82eee18733288c7d4ac636db","at":"2026-05-04T10:00:01.000Z"}]}}
	// {"topic":"redeem","value":{"intent":"i1","ok":false,"reason":"revoked"}}
	// {"topic":"contact.veto-rates","value":{"minute":"2026-05-04T10:00:00.000Z","partition":0,"campaign":"spring","channel":"sms","purpose":"offer","engine":"","verdict":"approved","reason":"","count":1}}
}
