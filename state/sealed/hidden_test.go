package sealed

import (
	"encoding/base64"
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/contactgovernor/governor/rules"
	"github.com/contactgovernor/governor/state"
	"github.com/contactgovernor/governor/state/memstate"
)

// story is a batch about ada, whose notice is held, and an address.
func story() state.Batch {
	return state.Batch{
		People: []state.Change{
			both("canary-ada", "canary-no", "canary-log"),
			{Person: state.AddressID("canary@example.org"), SetStanding: true, Memory: state.Memory{Standing: []byte("canary-refused")}},
			{Person: state.CampaignID("canary"), SetStanding: true, Memory: state.Memory{Standing: []byte("canary-killed")}},
		},
		Waiting: []state.Waiting{{Person: "canary-ada", Due: 7}},
		Totals:  []state.Total{{Campaign: "spring", Tally: []byte("1")}},
		Outbox:  []byte("\x02canary-out"),
		Mark:    state.Mark{Tails: map[string]int64{"contact.approved": 4}},
	}
}

// "Whoever reads the store, and has no key, finds no id, no address and no word of
// anybody." Only how campaigns fare stays as it is, and how far the memory has come.
func TestNothingOfAnybodyIsInRedis(t *testing.T) {
	inner, _, client := onRedis(t)
	s := store(t, inner, hashed(t, 1))
	write(t, s, story())
	kept := everything(t, client)
	if all := fmt.Sprintf("%q", kept); strings.Contains(all, "canary") || strings.Contains(all, base64.StdEncoding.EncodeToString([]byte("canary"))[:7]) {
		t.Errorf("somebody can be read: %s", all)
	}
	if len(kept) != 8 { // meta, outbox, waiting, campaigns; no and log of ada, no of the address and of the campaign
		t.Errorf("there are %d keys: %v", len(kept), kept)
	}
	for name := range kept {
		if base := strings.TrimPrefix(name, "gov:{p3}:no:"); base != name && len(strings.TrimLeft(base, "\x1f\x1d")) != 43 {
			t.Errorf("the key %q has not the length that every other has", name)
		}
	}
	stands(t, s, "canary-ada", "canary-no", "canary-log")
	stands(t, s, state.AddressID("canary@example.org"), "canary-refused", "")
	stands(t, s, state.CampaignID("canary"), "canary-killed", "")
	h := acquire(t, s)
	if string(h.Outbox) != "\x02canary-out" || !slices.Equal(h.Waiting, story().Waiting) {
		t.Errorf("the next owner finds %+v", h)
	}
	if campaigns, _ := kept["gov:{p3}:campaigns"].(map[string]string); campaigns["spring"] != "1" {
		t.Errorf("the campaigns have %v", campaigns)
	}
}

// The same memory is the same bytes: a rebuild can be compared with what was there.
func TestTheSameIsTheSameBytes(t *testing.T) {
	first, _, one := onRedis(t)
	second, _, two := onRedis(t)
	write(t, store(t, first, hashed(t, 1)), story())
	write(t, store(t, second, hashed(t, 1)), story())
	a, b := everything(t, one), everything(t, two)
	delete(a, "gov:{p3}:meta") // has the owner
	delete(b, "gov:{p3}:meta")
	if fmt.Sprint(a) != fmt.Sprint(b) {
		t.Errorf("%q\nand\n%q", a, b)
	}
}

// "A value that was moved from one place to another does not open there": not under
// somebody else, nor in another part, nor in another partition; nor one bit of it changed.
func TestWhatWasMovedIsSpoilt(t *testing.T) {
	k := keys(t, 1)
	ada, bea := k.all[0].living("ada"), k.all[0].living("bea")
	inner := memstate.New()
	s := store(t, inner, hashed(t, 1))
	write(t, s, state.Batch{People: []state.Change{both("ada", "no", "log")}})
	found, err := inner.Load(t.Context(), at, []rules.PersonID{ada})
	if err != nil {
		t.Fatal(err)
	}
	there := found[0]
	flipped := slices.Clone(there.Standing)
	flipped[len(flipped)-1] ^= 1
	for what, c := range map[string]state.Change{
		"another person":   {Person: bea, SetStanding: true, Memory: there},
		"the other part":   {Person: ada, SetStanding: true, Memory: state.Memory{Standing: there.Log}},
		"a bit":            {Person: ada, SetStanding: true, Memory: state.Memory{Standing: flipped}},
		"plain text":       {Person: ada, SetStanding: true, Memory: state.Memory{Standing: []byte(`{"person":"ada"}`)}},
		"a log":            {Person: bea, SetLog: true, Memory: there},
		"nothing but head": {Person: ada, SetLog: true, Memory: state.Memory{Log: there.Log[:5]}},
	} {
		spoilt := memstate.New()
		write(t, spoilt, state.Batch{People: []state.Change{c}})
		_, err := store(t, spoilt, hashed(t, 1)).Load(t.Context(), at, []rules.PersonID{"ada", "bea"})
		if !errors.Is(err, state.ErrSpoilt) || strings.Contains(err.Error(), "ada") {
			t.Errorf("%s: %v, want ErrSpoilt, of nobody", what, err)
		}
	}
	elsewhere := memstate.New()
	if _, err := elsewhere.Acquire(t.Context(), at+1, "ann"); err != nil {
		t.Fatal(err)
	}
	b := state.Batch{Owner: "ann", Mark: state.Mark{Batch: 1}, People: []state.Change{{Person: ada, SetStanding: true, Memory: there}}}
	if err := elsewhere.Commit(t.Context(), at+1, &b); err != nil {
		t.Fatal(err)
	}
	if _, err := store(t, elsewhere, hashed(t, 1)).Load(t.Context(), at+1, []rules.PersonID{"ada"}); !errors.Is(err, state.ErrSpoilt) {
		t.Errorf("in another partition: %v, want ErrSpoilt", err)
	}
}

// "A memory that was written with other keys, or without, is an error that says what
// to do, each time, and never an empty memory", whatever the last batch put out.
func TestAMemoryForSomebodyElseIsNoticed(t *testing.T) {
	plain, tombs, two := Options{}, Options{Keys: keys(t, 1)}, Options{Keys: keys(t, 2, 1)}
	for _, c := range []struct {
		what       string
		wrote, now Options
		want       error
	}{
		{"as it was", plain, plain, nil},
		{"as it was, hashed", hashed(t, 1), hashed(t, 1), nil},
		{"one key more", hashed(t, 1), hashed(t, 2, 1), nil},
		{"one key more, behind", hashed(t, 1), hashed(t, 1, 2), nil},
		{"the erased are hidden from now on", plain, tombs, nil},
		{"the erased, one key more", tombs, two, nil},
		{"everybody is hidden from now on", plain, hashed(t, 1), ErrPlain},
		{"everybody, where the erased were", tombs, hashed(t, 1), ErrPlain},
		{"nobody is hidden any more", hashed(t, 1), plain, ErrHashed},
		{"only the erased are hidden any more", hashed(t, 1), tombs, ErrHashed},
		{"the key is gone", tombs, plain, ErrKeyMissing},
		{"another key", hashed(t, 1), hashed(t, 2), ErrKeyMissing},
		{"another key for the erased", tombs, Options{Keys: keys(t, 2)}, ErrKeyMissing},
		{"one of two keys is gone", hashed(t, 2, 1), hashed(t, 2), ErrKeyMissing},
		{"one of two keys for the erased is gone", two, Options{Keys: keys(t, 2)}, ErrKeyMissing},
	} {
		for _, outbox := range []string{"", "\x02out"} {
			inner := memstate.New()
			if h := acquire(t, store(t, inner, c.now)); h.Known {
				t.Errorf("%s: nobody wrote anything, and it is known", c.what)
			}
			write(t, store(t, inner, c.wrote), state.Batch{People: []state.Change{both("ada", "no", "log")}, Outbox: []byte(outbox)})
			for range 2 {
				h, err := store(t, inner, c.now).Acquire(t.Context(), at, "zoe")
				switch {
				case !errors.Is(err, c.want):
					t.Errorf("%s: %v, want %v", c.what, err, c.want)
				case err != nil && (!errors.Is(err, state.ErrSpoilt) || !strings.Contains(err.Error(), "governor rebuild") || h.Known):
					t.Errorf("%s: %v is no ErrSpoilt that says what to do", c.what, err)
				case err == nil && string(h.Outbox) != outbox:
					t.Errorf("%s: the outbox is %q, not %q", c.what, h.Outbox, outbox)
				}
			}
			if c.want == nil {
				stands(t, store(t, inner, c.now), "ada", "no", "log")
			}
		}
	}
}

// Who asks for hashes and has nothing to hash with is told at once.
func TestHashesNeedKeys(t *testing.T) {
	if _, err := New(memstate.New(), Options{Hashed: true}); err == nil {
		t.Error("it made hashes of nothing")
	}
}

// "The first one hashes and seals whatever is written; all of them find and open what
// was written before." What is written moves; what is not stays where it was found.
func TestANewKeyTakesOver(t *testing.T) {
	inner := memstate.New()
	before, after := store(t, inner, hashed(t, 1)), store(t, inner, hashed(t, 2, 1))
	write(t, before, state.Batch{
		People:  []state.Change{both("ada", "no", "log"), both("bea", "b", "B"), both("cem", "c", "C")},
		Waiting: []state.Waiting{{Person: "ada", Due: 1}, {Person: "bea", Due: 2}, {Person: "cem", Due: 3}},
	})
	stands(t, after, "ada", "no", "log")
	write(t, after, state.Batch{
		People:  []state.Change{{Person: "ada", SetLog: true, Memory: state.Memory{Log: []byte("log 2")}}, {Person: "bea", SetStanding: true, SetLog: true}},
		Waiting: []state.Waiting{{Person: "ada", Due: 4}, {Person: "bea"}},
	})
	stands(t, after, "ada", "no", "log 2") // one part under each key
	stands(t, after, "bea", "", "")
	stands(t, after, "cem", "c", "C")
	h := acquire(t, after)
	slices.SortFunc(h.Waiting, func(a, b state.Waiting) int { return strings.Compare(string(a.Person), string(b.Person)) })
	if !slices.Equal(h.Waiting, []state.Waiting{{Person: "ada", Due: 4}, {Person: "cem", Due: 3}}) {
		t.Errorf("who waits: %v", h.Waiting)
	}

	write(t, after, state.Batch{People: []state.Change{both("ada", "no 3", "log 3")}})
	old := keys(t, 1).all[0].living("ada")
	if m, err := inner.Load(t.Context(), at, []rules.PersonID{old}); err != nil || m[0].Standing != nil || m[0].Log != nil {
		t.Errorf("under the old key there is still %q, %v", m, err)
	}
}

// Retiring a key: all is made anew under the new one, as governor rebuild does.
func TestAKeyIsRetiredByMakingAllAnew(t *testing.T) {
	inner := memstate.New()
	write(t, store(t, inner, hashed(t, 1)), state.Batch{People: []state.Change{both("ada", "no", "log")}})
	anew := memstate.New() // what governor rebuild leaves: nothing of before
	write(t, store(t, anew, hashed(t, 2)), state.Batch{People: []state.Change{both("ada", "no", "log")}})
	stands(t, store(t, anew, hashed(t, 2)), "ada", "no", "log")
}
