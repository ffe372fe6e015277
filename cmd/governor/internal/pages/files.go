package pages

import (
	"bytes"
	"crypto/sha256"
	"embed"
	"encoding/base64"
	"mime"
	"net/http"
	"path"
	"time"
)

// What pages are made of beside their words. All of it is in this binary.
//
//go:embed assets
var assetFiles embed.FS

// assets is where they are served.
const assets = "/assets/"

// file is one of them.
type file struct {
	text []byte
	mark string // of its content, by which browsers may keep it
	kind string
}

type files map[string]file

func readFiles() (files, error) {
	entries, err := assetFiles.ReadDir("assets")
	if err != nil {
		return nil, err
	}
	all := make(files)
	for _, e := range entries {
		text, err := assetFiles.ReadFile("assets/" + e.Name())
		if err != nil {
			return nil, err
		}
		sum := sha256.Sum256(text)
		all[e.Name()] = file{text, base64.RawURLEncoding.EncodeToString(sum[:9]), kindOf(e.Name())}
	}
	return all, nil
}

// kindOf is the media type, which must not depend on the tables of the machine.
func kindOf(name string) string {
	switch path.Ext(name) {
	case ".css":
		return "text/css; charset=utf-8"
	case ".js":
		return "text/javascript; charset=utf-8"
	case ".svg":
		return "image/svg+xml"
	}
	return mime.TypeByExtension(path.Ext(name))
}

// address is where a page finds the file as it is now.
func (f files) address(name string) string { return assets + name + "?v=" + f[name].mark }

// asset answers with a file, to anybody.
func (p *Pages) asset(w http.ResponseWriter, r *http.Request) {
	guard(w, r)
	f, there := p.files[r.PathValue("name")]
	if !there {
		http.NotFound(w, r)
		return
	}
	w.Header().Set("Content-Type", f.kind)
	if r.URL.Query().Get("v") == f.mark {
		w.Header().Set("Cache-Control", "public, max-age=31536000, immutable")
	}
	http.ServeContent(w, r, "", time.Time{}, bytes.NewReader(f.text))
}
