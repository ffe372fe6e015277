// Package embedded is a Kafka and a Redis inside this process: franz-go's kfake
// and miniredis, on real sockets of the loopback, so that everything else is the
// code of production. They are for trying the governor out, on one machine.
//
// With a folder, what they hold outlives the process, a hard kill too. Kafka
// writes its own files. Redis gets a journal (see journal), which is written
// before a script runs: so after a kill the memory is never behind the log.
package embedded

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"sync"
	"time"

	"github.com/alicebob/miniredis/v2"
	"github.com/twmb/franz-go/pkg/kfake"
)

// What keeps a folder from being used.
var (
	// ErrInUse says that another process works in the folder.
	ErrInUse = errors.New("another process works in this folder: wait for it, or name another folder")

	// ErrForeign says that the folder is not empty, and not ours.
	ErrForeign = errors.New("this folder holds something else: name an empty one")
)

// What is in the folder.
const (
	kafkaFolder = "kafka"
	journalFile = "redis.aof"
	lockFile    = "lock"
)

// Services are a running Kafka and a running Redis.
type Services struct {
	kafka   *kfake.Cluster
	redis   *miniredis.Miniredis
	journal *journal // nil without a folder
	unlock  func() error

	aging chan struct{} // closed to end it
	aged  sync.WaitGroup
}

// Start starts both. An empty folder name keeps everything in memory; else the
// folder is made if it is missing, and belongs to these services until Close.
func Start(folder string) (*Services, error) {
	s := &Services{unlock: func() error { return nil }}
	if err := s.start(folder); err != nil {
		return nil, errors.Join(err, s.Close())
	}
	return s, nil
}

func (s *Services) start(folder string) error {
	// Records are stamped when they are appended, whatever time their sender
	// believes in: else the log's retention would delete what a simulation of the
	// past wrote a moment ago.
	options := []kfake.Opt{
		kfake.NumBrokers(1),
		kfake.BrokerConfigs(map[string]string{"log.message.timestamp.type": "LogAppendTime", "log.retention.ms": "-1"}),
	}
	if folder != "" {
		if err := os.MkdirAll(folder, 0o700); err != nil {
			return fmt.Errorf("make the data folder: %w", err)
		}
		if err := ours(folder); err != nil {
			return fmt.Errorf("%s: %w", folder, err)
		}
		unlock, err := lock(filepath.Join(folder, lockFile))
		if err != nil {
			return fmt.Errorf("%s: %w", folder, err)
		}
		s.unlock = unlock
		options = append(options, kfake.DataDir(filepath.Join(folder, kafkaFolder)))
	}

	redis := miniredis.NewMiniRedis()
	if err := redis.Start(); err != nil {
		return fmt.Errorf("start the embedded Redis: %w", err)
	}
	s.redis = redis
	s.aging = make(chan struct{})
	s.aged.Go(func() { age(redis, s.aging) })
	if folder != "" {
		j, err := openJournal(filepath.Join(folder, journalFile), redis)
		if err != nil {
			return fmt.Errorf("load the embedded Redis: %w", err)
		}
		s.journal = j
	}

	kafka, err := kfake.NewCluster(options...)
	if err != nil {
		return fmt.Errorf("start the embedded Kafka: %w", err)
	}
	s.kafka = kafka
	return nil
}

// ageEvery is how often keys grow older, and so how late one may expire.
const ageEvery = 5 * time.Second

// age makes keys that have a life expire. miniredis could do so by itself
// (ClockTTL), but then sorts every key that it has at every command.
func age(redis *miniredis.Miniredis, end <-chan struct{}) {
	ticker := time.NewTicker(ageEvery)
	defer ticker.Stop()
	last := time.Now()
	for {
		select {
		case now := <-ticker.C:
			redis.FastForward(now.Sub(last))
			last = now
		case <-end:
			return
		}
	}
}

// ours tells a folder of ours, or one that may become so, from somebody else's.
func ours(folder string) error {
	entries, err := os.ReadDir(folder)
	if err != nil {
		return err
	}
	for _, e := range entries {
		if e.Name() == lockFile {
			return nil
		}
	}
	if len(entries) > 0 {
		return ErrForeign
	}
	return nil
}

// Clear removes what services kept in the folder, and nothing else. A folder
// that is not there is clear.
func Clear(folder string) (err error) {
	switch err := ours(folder); {
	case errors.Is(err, fs.ErrNotExist):
		return nil
	case err != nil:
		return fmt.Errorf("%s: %w", folder, err)
	}
	unlock, err := lock(filepath.Join(folder, lockFile))
	if err != nil {
		return fmt.Errorf("%s: %w", folder, err)
	}
	defer func() { err = errors.Join(err, unlock()) }()
	if err := os.RemoveAll(filepath.Join(folder, kafkaFolder)); err != nil {
		return fmt.Errorf("clear the data folder: %w", err)
	}
	if err := os.Remove(filepath.Join(folder, journalFile)); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return fmt.Errorf("clear the data folder: %w", err)
	}
	return nil
}

// Brokers are the addresses of Kafka, host:port.
func (s *Services) Brokers() []string { return s.kafka.ListenAddrs() }

// Redis is the address of Redis, host:port.
func (s *Services) Redis() string { return s.redis.Addr() }

// HasTopic says whether Kafka has the topic, as it may from before.
func (s *Services) HasTopic(name string) bool { return s.kafka.TopicInfo(name) != nil }

// Close stops both and gives the folder free. Close their users first.
func (s *Services) Close() error {
	if s.kafka != nil {
		s.kafka.Close()
	}
	if s.redis != nil {
		close(s.aging)
		s.aged.Wait()
		s.redis.Close() // waits for the commands under way
	}
	var err error
	if s.journal != nil {
		err = s.journal.close()
	}
	return errors.Join(err, s.unlock())
}
