package crowd

import (
	"reflect"
	"testing"
	"time"

	"github.com/contactgovernor/governor/schemas"
)

// What nobody can read would be measured as dead letters: everything that the crowd says is read by those who have to.
func TestWhatTheCrowdSaysCanBeRead(t *testing.T) {
	c := Crowd{Seed: 1, People: 1000}
	at := time.Date(2026, 11, 1, 12, 0, 0, 0, time.UTC)
	types, channels, told := map[schemas.SignalType]int{}, map[string]int{}, 0
	for n := range 5000 {
		person := c.Anybody("wave", n)
		in := c.Intent("wave", n, person, at)
		if read, _, err := schemas.DecodeIntent(in.AppendJSON(nil)); err != nil || read.ID != in.ID {
			t.Fatalf("%s: %v", in.AppendJSON(nil), err)
		}
		if (in.Purpose == "service" || in.Purpose == "billing" || in.Purpose == "collection") && in.Subject != "" {
			t.Fatal("a notice with a subject would wait for 15 minutes")
		}
		channels[in.Channel]++
		if signal, is := c.Told("wave", n, person, at); is {
			s, _, err := schemas.DecodeSignal(signal.Value)
			if err != nil || s.Person != string(signal.Key) {
				t.Fatalf("%s: %v", signal.Value, err)
			}
			types[s.Type]++
			told++
		}
	}
	if len(channels) != 6 || len(types) != 6 || told < 3500 || told > 4300 {
		t.Errorf("there were %v, and %d of %v", channels, told, types)
	}
}

// The same seed makes the same traffic, and everybody comes once before anybody comes twice.
func TestTheSameCrowdSaysTheSame(t *testing.T) {
	c, at := Crowd{Seed: 1, People: 1000}, time.Unix(1_790_000_000, 0)
	if a, b := c.Intent("wave", 7, 3, at), c.Intent("wave", 7, 3, at); !reflect.DeepEqual(a, b) {
		t.Errorf("%v is not %v", a, b)
	}
	for _, people := range []int{2, 1000, 200_000, 1_000_000} {
		c.People = people
		seen := make([]bool, people)
		for n := range people {
			if p := c.Once(n); seen[p] {
				t.Fatalf("of %d people, %d comes twice", people, p)
			} else {
				seen[p] = true
			}
		}
	}
}
