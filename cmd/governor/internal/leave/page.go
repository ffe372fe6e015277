package leave

import (
	"crypto/sha256"
	_ "embed"
	"encoding/base64"
	"html/template"
	"io"
	"strings"
)

//go:embed page.html
var pageText string

//go:embed page.css
var pageStyle string

// page is one that a person sees: a sentence, and under it a button or nothing.
type page struct {
	Language string
	Title    string
	Sentence string
	Button   string // "": there is none
}

// pages writes pages.
type pages struct {
	template *template.Template
	policy   string // Content-Security-Policy
}

func newPages() (*pages, error) {
	t, err := template.New("page").Funcs(template.FuncMap{
		"style": func() template.CSS { return template.CSS(pageStyle) },
	}).Parse(pageText)
	if err != nil {
		return nil, err
	}
	// What is in the page may be shown, a form may be sent to where the page is from,
	// and nothing else may happen. The empty icon keeps browsers from asking for one.
	sum := sha256.Sum256([]byte(pageStyle))
	policy := []string{
		"default-src 'none'", "style-src 'sha256-" + base64.StdEncoding.EncodeToString(sum[:]) + "'", "img-src data:",
		"form-action 'self'", "base-uri 'none'", "frame-ancestors 'none'",
	}
	return &pages{template: t, policy: strings.Join(policy, "; ")}, nil
}

func (p *pages) write(w io.Writer, one page) error { return p.template.Execute(w, one) }
