package bench

import (
	"context"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"runtime"
	"runtime/debug"
	"strconv"
	"strings"
)

// Machine is what something was measured on, and with what.
type Machine struct {
	Cores     int    `json:"cores"`
	Processor string `json:"processor"`
	MemoryGiB int    `json:"memory_gib"`
	System    string `json:"system"`
	Go        string `json:"go"`
	Kafka     string `json:"kafka"`
	Redis     string `json:"redis"`
	Commit    string `json:"commit"`
}

const unknown = "unknown"

// machine asks what there is.
func (b *bench) machine(ctx context.Context) Machine {
	m := Machine{
		Cores: runtime.NumCPU(), Processor: unknown, System: runtime.GOOS + "/" + runtime.GOARCH, Go: runtime.Version(),
		Kafka: kafkaVersion(b.broker), Redis: unknown, Commit: commit(),
	}
	for line := range strings.Lines(text("/proc/cpuinfo")) {
		if name, value, ok := strings.Cut(line, ":"); ok && strings.TrimSpace(name) == "model name" {
			m.Processor = strings.TrimSpace(value)
			break
		}
	}
	for line := range strings.Lines(text("/proc/meminfo")) {
		var kib int
		if n, _ := fmt.Sscanf(line, "MemTotal: %d kB", &kib); n == 1 {
			m.MemoryGiB = (kib + 1<<19) >> 20
		}
	}
	if kernel := strings.TrimSpace(text("/proc/sys/kernel/osrelease")); kernel != "" {
		m.System += ", kernel " + kernel
	}
	if info, err := b.redis.Info(ctx, "server").Result(); err == nil {
		if v := regexp.MustCompile(`redis_version:(\S+)`).FindStringSubmatch(info); v != nil {
			m.Redis = v[1]
		}
	}
	return m
}

// text is what is in the file, if there is one.
func text(file string) string {
	b, err := os.ReadFile(file)
	if err != nil {
		return ""
	}
	return string(b)
}

// kafkaVersion is told by the broker's own files, since no request answers it.
func kafkaVersion(pid int) string {
	if pid == 0 {
		return unknown
	}
	jar := regexp.MustCompile(`kafka_[0-9.]+-([0-9.]+)\.jar`)
	line := text("/proc/" + strconv.Itoa(pid) + "/cmdline")
	if v := jar.FindStringSubmatch(line); v != nil {
		return v[1]
	}
	for _, word := range strings.FieldsFunc(line, func(r rune) bool { return r == 0 || r == ':' }) {
		if folder, is := strings.CutSuffix(word, "/*"); is {
			files, _ := filepath.Glob("/proc/" + strconv.Itoa(pid) + "/root" + folder + "/kafka_*.jar")
			for _, file := range files {
				if v := jar.FindStringSubmatch(file); v != nil {
					return v[1]
				}
			}
		}
	}
	return unknown
}

// commit is what the binary was built of; where the build does not know, as with go run, what
// is in the folder.
func commit() string {
	id, changed := "", ""
	if info, ok := debug.ReadBuildInfo(); ok {
		for _, s := range info.Settings {
			switch {
			case s.Key == "vcs.revision":
				id = s.Value
			case s.Key == "vcs.modified" && s.Value == "true":
				changed = " with changes"
			}
		}
	}
	if id == "" {
		out, err := exec.Command("git", "rev-parse", "HEAD").Output()
		if err != nil {
			return unknown
		}
		id = strings.TrimSpace(string(out))
		if dirty, err := exec.Command("git", "status", "--porcelain", "--", "*.go", "*.lua", "*.yaml", "go.mod").Output(); err != nil || len(dirty) > 0 {
			changed = " with changes"
		}
	}
	return id[:min(len(id), 12)] + changed
}
