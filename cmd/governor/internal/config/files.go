package config

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"strings"

	"github.com/contactgovernor/governor/rules/packs"
	"github.com/contactgovernor/governor/rules/strictyaml"
)

// beside is the path as seen from where the process was started, of one that
// the file gives relative to its own folder. It always has a separator: a file
// beside the configuration is never taken for a built-in policy of that name.
func (r *reader) beside(path string) string {
	if filepath.IsAbs(path) {
		return path
	}
	path = filepath.Join(r.folder, path)
	if !strings.ContainsRune(path, filepath.Separator) {
		path = "." + string(filepath.Separator) + path
	}
	return path
}

// policy reads names of built-in policies and paths of files, with commas
// between them. What is in those files is not looked at here.
func (r *reader) policy(e entry) {
	s, ok := r.Text(e)
	if !ok {
		return
	}
	var all []string
	for name := range strings.SplitSeq(s, ",") {
		name = strings.TrimSpace(name)
		if _, builtIn := packs.Find(name); builtIn {
			all = append(all, name)
			continue
		}
		path := r.beside(name)
		_, err := os.Stat(path)
		switch {
		case name == "":
			r.Wrong(e.Value, "%q has a comma without a policy beside it: take the comma away", e.Key.Value)
		case strings.Contains(path, ","):
			r.Wrong(e.Value, "the path %q has a comma, which here separates policies: give the folder another name", path)
		case errors.Is(err, fs.ErrNotExist):
			r.Wrong(e.Value, "no policy %q: it is not built in, and there is no file %s: %s", name, path, strictyaml.Suggest(name, packs.Names()))
		case err != nil:
			r.Wrong(e.Value, "no policy %q: %s: let this user read the file", name, err)
		}
		all = append(all, path)
	}
	r.config.Policy = strings.Join(all, ",")
}

// secretFile reads the path of a file with a password or a token. What is in it
// is looked at only to say what is wrong, and never said.
func (r *reader) secretFile(into *string, secret string) func(entry) {
	return r.fileWith(into, secret, nil)
}

// fileWith reads the path of a file that is not empty. What names that which it
// holds, and fit may look at it and tell what is wrong.
func (r *reader) fileWith(into *string, what string, fit func(e entry, path string, text []byte) bool) func(entry) {
	return func(e entry) {
		s, ok := r.MaybeText(e)
		if !ok || s == "" {
			return
		}
		path := r.beside(s)
		text, err := strictyaml.ReadFile(path)
		switch {
		case err != nil:
			r.Wrong(e.Value, "%q cannot be read: %s: write the path of a file that this user may read", e.Key.Value, err)
		case strings.TrimRight(string(text), "\r\n") == "":
			r.Wrong(e.Value, "%q is an empty file, %s: write the %s into it, or leave the key out", e.Key.Value, path, what)
		case fit == nil || fit(e, path, text):
			*into = path
		}
	}
}
