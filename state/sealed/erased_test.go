package sealed

import (
	"bytes"
	"errors"
	"fmt"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/santhosh-tekuri/jsonschema/v6"

	"github.com/contactgovernor/governor/rules"
	"github.com/contactgovernor/governor/state"
	"github.com/contactgovernor/governor/state/memstate"
)

// bury is the batch by which the governor buries somebody: under the keyed hash what
// stands, under the id nothing any more.
func bury(t testing.TB, k *Keys, id rules.PersonID, standing string) state.Batch {
	t.Helper()
	name := k.Tombstone(id)
	value, err := k.Bury(name, 1e12, []byte(standing))
	if err != nil {
		t.Fatal(err)
	}
	return state.Batch{People: []state.Change{both(name, string(value), "log"), {Person: id, SetStanding: true, SetLog: true}}}
}

// "Erasure leaves a keyed hash with the no, and nothing else" (design.md): the id is
// nowhere, and whoever asks for the person finds the no.
func TestErasureLeavesAHashWithTheNo(t *testing.T) {
	for name, o := range map[string]Options{"plain": {Keys: keys(t, 1)}, "hashed": hashed(t, 1)} {
		inner, _, client := onRedis(t)
		s := store(t, inner, o)
		write(t, s, state.Batch{People: []state.Change{both("canary", "no", "log"), both("bea", "b", "B")}})
		write(t, s, bury(t, o.Keys, "canary", "canary's no"))
		stands(t, s, "canary", "canary's no", "log")
		if m, err := s.Load(t.Context(), at, []rules.PersonID{"canary", "bea", o.Keys.Tombstone("canary")}); err != nil ||
			m[0].Under != o.Keys.Tombstone("canary") || m[1].Under+m[2].Under != "" {
			t.Errorf("%s: they are found under %v, %v", name, m, err)
		}
		stands(t, s, "bea", "b", "B")
		all := fmt.Sprintf("%q", everything(t, client))
		if strings.Contains(all, "canary") {
			t.Errorf("%s: the person can be read: %s", name, all)
		}
		if name == "plain" && !strings.Contains(all, "no:bea") {
			t.Errorf("who was not erased is hidden too: %s", all)
		}
	}
}

// What is on contact.standing is what is found under the name that it has there, so
// that a rebuild can put it back: the erased person is found again, and a tombstone
// for the raw id, whether it comes before or after, takes nothing away.
func TestARebuildPutsBackWhoWasErased(t *testing.T) {
	for name, o := range map[string]Options{"plain": {Keys: keys(t, 2, 1)}, "hashed": hashed(t, 2, 1)} {
		old := keys(t, 1)
		grave := bury(t, old, "ada", "no").People[0]
		gone := state.Change{Person: "ada", SetStanding: true}
		for _, order := range [][]state.Change{{grave, gone}, {gone, grave}} {
			apart, together := store(t, memstate.New(), o), store(t, memstate.New(), o)
			write(t, together, state.Batch{People: order})
			for _, c := range order {
				write(t, apart, state.Batch{People: []state.Change{c}})
			}
			for _, s := range []state.Store{apart, together} {
				stands(t, s, "ada", "no", "log")
				stands(t, s, grave.Person, string(grave.Memory.Standing), "log")
			}
		}
		if t.Failed() {
			t.Fatal(name)
		}
	}
}

// A person who was erased under a key that is gone would be one who never said no. So
// nothing is put back without it.
func TestAnErasedPersonNeedsTheirKey(t *testing.T) {
	grave := bury(t, keys(t, 1), "ada", "no").People[0]
	for _, o := range []Options{{}, {Keys: keys(t, 2)}, hashed(t, 2)} {
		s := store(t, memstate.New(), o)
		acquire(t, s)
		b := state.Batch{Owner: "zoe", Mark: state.Mark{Batch: 1}, People: []state.Change{grave}}
		if err := s.Commit(t.Context(), at, &b); !errors.Is(err, ErrKeyMissing) {
			t.Errorf("%v, want ErrKeyMissing", err)
		}
	}
}

// What was buried opens under its own name only, with the key, and says that name to
// whoever reads it.
func TestWhatWasBuriedOpensUnderItsName(t *testing.T) {
	k := keys(t, 1)
	ada, bea := k.Tombstone("ada"), k.Tombstone("bea")
	if !IsTombstone(ada) || ada == bea || IsTombstone("ada") || IsTombstone(state.AddressID("ada")) || IsTombstone(tombMark+"ada") || len(ada) != 56 {
		t.Errorf("the names are %q and %q", ada, bea)
	}
	value, err := k.Bury(ada, 0, []byte("no"))
	if err != nil {
		t.Fatal(err)
	}
	if got, err := keys(t, 2, 1).Exhume(ada, value); err != nil || string(got) != "no" {
		t.Errorf("it opens as %q, %v", got, err)
	}
	if got, err := k.Exhume(ada, nil); err != nil || got != nil {
		t.Errorf("nothing opens as %q, %v", got, err)
	}
	renamed := strings.Replace(string(value), `\u001e`+string(ada[1:]), `\u001e`+string(bea[1:]), 1)
	for what, c := range map[string]struct{ name, value string }{
		"under another name":          {string(bea), string(value)},
		"renamed":                     {string(bea), renamed},
		"no JSON":                     {string(ada), "no"},
		"no base64":                   {string(ada), strings.Replace(string(value), `"sealed":"`, `"sealed":"!`, 1)},
		"with a member more":          {string(ada), strings.Replace(string(value), `{`, `{"later":1,`, 1)},
		"with nothing in what it has": {string(ada), `{"person":"\u001e` + string(ada[1:]) + `","sealed":""}`},
	} {
		if _, err := k.Exhume(rules.PersonID(c.name), []byte(c.value)); !errors.Is(err, state.ErrSpoilt) {
			t.Errorf("%s: %v, want ErrSpoilt", what, err)
		}
	}
	if _, err := keys(t, 2).Exhume(ada, value); !errors.Is(err, ErrKeyMissing) {
		t.Errorf("without the key: %v", err)
	}
}

// What is on contact.standing is what the schema of that topic says. (The file is read
// and not imported: state does not know the wire.)
func TestWhatWasBuriedIsWhatItsSchemaSays(t *testing.T) {
	file, err := os.ReadFile("../../schemas/standing.v1.json")
	if err != nil {
		t.Fatal(err)
	}
	document, err := jsonschema.UnmarshalJSON(bytes.NewReader(file))
	if err != nil {
		t.Fatal(err)
	}
	c := jsonschema.NewCompiler()
	if err := c.AddResource("standing.json", document); err != nil {
		t.Fatal(err)
	}
	schema, err := c.Compile("standing.json")
	if err != nil {
		t.Fatal(err)
	}
	k := keys(t, 1)
	b, err := k.Bury(k.Tombstone("ada"), rules.At(time.Date(2026, 5, 1, 10, 0, 0, 0, time.UTC)), []byte("no"))
	if err != nil {
		t.Fatal(err)
	}
	value, err := jsonschema.UnmarshalJSON(bytes.NewReader(b))
	if err != nil {
		t.Fatal(err)
	}
	if err := schema.Validate(value); err != nil || !strings.Contains(string(b), `"erased":"2026-05-01T10:00:00.000Z","sealed":"A`) {
		t.Errorf("%s: %v", b, err)
	}
}
