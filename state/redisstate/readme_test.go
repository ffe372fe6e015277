package redisstate

import (
	"os"
	"regexp"
	"strings"
	"testing"

	"github.com/contactgovernor/governor/state"
)

// Every redis-cli command of the README finds something, on a store that has
// something, so that the keys that it documents are the keys that there are.
func TestTheCommandsOfTheReadmeFindWhatTheySay(t *testing.T) {
	commands := readmeCommands(t)
	if len(commands) < 10 {
		t.Fatalf("found only %q", commands)
	}
	onEach(t, func(t *testing.T, server server) {
		s := server.open(t, Options{})
		must(t, acquireOnly(t, s, "ann"))
		b := step("ann", 1, `{"person":"ada"}`)
		b.Waiting = []state.Waiting{{Person: "ada", Due: 5}}
		b.Totals = []state.Total{{Campaign: "spring", Tally: []byte(`{"first":"2026-05-04T12:00:00.000Z"}`)}}
		b.Mark.Tails = map[string]int64{"contact.approved": 7}
		must(t, s.Commit(t.Context(), 3, b))

		seen := map[string]bool{}
		for _, command := range commands {
			args, key := withPrefix(s.prefix, command)
			reply, err := s.client.Do(t.Context(), args...).Result()
			if err != nil || empty(reply) {
				t.Errorf("%s answers %v, %v", strings.Join(command, " "), reply, err)
			}
			seen[strings.TrimPrefix(key, s.prefix)] = true
		}
		for _, key := range names(t, s) {
			if key = strings.TrimPrefix(key, s.prefix); !seen[key] {
				t.Errorf("no command of the README reads %s", key)
			}
		}
	})
}

// readmeCommands are the arguments of every redis-cli in the README.
func readmeCommands(t *testing.T) (out [][]string) {
	t.Helper()
	text, err := os.ReadFile("../README.md")
	must(t, err)
	word := regexp.MustCompile(`'[^']*'|\S+`)
	for line := range strings.Lines(string(text)) {
		line, _, _ = strings.Cut(line, " #")
		if rest, ok := strings.CutPrefix(strings.TrimSpace(line), "redis-cli "); ok {
			var args []string
			for _, arg := range word.FindAllString(rest, -1) {
				args = append(args, strings.Trim(arg, "'"))
			}
			out = append(out, args)
		}
	}
	return out
}

// withPrefix is the command that redis-cli sends, on a key under the prefix.
func withPrefix(prefix string, command []string) (args []any, key string) {
	if command[0] == "--scan" { // --scan --pattern P
		return []any{"SCAN", "0", "MATCH", prefix + command[2], "COUNT", "1000000"}, command[2]
	}
	for i, arg := range command {
		if i == 1 {
			key = prefix + arg
			arg = key
		}
		args = append(args, arg)
	}
	return args, key
}

func empty(reply any) bool {
	switch reply := reply.(type) {
	case nil:
		return true
	case string:
		return reply == ""
	case int64:
		return reply == 0
	case []any:
		if len(reply) == 2 { // SCAN: cursor, keys
			if keys, ok := reply[1].([]any); ok {
				return len(keys) == 0
			}
		}
		return len(reply) == 0
	case map[any]any:
		return len(reply) == 0
	}
	return false
}
