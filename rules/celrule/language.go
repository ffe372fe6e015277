package celrule

import (
	"cel.dev/cel-go/cel"
	"cel.dev/cel-go/common/env"
	"cel.dev/cel-go/common/operators"
	"cel.dev/cel-go/common/overloads"
)

// name is something that a rule can look at.
type name struct {
	name string
	is   *cel.Type
}

// names are what a rule can look at. The fields of the intent are called what the
// contract calls them. What names a person, or could, is not among them.
func names() []name {
	return []name{
		{"intent.channel", cel.StringType},
		{"intent.purpose", cel.StringType},
		{"intent.campaign", cel.StringType},
		{"intent.subject", cel.StringType},
		{"intent.brand", cel.StringType},
		{"intent.engine", cel.StringType},
		{"intent.mode", cel.StringType},
		{"intent.message", cel.StringType},
		{"intent.zones", cel.ListType(cel.StringType)},
		{"intent.priority", cel.IntType},
		{"intent.contains_promotion", cel.BoolType},
		{"class", cel.StringType},
		{"counts", cel.MapType(cel.StringType, cel.IntType)},
		{"contacts", cel.IntType},
		{"silent", cel.BoolType},
	}
}

// functions are what a rule can do with it. All are total over what their
// overloads take, but for arithmetic and looking things up.
func functions() []*env.Function {
	only := func(name string, ids ...string) *env.Function {
		f := &env.Function{Name: name}
		for _, id := range ids {
			f.Overloads = append(f.Overloads, &env.Overload{ID: id})
		}
		return f
	}
	return []*env.Function{
		only(operators.LogicalAnd), only(operators.LogicalOr), only(operators.LogicalNot),
		only(operators.Conditional), only(operators.NotStrictlyFalse),
		only(operators.Equals), only(operators.NotEquals),
		only(operators.Less, overloads.LessInt64, overloads.LessString),
		only(operators.LessEquals, overloads.LessEqualsInt64, overloads.LessEqualsString),
		only(operators.Greater, overloads.GreaterInt64, overloads.GreaterString),
		only(operators.GreaterEquals, overloads.GreaterEqualsInt64, overloads.GreaterEqualsString),
		only(operators.Add, overloads.AddInt64),
		only(operators.Subtract, overloads.SubtractInt64),
		only(operators.Multiply, overloads.MultiplyInt64),
		only(operators.Divide, overloads.DivideInt64),
		only(operators.Modulo, overloads.ModuloInt64),
		only(operators.Negate, overloads.NegateInt64),
		only(operators.Index, overloads.IndexList, overloads.IndexMap),
		only(operators.In, overloads.InList, overloads.InMap),
		only(overloads.Size, overloads.SizeString, overloads.SizeStringInst, overloads.SizeList, overloads.SizeListInst, overloads.SizeMap, overloads.SizeMapInst),
		only(overloads.Contains), only(overloads.StartsWith), only(overloads.EndsWith), only(overloads.Matches),
	}
}

// macros walk a list, or the names of the counts. Their answers do not depend on
// the order.
func macros() []string {
	return []string{operators.All, operators.Exists, operators.ExistsOne, "existsOne"}
}

// The bounds of an expression. The longest that anybody would read has a few
// hundred characters.
const (
	longestExpression = 2000 // characters
	deepestExpression = 40   // levels
	deepestWalk       = 2    // walks within walks
	largestPattern    = 200  // instructions of a regular expression
)

// language is the environment of every rule.
func language() (*cel.Env, error) {
	subset := env.NewLibrarySubset().AddIncludedFunctions(functions()...).AddIncludedMacros(macros()...)
	options := []cel.EnvOption{
		cel.StdLib(cel.StdLibSubset(subset)),
		cel.ParserRecursionLimit(deepestExpression),
		cel.ParserExpressionSizeLimit(longestExpression),
		cel.ASTValidators(
			cel.ValidateRegexLiterals(),
			cel.ValidateRegexProgramSizeLimit(largestPattern),
			cel.ValidateHomogeneousAggregateLiterals(),
			cel.ValidateComprehensionNestingLimit(deepestWalk),
		),
	}
	for _, n := range names() {
		options = append(options, cel.Variable(n.name, n.is))
	}
	return cel.NewCustomEnv(options...)
}
