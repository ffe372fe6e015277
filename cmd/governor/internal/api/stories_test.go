package api

import (
	"context"
	"fmt"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/contactgovernor/governor/cmd/governor/internal/api/access"
	"github.com/contactgovernor/governor/rules"
	"github.com/contactgovernor/governor/state"
)

func intent(id, person, more string) string {
	return fmt.Sprintf(`{"id":%q,"person":%q,"channel":"email","purpose":"marketing","campaign":"spring","engine":"shop","at":"2026-05-01T09:59:00Z"%s}`, id, person, more)
}

const asked = `{"person":"ann","channel":"email","purpose":"marketing","campaign":"spring"}`

// Ann says no to e-mail, and later yes again with evidence.
func TestANoIsEasyAndAYesTakesEvidence(t *testing.T) {
	w := newWorld(t)
	a := w.ask("view", "POST", "/v1/preflight", asked)
	a.want(t, "before", http.StatusOK, `"verdict":"approved"`, `"promise":false`, `"held":false`, noPromise, `{"rule":"cap.any","used":0,"limit":3}`)

	a = w.ask("operate", "POST", "/v1/refuse", `{"id":"s1","person":"ann","channel":"email"}`)
	a.want(t, "no", http.StatusOK, `{"recorded":true,"signal":"s1","at":"2026-05-01T10:00:00.000Z"}`)
	a = w.ask("operate", "POST", "/v1/preflight", asked)
	a.want(t, "after the no", http.StatusOK, `"reason":"refused.state"`, `"final":true`)

	w.pass(time.Hour)
	a = w.ask("consent", "POST", "/v1/consent", `{"id":"s2","person":"ann","channel":"email","source":"shop","evidence":"signed form 7"}`)
	a.want(t, "yes", http.StatusOK, `"signal":"s2"`)
	a = w.ask("view", "POST", "/v1/preflight", asked)
	a.want(t, "after the yes", http.StatusOK, `"verdict":"approved"`)
	a = w.ask("view", "GET", "/v1/people/ann", "")
	a.want(t, "the evidence is stored with the yes", http.StatusOK, `"evidence":"signed form 7"`, `"kind":"refusal"`)

	w.pass(time.Hour)
	a = w.ask("consent", "POST", "/v1/consent", `{"person":"ann","source":"settings","at":"2026-05-01T09:00:00Z"}`)
	a.want(t, "a yes from before", http.StatusOK, `"signal":"api-`, `"at":"2026-05-01T09:00:00.000Z"`)
	a = w.ask("operate", "POST", "/v1/refuse", `{"person":"ann"}`)
	a.want(t, "everything", http.StatusOK)
	a = w.ask("view", "POST", "/v1/preflight", `{"person":"ann","channel":"sms","purpose":"survey","campaign":"x"}`)
	a.want(t, "everything", http.StatusOK, `"reason":"refused.state"`)
}

// A worker redeems, tells what became of it; another is late.
func TestAWorkerRedeemsOnce(t *testing.T) {
	w := newWorld(t)
	d := w.intend(intent("i1", "ann", ""))
	ask := func(worker string) answer {
		return w.ask("operate", "POST", "/v1/redeem", fmt.Sprintf(`{"person":"ann","intent":"i1","worker":%q}`, worker))
	}
	a := ask("w1")
	a.want(t, "first", http.StatusOK, `"ok":true,"reason":"","intent":"i1","decision":"`+d.ID+`","not_after":"2026-05-01T10:15:00.000Z"`)
	a = ask("w1")
	a.want(t, "the answer was lost", http.StatusOK, `"ok":true`, `"again":true`)
	a = ask("w2")
	a.want(t, "another", http.StatusOK, `"ok":false,"reason":"already_redeemed"`)
	a = w.ask("operate", "POST", "/v1/outcomes", `{"person":"ann","intent":"i1","result":"delivered"}`)
	a.want(t, "outcome", http.StatusOK, `"recorded":true`)
	a = w.ask("view", "GET", "/v1/people/ann", "")
	a.want(t, "ann", http.StatusOK, `"state":"delivered","counts":true,"redeemed":"2026-05-01T10:00:00.000Z","delivered":"2026-05-01T10:00:00.000Z"`,
		"shop wanted to contact you by email for marketing (campaign spring); it was allowed to, since nothing spoke against it: silence.streak had 0 of 3, cap.any had 0 of 3",
		"A worker was about to contact you for i1, and was allowed to begin until 2026-05-01T10:15:00.000Z.",
		"A worker was about to contact you for i1, and was not allowed to (already_redeemed).", `"whole":true`)
}

// Receipts: why was I contacted, why was I left alone.
func TestReceiptsSayWhy(t *testing.T) {
	w := newWorld(t)
	w.intend(intent("i1", "ann", ""))
	w.intend(intent("i2", "ann", ""))
	w.ask("operate", "POST", "/v1/redeem", `{"person":"ann","intent":"i1","worker":"w1"}`)
	w.ask("operate", "POST", "/v1/refuse", `{"person":"ann"}`)
	w.intend(intent("i3", "ann", `,"subject":"shoes"`))
	w.intend(intent("i4", "bob", `,"not_before":"2026-05-01T12:00:00Z"`))
	a := w.ask("view", "GET", "/v1/people/ann", "")
	a.want(t, "ann", http.StatusOK,
		"The approval for i2 was taken back before anybody used it (refused.state).",
		"You said no when a worker had already been allowed to begin: that contact may have come after your no.", `"leaked":true`,
		"shop wanted to contact you by email for marketing (campaign spring) about shoes; it was not allowed to (refused.state): ",
		". Asking again is pointless unless you act.", `"vetoed":[{"at":"2026-05-01T10:00:00.000Z","decision":"d-`)
	if n := len(a.fields["receipts"].([]any)); n != 6 {
		t.Errorf("%d receipts: %s", n, a.text)
	}
	a = w.ask("view", "GET", "/v1/people/bob", "")
	a.want(t, "bob", http.StatusOK, "(not_yet)", ". It may ask again from 2026-05-01T12:00:00.000Z on.")
	a = w.ask("view", "GET", "/v1/people/nobody", "")
	a.want(t, "nobody", http.StatusOK, `"contacts":[],"held":[],"vetoed":[],"receipts":[],"whole":true`)
	a = w.ask("view", "GET", "/v1/people/ann/export", "")
	a.want(t, "export", http.StatusOK, `"log":[{"topic":"contact.intents","offset":`, `"topic":"contact.signals"`, `"topic":"contact.redeemed"`, `"topic":"contact.leaked"`)
}

// "Erasure keeps every no … and forgets the rest."
func TestErasureForgetsAllButTheNo(t *testing.T) {
	w := newWorld(t)
	w.intend(intent("i1", "a/b c", ""))
	a := w.ask("consent", "POST", "/v1/people/a%2Fb%20c/erase", "")
	a.want(t, "erase", http.StatusOK, `"recorded":true`)
	a = w.ask("view", "GET", "/v1/people/a%2Fb%20c", "")
	a.want(t, "the person", http.StatusOK, `"person":"a/b c"`, `"erased":"2026-05-01T10:00:00.000Z"`, `"contacts":[]`)
	a = w.ask("consent", "POST", "/v1/people/..%2F..%2Fv1%2Fpolicy/erase", `{"id":"e1","at":"2026-05-01T09:00:00Z"}`)
	a.want(t, "an id that looks like a path", http.StatusOK, `"signal":"e1"`)
}

// Two records of one person: whoever asks for one of them finds all.
func TestWhoHasTwoRecordsIsOnePerson(t *testing.T) {
	w := newWorld(t)
	other := ""
	for i := 0; other == ""; i++ { // one in another partition
		if id := fmt.Sprintf("ann-%d", i); w.home(rules.PersonID(id)) != w.home("ann") {
			other = id
		}
	}
	a := w.ask("operate", "POST", "/v1/refuse", `{"person":"`+other+`","channel":"sms"}`)
	a.want(t, "no", http.StatusOK)
	w.intend(intent("i1", "ann", ""))
	if err := w.Append(t.Context(), rules.PersonID(other), []byte(`{"id":"m1","person":"`+other+`","type":"merge","into":"ann","at":"2026-05-01T10:00:00Z"}`)); err != nil {
		t.Fatal(err)
	}
	for _, id := range []string{"ann", other} {
		a = w.ask("view", "GET", "/v1/people/"+id, "")
		a.want(t, id, http.StatusOK, `"home":"ann"`, `"records":["ann","`+other+`"]`, `"channel":"sms"`, `"intent":"i1"`)
	}
	a = w.ask("view", "POST", "/v1/preflight", `{"person":"`+other+`","channel":"email","purpose":"marketing","campaign":"spring"}`)
	a.want(t, "of the record that was merged away", http.StatusOK, `"reason":"state.unavailable"`, "publish it under the record that this one was merged into")
	a = w.ask("view", "POST", "/v1/preflight", `{"person":"ann","channel":"sms","purpose":"marketing","campaign":"spring"}`)
	a.want(t, "of the home", http.StatusOK, `"reason":"refused.state"`)
}

// A notice waits for others about its subject; preflight says until when, and what then.
func TestPreflightOfANoticeSaysUntilWhenItWouldWait(t *testing.T) {
	w := newWorld(t)
	notice := `{"person":"ann","channel":"email","purpose":"service","campaign":"toll","subject":"toll-7"}`
	a := w.ask("view", "POST", "/v1/preflight", notice)
	a.want(t, "alone", http.StatusOK, `"held":true,"until":"2026-05-01T10:15:00.000Z"`, noPromiseHeld, `"verdict":"approved"`)
	w.intend(`{"id":"n1","person":"ann","channel":"email","purpose":"service","campaign":"toll","subject":"toll-7","at":"2026-05-01T10:00:00Z"}`)
	w.pass(5 * time.Minute)
	a = w.ask("view", "POST", "/v1/preflight", notice)
	a.want(t, "the second", http.StatusOK, `"held":true,"until":"2026-05-01T10:15:00.000Z"`, `"reason":"coalesced"`)
	a = w.ask("view", "GET", "/v1/people/ann", "")
	a.want(t, "who waits", http.StatusOK, `"held":[{"arrived":"2026-05-01T10:00:00.000Z"`, `"subject":"toll-7"`)
	w.pass(10 * time.Minute) // what is due by now happens first
	a = w.ask("view", "POST", "/v1/preflight", notice)
	a.want(t, "the next one, if nobody redeems the first", http.StatusOK, `"held":true,"until":"2026-05-01T10:30:00.000Z"`, `"verdict":"approved"`)
}

// Where the last slot of a cap waits for whoever is more urgent, preflight says so, and
// who would get it.
func TestPreflightOfALastSlotSaysWhoWouldGetIt(t *testing.T) {
	file := filepath.Join(t.TempDir(), "ours.yaml")
	if err := os.WriteFile(file, []byte("policy: ours\nvocabulary: no-means-no\ncaps:\n  - {name: any, of: {class: solicitation}, at_most: 1, within: 7d, arbitrate: 5m}\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	w := newWorldUnder(t, file)
	a := w.ask("view", "POST", "/v1/preflight", asked)
	a.want(t, "alone", http.StatusOK, `"held":true,"until":"2026-05-01T10:05:00.000Z"`, `"verdict":"approved"`)
	w.intend(intent("i1", "ann", `,"priority":80`))
	w.pass(time.Minute)
	a = w.ask("view", "POST", "/v1/preflight", asked)
	a.want(t, "somebody is more urgent", http.StatusOK, `"held":true,"until":"2026-05-01T10:05:00.000Z"`, `"reason":"outranked"`)
	a = w.ask("view", "POST", "/v1/preflight", strings.Replace(asked, "{", `{"priority":90,`, 1))
	a.want(t, "nobody is", http.StatusOK, `"held":true`, `"verdict":"approved"`)
	a = w.ask("view", "GET", "/v1/people/ann", "")
	a.want(t, "who waits", http.StatusOK, `"held":[{"arrived":"2026-05-01T10:00:00.000Z"`)
}

// Preflight changes nothing, and asks about addresses, numbers and rates as the
// partition's worker does.
func TestPreflightChangesNothing(t *testing.T) {
	w := newWorld(t)
	w.ask("operate", "POST", "/v1/refuse", `{"person":"bob","channel":"call","address":"+442079460000"}`)
	before := w.writes()
	call := func(person, more string) answer {
		return w.ask("view", "POST", "/v1/preflight", `{"id":"x","person":"`+person+`","channel":"call","purpose":"marketing","campaign":"c","address":"+442079460000","zones":["Europe/London"]`+more+`}`)
	}
	a := call("bob", "")
	a.want(t, "who said so", http.StatusOK, `"reason":"refused.address"`)
	a = call("ann", `,"mode":"predictive","override":true,"person2":1`)
	a.want(t, "who shares the telephone", http.StatusOK, `"reason":"refused.address"`, "somebody else who has this address said no", `"ignored":["override","person2"]`)
	a = w.ask("view", "POST", "/v1/preflight", `{"person":"ann","channel":"sms","purpose":"marketing","campaign":"c","address":"+8190 12345678"}`)
	a.want(t, "an address that is no number", http.StatusOK, `"verdict":"approved"`)
	for range 5 {
		a = w.ask("view", "POST", "/v1/preflight", asked)
		a.want(t, "again and again", http.StatusOK, `"verdict":"approved"`, `"used":0`)
	}
	if n := w.writes(); n != before {
		t.Errorf("%d records were written", n-before)
	}
}

// "No answer in time is 503 with ok:false, reason state.unavailable"; and nobody is told
// that something was recorded that may not have been.
func TestWhatIsNotKnownIsNoYes(t *testing.T) {
	w := newWorld(t)
	w.intend(intent("i1", "ann", ""))
	w.unheard = ErrNoAnswer
	a := w.ask("operate", "POST", "/v1/redeem", `{"person":"ann","intent":"i1","worker":"w1"}`)
	a.want(t, "no answer", http.StatusServiceUnavailable, `"ok":false,"reason":"state.unavailable"`, "do not begin the contact")
	if a.header.Get("Retry-After") != "1" || w.audit[0].Outcome != "unknown" {
		t.Errorf("Retry-After %q, audit %+v", a.header.Get("Retry-After"), w.audit)
	}

	w.unheard, w.broken = nil, errBroken
	for _, r := range routes() {
		name := r.method + " " + r.path
		role := "view"
		for _, needed := range r.roles {
			role = string(needed)
		}
		a := w.ask(role, r.method, r.filled(), requests()[name])
		switch r.path {
		case "/v1/policy", "/v1/policy/history", "/v1/health", "/openapi.json", "/openapi.yaml":
			a.want(t, name, http.StatusOK)
		default:
			a.want(t, name, http.StatusServiceUnavailable)
		}
		if strings.Contains(a.text, "192.0.2.1") {
			t.Errorf("%s: %s tells where Kafka is", name, a.text)
		}
	}
	w.broken = nil
}

// A change that could not be audited is not answered with success.
func TestAChangeThatIsNotAuditedIsAskedForAgain(t *testing.T) {
	w := newWorld(t)
	w.unlisted = errBroken
	a := w.ask("operate", "POST", "/v1/refuse", `{"id":"s1","person":"ann"}`)
	a.want(t, "not audited", http.StatusServiceUnavailable, "it was acknowledged, but not the record of the audit that names who did it: send the same again, with the same id")
	w.unlisted = nil
	a = w.ask("view", "POST", "/v1/preflight", asked)
	a.want(t, "it stands all the same", http.StatusOK, `"reason":"refused.state"`)
	a = w.ask("operate", "POST", "/v1/refuse", `{"id":"s1","person":"ann"}`)
	a.want(t, "again", http.StatusOK, `"signal":"s1"`)
}

// "Audit of every change to a topic": who, as what, what, on whom as a hash, and what
// became of it; and no word that was said.
func TestTheAuditSaysWhoDidWhatToWhom(t *testing.T) {
	w := newWorld(t)
	w.ask("operate", "POST", "/v1/refuse", `{"id":"s1","person":"ann@example.org","address":"ann@example.org"}`)
	w.ask("consent", "POST", "/v1/consent", `{"id":"s2","person":"ann@example.org","evidence":"ann said so"}`)
	w.ask("operate", "POST", "/v1/redeem", `{"person":"ann@example.org","intent":"i1","worker":"w1"}`)
	w.ask("operate", "POST", "/v1/campaigns/spring/kill", "")
	w.ask("view", "GET", "/v1/people/ann@example.org", "")
	var got []string
	for _, r := range w.audit {
		if r.At != "2026-05-01T10:00:00.000Z" || !strings.HasPrefix(r.ID, "a-") || strings.Contains(fmt.Sprint(r), "ann") {
			t.Errorf("%+v", r)
		}
		got = append(got, fmt.Sprintf("%s %s %s: %s, %s", r.Who, r.Roles, r.Action, r.Outcome, r.Campaign+r.Person))
	}
	hash := Hasher([]byte("key"))("ann@example.org")
	want := []string{
		"operate [operate] refuse: done, " + hash, "consent [consent] consent: done, " + hash,
		"operate [operate] redeem: no:not_approved, " + hash, "operate [operate] kill campaign: done, spring",
	}
	if fmt.Sprint(got) != fmt.Sprint(want) {
		t.Errorf("got  %q\nwant %q", got, want)
	}
	if Hasher([]byte("another"))("ann@example.org") == hash {
		t.Error("another key, the same name")
	}
}

// What the memory lacks may be a no: nothing is said of people until it is whole.
func TestAMemoryThatIsBehindSaysNothing(t *testing.T) {
	w := newWorld(t, func(o *Options) { o.Timeout = 50 * time.Millisecond })
	p := w.home("ann")
	w.ends[p] = 1 // somebody said something that nobody has heard yet
	for _, path := range []string{"/v1/people/ann", "/v1/people/ann/export"} {
		a := w.ask("view", "GET", path, "")
		a.want(t, path, http.StatusServiceUnavailable, "has not heard everything that was said by now", `"type":"urn:contactgovernor:problem:state.unavailable"`)
	}
	a := w.ask("view", "POST", "/v1/preflight", asked)
	a.want(t, "preflight", http.StatusServiceUnavailable)
	delete(w.ends, p)
	a = w.ask("view", "GET", "/v1/people/ann", "")
	a.want(t, "it has heard it", http.StatusOK)

	mark := w.marks[p]
	mark.Batch++
	mark.Restoring = true
	if err := w.memory.Commit(t.Context(), p, &state.Batch{Owner: "w", Mark: mark}); err != nil {
		t.Fatal(err)
	}
	a = w.ask("view", "GET", "/v1/people/ann", "")
	a.want(t, "it is being made anew", http.StatusServiceUnavailable)
	if a = w.ask("view", "POST", "/v1/preflight", `{"person":"`+elsewhere(w, p)+`","channel":"call","mode":"predictive","purpose":"marketing","campaign":"c"}`); a.status != http.StatusServiceUnavailable || !strings.Contains(a.text, "how the campaign's calls fare is not known in every partition") {
		t.Errorf("a predictive call elsewhere: got %d %s", a.status, a.text)
	}
}

// elsewhere is somebody in another partition.
func elsewhere(w *world, p int32) string {
	for i := 0; ; i++ {
		if id := fmt.Sprintf("somebody-%d", i); w.home(rules.PersonID(id)) != p {
			return id
		}
	}
}

func TestCampaignsAreRegisteredAndStopped(t *testing.T) {
	w := newWorld(t)
	good := `{"name":"spring","ends":"2026-06-30","most_attempts":3,"way_in":{"steps":1,"label":"Sign up"},"way_out":{"steps":1,"label":"Unsubscribe"}}`
	a := w.ask("operate", "POST", "/v1/campaigns", good)
	a.want(t, "fit", http.StatusOK, `"fit":true}`)
	a = w.ask("operate", "POST", "/v1/campaigns", strings.Replace(strings.Replace(good, "spring", "begging", 1), `"steps":1,"label":"Unsubscribe"`, `"steps":4,"label":"No, I hate saving money"`, 1))
	a.want(t, "not fit", http.StatusOK, `"fit":false,"why":["way out takes 4 steps and its way in 1`)
	a = w.ask("operate", "POST", "/v1/campaigns/a%2Fb/kill", "{}")
	a.want(t, "kill", http.StatusOK, `{"campaign":"a/b","killed":true}`)
	a = w.ask("view", "GET", "/v1/campaigns", "")
	a.want(t, "list", http.StatusOK, `"campaigns":[{"name":"a/b"`, `"killed":true`, `"name":"begging"`, `"name":"spring"`)
	for _, r := range w.audit {
		if r.Campaign == "" || r.Person != "" {
			t.Errorf("%+v", r)
		}
	}
}

// awayMemory is one that does not answer, or only to one kind of question.
type awayMemory struct {
	Memory
	totals bool // it answers how far it is
}

func (m awayMemory) Load(context.Context, int32, []rules.PersonID) ([]state.Memory, error) {
	return nil, errBroken
}

func (m awayMemory) Totals(ctx context.Context, partitions []int32, campaigns []rules.Campaign) ([]state.Totals, error) {
	if m.totals {
		return m.Memory.Totals(ctx, partitions, campaigns)
	}
	return nil, errBroken
}

// While the memory is away nothing is said of people, a no is recorded all the same, and
// nobody learns where the memory is.
func TestWhileTheMemoryIsAwayANoIsRecorded(t *testing.T) {
	for _, totals := range []bool{false, true} {
		w := newWorld(t, func(o *Options) { o.Memory = awayMemory{o.Memory, totals} })
		for _, c := range [][2]string{{"GET", "/v1/people/ann"}, {"GET", "/v1/people/ann/export"}, {"POST", "/v1/preflight"}} {
			body := ""
			if c[0] == "POST" {
				body = asked
			}
			a := w.ask("view", c[0], c[1], body)
			a.want(t, c[1], http.StatusServiceUnavailable, "the memory does not answer: try again")
			if strings.Contains(a.text, "192.0.2.1") {
				t.Errorf("%s: %s", c[1], a.text)
			}
		}
		a := w.ask("operate", "POST", "/v1/refuse", `{"person":"ann"}`)
		a.want(t, "no", http.StatusOK)
	}
}

// A provider that is away lets nobody in, and says so.
func TestAProviderThatIsAwayIsNotTheTokensFault(t *testing.T) {
	w := newWorld(t, func(o *Options) {
		o.Gate.OIDC = access.NewOIDC(access.OIDCOptions{Issuer: "http://127.0.0.1:1", Audience: "governor", RoleClaim: "roles", Clock: time.Now})
	})
	r := newRequest("GET", "/v1/policy", "")
	r.Header.Set("Authorization", "Bearer a.b.c")
	a := w.send(r)
	a.want(t, "away", http.StatusServiceUnavailable, "the OpenID provider cannot be reached")
	a = w.ask("view", "GET", "/v1/policy", "")
	a.want(t, "a token of the file", http.StatusOK)
}

// Where nobody keeps campaigns it is said where else they can be registered and stopped.
func TestWhereNobodyKeepsCampaigns(t *testing.T) {
	w := newWorld(t, func(o *Options) { o.Campaigns = nil })
	for _, r := range routes() {
		if name := r.method + " " + r.path; strings.HasPrefix(r.path, "/v1/campaigns") {
			a := w.ask("operate", r.method, r.filled(), requests()[name])
			a.want(t, name, http.StatusServiceUnavailable, "register them in the policy, where killed: true stops one")
		}
	}
	if len(w.audit) != 0 {
		t.Errorf("audited: %+v", w.audit)
	}
}

func TestThePolicyIsTold(t *testing.T) {
	w := newWorld(t)
	a := w.ask("view", "GET", "/v1/policy", "")
	a.want(t, "policy", http.StatusOK, `"name":"no-means-no"`, `"hash":"`+w.policy.Hash()+`"`, `"since":"2026-05-01T09:00:00.000Z"`,
		`"rule":"refused.state"`, `"line":"no-means-no`, `{"purpose":"marketing","class":"solicitation"}`, `"channels":["call","chat","email"`)
	a = w.ask("operate", "GET", "/v1/policy/history", "")
	a.want(t, "history", http.StatusOK, `{"policies":[{"name":"no-means-no","hash":"`+w.policy.Hash()+`","since":"2026-05-01T09:00:00.000Z"}]}`)
	a = w.ask("consent", "GET", "/v1/health", "")
	a.want(t, "health", http.StatusOK, `"ready":true`)
}

// The state of a contact is a word of a closed list, which the document has too.
func TestWhatBecameOfAContactIsOneWord(t *testing.T) {
	now := rules.At(time.Date(2026, 5, 1, 10, 0, 0, 0, time.UTC))
	for _, c := range []struct {
		contact rules.Contact
		want    string
	}{
		{rules.Contact{NotAfter: now + 1}, "approved"},
		{rules.Contact{NotAfter: now}, "expired"},
		{rules.Contact{Fate: rules.WasRevoked}, "revoked"},
		{rules.Contact{Fate: rules.WasRedeemed}, "redeemed"},
		{rules.Contact{Fate: rules.WasRedeemed | rules.NotSent}, "not_sent"},
		{rules.Contact{Fate: rules.OptedOut}, "opted_out"},
		{rules.Contact{Fate: rules.Busy}, "busy"},
		{rules.Contact{Fate: rules.Happened | rules.NotSent}, "happened"},
		{rules.Contact{Fate: rules.Happened, Delivered: now, Channel: "email"}, "delivered"},
		{rules.Contact{Fate: rules.Happened, Delivered: now, Channel: "call"}, "happened"},
		{rules.Contact{Fate: rules.Happened | rules.WrongNumber}, "wrong_number"},
	} {
		if got := contactOf(&c.contact, now).State; string(got) != c.want {
			t.Errorf("%+v: got %s", c.contact, got)
		}
	}
}
