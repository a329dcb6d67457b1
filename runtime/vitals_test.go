package runtime

import (
	"slices"
	"testing"
	"time"
)

// TestVitalsLines: a paused container is told to be that, whatever it was; of a
// result for which nobody was asked there is no time that it took.
func TestVitalsLines(t *testing.T) {
	now := time.Unix(100, 0)
	asked := now.Add(-2 * time.Second)
	v := Vitals{ID: "web", State: "unhealthy", Paused: true, Pid: 7, Status: "3 of 4 loaded", Failures: 2, Checks: []CheckVitals{
		{Name: "http", Role: "liveness", State: "failing", Results: []ProbeResult{{Kind: "failure", At: now.Add(-time.Second), Took: Seconds(time.Millisecond), Output: "503"}}},
		{Name: "beats", Role: "readiness", State: "passing", Results: []ProbeResult{{Kind: "success", At: now.Add(-time.Second)}}},
		{Name: "oom", Role: "readiness", State: "passing"},
		{Name: "slow", Role: "liveness", State: "unknown", Asked: &asked},
	}}
	want := []string{
		"web: unhealthy, paused, 2 probes failed in a row, pid 7", "  says: 3 of 4 loaded",
		"  http (liveness): failing", "    failure  1s ago, took 1ms", "      503",
		"  beats (readiness): passing", "    success  1s ago",
		"  oom (readiness): passing", "    nothing known yet",
		"  slow (liveness): unknown", "    asked    2s ago, no answer yet",
	}
	if got := v.Lines(now); !slices.Equal(got, want) {
		t.Errorf("got %q, want %q", got, want)
	}
}
