//go:build integration

package integration

import "time"

// killOne kills one of three. Most of the time the group is told at once, so that the others need not wait until the
// session of the dead has ended; every fourth time they do. Two times of three the three share the partitions again and
// decide before the next is killed, so that it has partitions to lose; else the next is killed while it takes them.
func killOne(r *trial) {
	for r.again() {
		victim := r.fleet.any(r.random)
		r.fleet.kill(r.T, victim)
		r.fleet.start(r.T)
		if r.random.IntN(4) > 0 {
			r.fleet.evict(r.T, victim)
		}
		if r.random.IntN(3) == 0 {
			r.rest(2 * time.Second)
			continue
		}
		r.fleet.shares(r.T, r.fleet.members...)
		r.decides("to be decided after a kill", 10)
		r.rest(400 * time.Millisecond)
	}
}

// freezeOne freezes one of three until the others have its partitions and decide, and then lets it go on in the middle of
// what it was about to do. Every fourth time the session ends by itself; else the coordinator is asked to end it.
func freezeOne(r *trial) {
	for r.again() {
		zombie := r.fleet.any(r.random)
		zombie.Pause(r.T)
		if r.tried%4 != 0 {
			r.fleet.evict(r.T, zombie)
		}
		var others []*member
		for _, m := range r.fleet.members {
			if m != zombie {
				others = append(others, m)
			}
		}
		r.fleet.shares(r.T, others...)
		r.decides("to be decided without the zombie", 20)
		zombie.Resume(r.T)
		r.fleet.shares(r.T, r.fleet.members...)
		r.decides("to be decided after the zombie came back", 10)
		r.rest(400 * time.Millisecond)
	}
}

// rebalance has a fourth governor join, and leave again: either is one rebalance. Now and then the next comes while the
// last is under way.
func rebalance(r *trial) {
	for r.again() {
		if len(r.fleet.members) > 3 {
			r.fleet.stop(r.T, r.fleet.any(r.random))
		} else {
			r.fleet.start(r.T).says(r.T, "governing")
		}
		if r.random.IntN(4) > 0 {
			r.fleet.shares(r.T, r.fleet.members...)
			r.decides("to be decided after a rebalance", 10)
		}
		r.rest(500 * time.Millisecond)
	}
}
