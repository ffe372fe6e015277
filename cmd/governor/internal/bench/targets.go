package bench

import "fmt"

// target is something that was aimed at, and what came of it.
type target struct {
	what, wanted, seen string
	met                bool
}

// targets are those of the section; none, if it was measured only to see that it works.
func (s *Section) targets(scenario string) []target {
	if s.Quick {
		return nil
	}
	return targets(scenario, s.Runs)
}

// targets are those of a scenario that can be told from what ran: the speed of a subject is
// only held against one that ran beside it.
func targets(scenario string, runs []Run) (out []target) {
	all := groups(runs)
	governor := of(all, "governor")
	if governor == nil {
		return nil
	}
	least := func(what string, wanted, seen float64) {
		out = append(out, target{what, fmt.Sprintf("at least %.2f", wanted), fmt.Sprintf("%.2f", seen), seen >= wanted})
	}
	most := func(what string, wanted, seen float64) {
		out = append(out, target{what, fmt.Sprintf("at most %v", wanted), fmt.Sprintf("%.2f", seen), seen <= wanted})
	}
	copied, streams := ceiling(all), of(all, "streams")
	speed := func(g group, wanted float64) {
		if g != nil && g.median(rate) > 0 {
			least("decisions/s ÷ "+g[0].Subject, wanted, governor.median(rate)/g.median(rate))
		}
	}
	switch scenario {
	case "peers":
		speed(copied, 0.7)
		speed(streams, 6)
		if copied != nil && copied.median(allCPU) > 0 {
			most("all CPU ÷ "+copied[0].Subject, 1.5, governor.median(allCPU)/copied.median(allCPU))
		}
		most("Redis CPU seconds a million", 1.5, governor.median(inRedis))
		most("Redis commands outside scripts, an intent", 0.1, governor.median(outside))
		most("resident memory, MiB", 150, governor.median(resident))
		most("decisions that are not the oracle's", 0, float64(governor.sum(flaws)))
	case "house":
		speed(copied, 0.5)
		if governor[0].Breaches != nil {
			most("breaches that verify found", 0, float64(governor.sum(func(r *Run) int { return r.breached() })))
		}
	case "kill":
		most("missing", 0, float64(governor.sum(func(r *Run) int { return r.Missing + r.Lacking })))
		most("contradicted", 0, float64(governor.sum(func(r *Run) int { return r.Contradicted })))
		most("counted twice", 0, float64(governor.sum(func(r *Run) int { return r.Extra })))
	}
	return out
}

// breached is how many promises were broken, as far as anybody asked.
func (r *Run) breached() int {
	if r.Breaches == nil {
		return 0
	}
	return *r.Breaches
}
