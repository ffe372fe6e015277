package state_test

import (
	"bytes"
	"errors"
	"math"
	"reflect"
	"runtime"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"github.com/contactgovernor/governor/rules"
	"github.com/contactgovernor/governor/rules/zones"
	"github.com/contactgovernor/governor/state"
)

// fill gives every field a value that no other has, whatever fields there are. So
// a field that somebody adds and forgets to encode is found.
type fill struct{ n int64 }

func (f *fill) value(v reflect.Value) {
	f.n++
	if v.Type() == reflect.TypeFor[*time.Location]() {
		v.Set(reflect.ValueOf(time.UTC))
		return
	}
	if v.Type() == reflect.TypeFor[rules.KnownIDs]() {
		var list []rules.Known
		f.value(reflect.ValueOf(&list).Elem())
		v.Set(reflect.ValueOf(rules.KnownOf(list...)))
		return
	}
	switch v.Kind() {
	case reflect.String:
		v.SetString(string(rune('a'+f.n%26)) + string(rune('A'+f.n/26%26)))
	case reflect.Bool:
		v.SetBool(true)
	case reflect.Int64, reflect.Int:
		v.SetInt(int64(noon) + f.n)
		if v.Type() == reflect.TypeFor[time.Duration]() {
			v.SetInt(f.n * int64(time.Minute))
		}
	case reflect.Uint64, reflect.Uint16, reflect.Uint8:
		v.SetUint(uint64(f.n) % 251)
	case reflect.Pointer:
		v.Set(reflect.New(v.Type().Elem()))
		f.value(v.Elem())
	case reflect.Struct:
		for i := range v.NumField() {
			f.value(v.Field(i))
		}
	case reflect.Array:
		for i := range v.Len() {
			f.value(v.Index(i))
		}
	case reflect.Slice:
		v.Set(reflect.MakeSlice(v.Type(), 2, 2))
		for i := range v.Len() {
			f.value(v.Index(i))
		}
	default:
		panic("a person has a " + v.Kind().String() + ": teach this test about it")
	}
}

// filled is a person with everything. What a held notice is told beside what it is
// (whose address it is, how the campaign fares, what was said of it) is looked up when it is judged.
func filled() state.Person {
	var p state.Person
	(&fill{}).value(reflect.ValueOf(&p).Elem())
	for i := range p.Held {
		p.Held[i].Intent.AddressNoes, p.Held[i].Intent.Rates, p.Held[i].Intent.Registered = nil, nil, nil
	}
	return p
}

func TestEveryFieldOfAPersonIsInOneOfTheTwoParts(t *testing.T) {
	p := filled()
	standing, err := state.EncodeStanding("ada", &p)
	if err != nil {
		t.Fatal(err)
	}
	var got state.Person
	var find zones.Finder
	if err := state.DecodeStanding(standing, &got, &find); err != nil {
		t.Fatal(err)
	}
	if err := state.DecodeLog(state.EncodeLog(&p), &got, &find); err != nil {
		t.Fatal(err)
	}
	want(t, "what came back", got, p)
}

func TestNobodyIsNothing(t *testing.T) {
	if b := state.EncodeLog(&state.Person{}); b != nil {
		t.Errorf("the log of nobody is %q", b)
	}
	if s := written(t, &state.Person{}); s != "" {
		t.Errorf("for nobody stands %s", s)
	}
	var p state.Person
	if err := errors.Join(state.DecodeLog(nil, &p, nil), state.DecodeStanding(nil, &p, nil)); err != nil {
		t.Error(err)
	}
	want(t, "nobody", p, state.Person{})
}

// An instant is written as the distance from the one before; no distance is too
// far.
func anyInstant() *rapid.Generator[rules.Instant] {
	return rapid.Custom(func(t *rapid.T) rules.Instant {
		return rules.Instant(rapid.OneOf(
			rapid.Int64(), rapid.Int64Range(int64(noon), int64(noon)+1<<32), rapid.SampledFrom([]int64{0, -1, math.MinInt64, math.MaxInt64}),
		).Draw(t, "instant"))
	})
}

func anyZones() *rapid.Generator[[]*time.Location] {
	return rapid.Custom(func(t *rapid.T) []*time.Location {
		var find zones.Finder
		locs, err := find.FindAll(rapid.SliceOfN(rapid.SampledFrom([]string{"UTC", "Europe/Berlin", "America/New_York"}), 0, 3).Draw(t, "zones"))
		if err != nil {
			t.Fatal(err)
		}
		return locs
	})
}

// anyBytes is any string at all, text or not.
func anyBytes[T ~string](t *rapid.T, what string) T {
	return T(rapid.OneOf(rapid.Just(""), rapid.StringN(0, 6, -1),
		rapid.Map(rapid.SliceOfN(rapid.Byte(), 0, 4), func(b []byte) string { return string(b) })).Draw(t, what))
}

func anyContact() *rapid.Generator[rules.Contact] {
	return rapid.Custom(func(t *rapid.T) rules.Contact {
		instant := func(what string) rules.Instant { return anyInstant().Draw(t, what) }
		c := rules.Contact{
			Intent: anyBytes[rules.IntentID](t, "intent"), Decision: anyBytes[rules.DecisionID](t, "decision"),
			Content: rapid.Uint64().Draw(t, "content"), Made: instant("made"), At: instant("at"), NotAfter: instant("not after"),
			Channel: anyBytes[rules.Channel](t, "channel"), Purpose: anyBytes[rules.Purpose](t, "purpose"), Class: anyBytes[rules.Class](t, "class"),
			Campaign: anyBytes[rules.Campaign](t, "campaign"), Subject: anyBytes[rules.Subject](t, "subject"), Brand: anyBytes[rules.Brand](t, "brand"),
			Address: anyBytes[rules.Address](t, "address"), Mode: anyBytes[rules.Mode](t, "mode"), Message: anyBytes[string](t, "message"),
			Promotes: rapid.Bool().Draw(t, "promotes"), Zones: anyZones().Draw(t, "zones"),
			ReplyTo: anyBytes[rules.SignalID](t, "reply to"), Record: anyBytes[rules.PersonID](t, "record"),
			Fate: rules.Fate(rapid.Uint16().Draw(t, "fate")), Redeemed: instant("redeemed"), Delivered: instant("delivered"),
			Answered: instant("answered"), Abandoned: instant("abandoned"),
		}
		for range rapid.IntRange(0, 2).Draw(t, "items") {
			c.Items = append(c.Items, anyBytes[rules.IntentID](t, "item"))
		}
		for range rapid.IntRange(0, 2).Draw(t, "waived") {
			c.Waived = append(c.Waived, anyBytes[string](t, "cap"))
		}
		return c
	})
}

func anyHeld() *rapid.Generator[rules.Held] {
	return rapid.Custom(func(t *rapid.T) rules.Held {
		instant := func(what string) rules.Instant { return anyInstant().Draw(t, what) }
		return rules.Held{
			Intent: rules.Intent{
				ID: anyBytes[rules.IntentID](t, "id"), Person: anyBytes[rules.PersonID](t, "person"), Channel: anyBytes[rules.Channel](t, "channel"),
				Purpose: anyBytes[rules.Purpose](t, "purpose"), Campaign: anyBytes[rules.Campaign](t, "campaign"), Subject: anyBytes[rules.Subject](t, "subject"),
				Brand: anyBytes[rules.Brand](t, "brand"), Engine: anyBytes[string](t, "engine"), Address: anyBytes[rules.Address](t, "address"),
				Mode: anyBytes[rules.Mode](t, "mode"), Message: anyBytes[string](t, "message"), ReplyTo: anyBytes[rules.SignalID](t, "reply to"),
				At: instant("at"), NotBefore: instant("not before"), NotAfter: instant("not after"),
				Zones: anyZones().Draw(t, "zones"), NumberZones: anyZones().Draw(t, "number zones"),
				Priority: rapid.Int().Draw(t, "priority"), Promotes: rapid.Bool().Draw(t, "promotes"),
			},
			Arrived: instant("arrived"), Decision: anyBytes[rules.DecisionID](t, "decision"), Source: rapid.Int64().Draw(t, "source"),
			Slots: rapid.SampledFrom([][]string{nil, {"cap.any"}, {"cap.any", "cap.email"}}).Draw(t, "slots"), By: instant("by"),
			Trace: anyBytes[string](t, "trace"),
		}
	})
}

func anyLog() *rapid.Generator[state.Person] {
	return rapid.Custom(func(t *rapid.T) state.Person {
		var p state.Person
		p.Contacts = rapid.SliceOfN(anyContact(), 0, 3).Draw(t, "contacts")
		p.Held = rapid.SliceOfN(anyHeld(), 0, 2).Draw(t, "held")
		for range rapid.IntRange(0, 2).Draw(t, "known") {
			p.Known.Add(rules.Known{
				Intent: anyBytes[rules.IntentID](t, "intent"), Content: rapid.Uint64().Draw(t, "content"),
				Decision: anyBytes[rules.DecisionID](t, "decision"), At: anyInstant().Draw(t, "at"),
			})
		}
		for range rapid.IntRange(0, 2).Draw(t, "asked") {
			p.Asked = append(p.Asked, rules.Request{
				Signal: anyBytes[rules.SignalID](t, "signal"), Channel: anyBytes[rules.Channel](t, "channel"), At: anyInstant().Draw(t, "at"),
			})
		}
		p.Spent.Hashes = rapid.SliceOfN(rapid.Uint64(), 0, 3).Draw(t, "spent")
		p.Spent.Dropped = len(p.Spent.Hashes) > 0 && rapid.Bool().Draw(t, "dropped")
		return p
	})
}

func TestALogComesBackAsItWas(t *testing.T) {
	var find zones.Finder
	rapid.Check(t, func(t *rapid.T) {
		p := anyLog().Draw(t, "person")
		b := state.EncodeLog(&p)
		var got state.Person
		if err := state.DecodeLog(b, &got, &find); err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(p, got, alike()); diff != "" {
			t.Fatal(diff)
		}
		if again := state.EncodeLog(&got); !bytes.Equal(b, again) {
			t.Fatalf("encoded again it is another:\n%q\n%q", b, again)
		}
	})
}

// A log that is cut anywhere is an error, never a shorter log.
func TestALogThatIsCutIsNoLog(t *testing.T) {
	var find zones.Finder
	full := filled()
	b := state.EncodeLog(&full)
	for n := 1; n < len(b); n++ {
		if err := state.DecodeLog(b[:n], &state.Person{}, &find); err == nil {
			t.Fatalf("the first %d of %d bytes are a log", n, len(b))
		}
	}
	if err := state.DecodeLog(append(b, 0), &state.Person{}, &find); err == nil {
		t.Error("a log with a byte too many is a log")
	}
	b[0] = 0xff
	if err := state.DecodeLog(b, &state.Person{}, &find); !errors.Is(err, state.ErrLogVersion) {
		t.Errorf("a log of another version: %v", err)
	}
}

func FuzzDecodeLog(f *testing.F) {
	full := filled()
	f.Add(state.EncodeLog(&full))
	f.Add(oldLog(f))
	f.Add([]byte{1})
	f.Add([]byte{1, 0xff, 0xff, 0xff, 0xff, 0x0f})
	f.Add([]byte("{}"))
	var find zones.Finder
	f.Fuzz(func(t *testing.T, b []byte) {
		var p, again state.Person
		if state.DecodeLog(b, &p, &find) != nil {
			return
		}
		if len(p.Spent.Hashes) == 0 {
			p.Spent.Dropped = false // who dropped some is full of them
		}
		if err := state.DecodeLog(state.EncodeLog(&p), &again, &find); err != nil {
			t.Fatalf("what was decoded cannot be encoded: %v", err)
		}
		want(t, "encoded and decoded once more", again, p)
	})
}

func FuzzDecodeStanding(f *testing.F) {
	full := filled()
	f.Add([]byte(written(f, &full)))
	f.Add([]byte(`{"person":"ada","refusals":[{"kind":"refusal","at":"2026-11-01T00:00:00Z"}]}`))
	f.Add([]byte(`{"quiet":[{"days":["mon"],"from":"22h","to":"6h"}],"quiet_at":"2026-11-01T00:00:00Z"}`))
	f.Add([]byte("["))
	var find zones.Finder
	f.Fuzz(func(t *testing.T, b []byte) {
		var p, again state.Person
		if state.DecodeStanding(b, &p, &find) != nil {
			return
		}
		out, err := state.EncodeStanding("ada", &p)
		if err != nil {
			t.Fatalf("what was decoded cannot be encoded: %v", err)
		}
		if len(out) == 0 {
			return // fields without the time that says they are there
		}
		if err := state.DecodeStanding(out, &again, &find); err != nil {
			t.Fatalf("what was encoded cannot be decoded: %v\n%s", err, out)
		}
		want(t, "encoded and decoded once more", again, p)
	})
}

// A length that lies allocates no more than a bounded multiple of the bytes that
// are there.
func TestALengthThatLiesAllocatesLittle(t *testing.T) {
	lie := append([]byte{1, 0x80, 0x80, 0x04}, make([]byte, 1<<16)...) // 65536 contacts in as many bytes
	far := append([]byte{1, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0x7f}, make([]byte, 1<<16)...)
	var find zones.Finder
	for _, b := range [][]byte{lie, far} {
		var before, after runtime.MemStats
		runtime.ReadMemStats(&before)
		if state.DecodeLog(b, &state.Person{}, &find) == nil {
			t.Error("a lie was taken for a log")
		}
		runtime.ReadMemStats(&after)
		if spent := after.TotalAlloc - before.TotalAlloc; spent > 512*uint64(len(b)) {
			t.Errorf("%d bytes made it allocate %d", len(b), spent)
		}
	}
}
