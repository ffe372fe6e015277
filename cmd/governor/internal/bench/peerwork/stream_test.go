package peerwork

import (
	"crypto/sha256"
	"encoding/hex"
	"testing"
)

// "The same generated input": what the peers' generator wrote, byte for byte, but for what the package says. The sums
// are those of ../shared/peers/gen with the seed 1.
func TestItIsTheInputOfThePeers(t *testing.T) {
	for intents, sum := range map[int]string{
		10_000: "481a74efa205146ce7f42f09630551a5291ffb19e798caec2886f7506161f15a",
		50_000: "4072742cdf8764c9eb66db23fb17a126959703fb1d5e3f7eb50b33f278291b62",
	} {
		h := sha256.New()
		Work{Seed: Seed, Intents: intents, People: People}.Each(func(in Intent) bool {
			theirs := in.write(AppendPerson(nil, in.Person), "intent_id", theirs)
			ours := in.AppendJSON(AppendPerson(nil, in.Person))
			if len(ours) != len(theirs) {
				t.Fatalf("an intent has %d bytes, theirs %d", len(ours), len(theirs))
			}
			h.Write(append(theirs, '\n'))
			return true
		})
		if got := hex.EncodeToString(h.Sum(nil)); got != sum {
			t.Errorf("%d intents have the sum %s, theirs %s", intents, got, sum)
		}
	}
	h := sha256.New()
	for _, f := range (Work{Seed: Seed, Intents: 1, People: People}).Refusals() {
		h.Write(append(f.write(nil, "signal_id"), '\n'))
	}
	if got := hex.EncodeToString(h.Sum(nil)); got != "a06142a45ad4125e563206c533925c04777beeb5d8f8525057d8b01f802ceb37" {
		t.Errorf("the refusals have the sum %s", got)
	}
}

// The oracle's answers are theirs too.
func TestTheOracleIsThatOfThePeers(t *testing.T) {
	answers, deliveries := Work{Seed: Seed, Intents: 50_000, People: People}.Oracle()
	count, delivered := make(map[byte]int), make(map[byte]int)
	for i, a := range answers {
		count[a]++
		delivered[a] += int(deliveries[i])
	}
	for answer, want := range map[byte][2]int{Approved: {23881, 23991}, Refused: {68, 68}, Capped: {23658, 23759}, TooSoon: {2167, 2182}} {
		if got := [2]int{count[answer], delivered[answer]}; got != want {
			t.Errorf("%c: %v intents and deliveries, theirs %v", answer, got, want)
		}
	}
}
