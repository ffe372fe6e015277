//go:build integration

package integration

import (
	"context"
	"testing"
	"time"
)

// patience is how long a test waits for what must happen. It is generous, since it decides nothing but how soon a broken
// test ends.
const patience = 90 * time.Second

// waitFor returns once the condition holds, and fails the test if it never does.
func waitFor(t *testing.T, what string, condition func() bool) {
	t.Helper()
	ctx := patiently(t)
	if !holds(ctx, condition) {
		t.Fatalf("waited %v in vain for: %s", patience, what)
	}
}

// patiently returns a context that ends with the test, or with our patience.
func patiently(t *testing.T) context.Context {
	ctx, cancel := context.WithTimeout(t.Context(), patience)
	t.Cleanup(cancel)
	return ctx
}

// holds asks again and again until the condition holds or the context ends.
func holds(ctx context.Context, condition func() bool) bool {
	for !condition() {
		select {
		case <-ctx.Done():
			return false
		case <-time.After(50 * time.Millisecond):
		}
	}
	return true
}

// waitAtLength is waitFor where much has to happen: a broker comes back, leaders are elected, a memory is rebuilt, and
// what was left undone meanwhile is done.
func waitAtLength(t *testing.T, what string, condition func() bool) {
	t.Helper()
	const patience = 4 * patience
	ctx, cancel := context.WithTimeout(t.Context(), patience)
	defer cancel()
	if !holds(ctx, condition) {
		t.Fatalf("waited %v in vain for: %s", patience, what)
	}
}
