package redisstate

import (
	"fmt"
	"strconv"
	"strings"

	"github.com/contactgovernor/governor/rules"
	"github.com/contactgovernor/governor/state"
)

// tail is in front of the topic in the field that says from where on to read it.
const tail = "tail:"

// appendMark appends the mark as fields and values of the meta hash.
func appendMark(args []any, m *state.Mark) []any {
	args = append(args,
		"batch", number(m.Batch), "intents", number(m.Intents), "signals", number(m.Signals), "now", number(int64(m.Now)), "restoring", flag(m.Restoring), "policy", m.Policy, "partitions", number(int64(m.Partitions)))
	for topic, offset := range m.Tails {
		args = append(args, tail+topic, number(offset))
	}
	return args
}

func flag(on bool) string {
	if on {
		return "1"
	}
	return "0"
}

func number(n int64) string { return strconv.FormatInt(n, 10) }

// readMeta reads the meta hash, fields and values in turn. The holding is Known
// if a batch was ever committed: an owner alone says nothing about the memory.
func readMeta(fields []string) (h state.Holding, err error) {
	for i := 0; i+1 < len(fields) && err == nil; i += 2 {
		field, value := fields[i], fields[i+1]
		n, wrong := strconv.ParseInt(value, 10, 64)
		switch topic, isTail := strings.CutPrefix(field, tail); {
		case field == "owner":
			continue
		case field == "policy":
			h.Mark.Policy = value
			continue
		case field == "epoch":
			h.Epoch = n
		case field == "batch":
			h.Known, h.Mark.Batch = true, n
		case field == "intents":
			h.Mark.Intents = n
		case field == "signals":
			h.Mark.Signals = n
		case field == "partitions":
			h.Mark.Partitions = int32(n)
		case field == "now":
			h.Mark.Now = rules.Instant(n)
		case field == "restoring":
			h.Mark.Restoring = n != 0
		case isTail:
			if h.Mark.Tails == nil {
				h.Mark.Tails = make(map[string]int64)
			}
			h.Mark.Tails[topic] = n
		default:
			continue // of a later version
		}
		if wrong != nil {
			err = fmt.Errorf("field %s of its meta is no number", field)
		}
	}
	return h, err
}

// readTotals reads the campaigns hash, campaigns and tallies in turn.
func readTotals(fields []string) []state.Total {
	var out []state.Total
	for i := 0; i+1 < len(fields); i += 2 {
		out = append(out, state.Total{Campaign: rules.Campaign(fields[i]), Tally: []byte(fields[i+1])})
	}
	return out
}

// readWaiting reads the waiting hash, people and dues in turn.
func readWaiting(fields []string) ([]state.Waiting, error) {
	var out []state.Waiting
	for i := 0; i+1 < len(fields); i += 2 {
		due, err := strconv.ParseInt(fields[i+1], 10, 64)
		if err != nil {
			return nil, fmt.Errorf("a due time of those who wait is no number")
		}
		out = append(out, state.Waiting{Person: rules.PersonID(fields[i]), Due: rules.Instant(due)})
	}
	return out, nil
}
