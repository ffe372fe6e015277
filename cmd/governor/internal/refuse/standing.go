package refuse

import (
	"context"
	"errors"
	"fmt"
	"sync"

	"github.com/contactgovernor/governor/consumer"
	"github.com/contactgovernor/governor/consumer/governor"
	"github.com/contactgovernor/governor/rules"
	"github.com/contactgovernor/governor/rules/zones"
	"github.com/contactgovernor/governor/state"
)

// await waits until contact.standing has what was acknowledged. What stands is read from
// the first, for of a signal that was heard before nothing new is written.
func (r *Refusals) await(ctx context.Context, w *Wish, fates []Fate) {
	ctx, cancel := context.WithTimeout(ctx, r.Wait)
	defer cancel()
	parts := make(map[int32]*standing)
	for i := range fates {
		f := &fates[i]
		if !f.Acknowledged {
			continue
		}
		if parts[f.Partition] == nil {
			parts[f.Partition] = &standing{wish: w, open: make(map[rules.PersonID]*Fate)}
		}
		parts[f.Partition].open[f.Person] = f
	}
	var waiting sync.WaitGroup
	for partition, s := range parts {
		waiting.Go(func() {
			err := s.read(ctx, r.Log, partition)
			if over := ctx.Err(); over != nil {
				err = over // whatever failed, failed of that
			}
			for _, f := range s.open {
				if f.Error == "" {
					f.Error = notYet(err, r.Wait.String())
				}
			}
		})
	}
	waiting.Wait()
}

// notYet says that a no is not known to stand, and what that means.
func notYet(err error, waited string) string {
	if err == nil || errors.Is(err, context.DeadlineExceeded) {
		return fmt.Sprintf("it is acknowledged, and no governor has heard it within %s: it counts from when one does, before any worker is told that it may contact the person. Is one running? (What stands of a person who was erased cannot be seen from here.)", waited)
	}
	return fmt.Sprintf("it is acknowledged, and whether it stands by now could not be read: %v", err)
}

// standing is what stands in one partition, as far as it is waited for.
type standing struct {
	wish *Wish
	open map[rules.PersonID]*Fate
	find zones.Finder
}

// read reads what stands, and then what comes.
func (s *standing) read(ctx context.Context, log Log, partition int32) error {
	first, end, err := log.Bounds(ctx, governor.Standing, partition)
	if err != nil {
		return err
	}
	latest := make(map[rules.PersonID][]byte)
	if err := log.Read(ctx, governor.Standing, partition, first, end, func(r *consumer.Record) error {
		if id := rules.PersonID(r.Key); s.open[id] != nil {
			latest[id] = append([]byte(nil), r.Value...)
		}
		return nil
	}); err != nil {
		return err
	}
	for id, value := range latest {
		if err := s.see(id, value); err != nil {
			return err
		}
	}
	if len(s.open) == 0 {
		return nil
	}
	return log.Follow(ctx, governor.Standing, partition, end, func(r *consumer.Record) (bool, error) {
		err := s.see(rules.PersonID(r.Key), r.Value)
		return len(s.open) == 0, err
	})
}

// see looks whether what stands for a person has their refusal.
func (s *standing) see(id rules.PersonID, value []byte) error {
	f := s.open[id]
	if f == nil {
		return nil
	}
	var who state.Person
	if err := state.DecodeStanding(value, &who, &s.find); err != nil {
		return fmt.Errorf("%w: was it written by another version?", err)
	}
	if !who.HasHeard(f.Signal) && !said(who.Noes, f.Signal) {
		return nil
	}
	delete(s.open, id)
	no := covering(who.Noes, s.wish.Scope)
	switch {
	case no == nil:
		f.Other, f.Error = true, "this id was heard before, of a refusal of something else, so this one changes nothing: write another --id"
	case lifted(who.Consents, no):
		f.Lifted, f.Error = true, "this id was heard before, and a later yes covers what it refused, so nothing stands: if the person says no again, write another --id"
	default:
		f.Stands = true
	}
	return nil
}

func said(noes []rules.No, signal rules.SignalID) bool {
	for i := range noes {
		if noes[i].Signal == signal {
			return true
		}
	}
	return false
}

// covering is the latest refusal that refuses all that the scope names.
func covering(noes []rules.No, scope rules.Scope) (found *rules.No) {
	for i := range noes {
		if no := &noes[i]; no.Kind == rules.Refused && within(no.Scope, scope) && (found == nil || no.At > found.At) {
			found = no
		}
	}
	return found
}

// lifted says whether a later yes covers all of a no.
func lifted(consents []rules.Consent, no *rules.No) bool {
	for i := range consents {
		if c := &consents[i]; c.Effective && c.At > no.At && within(c.Scope, no.Scope) {
			return true
		}
	}
	return false
}

// within says whether everything that inner names is in outer: an absent field widens.
func within(outer, inner rules.Scope) bool {
	wide := func(a, b string) bool { return a == "" || a == b }
	return wide(string(outer.Channel), string(inner.Channel)) && wide(string(outer.Purpose), string(inner.Purpose)) &&
		wide(string(outer.Subject), string(inner.Subject)) && wide(string(outer.Brand), string(inner.Brand)) &&
		wide(string(outer.Address), string(inner.Address))
}
