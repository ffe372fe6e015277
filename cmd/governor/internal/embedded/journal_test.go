package embedded

import (
	"bufio"
	"bytes"
	"errors"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"testing"
	"time"

	"github.com/alicebob/miniredis/v2"
	"github.com/redis/go-redis/v9"
)

// open starts a Redis with the journal of the folder. It is left as a kill would
// leave it, unless the test closes it.
func open(t *testing.T, path string) (*miniredis.Miniredis, *journal, *redis.Client) {
	t.Helper()
	m := miniredis.NewMiniRedis()
	if err := m.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(m.Close)
	j, err := openJournal(path, m)
	if err != nil {
		t.Fatal(err)
	}
	c := redis.NewClient(&redis.Options{Addr: m.Addr(), MaxRetries: -1})
	t.Cleanup(func() { _ = c.Close() })
	return m, j, c
}

var everything = redis.NewScript(`
	redis.call('SET', KEYS[1], ARGV[1])
	redis.call('SET', KEYS[2], ARGV[1], 'PX', 3600000)
	redis.call('HSET', KEYS[3], 'field', ARGV[1], 'n', '9007199254740993')
	redis.call('ZADD', KEYS[4], '1.5', 'a', '-2', 'b')
	redis.call('SADD', KEYS[5], 'x', 'y')
	redis.call('RPUSH', KEYS[6], 'one', 'two', 'one')
	return 'ok'`)

func write(t *testing.T, c *redis.Client, value string) {
	t.Helper()
	if err := everything.Run(t.Context(), c, []string{"s", "t", "h", "z", "set", "l"}, value).Err(); err != nil {
		t.Fatal(err)
	}
}

func check(t *testing.T, m *miniredis.Miniredis, value string) {
	t.Helper()
	if got, _ := m.Get("s"); got != value {
		t.Errorf("s is %q, want %q", got, value)
	}
	if got, _ := m.Get("t"); got != value {
		t.Errorf("t is %q, want %q", got, value)
	}
	if got := m.TTL("t"); got <= 59*time.Minute || got > time.Hour {
		t.Errorf("t lives for %v, want an hour", got)
	}
	if got := m.TTL("s"); got != 0 {
		t.Errorf("s lives for %v, want for ever", got)
	}
	if got := m.HGet("h", "field") + m.HGet("h", "n"); got != value+"9007199254740993" {
		t.Errorf("h is %q", got)
	}
	if got, _ := m.SortedSet("z"); len(got) != 2 || got["a"] != 1.5 || got["b"] != -2 {
		t.Errorf("z is %v", got)
	}
	if got, _ := m.Members("set"); !slices.Equal(got, []string{"x", "y"}) {
		t.Errorf("set is %v", got)
	}
	if got, _ := m.List("l"); len(got)%3 != 0 || len(got) == 0 || !slices.Equal(got[:3], []string{"one", "two", "one"}) {
		t.Errorf("l is %v", got)
	}
}

const odd = "a \r\n*1\r\n$3\r\n\x00\xff\" value"

func TestJournalOutlivesAKill(t *testing.T) {
	path := filepath.Join(t.TempDir(), "j")
	_, _, c := open(t, path)
	write(t, c, "first")
	write(t, c, odd)

	again, _, c := open(t, path) // the first was not closed
	check(t, again, odd)
	write(t, c, "third") // by the same script, which the second never got the source of

	third, _, _ := open(t, path)
	check(t, third, "third")
}

func TestJournalIsRewrittenWhenClosed(t *testing.T) {
	path := filepath.Join(t.TempDir(), "j")
	m, j, c := open(t, path)
	for range 100 {
		write(t, c, odd)
	}
	before := j.size
	m.Close()
	if err := j.close(); err != nil {
		t.Fatal(err)
	}
	after, err := os.Stat(path)
	if err != nil || after.Size() >= before/2 {
		t.Fatalf("%d bytes were left of %d, %v", after.Size(), before, err)
	}

	m, _, c = open(t, path)
	check(t, m, odd)
	write(t, c, "next") // its source is in the dump
	m, _, _ = open(t, path)
	check(t, m, "next")
}

func TestJournalIsRewrittenWhenItGrows(t *testing.T) {
	path := filepath.Join(t.TempDir(), "j")
	_, j, c := open(t, path)
	big := string(bytes.Repeat([]byte("x"), 8<<20))
	for i := range 12 {
		write(t, c, strconv.Itoa(i)+big)
	}
	j.mu.Lock()
	size := j.size
	j.mu.Unlock()
	if size > growth+growth/2 {
		t.Errorf("the journal has %d bytes", size)
	}
	m, _, _ := open(t, path)
	check(t, m, "11"+big)
}

// Whatever a kill leaves of the last command is as if it had never come.
func TestJournalCutOffAnywhere(t *testing.T) {
	dir := t.TempDir()
	path := filepath.Join(dir, "j")
	_, j, c := open(t, path)
	write(t, c, "whole")
	whole := j.size
	write(t, c, "half")
	all, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	for end := whole; end < int64(len(all)); end += 7 {
		cut := filepath.Join(dir, "cut")
		if err := os.WriteFile(cut, all[:end], 0o600); err != nil {
			t.Fatal(err)
		}
		m, _, c := open(t, cut)
		check(t, m, "whole")
		write(t, c, "after")
		m, _, _ = open(t, cut)
		check(t, m, "after")
	}
}

func TestJournalDamaged(t *testing.T) {
	path := filepath.Join(t.TempDir(), "j")
	if err := os.WriteFile(path, []byte("*1\r\n$4\r\nPING\r\nhello, I am no command\r\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	m := miniredis.RunT(t)
	if _, err := openJournal(path, m); !errors.Is(err, errNoCommand) {
		t.Fatalf("got %v", err)
	}
}

func TestJournalThatCannotBeWritten(t *testing.T) {
	m, j, c := open(t, filepath.Join(t.TempDir(), "j"))
	write(t, c, "before")
	_ = j.file.Close()
	err := everything.Run(t.Context(), c, []string{"s", "t", "h", "z", "set", "l"}, "after").Err()
	if err == nil {
		t.Fatal("a script ran that is not in the journal")
	}
	if got, _ := m.Get("s"); got != "before" {
		t.Errorf("s is %q", got)
	}
}

func FuzzReadCommand(f *testing.F) {
	f.Add(appendCommand(nil, []string{"SET", "k", odd}))
	f.Add([]byte("*1\r\n$-1\r\n"))
	f.Add([]byte("*99999999999\r\n"))
	f.Fuzz(func(t *testing.T, b []byte) {
		args, n, err := readCommand(bufio.NewReader(bytes.NewReader(b)))
		if err != nil {
			return
		}
		if n > len(b) {
			t.Fatalf("%d bytes were read of %d", n, len(b))
		}
		again, _, err := readCommand(bufio.NewReader(bytes.NewReader(appendCommand(nil, args))))
		if err != nil || !slices.Equal(args, again) {
			t.Fatalf("%q became %q, %v", args, again, err)
		}
	})
}

func TestReadCommandEnds(t *testing.T) {
	whole := appendCommand(nil, []string{"SET", "k", "v"})
	for end := 1; end < len(whole); end++ {
		if _, _, err := readCommand(bufio.NewReader(bytes.NewReader(whole[:end]))); !errors.Is(err, io.ErrUnexpectedEOF) {
			t.Errorf("cut at %d: %v", end, err)
		}
	}
	if _, _, err := readCommand(bufio.NewReader(bytes.NewReader(nil))); !errors.Is(err, io.EOF) {
		t.Errorf("empty: %v", err)
	}
}
