package house

import (
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

const (
	root   = "../../../.."
	module = "github.com/contactgovernor/governor"
)

// source is one production file of ours.
type source struct {
	path string // below the root
	dir  string
	file *ast.File
	fset *token.FileSet
}

func (s *source) at(n ast.Node) string { return s.path + ":" + line(s.fset, n) }

func line(fset *token.FileSet, n ast.Node) string {
	p := fset.Position(n.Pos())
	return strings.TrimPrefix(p.String(), p.Filename+":")
}

// sources parses every Go file that is no test.
func sources(t *testing.T) []source {
	t.Helper()
	var out []source
	walk(t, func(path string) {
		if !strings.HasSuffix(path, ".go") || strings.HasSuffix(path, "_test.go") {
			return
		}
		fset := token.NewFileSet()
		f, err := parser.ParseFile(fset, filepath.Join(root, path), nil, parser.ParseComments|parser.SkipObjectResolution)
		if err != nil {
			t.Fatal(err)
		}
		out = append(out, source{path, filepath.ToSlash(filepath.Dir(path)), f, fset})
	})
	if len(out) < 50 {
		t.Fatalf("only %d files found: this test looks in the wrong place", len(out))
	}
	return out
}

// walk visits every file that is not hidden, below the root.
func walk(t *testing.T, visit func(path string)) {
	t.Helper()
	err := filepath.WalkDir(root, func(path string, d fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		rel, err := filepath.Rel(root, path)
		if err != nil {
			return err
		}
		switch name := d.Name(); {
		case d.IsDir() && rel != "." && (strings.HasPrefix(name, ".") && name != ".github" || name == "bin"):
			return fs.SkipDir
		case !d.IsDir():
			visit(filepath.ToSlash(rel))
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
}

// "Imports point one way: cmd → consumer → state → rules; consumer → schemas; nothing points back" (design.md).
func TestImportsPointOneWay(t *testing.T) {
	may := map[string][]string{ // the first folder, and what of ours it may import
		"rules":    {"rules"},
		"schemas":  {"schemas"},
		"state":    {"state", "rules"},
		"consumer": {"consumer", "state", "rules", "schemas"},
		"cmd":      {"cmd", "consumer", "state", "rules", "schemas"},
		"deploy":   {"consumer", "schemas"}, // the examples; of consumer only the client, see below
	}
	for _, s := range sources(t) {
		top := strings.Split(s.dir, "/")[0]
		for _, path := range imports(s.file) {
			inner, ours := strings.CutPrefix(path, module+"/")
			if ours && !contains(may[top], strings.Split(inner, "/")[0]) {
				t.Errorf("%s imports %s: imports point one way, cmd → consumer → state → rules and consumer → schemas, so that each can be read and used without what is above it", s.path, inner)
			}
		}
	}
}

// "A small Go package that workers import" (issue 6) brings nothing of the governor with it, and the examples need no more.
func TestWorkersNeedOnlyTheClient(t *testing.T) {
	for _, s := range sources(t) {
		example, client := under(s.dir, "deploy"), s.dir == "consumer/client"
		for _, path := range imports(s.file) {
			inner, ours := strings.CutPrefix(path, module+"/")
			switch {
			case !example && !client:
			case ours && inner != "schemas" && !(example && inner == "consumer/client"):
				t.Errorf("%s imports %s: whoever writes a worker must need no more than the client and the messages", s.path, inner)
			case client && !ours && strings.Contains(strings.Split(path, "/")[0], "."):
				t.Errorf("%s imports %s: the client needs the standard library only", s.path, path)
			}
		}
	}
}

// What is heavy, or able to do harm, is kept to the package that is about it.
func TestLibrariesStayWhereTheyBelong(t *testing.T) {
	only := []struct {
		library string
		in      []string
		because string
	}{
		{"github.com/segmentio/kafka-go", []string{"consumer/kafkaio", "cmd/governor/internal/app", "cmd/governor/internal/verify/kafkalog", "cmd/governor/internal/bench", "deploy/examples"}, "the worker must run over any log; whoever checks it reads the log by itself, and whoever measures it makes topics of its own"},
		{"github.com/redis/go-redis", []string{"state/redisstate", "cmd/governor/internal/app", "cmd/governor/internal/bench"}, "the worker must run over any store; whoever measures it asks Redis what it used"},
		{"github.com/twmb/franz-go", []string{"cmd/governor/internal/embedded", "consumer/registry"}, "its broker is for the demo and tests, its client of schema registries stands alone; the service speaks through kafka-go"},
		{"github.com/twmb/avro", []string{"consumer/registry"}, "behind the edge everything is JSON"},
		{"github.com/bufbuild/protocompile", []string{"consumer/registry"}, "behind the edge everything is JSON"},
		{"github.com/emersion/go-smtp", []string{"deploy/examples/mailbox"}, "the governor sends no mail, and takes none"},
		{"github.com/alicebob/miniredis", []string{"cmd/governor/internal/embedded"}, "it is for the demo and tests"},
		{"go.uber.org/zap", []string{"cmd"}, "libraries return errors and report to an Observer; the process logs"},
		{"github.com/prometheus", []string{"cmd/governor/internal/metrics"}, "one place knows what is measured, and its table is tested against it"},
		{"github.com/spf13/cobra", []string{"cmd/governor"}, "commands are the binary's"},
		{"cel.dev/cel-go", []string{"rules/celrule"}, "the decision knows only a function that says no"},
		{"github.com/nyaruka/phonenumbers", []string{"consumer/governor"}, "where a number is, is told to the decision"},
		{"go.opentelemetry.io", []string{"cmd/governor/internal/tracing"}, "the worker tells a Tracer; who follows what it tells is the process's affair"},
		{"github.com/parquet-go/parquet-go", []string{"cmd/governor/internal/export"}, "it is one format of one command"},
		{"testing", nil, "no switches for tests in production code"},
	}
	for _, s := range sources(t) {
		for _, path := range imports(s.file) {
			for _, o := range only {
				if !under(path, o.library) {
					continue
				}
				allowed := o.library == "testing" && s.dir == "state/statetest" // a suite for tests, and nothing else
				for _, dir := range o.in {
					allowed = allowed || under(s.dir, dir)
				}
				if !allowed {
					t.Errorf("%s imports %s: %s", s.path, path, o.because)
				}
			}
		}
	}
}

// "rules: the decision. Pure: standard library only; no clock, I/O, logger, goroutine" (design.md).
func TestTheDecisionIsPure(t *testing.T) {
	for _, s := range sources(t) {
		if s.dir != "rules" {
			continue
		}
		for _, path := range imports(s.file) {
			if strings.Contains(strings.Split(path, "/")[0], ".") {
				t.Errorf("%s imports %s: the decision needs the standard library only", s.path, path)
			}
			if contains([]string{"os", "io", "net", "log", "log/slog", "context", "math/rand", "math/rand/v2"}, path) {
				t.Errorf("%s imports %s: the decision does no I/O, knows no goroutine and no chance", s.path, path)
			}
		}
		ast.Inspect(s.file, func(n ast.Node) bool {
			switch n := n.(type) {
			case *ast.GoStmt:
				t.Errorf("%s: a goroutine in the decision", s.at(n))
			case *ast.SelectorExpr:
				if x, ok := n.X.(*ast.Ident); ok && x.Name == "time" && contains([]string{"Now", "Since", "Until", "Sleep", "After", "LoadLocation", "Local"}, n.Sel.Name) {
					t.Errorf("%s: time.%s in the decision: the time is an argument", s.at(n), n.Sel.Name)
				}
				// A pool of scratch space changes no answer; whatever else is in sync is about goroutines.
				if x, ok := n.X.(*ast.Ident); ok && x.Name == "sync" && n.Sel.Name != "Pool" {
					t.Errorf("%s: sync.%s in the decision: it knows no goroutine", s.at(n), n.Sel.Name)
				}
			}
			return true
		})
	}
}

// A package says what it promises, and so does everything that it exports.
func TestWhatIsExportedIsDocumented(t *testing.T) {
	documented := make(map[string]bool)
	seen := make(map[string]string)
	for _, s := range sources(t) {
		seen[s.dir] = s.path
		documented[s.dir] = documented[s.dir] || s.file.Doc != nil
		for _, decl := range s.file.Decls {
			switch d := decl.(type) {
			case *ast.FuncDecl:
				if d.Doc == nil && d.Name.IsExported() && exportedReceiver(d) {
					t.Errorf("%s: %s has no doc comment: say what it promises and refuses", s.at(d), d.Name)
				}
			case *ast.GenDecl:
				for _, spec := range d.Specs {
					if name := undocumented(d, spec); name != "" {
						t.Errorf("%s: %s has no doc comment: say what it promises and refuses", s.at(spec), name)
					}
				}
			}
		}
	}
	for dir, path := range seen {
		if !documented[dir] {
			t.Errorf("%s: the package has no doc comment: say what it promises and refuses", path)
		}
	}
}

func exportedReceiver(d *ast.FuncDecl) bool {
	if d.Recv == nil {
		return true
	}
	typ := d.Recv.List[0].Type
	if star, ok := typ.(*ast.StarExpr); ok {
		typ = star.X
	}
	name, ok := typ.(*ast.Ident)
	return ok && name.IsExported()
}

// undocumented is the exported name that neither the group nor the line has words for.
func undocumented(d *ast.GenDecl, spec ast.Spec) string {
	switch s := spec.(type) {
	case *ast.TypeSpec:
		if s.Name.IsExported() && d.Doc == nil && s.Doc == nil && s.Comment == nil {
			return s.Name.Name
		}
	case *ast.ValueSpec:
		for _, name := range s.Names {
			if name.IsExported() && d.Doc == nil && s.Doc == nil && s.Comment == nil {
				return name.Name
			}
		}
	}
	return ""
}

// "No package-level mutable state" (the brief). Errors to compare with, embedded files and assertions are none.
func TestNoPackageHasMutableState(t *testing.T) {
	for _, s := range sources(t) {
		for _, decl := range s.file.Decls {
			d, ok := decl.(*ast.GenDecl)
			if !ok || d.Tok != token.VAR {
				continue
			}
			for _, spec := range d.Specs {
				for _, name := range spec.(*ast.ValueSpec).Names {
					if name.Name != "_" && !strings.HasPrefix(strings.ToLower(name.Name), "err") && !embedded(d, spec.(*ast.ValueSpec)) {
						t.Errorf("%s: var %s belongs to whoever uses it, not to the package: two governors in one process must not share it", s.at(name), name)
					}
				}
			}
		}
	}
}

func embedded(d *ast.GenDecl, s *ast.ValueSpec) bool {
	for _, doc := range []*ast.CommentGroup{d.Doc, s.Doc} {
		if doc != nil && strings.Contains(doc.List[len(doc.List)-1].Text, "go:embed") {
			return true
		}
	}
	return false
}

// "No panics as control flow" (the brief); only main ends the process.
func TestNobodyPanicsAndOnlyMainExits(t *testing.T) {
	for _, s := range sources(t) {
		ast.Inspect(s.file, func(n ast.Node) bool {
			call, ok := n.(*ast.CallExpr)
			if !ok {
				return true
			}
			switch f := call.Fun.(type) {
			case *ast.Ident:
				if f.Name == "panic" || f.Name == "recover" {
					t.Errorf("%s: %s: return an error", s.at(n), f.Name)
				}
			case *ast.SelectorExpr:
				if x, ok := f.X.(*ast.Ident); ok && x.Name == "os" && f.Sel.Name == "Exit" && s.path != "cmd/governor/main.go" && !(under(s.dir, "deploy/examples") && s.file.Name.Name == "main" && strings.HasSuffix(s.path, "/main.go")) {
					t.Errorf("%s: os.Exit: only main ends the process, else nothing is closed", s.at(n))
				}
			}
			return true
		})
	}
}

// "The top level holds these folders, go.mod, go.sum and README.md, and no more" (design.md).
func TestTheTopLevelIsTheTableOfContents(t *testing.T) {
	entries, err := os.ReadDir(root)
	if err != nil {
		t.Fatal(err)
	}
	for _, e := range entries {
		if !strings.HasPrefix(e.Name(), ".") && !contains([]string{"cmd", "consumer", "rules", "state", "schemas", "deploy", "integration", "go.mod", "go.sum", "README.md", "bin"}, e.Name()) {
			t.Errorf("%s does not belong on the top level", e.Name())
		}
	}
}

func imports(f *ast.File) []string {
	var out []string
	for _, i := range f.Imports {
		out = append(out, strings.Trim(i.Path.Value, `"`))
	}
	return out
}

func under(path, prefix string) bool { return path == prefix || strings.HasPrefix(path, prefix+"/") }

func contains(list []string, s string) bool {
	for _, x := range list {
		if x == s {
			return true
		}
	}
	return false
}
