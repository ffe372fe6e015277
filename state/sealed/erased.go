package sealed

import (
	"encoding/base64"
	"fmt"

	"github.com/go-json-experiment/json"

	"github.com/contactgovernor/governor/rules"
)

// grave is what is on contact.standing, and in the store, of somebody who was erased
// and said no, and of an address that such a one refused.
type grave struct {
	Person rules.PersonID `json:"person"` // the keyed hash
	Erased string         `json:"erased,omitempty"`
	Sealed string         `json:"sealed"` // what stands, in base64
}

// Tombstone is the name under which somebody is kept who was erased, or an address
// that such a one refused: a keyed hash.
func (k *Keys) Tombstone(id rules.PersonID) rules.PersonID { return k.all[0].tombstone(id) }

// Beside is the name under which another is kept who was buried together with the one
// of that name: under the same key.
func (k *Keys) Beside(name, id rules.PersonID) rules.PersonID {
	if print, is := printOf(name); is {
		if with := k.find(print); with != nil {
			return with.tombstone(id)
		}
	}
	return k.Tombstone(id)
}

// Bury seals what stands for somebody who was erased, for the name of Tombstone. The
// value is JSON: the name, when the person was erased, and what stands, sealed.
func (k *Keys) Bury(name rules.PersonID, erased rules.Instant, standing []byte) ([]byte, error) {
	sealed, err := k.all[0].seal(place{part: "tombstone", name: name}, standing)
	if err != nil {
		return nil, err
	}
	g := grave{Person: name, Sealed: base64.StdEncoding.EncodeToString(sealed)}
	if erased != 0 {
		g.Erased = erased.String()
	}
	b, err := json.Marshal(g)
	if err != nil {
		return nil, fmt.Errorf("bury what stands for a person: %w", err)
	}
	return b, nil
}

// Exhume is what Bury sealed for the name. Nothing is nothing.
func (k *Keys) Exhume(name rules.PersonID, value []byte) ([]byte, error) {
	if len(value) == 0 {
		return nil, nil
	}
	var g grave
	at := place{part: "tombstone", name: name}
	if err := json.Unmarshal(value, &g, json.RejectUnknownMembers(true)); err != nil || g.Person != name {
		return nil, spoilt(at)
	}
	sealed, err := base64.StdEncoding.DecodeString(g.Sealed)
	if err != nil {
		return nil, spoilt(at)
	}
	return k.open(at, sealed)
}
