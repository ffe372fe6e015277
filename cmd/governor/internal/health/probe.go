package health

import (
	"context"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strings"
	"time"
)

// What a probe may cost.
const (
	probeTime = 4 * time.Second // less than what Docker and Kubernetes wait by default, or nobody reads why
	probeMost = 4096            // bytes of an answer that are told
)

// Probe asks a governor over HTTP how it fares, and returns nil if it says that all
// is well (200). It follows nobody elsewhere.
func Probe(ctx context.Context, where string) error {
	u, err := url.Parse(where)
	if err != nil || u.Scheme != "http" || u.Host == "" {
		return fmt.Errorf("%q is no place to ask: write for example http://127.0.0.1:8470/readyz", where)
	}
	ctx, cancel := context.WithTimeout(ctx, probeTime)
	defer cancel()
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, u.String(), nil)
	if err != nil {
		return err
	}
	asked := http.Client{
		Transport:     &http.Transport{DisableKeepAlives: true}, // and no proxy of the environment
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
	}
	answer, err := asked.Do(request)
	if err != nil {
		return fmt.Errorf("nobody answers; is http.listen of the configuration this address? %w", err)
	}
	defer answer.Body.Close()
	if answer.StatusCode == http.StatusOK {
		return nil
	}
	said, _ := io.ReadAll(io.LimitReader(answer.Body, probeMost)) // what could be read of it is told
	return fmt.Errorf("%s says %s: %s", u, answer.Status, strings.TrimSpace(string(said)))
}
