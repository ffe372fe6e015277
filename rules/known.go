package rules

import "slices"

// Known is a vetoed intent whose id is still known.
type Known struct {
	Intent   IntentID
	Content  uint64 // Intent.Fingerprint
	Decision DecisionID
	At       Instant
}

// KnownIDs are the vetoed intents of one person whose ids are still known, in the order
// of their decision. An engine that pesters makes thousands of them a day, so they are
// found by a map as soon as they are many.
//
// The zero value has none. After a copy only one of the two may change.
type KnownIDs struct {
	list []Known
	at   map[IntentID]int // the place of each id's latest, counted from the first ever; nil while they are few
	gone int              // how many came before list[0] and are known no longer; 0 while there is no map
}

// few is how many are looked through one by one.
const few = 32

// KnownOf are these, which are in the order of their decision.
func KnownOf(list ...Known) KnownIDs {
	k := KnownIDs{list: list}
	k.index()
	return k
}

// All lists them. The slice is theirs: it is valid until they change, and only to be read.
func (k *KnownIDs) All() []Known { return k.list }

// Len is how many there are.
func (k *KnownIDs) Len() int { return len(k.list) }

// Equal says whether two are the same ids in the same order.
func (k KnownIDs) Equal(other KnownIDs) bool { return slices.Equal(k.list, other.list) }

// Add adds what was decided after all of them.
func (k *KnownIDs) Add(one Known) {
	k.list = append(k.list, one)
	switch {
	case k.at != nil:
		k.at[one.Intent] = k.gone + len(k.list) - 1
	case len(k.list) > few:
		k.index()
	}
}

// index makes the map anew, if they are many.
func (k *KnownIDs) index() {
	k.at, k.gone = nil, 0
	if len(k.list) <= few {
		return
	}
	k.at = make(map[IntentID]int, 2*len(k.list))
	for i := range k.list {
		k.at[k.list[i].Intent] = i
	}
}

// latest is the latest of the id, nil if there is none.
func (k *KnownIDs) latest(id IntentID) *Known {
	if k.at != nil {
		if i, there := k.at[id]; there {
			return &k.list[i-k.gone]
		}
		return nil
	}
	for i := len(k.list) - 1; i >= 0; i-- {
		if k.list[i].Intent == id {
			return &k.list[i]
		}
	}
	return nil
}

// DeleteFunc removes those of which gone is true. It is asked about each once, in their
// order.
func (k *KnownIDs) DeleteFunc(gone func(Known) bool) {
	first := 0 // of those that stay; mostly it is the oldest that go
	for first < len(k.list) && gone(k.list[first]) {
		if i, there := k.at[k.list[first].Intent]; there && i == k.gone+first {
			delete(k.at, k.list[first].Intent)
		}
		first++
	}
	had := len(k.list) - first
	clear(k.list[:first])
	rest := k.list[first:]
	stay := rest[:min(1, had)]
	for i := 1; i < had; i++ {
		if !gone(rest[i]) {
			stay = append(stay, rest[i])
		}
	}
	clear(rest[len(stay):])
	k.list = stay
	switch {
	case len(stay) < had, k.at != nil && len(stay) <= few:
		k.index()
	case k.at != nil:
		k.gone += first
	}
}
