package deploy

import (
	"regexp"
	"testing"
)

// A governor finishes what it has under way: wherever it runs, it is given the same time for that.
func TestEverybodyGivesItTheSameTimeToEnd(t *testing.T) {
	for file, pattern := range map[string]string{
		"compose.yaml":                            `(?m)^    stop_grace_period: 45s$`,
		"systemd/governor.service":                `(?m)^TimeoutStopSec=45s$`,
		"helm/governor/templates/deployment.yaml": `(?m)^      terminationGracePeriodSeconds: 45$`,
		"Dockerfile":                              `docker stop --time 45`,
	} {
		if !regexp.MustCompile(pattern).MatchString(read(t, file)) {
			t.Errorf("%s does not say %s", file, pattern)
		}
	}
}

// Every image of compose.yaml is of a version that is named in full, and can be another one.
func TestEveryImageIsPinned(t *testing.T) {
	images := regexp.MustCompile(`(?m)^    image: (.*)$`).FindAllStringSubmatch(read(t, "compose.yaml"), -1)
	if len(images) < 5 {
		t.Fatalf("only %d images", len(images))
	}
	for _, i := range images {
		if !regexp.MustCompile(`^\$\{[A-Z]+_IMAGE:-(docker\.io/[a-z/-]+:v?\d+\.\d+\.\d+(-[a-z0-9.]+)?|contact-governor:local)\}$`).MatchString(i[1]) {
			t.Errorf("image %s: write ${NAME_IMAGE:-docker.io/…:1.2.3}", i[1])
		}
	}
}

// No Redis of ours forgets a no: it never evicts, and it writes down what it was told.
func TestTheRedisOfComposeForgetsNothing(t *testing.T) {
	for _, want := range []string{`"--maxmemory-policy", "noeviction"`, `"--appendonly", "yes"`, `redis:/data`} {
		if !regexp.MustCompile(regexp.QuoteMeta(want)).MatchString(read(t, "compose.yaml")) {
			t.Errorf("compose.yaml does not say %s", want)
		}
	}
}
