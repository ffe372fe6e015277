package kafkaio

import (
	"strings"
	"testing"
	"time"
)

func TestEveryMistakeInTheConfigurationIsTold(t *testing.T) {
	_, err := New(Config{
		Brokers:        []string{"kafka", "kafka:9092"},
		DialTimeout:    time.Microsecond,
		RequestTimeout: -1,
		MetadataTTL:    2 * time.Hour,
		FetchBytes:     -1,
		BatchBytes:     1 << 30,
		Compression:    "rar",
	})
	if err == nil {
		t.Fatal("accepted")
	}
	for i, want := range []string{`kafka broker "kafka"`, "dial timeout", "request timeout", "metadata TTL", "fetch bytes", "batch bytes", `"rar"`} {
		if lines := strings.Split(err.Error(), "\n"); len(lines) != 7 || !strings.Contains(lines[i], want) {
			t.Errorf("line %d does not speak of %s in:\n%v", i, want, err)
		}
	}
	if _, err := New(Config{}); err == nil || !strings.Contains(err.Error(), "none given") {
		t.Errorf("without brokers: %v", err)
	}
}
