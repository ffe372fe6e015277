package logging

import (
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"
)

// vetted are what is wrong with how a file writes lines.
func vetted(fset *token.FileSet, file *ast.File) (wrong []string) {
	if !slices.ContainsFunc(file.Imports, func(i *ast.ImportSpec) bool { return i.Path.Value == `"go.uber.org/zap"` }) {
		return nil
	}
	note := func(n ast.Node, format string, args ...any) {
		wrong = append(wrong, fmt.Sprintf("%s: %s", fset.Position(n.Pos()), fmt.Sprintf(format, args...)))
	}
	ast.Inspect(file, func(n ast.Node) bool {
		call, is := n.(*ast.CallExpr)
		if !is {
			return true
		}
		to, is := call.Fun.(*ast.SelectorExpr)
		if !is {
			return true
		}
		if x, of := to.X.(*ast.Ident); of && x.Name == "zap" {
			if len(call.Args) == 2 {
				vetField(call, to.Sel.Name, note)
			} else if to.Sel.Name == "Inline" || to.Sel.Name == "Dict" {
				note(call, "zap.%s has fields that nobody looks at: write each by itself", to.Sel.Name)
			}
			return true
		}
		if slices.Contains([]string{"Debug", "Info", "Warn", "Error", "DPanic", "Panic", "Fatal"}, to.Sel.Name) && isLine(to.X, call) {
			if _, literal := call.Args[0].(*ast.BasicLit); !literal {
				note(call, "the words of a line are the same each time, so that it can be counted: put what differs into a field")
			}
		}
		return true
	})
	return wrong
}

// vetField looks at one field: its name, and what is written.
func vetField(call *ast.CallExpr, kind string, note func(ast.Node, string, ...any)) {
	key := ""
	if lit, is := call.Args[0].(*ast.BasicLit); is {
		key, _ = strconv.Unquote(lit.Value)
	}
	if !slices.Contains([]string{"String", "Stringp", "Strings", "Stringer", "Stringers", "Any", "Reflect", "ByteString", "ByteStrings", "Binary", "Object", "Objects", "Array"}, kind) {
		return
	}
	value := call.Args[1]
	if inner, is := value.(*ast.CallExpr); is && strings.HasSuffix(name(inner.Fun), "Hashed") {
		if of := name(inner.Args[0]); of != "Person" || !strings.HasPrefix(text(inner.Args[0]), "record.") && !strings.HasPrefix(text(inner.Args[0]), "r.") {
			note(call, "logging.Hashed is for the hash that a record of the audit has: %s", text(inner.Args[0]))
		}
		return
	}
	if key == "" || named(key) {
		note(call, "the field %q would name somebody: leave it out, give it another name, or write a hash, logging.Hashed", key)
	}
	ast.Inspect(value, func(n ast.Node) bool {
		if isServer(n) {
			return false
		}
		if slices.Contains([]string{
			"Person", "PersonID", "person", "Address", "Key", "Value", "Text", "Raw", "Evidence", "Message", "From", "Into", "Worker", "UserAgent", "RemoteAddr", "URL", "RequestURI",
		}, name(n)) {
			note(call, "%s may name somebody, and nobody is named in a log", text(n))
			return false
		}
		return true
	})
}

// isServer says whether it is the address of one of ours: a method, as of a listener.
func isServer(n ast.Node) bool {
	s, is := n.(*ast.SelectorExpr)
	return is && s.Sel.Name == "Address" && slices.Contains([]string{"o.api", "o.web", "web", "s", "server"}, text(s.X))
}

// name is that of an identifier, or of what is selected.
func name(n ast.Node) string {
	switch n := n.(type) {
	case *ast.Ident:
		return n.Name
	case *ast.SelectorExpr:
		return n.Sel.Name
	}
	return ""
}

// text is a selection as it is written.
func text(n ast.Node) string {
	switch n := n.(type) {
	case *ast.Ident:
		return n.Name
	case *ast.SelectorExpr:
		return text(n.X) + "." + n.Sel.Name
	}
	return "?"
}

// isLine says whether a call writes a line: on what is called log, or with a field.
func isLine(on ast.Expr, call *ast.CallExpr) bool {
	if len(call.Args) == 0 {
		return false
	}
	if slices.Contains([]string{"log", "Log", "Tell", "tell", "Audit"}, name(on)) {
		return true
	}
	return slices.ContainsFunc(call.Args[1:], func(a ast.Expr) bool {
		c, is := a.(*ast.CallExpr)
		return is && strings.HasPrefix(text(c.Fun), "zap.")
	})
}

// No line of ours is written with a raw id: not in a field that is named for one, not of
// what has one. What slips through all the same is hidden as it is written (guard).
func TestNoLineNamesAnybody(t *testing.T) {
	const root = "../../../.."
	files := 0
	for _, folder := range []string{"cmd", "deploy"} {
		err := filepath.WalkDir(filepath.Join(root, folder), func(path string, d fs.DirEntry, err error) error {
			if err != nil || d.IsDir() || !strings.HasSuffix(path, ".go") || strings.HasSuffix(path, "_test.go") {
				return err
			}
			if filepath.Base(filepath.Dir(path)) == "logging" {
				return nil // which hides what it is given
			}
			fset := token.NewFileSet()
			file, err := parser.ParseFile(fset, path, nil, parser.SkipObjectResolution)
			if err != nil {
				return err
			}
			for _, wrong := range vetted(fset, file) {
				t.Error(strings.TrimPrefix(wrong, root+"/"))
			}
			files++
			return nil
		})
		if err != nil {
			t.Fatal(err)
		}
	}
	if files < 100 {
		t.Errorf("only %d files were looked at: this test looks in the wrong place", files)
	}
}

// The test above finds what it is for.
func TestTheVetFindsNames(t *testing.T) {
	for line, wrong := range map[string]bool{
		`log.Info("x", zap.String("person", id))`:                              true,
		`log.Info("x", zap.Any("phone", id))`:                                  true,
		`log.Info("x", zap.String(key, id))`:                                   true,
		`log.Info("x", zap.String("who", string(in.Person)))`:                  true,
		`log.Info("x", zap.Any("intent", in.Address))`:                         true,
		`log.Info("x", zap.ByteString("record", r.Value))`:                     true,
		`log.Info("x", zap.String("asked", r.URL.Path))`:                       true,
		`log.Info("x", zap.String("who", strings.ToLower(signal.Text)))`:       true,
		`log.Info("x " + id)`:                                                  true,
		`c.Tell.Warn(fmt.Sprintf("x %s", id), zap.Error(err))`:                 true,
		`log.Info("x", zap.Dict("x", zap.String("a", b)))`:                     false, // its fields are looked at by themselves, and it is hidden
		`log.Info("x", zap.Inline(in))`:                                        true,
		`log.Info("x", zap.Stringer("person", logging.Hashed(in.Person)))`:     true,
		`log.Info("x", zap.Stringer("person", logging.Hashed(record.Person)))`: false,
		`log.Info("x", zap.String("policy", p.Name()), zap.Int("people", n))`:  false,
		`log.Info("x", zap.String("at", o.api.Address()))`:                     false,
		`err.Error()`: false,
	} {
		fset := token.NewFileSet()
		file, err := parser.ParseFile(fset, "x.go", "package x\nimport \"go.uber.org/zap\"\nfunc f() {\n"+line+"\n}\n", 0)
		if err != nil {
			t.Fatal(err)
		}
		if got := vetted(fset, file); (len(got) > 0) != wrong {
			t.Errorf("%s: %q", line, got)
		}
	}
}
