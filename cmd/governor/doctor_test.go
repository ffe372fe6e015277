package main

import (
	"encoding/json"
	"fmt"
	"path/filepath"
	"strings"
	"testing"

	"github.com/contactgovernor/governor/cmd/governor/internal/doctor"
)

// "Exit status: 0 nothing is wrong, 1 something is." What doctor finds of each thing is
// tested beside it.
func TestDoctorTellsThatKafkaAndRedisAreAway(t *testing.T) {
	file := filepath.Join(t.TempDir(), "governor.yaml")
	kafka, redis := nobody(t), nobody(t)
	write(t, file, fmt.Sprintf("kafka: {brokers: [%q]}\nredis: {address: %q}\n", kafka, redis))
	out, talk, exit := typed(t, "doctor", "--config", file)
	if exit != 1 || !strings.HasPrefix(talk, "governor: doctor: 2 things are wrong; ") || strings.Count(talk, "\n") != 1 {
		t.Errorf("exit status %d\n%s", exit, talk)
	}
	for _, line := range []string{"ok       configuration", "ok       policy", "wrong    kafka ", "wrong    redis ", "unknown  kafka topics"} {
		if !strings.Contains("\n"+out, "\n"+line) {
			t.Errorf("there is no %q in\n%s", line, out)
		}
	}
	out, _, exit = typed(t, "doctor", "--config", file, "-o", "json")
	var r doctor.Report
	if err := json.Unmarshal([]byte(out), &r); err != nil || exit != 1 || r.Wrong != 2 || r.Unknown != 5 || len(r.Findings) < 8 {
		t.Errorf("exit status %d, %v\n%s", exit, err, out)
	}
}

// A configuration with mistakes is what doctor is asked about, so it is no mistake of
// who asks; no configuration is.
func TestDoctorOfAConfigurationWithMistakes(t *testing.T) {
	file := filepath.Join(t.TempDir(), "governor.yaml")
	write(t, file, "kafkaa: {}\n")
	out, talk, exit := typed(t, "doctor", "--config", file)
	if exit != 1 || !strings.Contains(out, "wrong    configuration  "+file+":1:1: ") || talk != "governor: doctor: 1 thing is wrong\n" {
		t.Errorf("exit status %d\n%s%s", exit, out, talk)
	}
	if _, talk, exit := typed(t, "doctor"); exit != 2 || !strings.Contains(talk, "--config FILE") {
		t.Errorf("exit status %d\n%s", exit, talk)
	}
}
