package bench

import "fmt"

// line is a run in a line, for whoever waits.
func (r *Run) line() string {
	s := fmt.Sprintf("%s: %.0f a second, processor %.1f s a million (own %.1f, Redis %.1f, broker %.1f), %.0f MiB",
		r.Subject, r.Rate, r.AllCPUPerM, r.OwnCPUPerM(), perMillion(r.RedisCPU, r.N), perMillion(r.BrokerCPU, r.N), r.RSS)
	if r.Flawed() {
		s += fmt.Sprintf("; NOT AS THE ORACLE HAS IT: %d wrong, %d wrong topic, %d missing, %d lacking, %d extra, %d contradicted, %d original, %d strange",
			r.Wrong, r.WrongTopic, r.Missing, r.Lacking, r.Extra, r.Contradicted, r.Originals, r.Strange)
	}
	if r.Note != "" {
		s += "; " + r.Note
	}
	return s
}
