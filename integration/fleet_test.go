//go:build integration

package integration

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"testing"

	"github.com/twmb/franz-go/pkg/kadm"
	"github.com/twmb/franz-go/pkg/kgo"
	"github.com/twmb/franz-go/pkg/kmsg"
)

// fleet is several governors in one group.
type fleet struct {
	place   *place
	config  config // of every governor; each has a client id of its own beside it
	members []*member
	all     []*member // also those that are gone
	client  *kgo.Client
}

// member is a governor of the fleet.
type member struct {
	*process
	id   string // by which the group's coordinator knows it
	door string // host:port of its API; "" if it has none
}

// startFleet starts n governors and returns when they share the partitions.
func startFleet(t *testing.T, p *place, c config, n int) *fleet {
	t.Helper()
	f := &fleet{place: p, config: c, client: p.kafka.client(t)}
	for range n {
		f.start(t)
	}
	f.shares(t, f.members...)
	return f
}

// start adds a governor.
func (f *fleet) start(t *testing.T) *member {
	t.Helper()
	id := fmt.Sprintf("%s-%d", f.place.group, len(f.all)+1)
	mine := config{"kafka": config{"client_id": id}}
	for key, value := range f.config {
		if key != "kafka" {
			mine[key] = value
		}
	}
	for key, value := range f.config["kafka"].(config) {
		mine["kafka"].(config)[key] = value
	}
	m := &member{id: id}
	if api, doors := f.config["api"].(config); doors {
		port, err := freePort()
		must(t, err)
		m.door = loopback(port)
		mine["api"] = config{"listen": m.door}
		for key, value := range api {
			mine["api"].(config)[key] = value
		}
	}
	m.process = startGovernor(t, mine)
	f.members = append(f.members, m)
	f.all = append(f.all, m)
	return m
}

// any is some governor of the fleet.
func (f *fleet) any(random *rand.Rand) *member { return f.members[random.IntN(len(f.members))] }

// kill ends a governor at once. The group is not told.
func (f *fleet) kill(t *testing.T, m *member) {
	t.Helper()
	m.Kill(t)
	f.members = slices.DeleteFunc(f.members, func(other *member) bool { return other == m })
}

// stop has a governor leave.
func (f *fleet) stop(t *testing.T, m *member) {
	t.Helper()
	m.Stop(t)
	f.members = slices.DeleteFunc(f.members, func(other *member) bool { return other == m })
}

// stopAll has everybody leave.
func (f *fleet) stopAll(t *testing.T) {
	t.Helper()
	for len(f.members) > 0 {
		f.stop(t, f.members[0])
	}
}

// shares waits until exactly these governors share the partitions.
func (f *fleet) shares(t *testing.T, members ...*member) {
	t.Helper()
	var want []string
	for _, m := range members {
		want = append(want, m.id)
	}
	slices.Sort(want)
	var last kadm.DescribedGroup
	waitAtLength(t, fmt.Sprintf("%d governors to share the partitions", len(want)), func() bool {
		last = f.group(t)
		var are []string
		for _, m := range last.Members {
			are = append(are, m.ClientID)
		}
		slices.Sort(are)
		return last.State == "Stable" && slices.Equal(are, want)
	})
}

// evict has the group forget a governor that is dead or frozen, as it would by itself when the session has ended: the
// coordinator does the same in both cases, here only sooner.
func (f *fleet) evict(t *testing.T, m *member) {
	t.Helper()
	waitAtLength(t, "the group to forget a governor", func() bool {
		request := kmsg.NewPtrLeaveGroupRequest()
		request.Group = f.place.group
		for _, other := range f.group(t).Members {
			if other.ClientID == m.id {
				leaving := kmsg.NewLeaveGroupRequestMember()
				leaving.MemberID = other.MemberID
				request.Members = append(request.Members, leaving)
			}
		}
		if len(request.Members) > 0 {
			_, _ = request.RequestWith(patiently(t), f.client) // whether it did is asked next
		}
		return !f.knows(t, m)
	})
}

// knows says whether the group counts a governor among its members.
func (f *fleet) knows(t *testing.T, m *member) bool {
	t.Helper()
	return slices.ContainsFunc(f.group(t).Members, func(other kadm.DescribedGroupMember) bool { return other.ClientID == m.id })
}

func (f *fleet) group(t *testing.T) kadm.DescribedGroup {
	t.Helper()
	var group kadm.DescribedGroup
	waitFor(t, "the broker to describe the group", func() bool {
		groups, err := kadm.NewClient(f.client).DescribeGroups(patiently(t), f.place.group)
		group = groups[f.place.group]
		return err == nil && group.Err == nil
	})
	return group
}
