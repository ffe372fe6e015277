package strictyaml

import (
	"slices"
	"strconv"

	"go.yaml.in/yaml/v3"
)

// Text is a single value as it was written, which is not empty.
func (r *Reader) Text(e Entry) (string, bool) {
	s, ok := r.MaybeText(e)
	if ok && s == "" {
		r.Wrong(e.Value, "%q is empty: write for example %s", e.Key.Value, e.Write)
		return "", false
	}
	return s, ok
}

// MaybeText is a single value as it was written, which may be the empty text "".
func (r *Reader) MaybeText(e Entry) (string, bool) {
	if !r.Is(e, strconv.Quote(e.Key.Value), yaml.ScalarNode) {
		return "", false
	}
	return e.Value.Value, true
}

// Whole is a whole number in plain digits, negative ones included. Its bounds
// are the caller's, who knows what is beyond them.
func (r *Reader) Whole(e Entry) (int, bool) {
	s, ok := r.Text(e)
	if !ok {
		return 0, false
	}
	n, err := strconv.Atoi(s)
	if e.Value.ShortTag() != "!!int" || err != nil || (s[0] == '0' && len(s) > 1) || s[0] == '+' {
		r.Wrong(e.Value, "%q must be a whole number in plain digits, not %s: write for example %s", e.Key.Value, Describe(e.Value), e.Write)
		return 0, false
	}
	return n, true
}

// Bool is true or false, and none of YAML's other words for them.
func (r *Reader) Bool(e Entry) (value, ok bool) {
	s, ok := r.Text(e)
	if !ok {
		return false, false
	}
	if e.Value.ShortTag() != "!!bool" || (s != "true" && s != "false") {
		r.Wrong(e.Value, "%q must be true or false, not %s: write for example %s", e.Key.Value, Describe(e.Value), e.Write)
		return false, false
	}
	return s == "true", true
}

// OneOf is the word of a closed list that a value is. What names such a word in
// errors: class.
func OneOf[T ~string](r *Reader, e Entry, what string, known ...T) (T, bool) {
	s, ok := r.Text(e)
	if !ok {
		return "", false
	}
	if !slices.Contains(known, T(s)) {
		words := make([]string, len(known))
		for i, k := range known {
			words[i] = string(k)
		}
		r.Wrong(e.Value, "unknown %s %q: %s", what, s, Suggest(s, words))
		return "", false
	}
	return T(s), true
}
