package embedded

import (
	"bufio"
	"crypto/sha1"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"os"
	"strings"
	"sync"
	"sync/atomic"

	"github.com/alicebob/miniredis/v2"
	"github.com/alicebob/miniredis/v2/server"
)

// journal keeps what a miniredis holds, as Redis' own append-only file does: a
// file of commands, in Redis' protocol (redis-cli --pipe would load it). Every
// script is written to it before it runs, whole and in the order in which the
// scripts run, and its sender has no answer before. So the file is never behind
// what anybody was told, and a script that a kill cut off half written was never
// answered.
//
// Only scripts are kept, since the governor's store writes by nothing else; what
// a client writes by other commands is kept from the next rewriting on, not from
// the command on. It is not synced to the disk: it survives the process, not the
// machine, and so does the embedded Kafka.
type journal struct {
	redis *miniredis.Miniredis
	path  string

	// running is who runs a script now: its own dispatch comes back to the hook.
	running atomic.Pointer[server.Peer]

	mu      sync.Mutex
	file    *os.File
	size    int64
	base    int64             // size after the last rewriting
	scripts map[string]string // source by SHA-1
	broken  error             // the file could not be written; no script runs any more
}

// growth is by how much the journal may grow before it is written anew.
const growth = 64 << 20

// openJournal loads the file into redis, if it is there, and from then on keeps
// what redis' scripts do.
func openJournal(path string, redis *miniredis.Miniredis) (*journal, error) {
	j := &journal{redis: redis, path: path, scripts: make(map[string]string)}
	file, err := os.OpenFile(path, os.O_RDWR|os.O_CREATE, 0o600)
	if err != nil {
		return nil, err
	}
	j.file = file
	if err := j.load(); err != nil {
		return nil, errors.Join(err, file.Close())
	}
	j.base = j.size
	redis.Server().SetPreHook(j.hook)
	return j, nil
}

// load runs the file's commands. What a kill left of the last one is cut off.
func (j *journal) load() error {
	in := bufio.NewReaderSize(j.file, 1<<20)
	nobody := server.NewPeer(bufio.NewWriter(io.Discard))
	for {
		args, n, err := readCommand(in)
		if errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF) {
			break
		}
		if err != nil {
			return fmt.Errorf("%s, at byte %d: %w", j.path, j.size, err)
		}
		j.learn(args)
		j.redis.Server().Dispatch(nobody, args)
		nobody.Flush()
		j.size += int64(n)
	}
	if err := j.file.Truncate(j.size); err != nil {
		return err
	}
	_, err := j.file.Seek(j.size, io.SeekStart)
	return err
}

// learn notes the source of a script.
func (j *journal) learn(args []string) {
	source := ""
	switch cmd := strings.ToUpper(args[0]); {
	case cmd == "EVAL" && len(args) > 1:
		source = args[1]
	case cmd == "SCRIPT" && len(args) == 3 && strings.EqualFold(args[1], "LOAD"):
		source = args[2]
	default:
		return
	}
	sum := sha1.Sum([]byte(source))
	j.scripts[hex.EncodeToString(sum[:])] = source
}

// hook is called by miniredis before every command, also before those that a
// script calls.
func (j *journal) hook(peer *server.Peer, cmd string, args ...string) bool {
	switch cmd {
	case "EVAL", "EVALSHA", "SCRIPT":
	default:
		return false
	}
	if j.running.Load() == peer {
		return false // it is being run from here, below
	}
	j.mu.Lock()
	defer j.mu.Unlock()
	command := append([]string{cmd}, args...)
	if _, known := j.scripts[first(args)]; cmd != "EVALSHA" || known { // else it only hears NOSCRIPT
		if err := j.append(command); err != nil {
			peer.WriteError("MISCONF the embedded Redis cannot write its journal: " + err.Error())
			return true
		}
		j.learn(command)
	}
	j.running.Store(peer)
	j.redis.Server().Dispatch(peer, command)
	j.running.Store(nil)
	if j.size > 2*j.base+growth {
		if err := j.rewrite(); err != nil {
			j.base = j.size // the old one is as good; try later
		}
	}
	return true
}

func first(args []string) string {
	if len(args) == 0 {
		return ""
	}
	return strings.ToLower(args[0])
}

// append writes one command.
func (j *journal) append(command []string) error {
	if j.broken != nil {
		return j.broken
	}
	n, err := j.file.Write(appendCommand(nil, command))
	if err != nil {
		j.broken = err // a part of it may stand there, so nothing may follow
		return err
	}
	j.size += int64(n)
	return nil
}

// rewrite replaces the file by a shorter one with the same content.
func (j *journal) rewrite() error {
	next, err := os.CreateTemp(folderOf(j.path), "redis-*.tmp")
	if err != nil {
		return err
	}
	size, err := j.dump(next)
	if err == nil {
		err = next.Sync() // what is renamed must be whole
	}
	if err == nil {
		err = os.Rename(next.Name(), j.path)
	}
	if err != nil {
		return errors.Join(err, next.Close(), os.Remove(next.Name()))
	}
	old := j.file
	j.file, j.size, j.base, j.broken = next, size, size, nil
	return old.Close()
}

// close leaves the shortest journal behind. Redis must not run scripts any more.
func (j *journal) close() error {
	j.mu.Lock()
	defer j.mu.Unlock()
	err := j.rewrite()
	return errors.Join(err, j.file.Close())
}
