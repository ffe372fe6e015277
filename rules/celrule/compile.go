package celrule

import (
	"strings"
	"unicode/utf8"

	"cel.dev/cel-go/cel"

	"github.com/contactgovernor/governor/rules"
)

// Rule says whether the rule vetoes. It is pure, and safe for concurrent use.
type Rule = func(*rules.CustomFacts) (bool, error)

// Mistake is one thing that is wrong with an expression.
type Mistake struct {
	At   int // how many characters stand before it
	What string
}

// Compiler compiles the custom rules of one policy after the other. New makes
// one. It may be used by any number of goroutines.
type Compiler struct {
	env *cel.Env
}

// New makes a compiler. It fails only if the library is not the one that this
// package was written for.
func New() (*Compiler, error) {
	env, err := language()
	if err != nil {
		return nil, err
	}
	return &Compiler{env}, nil
}

// Compile makes a rule of the expression, or tells what is wrong with it. Caps
// are the names under which something is counted; nil where nobody knows them,
// and then any is taken for one.
func (c *Compiler) Compile(expression string, caps []string) (Rule, []Mistake) {
	s := source(expression)
	if strings.TrimSpace(expression) == "" {
		return nil, s.mistake(0, "the expression is empty: "+example)
	}
	if n := utf8.RuneCountInString(expression); n > longestExpression {
		return nil, s.mistake(0, "the expression has %d characters: nobody can read that; write at most %d, or several rules", n, longestExpression)
	}
	parsed, issues := c.env.Parse(expression)
	if issues.Err() != nil {
		return nil, s.issues(issues)
	}
	checked, issues := c.env.Check(parsed)
	if issues.Err() != nil {
		return nil, s.issues(issues)
	}
	if !checked.OutputType().IsExactType(cel.BoolType) {
		return nil, s.mistake(0, "the expression is %s, and must be true or false: "+example, kind(checked.OutputType()))
	}
	if mistakes := s.look(checked, caps); len(mistakes) > 0 {
		return nil, mistakes
	}
	estimate, err := c.env.EstimateCost(checked, sizes{caps: len(caps)})
	if err != nil {
		return nil, s.mistake(0, "nobody can say what the expression costs: %s", plain(err))
	}
	if estimate.Max > MostCost {
		return nil, s.mistake(0, "the expression may cost %d, and %d is the most: compare texts rather than match patterns, and do not walk within a walk", estimate.Max, MostCost)
	}
	return c.rule(checked, MostCost)
}

// rule makes a program of a checked expression.
func (c *Compiler) rule(checked *cel.Ast, most uint64) (Rule, []Mistake) {
	program, err := c.env.Program(checked,
		cel.EvalOptions(cel.OptOptimize),
		cel.CostLimit(most),
		cel.InterruptCheckFrequency(uint(most)),
	)
	if err != nil {
		return nil, []Mistake{{0, "the expression cannot be run: " + plain(err)}}
	}
	return run(program), nil
}

// kind names a type to a person.
func kind(t *cel.Type) string {
	switch {
	case t.IsExactType(cel.IntType):
		return "a number"
	case t.IsExactType(cel.StringType):
		return "a text"
	}
	return "of the type " + t.String()
}

// plain is what an error says, without what it says it about: that may be of an
// intent, and so of a person.
func plain(err error) string {
	what, _, _ := strings.Cut(err.Error(), ":")
	return what
}
