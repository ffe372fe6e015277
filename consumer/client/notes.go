package client

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
)

// Notes are what a worker remembers of itself in a folder, over a crash: which contacts
// it had begun. A yes may be had again with the same token, a mail cannot be taken back.
// So make a note after the yes and before the contact; after a restart, what is noted
// may have happened, and is not done again: a contact too few is better than one too
// many.
type Notes struct{ folder string }

// OpenNotes makes the folder if it is not there. It belongs to one worker.
func OpenNotes(folder string) (Notes, error) {
	if err := os.MkdirAll(folder, 0o700); err != nil {
		return Notes{}, fmt.Errorf("notes: %w", err)
	}
	return Notes{folder}, nil
}

// Begin notes that the contact with this worker token is about to begin, and says
// whether that is news. It is on the disk when Begin returns without an error.
func (n Notes) Begin(token string) (first bool, err error) {
	path, err := n.path(token)
	if err != nil {
		return false, err
	}
	f, err := os.OpenFile(path, os.O_CREATE|os.O_EXCL|os.O_WRONLY, 0o600)
	if errors.Is(err, fs.ErrExist) {
		return false, nil
	}
	if err != nil {
		return false, fmt.Errorf("notes: %w", err)
	}
	if err := errors.Join(f.Close(), n.settle()); err != nil {
		return false, fmt.Errorf("notes: %w", err)
	}
	return true, nil
}

// Begun says whether the contact may have begun.
func (n Notes) Begun(token string) (bool, error) {
	path, err := n.path(token)
	if err != nil {
		return false, err
	}
	_, err = os.Stat(path)
	if errors.Is(err, fs.ErrNotExist) {
		return false, nil
	}
	if err != nil {
		return false, fmt.Errorf("notes: %w", err)
	}
	return true, nil
}

// Done forgets the contact: its outcome was acknowledged, and its approval will not be
// read again.
func (n Notes) Done(token string) error {
	path, err := n.path(token)
	if err != nil {
		return err
	}
	if err := os.Remove(path); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return fmt.Errorf("notes: %w", err)
	}
	return nil
}

func (n Notes) path(token string) (string, error) {
	if token == "" || strings.Trim(token, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_-") != "" {
		return "", errors.New("notes: a token is a name of letters and digits: use TokenOf")
	}
	return filepath.Join(n.folder, token), nil
}

// settle has the disk know what is in the folder.
func (n Notes) settle() error {
	d, err := os.Open(n.folder)
	if err != nil {
		return err
	}
	return errors.Join(d.Sync(), d.Close())
}
