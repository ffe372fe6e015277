package main

import (
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/alicebob/miniredis/v2"
	"github.com/alicebob/miniredis/v2/server"
)

// Every command of the README is typed, one after the other, beside a Kafka and a Redis
// in which nothing is wrong, and ends well. What it shows of answers is answered.
func TestWhatTheReadmeTypesWorks(t *testing.T) {
	b, err := os.ReadFile("README.md")
	if err != nil {
		t.Fatal(err)
	}
	readme := string(b)
	redis := miniredis.RunT(t)
	redis.Server().SetPreHook(func(p *server.Peer, command string, _ ...string) bool {
		if command == "INFO" {
			p.WriteBulk("redis_version:7.4.0\r\nmaxmemory_policy:noeviction\r\nused_memory:1\r\nmaxmemory:1000\r\nrole:master\r\naof_enabled:1\r\n")
			return true
		}
		return false
	})
	kafka := fakeKafka(t)
	file := filepath.Join(t.TempDir(), "governor.yaml")
	write(t, file, "kafka: {brokers: ['"+kafka.ListenAddrs()[0]+"']}\nredis: {address: '"+redis.Addr()+"'}\n")

	var said strings.Builder
	commands := 0
	for _, block := range regexp.MustCompile("(?s)```sh\n(.*?)```").FindAllStringSubmatch(readme, -1) {
		for line := range strings.Lines(block[1]) {
			line = strings.TrimSpace(line)
			args, ours := strings.CutPrefix(line, "go run ./cmd/governor ")
			if !ours {
				t.Errorf("no test types %q", line)
				continue
			}
			commands++
			out, talk, exit := typed(t, strings.Fields(strings.ReplaceAll(args, "governor.yaml", file))...)
			if exit != 0 || out == "" {
				t.Errorf("%s: exit status %d\n%s%s", line, exit, out, talk)
			}
			said.WriteString(out)
		}
	}
	if commands < 10 {
		t.Errorf("only %d commands found: this test looks in the wrong place", commands)
	}

	spaces := regexp.MustCompile(` +`)
	table := spaces.ReplaceAllString(said.String(), " ")
	_, shown, _ := strings.Cut(readme, "```text\n")
	shown, _, _ = strings.Cut(shown, "```")
	for row := range strings.Lines(shown) {
		if row = spaces.ReplaceAllString(row, " "); !strings.Contains(table, row) {
			t.Errorf("the README shows %q, which nothing answered", row)
		}
	}
}

// The two lines that the README shows of what is wrong are told so.
func TestWhatTheReadmeShowsToBeWrongIsToldSo(t *testing.T) {
	b, err := os.ReadFile("README.md")
	if err != nil {
		t.Fatal(err)
	}
	kafka, redis := fakeKafka(t), miniredis.RunT(t)
	redis.Server().SetPreHook(func(p *server.Peer, command string, _ ...string) bool {
		if command == "INFO" {
			p.WriteBulk("redis_version:7.4.0\r\nmaxmemory_policy:allkeys-lru\r\n")
			return true
		}
		return false
	})
	if err := kafka.CreateTopic("contact.standing", 8, map[string]string{"cleanup.policy": "delete"}); err != nil {
		t.Fatal(err)
	}
	file := filepath.Join(t.TempDir(), "governor.yaml")
	write(t, file, "kafka: {brokers: ['"+kafka.ListenAddrs()[0]+"']}\nredis: {address: '"+redis.Addr()+"'}\n")
	checked, _, _ := typed(t, "topics", "check", "--config", file)
	examined, _, _ := typed(t, "doctor", "--config", file)
	host, port, _ := strings.Cut(redis.Addr(), ":")
	said := strings.NewReplacer(kafka.ListenAddrs()[0], "kafka-1:9092", redis.Addr(), "redis:6379", "-h "+host+" -p "+port, "-h redis -p 6379").Replace(checked + examined)
	said = regexp.MustCompile(` +`).ReplaceAllString(said, " ")
	for _, line := range regexp.MustCompile(`(?m)^(topic contact\.standing: |wrong +redis ).*$`).FindAllString(string(b), -1) {
		if line = regexp.MustCompile(` +`).ReplaceAllString(line, " "); !strings.Contains(said, line) {
			t.Errorf("the README shows %q, and said is\n%s", line, said)
		}
	}
}
