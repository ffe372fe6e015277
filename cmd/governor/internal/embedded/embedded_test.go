package embedded

import (
	"errors"
	"os"
	"path/filepath"
	"testing"
)

func TestTheFolderHasOneUser(t *testing.T) {
	dir := t.TempDir()
	s, err := Start(dir)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := Start(dir); !errors.Is(err, ErrInUse) {
		t.Errorf("a second user got %v", err)
	}
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	s, err = Start(dir)
	if err != nil {
		t.Fatalf("it is free again, but: %v", err)
	}
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
}

func TestInMemoryLeavesNothing(t *testing.T) {
	t.Chdir(t.TempDir())
	s, err := Start("")
	if err != nil {
		t.Fatal(err)
	}
	if len(s.Brokers()) != 1 || s.Redis() == "" {
		t.Errorf("brokers %v, redis %q", s.Brokers(), s.Redis())
	}
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	if left, _ := os.ReadDir("."); len(left) > 0 {
		t.Errorf("it left %v", left)
	}
}

func TestStartSaysWhatIsDamaged(t *testing.T) {
	dir := t.TempDir()
	if err := os.WriteFile(filepath.Join(dir, journalFile), []byte("rubbish\r\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	if _, err := Start(dir); !errors.Is(err, errNoCommand) {
		t.Errorf("got %v", err)
	}
	if _, err := Start(dir); errors.Is(err, ErrInUse) {
		t.Error("the failed start kept the lock")
	}
}
