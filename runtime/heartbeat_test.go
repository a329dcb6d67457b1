package runtime

import (
	"strings"
	"testing"
	"time"

	"mini/health"
	"mini/runtime/checks"
)

// spec reads a health file.
func spec(t *testing.T, text string) *checks.Spec {
	t.Helper()
	s, err := checks.Parse([]byte(text))
	if err != nil {
		t.Fatal(err)
	}
	return s
}

// TestTranslate: each kind of check becomes what the state machine has for it.
func TestTranslate(t *testing.T) {
	h := Heartbeat{Checks: spec(t, `{"onFailure": "stop", "checks": [
		{"name": "up", "role": "startup", "notify": {"watchdog": "20s"}},
		{"name": "web", "http": {"url": "http://127.0.0.1/"}, "interval": "3s", "timeout": "2s", "delay": "4s", "grace": "5s", "failures": 6, "successes": 7},
		{"name": "beat", "notify": {"watchdog": "9s"}},
		{"name": "busy", "role": "readiness", "pressure": {"resource": "cpu", "stall": "1s", "calm": "8s"}},
		{"name": "oom", "events": {"file": "memory.events", "calm": "7s"}}]}`)}
	c, err := h.health()
	if err != nil {
		t.Fatal(err)
	}
	want := []health.Check{
		{Name: "up", Role: health.Startup, Push: true, Interval: 20 * time.Second, Failures: 1, Successes: 1},
		{Name: "web", Interval: 3 * time.Second, Timeout: 2 * time.Second, Delay: 4 * time.Second, Grace: 5 * time.Second, Failures: 6, Successes: 7},
		{Name: "beat", Push: true, Interval: 9 * time.Second, Failures: 1, Successes: 1},
		{Name: "busy", Role: health.Readiness, Push: true, Quiet: true, Interval: 8 * time.Second, Failures: 1, Successes: 1},
		{Name: "oom", Push: true, Quiet: true, Interval: 7 * time.Second, Failures: 1, Successes: 1},
	}
	if c.OnUnhealthy != health.ReactStop || len(c.Checks) != len(want) {
		t.Fatalf("got %+v", c)
	}
	for i, w := range want {
		if c.Checks[i] != w {
			t.Errorf("got  %+v\nwant %+v", c.Checks[i], w)
		}
	}
	// A program is to beat for its liveness; the time it may take to start is another thing.
	if n := h.notify(); n == nil || n.Watchdog != 9*time.Second {
		t.Errorf("the program is told %+v, want a watchdog of 9 s", n)
	}
}

func TestRestarts(t *testing.T) {
	good := Restarts{
		Policy: "on-failure:3", On: "75,SIGHUP", Never: "2", Delay: time.Second, Factor: 3, Max: time.Minute,
		Jitter: 0.5, Settled: time.Hour, Limit: "4/20s",
	}
	c, err := good.health()
	if err != nil {
		t.Fatal(err)
	}
	if c.Restart.String() != "on-failure:3" || c.Restart.On.String() != "75,SIGHUP" || c.Restart.Never.String() != "2" ||
		c.Backoff != (health.Backoff{Base: time.Second, Factor: 3, Cap: time.Minute, Jitter: 0.5}) ||
		c.Settled != time.Hour || c.StartLimit != (health.StartLimit{Starts: 4, Within: 20 * time.Second}) {
		t.Errorf("got %+v", c)
	}
	for want, r := range map[string]Restarts{
		"restart policy":     {Policy: "sometimes"},
		"--restart-on":       {On: "256"},
		"--restart-never-on": {Never: "SIGSURPRISE"},
		"start limit":        {Limit: "often"},
		"jitter":             {Jitter: 2},
		"factor":             {Factor: 0.5},
	} {
		if _, err := r.health(); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%+v: %v, want an error about %s", r, err, want)
		}
	}
}

func TestWatched(t *testing.T) {
	for _, h := range []Heartbeat{
		{Checks: &checks.Spec{}}, {Restart: Restarts{Policy: "always"}}, {Restart: Restarts{On: "3"}},
	} {
		if !h.Watched() {
			t.Errorf("%+v asks for no more than a run", h)
		}
	}
	if (Heartbeat{Restart: Restarts{Policy: "no", Limit: "5/10s"}}).Watched() {
		t.Error("a start limit alone asks for more than a run")
	}
}
