package app

import (
	"cmp"
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"slices"
	"sync"
	"time"

	"github.com/contactgovernor/governor/cmd/governor/internal/api"
	"github.com/contactgovernor/governor/consumer"
	"github.com/contactgovernor/governor/consumer/governor"
	"github.com/contactgovernor/governor/rules"
	"github.com/contactgovernor/governor/schemas"
	"github.com/contactgovernor/governor/state"
)

// fromAPI is what the header says of records that the doors tell every partition.
const fromAPI = "api"

// registry is what was said of campaigns, as contact.standing has it: there every
// partition has all of it, so one is enough to read. Reading begins when somebody asks
// for the first time, goes through all that stands for the people of that partition,
// and goes on from there when somebody asks again. What these doors said themselves is
// known at once.
type registry struct {
	mu    sync.Mutex
	next  int64
	known map[rules.Campaign]*state.Campaign
}

// registryPartition is the one that is read.
const registryPartition = 0

// absorb notes what was said of a campaign.
func (r *registry) absorb(name rules.Campaign, said *state.Campaign) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.add(name, said)
}

// after is the instant of a registration that is made now: later than the one that is
// known, so that it holds, though both be of one millisecond or a clock go back.
func (r *registry) after(name rules.Campaign, now rules.Instant) rules.Instant {
	r.mu.Lock()
	defer r.mu.Unlock()
	if c := r.known[name]; c != nil {
		now = max(now, c.Registered+1)
	}
	return now
}

// add is absorb where mu is held.
func (r *registry) add(name rules.Campaign, said *state.Campaign) {
	if r.known == nil {
		r.known = make(map[rules.Campaign]*state.Campaign)
	}
	if r.known[name] == nil {
		r.known[name] = &state.Campaign{}
	}
	r.known[name].Absorb(said)
}

// read reads on to where the slot ends now. What was read by the time ctx ends need not
// be read again.
func (r *registry) read(ctx context.Context, reader consumer.Reader, slot consumer.Slot) error {
	r.mu.Lock()
	defer r.mu.Unlock()
	first, end, err := reader.Bounds(ctx, slot)
	if err != nil {
		return err
	}
	for r.next = max(r.next, first); r.next < end; {
		got, err := reader.Fetch(ctx, slot, r.next, 0)
		if errors.Is(err, consumer.ErrOutOfRange) {
			r.next = 0 // the topic was made anew, and what it said still stands
		}
		if err != nil {
			return err
		}
		if got.Next <= r.next {
			return fmt.Errorf("%s/%d ends at %d, and nothing is there from %d on", slot.Topic, slot.Partition, end, r.next)
		}
		for i := range got.Records {
			name, is := state.IsCampaign(rules.PersonID(got.Records[i].Key))
			if !is {
				continue
			}
			said, err := state.DecodeCampaign(name, got.Records[i].Value)
			if err != nil {
				return err
			}
			r.add(name, &said)
		}
		r.next = got.Next
	}
	return nil
}

// list is what is known, by name.
func (r *registry) list() []api.Campaign {
	r.mu.Lock()
	defer r.mu.Unlock()
	all := make([]api.Campaign, 0, len(r.known))
	for name, c := range r.known {
		one := api.Campaign{Name: string(name), Killed: c.Killed != 0}
		if c.Registered != 0 {
			d := c.Spec.Ends
			one.Ends, one.MostAttempts = time.Date(d.Year, d.Month, d.Day, 0, 0, 0, 0, time.UTC).Format(time.DateOnly), c.Spec.MostAttempts
			one.WayIn, one.WayOut = api.Way{Steps: c.Spec.WayIn.Steps, Label: c.Spec.WayIn.Label}, api.Way{Steps: c.Spec.WayOut.Steps, Label: c.Spec.WayOut.Label}
		}
		all = append(all, one)
	}
	slices.SortFunc(all, func(a, b api.Campaign) int { return cmp.Compare(a.Name, b.Name) })
	return all
}

// List implements api.Campaigns.
func (d *Doors) List(ctx context.Context) ([]api.Campaign, error) {
	if err := d.registry.read(ctx, d.reader(), consumer.Slot{Topic: d.app.topic(governor.Standing), Partition: registryPartition}); err != nil {
		return nil, err
	}
	return d.registry.list(), nil
}

// Register implements api.Campaigns.
func (d *Doors) Register(ctx context.Context, c api.Campaign) error {
	ends, err := time.Parse(time.DateOnly, c.Ends)
	if err != nil {
		return err
	}
	return d.tellAll(ctx, rules.Campaign(c.Name), &state.Campaign{
		Registered: d.registry.after(rules.Campaign(c.Name), rules.At(d.app.clock())),
		Spec: rules.CampaignSpec{
			Ends: rules.Date{Year: ends.Year(), Month: ends.Month(), Day: ends.Day()}, MostAttempts: c.MostAttempts,
			WayIn:  rules.WaySpec{Steps: c.WayIn.Steps, Label: c.WayIn.Label},
			WayOut: rules.WaySpec{Steps: c.WayOut.Steps, Label: c.WayOut.Label},
		},
	})
}

// Kill implements api.Campaigns.
func (d *Doors) Kill(ctx context.Context, name rules.Campaign) error {
	return d.tellAll(ctx, name, &state.Campaign{Killed: rules.At(d.app.clock())})
}

// tellAll tells every partition what was said of a campaign.
func (d *Doors) tellAll(ctx context.Context, name rules.Campaign, said *state.Campaign) error {
	value, err := state.EncodeCampaign(name, said)
	if err != nil {
		return err
	}
	n, err := d.Partitions(ctx)
	if err != nil {
		return err
	}
	key := state.CampaignID(name)
	told := schemas.Told{
		ID: "c-" + rand.Text(), Person: string(key), Type: schemas.ToldCampaign, At: schemas.Time(rules.At(d.app.clock())), Campaign: value,
	}
	slots := make([]consumer.Slot, n)
	for p := range slots {
		slots[p] = consumer.Slot{Topic: d.app.topic(governor.Signals), Partition: int32(p)}
	}
	if err := d.say.append(ctx, slots, consumer.Record{
		Key: []byte(key), Value: told.AppendJSON(nil), Headers: []consumer.Header{{Key: consumer.HeaderFrom, Value: []byte(fromAPI)}},
	}); err != nil {
		return err
	}
	d.registry.absorb(name, said)
	return nil
}
