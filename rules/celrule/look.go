package celrule

import (
	"fmt"

	"cel.dev/cel-go/cel"
	"cel.dev/cel-go/common/ast"
	"cel.dev/cel-go/common/operators"
	"cel.dev/cel-go/common/overloads"
	"cel.dev/cel-go/common/types"

	"github.com/contactgovernor/governor/rules/strictyaml"
)

// look goes through an expression that is well typed: it must look at something,
// it must name no count that there is not, and its patterns must be written out.
func (s source) look(checked *cel.Ast, caps []string) []Mistake {
	var out []Mistake
	looks := false
	native := checked.NativeRep()
	wrong := func(e ast.Expr, format string, args ...any) {
		at := s.at(native.SourceInfo().GetStartLocation(e.ID()))
		out = append(out, Mistake{at, fmt.Sprintf(format, args...)})
	}
	known := map[string]bool{}
	for _, name := range caps {
		known[name] = true
	}
	count := func(e ast.Expr, name string) {
		switch {
		case caps == nil || known[name]:
		case len(caps) == 0:
			wrong(e, "nothing is counted as %q, because the policy has no caps: write one", name)
		default:
			wrong(e, "nothing is counted as %q: of the caps, %s", name, strictyaml.Suggest(name, caps))
		}
	}
	ast.PreOrderVisit(native.Expr(), ast.NewExprVisitor(func(e ast.Expr) {
		switch e.Kind() {
		case ast.IdentKind:
			looks = looks || isName(e.AsIdent())
		case ast.SelectKind:
			if of := e.AsSelect(); isCounts(of.Operand()) {
				count(e, of.FieldName())
			}
		case ast.StructKind:
			wrong(e, "a rule makes nothing of its own: leave %s{…} out", e.AsStruct().TypeName())
		case ast.CallKind:
			call := e.AsCall()
			switch args := call.Args(); {
			case call.FunctionName() == operators.Index && isCounts(args[0]):
				if name, ok := literal(args[1]); ok {
					count(args[1], name)
				}
			case call.FunctionName() == operators.In && isCounts(args[1]):
				if name, ok := literal(args[0]); ok {
					count(args[0], name)
				}
			case call.FunctionName() == overloads.Matches:
				if _, ok := literal(args[len(args)-1]); !ok {
					wrong(args[len(args)-1], "a pattern that is put together while the rule runs cannot be checked: write it out")
				}
			}
		}
	}))
	if !looks {
		return s.mistake(0, "the expression looks at nothing, so it is always the same: name something of the intent or a count, or write a cap with at_most: 0")
	}
	return out
}

func isName(ident string) bool {
	for _, n := range names() {
		if n.name == ident {
			return true
		}
	}
	return false
}

func isCounts(e ast.Expr) bool { return e.Kind() == ast.IdentKind && e.AsIdent() == "counts" }

// literal is a text that is written out.
func literal(e ast.Expr) (string, bool) {
	if e.Kind() != ast.LiteralKind {
		return "", false
	}
	text, ok := e.AsLiteral().(types.String)
	return string(text), ok
}
