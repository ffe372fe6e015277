package pages

import (
	"embed"
	"fmt"
	"html/template"
	"io"
)

//go:embed html
var htmlFiles embed.FS

// views writes pages. Each is frame.html with another page in it; what is in regions.html is part
// of several, or is sent alone when it has changed.
type views map[string]*template.Template

// The pages that there are.
func viewNames() []string {
	return []string{"overview", "holds", "people", "policy", "what-if", "login", "refusal"}
}

func readViews(f files) (views, error) {
	all := make(views)
	for _, name := range viewNames() {
		t, err := template.New("frame.html").Funcs(functions(f)).ParseFS(htmlFiles, "html/frame.html", "html/regions.html", "html/"+name+".html")
		if err != nil {
			return nil, err
		}
		all[name] = t
	}
	return all, nil
}

// write writes a page.
func (v views) write(w io.Writer, name string, f frame) error {
	t := v[name]
	if t == nil {
		return fmt.Errorf("there is no page %s", name)
	}
	return t.Execute(w, f)
}

// region writes a part of a page.
func (v views) region(w io.Writer, page, name string, data any) error {
	return v[page].ExecuteTemplate(w, name, data)
}

// functions are what templates may call.
func functions(f files) template.FuncMap {
	return template.FuncMap{
		"asset": f.address, "number": number, "share": share, "span": span,
		"day": day, "minute": minute, "second": second, "machine": machine, "words": words,
	}
}
