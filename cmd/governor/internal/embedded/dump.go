package embedded

import (
	"bufio"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"time"
)

func folderOf(path string) string { return filepath.Dir(path) }

// most is how many arguments a command of a dump has at most, or nearly.
const most = 1000

// dump writes the commands that make what redis holds now, and says how many
// bytes they are.
func (j *journal) dump(file *os.File) (int64, error) {
	d := &dumper{out: bufio.NewWriterSize(file, 1<<20)}
	for _, sha := range slices.Sorted(maps.Keys(j.scripts)) {
		d.command("SCRIPT", "LOAD", j.scripts[sha])
	}
	for _, key := range j.redis.Keys() {
		if err := j.dumpKey(d, key); err != nil {
			return 0, err
		}
	}
	d.note(d.out.Flush())
	return d.size, d.err
}

// dumpKey writes one key. miniredis answers as if the key were gone where it
// expires in between; then there is nothing to write.
func (j *journal) dumpKey(d *dumper, key string) error {
	switch kind := j.redis.Type(key); kind {
	case "":
		return nil
	case "string":
		value, err := j.redis.Get(key)
		if err != nil {
			return nil
		}
		d.command("SET", key, value)
	case "hash":
		fields, err := j.redis.HKeys(key)
		if err != nil {
			return nil
		}
		var pairs []string
		for _, f := range fields {
			pairs = append(pairs, f, j.redis.HGet(key, f))
		}
		d.list("HSET", key, pairs)
	case "zset":
		scores, err := j.redis.SortedSet(key)
		if err != nil {
			return nil
		}
		var pairs []string
		for _, member := range slices.Sorted(maps.Keys(scores)) {
			pairs = append(pairs, strconv.FormatFloat(scores[member], 'g', -1, 64), member)
		}
		d.list("ZADD", key, pairs)
	case "set":
		members, err := j.redis.Members(key)
		if err != nil {
			return nil
		}
		d.list("SADD", key, members)
	case "list":
		values, err := j.redis.List(key)
		if err != nil {
			return nil
		}
		d.list("RPUSH", key, values)
	default:
		return fmt.Errorf("the journal knows no keys of type %s", kind)
	}
	if left := j.redis.TTL(key); left > 0 {
		d.command("PEXPIREAT", key, strconv.FormatInt(time.Now().Add(left).UnixMilli(), 10))
	}
	return nil
}

// dumper writes commands and counts their bytes.
type dumper struct {
	out  *bufio.Writer
	buf  []byte
	size int64
	err  error
}

func (d *dumper) note(err error) {
	if d.err == nil {
		d.err = err
	}
}

func (d *dumper) command(args ...string) {
	d.buf = appendCommand(d.buf[:0], args)
	n, err := d.out.Write(d.buf)
	d.size += int64(n)
	d.note(err)
}

// list writes a command as often as its arguments need.
func (d *dumper) list(cmd, key string, args []string) {
	for some := range slices.Chunk(args, most) {
		d.command(append([]string{cmd, key}, some...)...)
	}
}
