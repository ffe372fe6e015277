package simulation_test

import (
	"math/rand/v2"
	"slices"
	"time"

	"github.com/twmb/franz-go/pkg/kerr"
	"github.com/twmb/franz-go/pkg/kfake"
	"github.com/twmb/franz-go/pkg/kmsg"
)

// fault is something that goes wrong at a time. What lasts ends by itself, or when
// the world is healed.
type fault struct {
	at   time.Duration // since the faults began
	name string
	do   func(w *world)
}

// kind is one of the things that may go wrong; draw settles how.
type kind struct {
	name   string
	weight int
	draw   func(r *rand.Rand) func(w *world)
}

// kinds are all that may go wrong here.
func kinds() []kind {
	return []kind{
		{"a leader moves", 2, func(r *rand.Rand) func(*world) {
			topic, partition, node := anyTopic(r), r.Int32N(partitions), r.Int32N(3)
			return func(w *world) { _ = w.kafka.MoveTopicPartition(topic, partition, node) }
		}},
		{"all leaders move", 1, func(*rand.Rand) func(*world) {
			return func(w *world) { w.kafka.ShufflePartitionLeaders() }
		}},
		{"the coordinators move", 1, func(*rand.Rand) func(*world) {
			return func(w *world) { w.kafka.RehashCoordinators() }
		}},
		{"a broker goes away", 1, func(r *rand.Rand) func(*world) {
			node, for_ := 1+r.Int32N(2), seconds(r, 20) // the first is where strangers ask
			return func(w *world) {
				if w.kafka.RemoveNode(node) != nil {
					return // it is away
				}
				w.errand(func() {
					w.sleep(for_)
					if _, _, err := w.kafka.AddNode(node, firstPort+int(node)); err != nil {
						w.t.Errorf("simulation: %v", err)
					}
				})
			}
		}},
		{"acknowledgements get lost", 3, func(r *rand.Rand) func(*world) {
			return answer(r, kmsg.Produce, kerr.RequestTimedOut, kerr.NotEnoughReplicasAfterAppend)
		}},
		{"nothing can be appended", 2, func(r *rand.Rand) func(*world) {
			return answer(r, kmsg.Produce, kerr.NotEnoughReplicas, kerr.NotLeaderForPartition, kerr.KafkaStorageError)
		}},
		{"a topic takes nothing for a while", 1, func(r *rand.Rand) func(*world) {
			topic, for_ := outputs()[r.IntN(len(outputs()))], seconds(r, 40)
			return func(w *world) {
				h := w.kafka.Fault(kfake.Fault{Keys: []kmsg.Key{kmsg.Produce}, Topic: topic, Err: kerr.KafkaStorageError, Count: -1})
				w.errand(func() { w.sleep(for_); h.Remove() })
			}
		}},
		{"nothing can be read", 1, func(r *rand.Rand) func(*world) {
			return answer(r, kmsg.Fetch, kerr.NotLeaderForPartition, kerr.KafkaStorageError)
		}},
		{"no end is known", 1, func(r *rand.Rand) func(*world) {
			return answer(r, kmsg.ListOffsets, kerr.OffsetNotAvailable, kerr.LeaderNotAvailable)
		}},
		{"answers of Kafka get lost", 3, wired(toKafka, func(r *rand.Rand, w *wire) { w.lose, w.hangUp = w.lose+1+r.IntN(3), r.IntN(2) == 0 })},
		{"answers of Redis get lost", 3, wired(toRedis, func(r *rand.Rand, w *wire) { w.lose, w.hangUp = w.lose+1+r.IntN(3), r.IntN(2) == 0 })},
		{"Kafka is slow", 1, wired(toKafka, func(r *rand.Rand, w *wire) { w.latency = time.Duration(r.IntN(400)) * time.Millisecond })},
		{"Redis is slow", 2, wired(toRedis, func(r *rand.Rand, w *wire) { w.latency = time.Duration(r.IntN(700)) * time.Millisecond })},
		{"Kafka cannot be reached", 1, func(r *rand.Rand) func(*world) {
			i, for_ := r.IntN(machines), seconds(r, 20)
			return func(w *world) {
				if wires := w.machines[i].wires(); wires != nil {
					wires[toKafka].set(func(w *wire) { w.mute = time.Now().Add(for_) })
					wires[toGroup].set(func(w *wire) { w.mute = time.Now().Add(for_) })
					wires[toGroup].cut()
				}
			}
		}},
		{"Redis cannot be reached", 1, wired(toRedis, func(r *rand.Rand, w *wire) { w.mute = time.Now().Add(seconds(r, 20)) })},
		{"Kafka is frozen", 1, wired(toKafka, func(r *rand.Rand, w *wire) { w.frozen = time.Now().Add(seconds(r, 15)) })},
		{"Redis is frozen", 1, wired(toRedis, func(r *rand.Rand, w *wire) { w.frozen = time.Now().Add(seconds(r, 15)) })},
		{"connections are cut", 2, func(r *rand.Rand) func(*world) {
			i, which := r.IntN(machines), r.IntN(4)
			return func(w *world) {
				for n, wire := range w.machines[i].wires() {
					if which == 3 || which == n {
						wire.cut()
					}
				}
			}
		}},
		{"Redis refuses", 1, func(r *rand.Rand) func(*world) {
			message := []string{"LOADING Redis is loading the dataset in memory", "READONLY You can't write against a read only replica.",
				"MISCONF Redis is configured to save RDB snapshots", "BUSY Redis is busy running a script"}[r.IntN(4)]
			for_ := seconds(r, 10)
			return func(w *world) {
				w.memory.refuse(message)
				w.errand(func() { w.sleep(for_); w.memory.refuse("") })
			}
		}},
		{"Redis loses its tail", 2, func(r *rand.Rand) func(*world) {
			back, cut := r.IntN(6), r.IntN(2) == 0
			return func(w *world) { w.lose(back, cut) }
		}},
		{"Redis is emptied", 1, func(r *rand.Rand) func(*world) {
			cut := r.IntN(2) == 0
			return func(w *world) { w.lose(-1, cut) }
		}},
		{"a governor is stopped", 1, func(r *rand.Rand) func(*world) {
			i, for_ := r.IntN(machines), seconds(r, 30)
			return func(w *world) {
				w.errand(func() { w.machines[i].stop(); w.sleep(for_); w.machines[i].start() })
			}
		}},
		{"a governor is killed", 3, func(r *rand.Rand) func(*world) {
			i, for_ := r.IntN(machines), seconds(r, 30)
			return func(w *world) {
				w.errand(func() { w.machines[i].kill(); w.sleep(for_); w.machines[i].start() })
			}
		}},
		{"a governor is killed while it emits", 2, func(r *rand.Rand) func(*world) {
			i, late, for_ := r.IntN(machines), seconds(r, 20), seconds(r, 30)
			return func(w *world) {
				if wires := w.machines[i].wires(); wires != nil {
					wires[toKafka].set(func(wire *wire) {
						wire.late, wire.sent = late, func() {
							w.machines[i].kill()
							w.sleep(for_)
							w.machines[i].start()
						}
					})
				}
			}
		}},
		{"a governor is started", 1, func(r *rand.Rand) func(*world) {
			i := r.IntN(machines)
			return func(w *world) { w.machines[i].start() }
		}},
		{"a governor falls asleep", 2, func(r *rand.Rand) func(*world) {
			i, for_ := r.IntN(machines), seconds(r, 40)
			return func(w *world) {
				w.machines[i].lag.Store(int64(2 * time.Minute / time.Millisecond))
				w.kafka.RehashCoordinators() // so that the others share its partitions
				w.errand(func() { w.sleep(for_); w.machines[i].lag.Store(0) })
			}
		}},
		{"a clock is off", 2, func(r *rand.Rand) func(*world) {
			off := time.Duration(r.Int64N(int64(2*maxSkew))) - maxSkew
			return skew(r, off)
		}},
		{"a clock jumps", 1, func(r *rand.Rand) func(*world) {
			off := maxSkew + time.Minute + time.Duration(r.Int64N(int64(3*time.Hour)))
			if r.IntN(2) == 0 {
				off = -off
			}
			return skew(r, off)
		}},
	}
}

func seconds(r *rand.Rand, most int) time.Duration {
	return time.Second + time.Duration(r.Int64N(int64(most)*int64(time.Second)))
}

func anyTopic(r *rand.Rand) string {
	all := append(inputs(), outputs()...)
	return all[r.IntN(len(all))]
}

// answer lets Kafka answer some requests with an error.
func answer(r *rand.Rand, key kmsg.Key, errs ...*kerr.Error) func(*world) {
	f := kfake.Fault{Keys: []kmsg.Key{key}, Topic: anyTopic(r), Err: errs[r.IntN(len(errs))], Count: 1 + r.IntN(4)}
	return func(w *world) { w.faults = append(w.faults, w.kafka.Fault(f)) }
}

// wired does something to a wire of a machine.
func wired(which int, change func(r *rand.Rand, w *wire)) func(*rand.Rand) func(*world) {
	return func(r *rand.Rand) func(*world) {
		i, how := r.IntN(machines), rand.New(rand.NewPCG(r.Uint64(), 0))
		return func(w *world) {
			if wires := w.machines[i].wires(); wires != nil {
				wires[which].set(func(w *wire) { change(how, w) })
			}
		}
	}
}

// skew sets a clock off for a while.
func skew(r *rand.Rand, off time.Duration) func(*world) {
	i, for_ := r.IntN(machines), seconds(r, 40)
	return func(w *world) {
		w.machines[i].skew.Store(off.Milliseconds())
		w.errand(func() { w.sleep(for_); w.machines[i].skew.Store(0) })
	}
}

// draw is the schedule of a seed, of all kinds of faults or only of some.
func draw(r *rand.Rand, during time.Duration, only ...string) (faults []fault) {
	var all []kind
	for _, k := range kinds() {
		if len(only) > 0 && !slices.Contains(only, k.name) {
			continue
		}
		for range k.weight {
			all = append(all, k)
		}
	}
	for at := time.Duration(0); at < during; at += time.Duration(r.Int64N(int64(15 * time.Second))) {
		k := all[r.IntN(len(all))]
		faults = append(faults, fault{at, k.name, k.draw(r)})
	}
	return faults
}

// lose lets Redis lose its tail, or everything, when nothing is on its way into the
// log. That both happen is beyond what is promised: a batch that Redis has lost is
// decided anew if it is not in the log, and nobody can take back what is on its way.
func (w *world) lose(back int, cut bool) {
	w.errand(func() {
		for !w.plant.beyond && w.emitting.Load() > 0 {
			if !w.sleep(100 * time.Millisecond) {
				return
			}
		}
		w.rollBack(back, cut)
	})
}

// rollBack makes Redis what it was some dumps ago, as a failover would that lost the
// tail; or empty, if back is -1. Whoever is connected to a server that fails over is
// cut off, or, with a proxy in between, is not.
func (w *world) rollBack(back int, cut bool) {
	w.dumpsMu.Lock()
	defer w.dumpsMu.Unlock()
	var d dump
	if back >= 0 {
		if len(w.dumps) == 0 {
			return
		}
		d = w.dumps[max(0, len(w.dumps)-1-back)]
	}
	if err := w.memory.restore(d); err != nil {
		w.t.Errorf("simulation: %v", err)
	}
	if back >= 0 {
		w.dumps = w.dumps[:max(1, len(w.dumps)-back)] // what is lost is lost
	}
	for _, m := range w.machines {
		if wires := m.wires(); cut && wires != nil {
			wires[toRedis].cut()
		}
	}
}

// keepDump makes a dump now and then.
func (w *world) keepDump() {
	d, err := w.memory.save()
	if err != nil {
		w.t.Errorf("simulation: %v", err)
		return
	}
	w.dumpsMu.Lock()
	defer w.dumpsMu.Unlock()
	if w.dumps = append(w.dumps, d); len(w.dumps) > 10 {
		w.dumps = w.dumps[1:]
	}
}

// heal ends every fault, and lets every governor run.
func (w *world) heal() {
	for _, f := range w.faults {
		f.Remove()
	}
	w.faults = nil
	w.memory.refuse("")
	for _, m := range w.machines {
		m.heal()
		m.start()
	}
}
