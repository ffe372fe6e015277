package app

import (
	"fmt"
	"os"

	"github.com/contactgovernor/governor/cmd/governor/internal/config"
	"github.com/contactgovernor/governor/state/sealed"
)

// identity is how people are kept. The keys are read now: they must not change while
// the governor runs, for a name that was hashed anew would be another person.
func identity(c *config.Identity) (sealed.Options, error) {
	o := sealed.Options{Hashed: c.Mode == config.Hashed}
	if c.KeyFile == "" {
		return o, nil
	}
	text, err := os.ReadFile(c.KeyFile)
	if err == nil {
		o.Keys, err = sealed.ParseKeys(text)
	}
	if err != nil {
		return o, fmt.Errorf("identity.key_file: %w", err)
	}
	return o, nil
}
