package policyfile

import (
	"path/filepath"
	"strings"
	"testing"

	"github.com/contactgovernor/governor/rules/packs"
	"github.com/santhosh-tekuri/jsonschema/v6"
)

func schema(t *testing.T) *jsonschema.Schema {
	t.Helper()
	s, err := jsonschema.NewCompiler().Compile("policy.schema.json")
	if err != nil {
		t.Fatal(err)
	}
	return s
}

func valid(t *testing.T, s *jsonschema.Schema, text []byte) (error, bool) {
	t.Helper()
	value, err := plainValue(text)
	if err != nil {
		return nil, false
	}
	return s.Validate(value), true
}

// An editor that knows the schema underlines what Parse refuses, as far as a
// schema can see it. What it cannot is listed here with the reason.
func TestSchemaAgreesWithParse(t *testing.T) {
	beyond := map[string]string{
		"anchor":                          "an anchor is gone before the schema looks",
		"alias":                           "an alias is gone before the schema looks",
		"merge_key":                       "a merge is done before the schema looks",
		"tag":                             "a tag is gone before the schema looks",
		"cap_twice":                       "two places at once",
		"cap_idle":                        "two places at once",
		"pause_named_as_a_cap":            "two places at once",
		"rate_twice":                      "two places at once",
		"undeclared_channel":              "two places at once",
		"undeclared_purpose":              "two places at once",
		"hours_over_night":                "two places at once",
		"hours_of_no_length":              "two places at once",
		"hours_overlap":                   "two places at once",
		"week_with_a_gap":                 "two places at once",
		"week_without_sunday":             "two places at once",
		"week_with_a_gap_and_an_overlap":  "two places at once",
		"closed_all_week":                 "two places at once",
		"day_open_and_closed":             "two places at once",
		"day_closed_and_open":             "two places at once",
		"day_closed_twice":                "two places at once",
		"phrase_both_ways":                "two places at once",
		"opt_out_of_twice":                "two places at once",
		"opt_out_of_what":                 "two places at once",
		"holiday_every_year_and_once":     "two places at once",
		"until_before_from":               "two places at once",
		"reserve_more_than_all":           "two places at once",
		"reserve_of_none":                 "two places at once",
		"arbitrate_of_none":               "two places at once",
		"arbitrate_of_what_never_waits":   "two places at once",
		"arbitrate_beyond_the_window":     "two places at once",
		"arbitrate_too_short":             "a number in a word",
		"arbitrate_too_long":              "a number in a word",
		"mode_of_no_call":                 "two places at once",
		"exception_of_everything":         "two places at once",
		"exception_of_nothing":            "two places at once",
		"vocabulary_and_the_same_words":   "two places at once",
		"day_twice":                       "a range is one word to a schema",
		"date_that_is_none":               "how long a month is",
		"holiday_far_from_easter":         "a number in a word",
		"phrase_for_yes_that_is_a_no":     "the words of a no are not ours to list",
		"phrase_for_yes_with_a_no":        "the words of a no are not ours to list",
		"custom_in_a_block":               "a schema reads no CEL",
		"custom_mistyped":                 "a schema reads no CEL",
		"custom_of_no_cap":                "a schema reads no CEL",
		"custom_of_one_person":            "a schema reads no CEL",
		"custom_of_the_time":              "a schema reads no CEL",
		"custom_that_is_a_number":         "a schema reads no CEL",
		"custom_that_is_always_true":      "a schema reads no CEL",
		"custom_that_is_blank":            "a schema reads no CEL",
		"custom_that_is_dear":             "a schema reads no CEL",
		"custom_twice":                    "two places at once",
		"unknown_zone":                    "the list of zones is not ours",
		"several_documents":               "each document is looked at by itself",
		"syntax_error_in_second_document": "each document is looked at by itself",
		"number_octal":                    "010 is the number 8 when the schema looks",
	}
	s := schema(t)
	for _, name := range packs.Names() {
		text, _ := packs.Find(name)
		if err, ok := valid(t, s, text); !ok || err != nil {
			t.Errorf("%s: %v", name, err)
		}
	}
	if err, ok := valid(t, s, read1(t, "testdata/good.yaml")); !ok || err != nil {
		t.Errorf("good.yaml: %v", err)
	}
	for _, path := range mistakes(t) {
		name := strings.TrimSuffix(filepath.Base(path), ".bad.yaml")
		err, ok := valid(t, s, read1(t, path))
		if why, cannot := beyond[name]; ok && (err == nil) != cannot {
			t.Errorf("%s: the schema says %v; it cannot see this: %q", name, err, why)
		}
		delete(beyond, name)
	}
	for name := range beyond {
		t.Errorf("%s is not in testdata", name)
	}
}
