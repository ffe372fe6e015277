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
	if err := os.WriteFile(filepath.Join(dir, lockFile), nil, 0o600); err != nil {
		t.Fatal(err)
	}
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

func TestClearLeavesWhatIsNotOurs(t *testing.T) {
	dir := t.TempDir()
	if err := Clear(filepath.Join(dir, "not there")); err != nil {
		t.Errorf("a folder that is not there: %v", err)
	}
	theirs := filepath.Join(dir, kafkaFolder)
	if err := os.Mkdir(theirs, 0o700); err != nil {
		t.Fatal(err)
	}
	if err := Clear(dir); !errors.Is(err, ErrForeign) {
		t.Errorf("somebody else's folder: %v", err)
	}
	if _, err := Start(dir); !errors.Is(err, ErrForeign) {
		t.Errorf("services in somebody else's folder: %v", err)
	}
	if _, err := os.Stat(theirs); err != nil {
		t.Error(err)
	}

	dir = t.TempDir()
	s, err := Start(dir)
	if err != nil {
		t.Fatal(err)
	}
	if err := Clear(dir); !errors.Is(err, ErrInUse) {
		t.Errorf("a folder in use: %v", err)
	}
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(dir, "notes"), nil, 0o600); err != nil {
		t.Fatal(err)
	}
	if err := Clear(dir); err != nil {
		t.Fatal(err)
	}
	if left, _ := os.ReadDir(dir); len(left) != 2 { // the lock and the notes
		t.Errorf("it left %v", left)
	}
}
