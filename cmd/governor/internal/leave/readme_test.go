package leave

import (
	"os"
	"regexp"
	"strings"
	"testing"
)

// Each test that the auditor is pointed to is there.
func TestTheReadmeNamesTestsThatAreThere(t *testing.T) {
	text, err := os.ReadFile("README.md")
	if err != nil {
		t.Fatal(err)
	}
	var tests strings.Builder
	for _, file := range []string{"token_test.go", "links_test.go", "handler_test.go", "reply_test.go", "page_test.go", "browser_test.go", "../../../../integration/leave_browser_test.go"} {
		b, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		tests.Write(b)
	}
	names := regexp.MustCompile("`((?:Test|Fuzz)[A-Za-z]+)`").FindAllStringSubmatch(string(text), -1)
	if len(names) < 10 {
		t.Errorf("it names %d tests", len(names))
	}
	for _, name := range names {
		if !strings.Contains(tests.String(), "func "+name[1]+"(") {
			t.Errorf("there is no %s", name[1])
		}
	}
	if !strings.Contains(string(text), seal(t, keys(t, oldKey), ann())[:32]) {
		t.Error("the link that it shows is none that could be")
	}
}
