package topics

import (
	"fmt"
	"io"
	"strconv"
	"text/tabwriter"
	"time"

	"github.com/contactgovernor/governor/consumer/kafkaio"
)

// Write writes the table, and below it what is wrong and how that is mended.
func (r *Report) Write(w io.Writer) error {
	table := tabwriter.NewWriter(w, 0, 0, 2, ' ', 0)
	fmt.Fprintln(table, "TOPIC\tPARTITIONS\tCLEANUP\tRETENTION\tREPLICATION\tVERDICT")
	for _, t := range r.Topics {
		fmt.Fprintf(table, "%s\t%s\t%s\t%s\t%s\t%s\n",
			t.Name, orDefault(t.Partitions), orUntold(t.Cleanup), t.Retention, orDefault(t.Replication), t.Verdict)
	}
	if err := table.Flush(); err != nil {
		return err
	}
	first := true
	for _, t := range r.Topics {
		for _, wrong := range t.Wrong {
			gap := ""
			if first {
				gap, first = "\n", false
			}
			if _, err := fmt.Fprintf(w, "%s%s\n", gap, wrong); err != nil {
				return err
			}
		}
	}
	return nil
}

const brokersDefault = "broker's default"

func orDefault(n int) string {
	if n == 0 {
		return brokersDefault
	}
	return strconv.Itoa(n)
}

func orUntold(s string) string {
	if s == "" {
		return "not told"
	}
	return s
}

// retention is how long records are kept, in words.
func retention(s *kafkaio.TopicState) string {
	if s.Settings["cleanup.policy"] == "compact" {
		return "the latest of each key"
	}
	text, told := s.Settings["retention.ms"]
	ms, err := strconv.ParseInt(text, 10, 64)
	switch {
	case !told && s.Exists:
		return orUntold("")
	case !told:
		return brokersDefault
	case err != nil:
		return text
	case ms < 0:
		return "for ever"
	}
	const day = int64(24 * time.Hour / time.Millisecond)
	if ms%day == 0 {
		return strconv.FormatInt(ms/day, 10) + "d"
	}
	if ms > int64(1<<62)/int64(time.Millisecond) {
		return text + "ms"
	}
	return (time.Duration(ms) * time.Millisecond).String()
}
