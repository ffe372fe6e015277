package bench

import (
	"fmt"
	"net"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
)

// ticks is how many a second the kernel counts processor time in.
const ticks = 100

// processor is a process's user and system seconds, and its largest resident set in MiB.
// Where there is no /proc it is nothing.
func processor(pid int) (seconds, resident float64) {
	b, err := os.ReadFile(fmt.Sprintf("/proc/%d/stat", pid))
	if err != nil {
		return 0, 0
	}
	_, after, _ := strings.Cut(string(b), ") ") // the program's name is in brackets
	fields := strings.Fields(after)
	if len(fields) < 13 {
		return 0, 0
	}
	for _, f := range fields[11:13] {
		n, _ := strconv.ParseFloat(f, 64) // the kernel writes numbers
		seconds += n / ticks
	}
	status, _ := os.ReadFile(fmt.Sprintf("/proc/%d/status", pid)) // one that has just ended has none
	for line := range strings.Lines(string(status)) {
		if kib, is := strings.CutPrefix(line, "VmHWM:"); is {
			n, _ := strconv.ParseFloat(strings.Fields(kib)[0], 64)
			resident = n / 1024
		}
	}
	return seconds, resident
}

// broker is the process on this machine that listens on the port of the address; 0: it is
// not found, or not ours to look at.
func broker(address string) int {
	_, port, err := net.SplitHostPort(address)
	if err != nil {
		return 0
	}
	n, err := strconv.Atoi(port)
	if err != nil {
		return 0
	}
	sockets := listening(n)
	open, _ := filepath.Glob("/proc/[0-9]*/fd/*") // the pattern is right
	for _, file := range open {
		if to, err := os.Readlink(file); err == nil && slices.Contains(sockets, to) {
			pid, _ := strconv.Atoi(strings.Split(file, "/")[2]) // by the pattern
			return pid
		}
	}
	return 0
}

// listening are the sockets that listen on the port, as the files of a process are linked to them.
func listening(port int) (sockets []string) {
	const listens = "0A"
	for line := range strings.Lines(text("/proc/net/tcp") + text("/proc/net/tcp6")) {
		if f := strings.Fields(line); len(f) > 9 && strings.HasSuffix(f[1], fmt.Sprintf(":%04X", port)) && f[3] == listens {
			sockets = append(sockets, "socket:["+f[9]+"]")
		}
	}
	return sockets
}

// killTree ends a process and all that it started: a script does not pass on that it was
// told to end. Where there is no /proc it is the process alone.
func killTree(pid int) {
	below := make(map[int][]int)
	all, _ := filepath.Glob("/proc/[0-9]*/stat") // the pattern is right
	for _, file := range all {
		_, after, _ := strings.Cut(text(file), ") ")
		if fields := strings.Fields(after); len(fields) > 1 {
			child, _ := strconv.Atoi(strings.Split(file, "/")[2]) // by the pattern
			parent, _ := strconv.Atoi(fields[1])                  // the kernel writes numbers
			below[parent] = append(below[parent], child)
		}
	}
	for tree := []int{pid}; len(tree) > 0; tree = tree[1:] {
		tree = append(tree, below[tree[0]]...)
		if p, err := os.FindProcess(tree[0]); err == nil {
			_ = p.Kill() // one that has ended need not be
		}
	}
}
