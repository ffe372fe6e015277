// Package zones finds time zones by their IANA names. It carries the database
// with it, so that a bare container knows the same zones as a desk, and keeps
// what it found, since a zone is asked for with every intent.
//
// It stands beside package rules because rules does no I/O, and finding a zone
// may read a file.
package zones

import (
	"fmt"
	"sync"
	"time"
	_ "time/tzdata" // the database, for machines that have none
)

// most bounds how many zones are kept: the world has some 600 names. Names come
// from outside, so the bound matters.
const most = 1024

// Finder finds zones. The zero value is ready; any number of goroutines may use
// it. A Finder must not be copied.
type Finder struct {
	mu    sync.RWMutex
	found map[string]*time.Location
}

// Find is the zone of that name. "Local" and the empty name are none: where a
// person is does not depend on where the governor runs.
func (f *Finder) Find(name string) (*time.Location, error) {
	f.mu.RLock()
	loc := f.found[name]
	f.mu.RUnlock()
	if loc != nil {
		return loc, nil
	}
	if name == "" || name == "Local" {
		return nil, fmt.Errorf("%q is no time zone: write an IANA name such as Europe/Berlin", name)
	}
	loc, err := time.LoadLocation(name)
	if err != nil {
		return nil, fmt.Errorf("%q is no time zone: write an IANA name such as Europe/Berlin", name)
	}
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.found == nil {
		f.found = make(map[string]*time.Location)
	}
	if len(f.found) < most {
		f.found[name] = loc
	}
	return loc, nil
}

// FindAll finds every name, in order.
func (f *Finder) FindAll(names []string) ([]*time.Location, error) {
	if len(names) == 0 {
		return nil, nil
	}
	locs := make([]*time.Location, len(names))
	for i, name := range names {
		loc, err := f.Find(name)
		if err != nil {
			return nil, err
		}
		locs[i] = loc
	}
	return locs, nil
}

// Names are the names of the zones, nil for none.
func Names(locs []*time.Location) []string {
	if len(locs) == 0 {
		return nil
	}
	names := make([]string, len(locs))
	for i, loc := range locs {
		names[i] = loc.String()
	}
	return names
}
