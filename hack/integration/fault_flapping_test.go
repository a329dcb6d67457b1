package integration

import (
	"slices"
	"strings"
	"testing"
)

// alternating is a probe that succeeds every other time, beginning with the first.
const alternating = listening + "read n </data/n || n=0; echo $((n + 1)) >/data/n; echo probe $n; [ $((n % 2)) = 0 ]"

// flapping starts a container with that probe.
func flapping(t *testing.T, u user, flags ...string) (s *story, runs func() int) {
	args, runs := counted(t, u, untilTerm)
	u.detached(site, slices.Concat([]string{"--health-cmd", alternating, "--health-interval", "5ms"}, flags, args)...)
	return u.story(site), runs
}

// TestFaultFlappingBelowThreshold: one failure now and then is none.
func TestFaultFlappingBelowThreshold(t *testing.T) {
	u := newUser(t)
	s, runs := flapping(t, u, "--health-retries", "2")
	for range 12 { // each is an answer of another kind than the last
		s.kind("probe")
	}
	s.ends(u, runs)
	s.wants("starting healthy stopping died exited")
}

// TestFaultFlappingIsTold: each change once.
func TestFaultFlappingIsTold(t *testing.T) {
	u := newUser(t)
	s, runs := flapping(t, u, "--health-retries", "1", "--health-on-failure", "none")
	for range 3 {
		s.state("healthy")
		s.state("unhealthy")
	}
	s.ends(u, runs)
	words := strings.Fields(strings.TrimSuffix(s.words(), " stopping died exited"))
	for i, word := range words[1:] {
		if want := []string{"healthy", "unhealthy"}[i%2]; word != want {
			t.Fatalf("got %s", s.words())
		}
	}
}

// TestFaultFlappingIsNoStorm: restarts come to an end.
func TestFaultFlappingIsNoStorm(t *testing.T) {
	u := newUser(t)
	s, runs := flapping(t, u, "--health-retries", "1", "--restart", "always", "--restart-delay", "1ms", "--start-limit", "4/1h")
	u.mini("wait", site).wants(t, 125, "125\n") // it has failed, though its last run ended with 0
	last := s.state("failed")
	if n := runs(); n != 4 || s.deaths() != 4 {
		t.Errorf("%d runs, %d ends, want 4 of each: %s", n, s.deaths(), s.words())
	}
	if !strings.Contains(last.Reason, "started 4 times") || !strings.Contains(last.Reason, "last exit status 0") {
		t.Errorf("it has failed because %q", last.Reason)
	}
}
