package health

import (
	"testing"
	"time"
)

// wait is how long it is to the restart.
func wait(actions []Action) time.Duration {
	for _, a := range actions {
		if a.Kind == Wait {
			return a.Delay
		}
	}
	return -1
}

// TestBackoffGrowsAndSettles: the wait grows with each restart, and only time
// spent healthy without a break, not merely alive, makes it short again.
func TestBackoffGrowsAndSettles(t *testing.T) {
	const s = time.Second
	c := Config{
		Checks: polled(Check{}), OnUnhealthy: ReactRestart, Restart: Policy{Mode: Always},
		Backoff: Backoff{Base: s, Factor: 2}, Settled: 10 * s,
	}
	m, now := New(c), time.Hour
	step := func(after time.Duration, e Event) (actions []Action) {
		now += after
		e.At = now
		m, actions = m.Step(e, half)
		return actions
	}
	healthy := func(d time.Duration) []Event { return []Event{at(s, ok), at(d, killed)} }
	for i, c := range []struct {
		name string
		run  []Event // each so long after the last, beyond an hour
		want time.Duration
	}{
		{"never healthy", []Event{at(0, killed)}, s},
		{"alive for long", []Event{at(time.Hour, killed)}, 2 * s},
		{"not healthy for long enough", healthy(10*s - 1), 4 * s},
		{"settled", healthy(10 * s), s},
		{"grows anew", healthy(9 * s), 2 * s},
		{"settled, then unhealthy", []Event{at(s, ok), at(11*s, bad), at(s, killed)}, s},
		{"paused meanwhile", []Event{at(s, ok), at(s, told(Paused)), at(time.Hour, told(Resumed)), at(8*s, killed)}, 2 * s},
		{"paused at the end", []Event{at(s, ok), at(9*s, told(Paused)), at(time.Hour, killed)}, 4 * s},
		{"paused, and settled in spite of it", []Event{at(s, ok), at(6*s, told(Paused)), at(time.Hour, told(Resumed)), at(4*s, killed)}, s},
		{"asleep meanwhile", []Event{at(s, ok), at(time.Hour, Event{Kind: Suspended, For: time.Hour - s}), at(8*s, killed)}, 2 * s},
		{"asleep, and settled in spite of it", []Event{at(s, ok), at(time.Hour, Event{Kind: Suspended, For: time.Hour - s}), at(9*s, killed)}, s},
		{"asleep while paused", []Event{at(s, ok), at(5*s, told(Paused)), at(time.Hour, Event{Kind: Suspended, For: time.Hour - s}), at(s, told(Resumed)), at(4*s, killed)}, 2 * s},
	} {
		step(0, start)
		var actions []Action
		for _, e := range c.run {
			actions = step(e.At-time.Hour, e)
		}
		if got := wait(actions); got != c.want {
			t.Errorf("%s: waited %v, want %v", c.name, got, c.want)
		}
		step(0, waitOver)
		if m.Restarts != i+1 || m.Ends != i+1 || m.Starts != i+1 || m.Exit != killed.Exit {
			t.Errorf("%s: %d restarts, %d ends, %d starts, exit %v", c.name, m.Restarts, m.Ends, m.Starts, m.Exit)
		}
	}
}

// TestStartLimit: 3 starts in 10 s, and what counts among them.
func TestStartLimit(t *testing.T) {
	const s = time.Second
	limit := Config{Restart: always, StartLimit: StartLimit{3, 10 * s}}
	slow := limit
	slow.Backoff = Backoff{Base: 4 * s}
	cases := []struct {
		name   string
		c      Config
		events []Event
		state  State
		tally  string
	}{
		{"at once", limit, []Event{start, exit(1), waitOver, start, exit(1), waitOver, startFail}, StateFailed,
			"started 3 times, 1 failed; restarted 2 times; last exit status 1"},
		{"in time", limit, []Event{at(0, start), exit(1), at(0, waitOver), start, exit(1), waitOver, start, at(10*s, killed)}, StateBackoff,
			"started 3 times; restarted 3 times; last killed by SIGKILL"},
		{"a moment too early", limit, []Event{at(0, start), exit(1), at(0, waitOver), start, exit(1), waitOver, start, at(10*s-1, exit(1))}, StateFailed,
			"started 3 times; restarted 2 times; last exit status 1"},
		{"the wait counts", slow, []Event{at(0, start), exit(1), at(4*s, waitOver), start, exit(1), at(8*s, waitOver), at(8*s, start), at(9*s, exit(1))}, StateBackoff,
			"started 3 times; restarted 3 times; last exit status 1"},
		{"restarts by the user do not count", limit, []Event{start, restartIt, exit(0), start, restartIt, exit(0), start, restartIt, exit(0), start}, StateHealthy,
			"started 4 times; restarted 0 times; last exit status 0"},
		{"time asleep does not count", limit, []Event{at(0, start), exit(1), at(0, waitOver), start, exit(1), waitOver, start,
			at(time.Minute, Event{Kind: Suspended, For: 55 * s}), at(time.Minute+s, exit(1))}, StateFailed,
			"started 3 times; restarted 2 times; last exit status 1"},
		{"none", Config{Restart: always}, flat([]Event{start}, flat(repeat(1, exit(1)), []Event{waitOver, start, exit(1), waitOver, start, exit(1), waitOver, start, exit(1)})), StateBackoff,
			"started 4 times; restarted 4 times; last exit status 1"},
	}
	for _, c := range cases {
		m, _ := follow(New(c.c), c.events...)
		if got := m.Tally(); m.State != c.state || got != c.tally {
			t.Errorf("%s: got %s, %q; want %s, %q", c.name, m.State, got, c.state, c.tally)
		}
		if m.State == StateFailed && m.Reason != ReasonStartLimit {
			t.Errorf("%s: failed for: %s", c.name, m.Reason)
		}
	}
}

func TestReasons(t *testing.T) {
	two := []Check{{Interval: time.Second}, {Interval: time.Second, Failures: 2}}
	restarts := Config{Checks: two, OnUnhealthy: ReactRestart, Restart: Policy{Mode: OnFailure, Max: 1}}
	for _, c := range []struct {
		events  []Event
		want    string
		culprit int
	}{
		{[]Event{start, ok, ok1}, "healthy: ", -1},
		{[]Event{start, ok, ok1, bad1, bad1}, "stopping: unhealthy", 1},
		{[]Event{start, ok, bad1, bad, bad1}, "stopping: unhealthy", 0},
		{[]Event{start, bad, killed}, "backoff: unhealthy", 0},
		{[]Event{start, bad, killed, waitOver, start}, "starting: ", -1},
		{[]Event{start, bad, stopIt}, "stopping: unhealthy", 0},
		{[]Event{start, bad, stopIt, killed}, "exited: stop asked for", 0},
		{[]Event{start, killed}, "backoff: ended", -1},
		{[]Event{start, exit(0)}, "exited: ended", -1},
		{[]Event{startFail}, "backoff: did not start", -1},
		{[]Event{startFail, waitOver, startFail}, "failed: restarted as often as it may be", -1},
		{[]Event{start, restartIt}, "stopping: restart asked for", -1},
		{[]Event{start, restartIt, killed}, "created: restart asked for", -1},
		{[]Event{start, stopIt}, "stopping: stop asked for", -1},
	} {
		m, _ := follow(New(restarts), c.events...)
		if got := m.State.String() + ": " + m.Reason.String(); got != c.want || m.Culprit != c.culprit {
			t.Errorf("got %q by %d, want %q by %d", got, m.Culprit, c.want, c.culprit)
		}
	}
}

// TestTotals: errors are counted apart, all of it over all runs.
func TestTotals(t *testing.T) {
	m, _ := follow(New(Config{Checks: polled(Check{Failures: 9}), Restart: always}),
		flat([]Event{start, ok, bad, bad, broken, broken, broken, killed, waitOver, start, bad, broken})...)
	if want := (CheckState{Failures: 1, Errors: 1, Total: [3]uint64{1, 3, 4}, seen: true}); m.Checks[0] != want {
		t.Errorf("got  %+v\nwant %+v", m.Checks[0], want)
	}
}

// TestStepIsPure: a Monitor does not change when it is stepped, whatever comes.
func TestStepIsPure(t *testing.T) {
	m, _ := follow(New(reference(ReactRestart)), start, ok, ok1, ok2)
	before := m.Checks[live]
	for range 3 {
		if next, _ := m.Step(at(minute, bad1), half); next.State != StateStopping {
			t.Fatalf("got %s", next.State)
		}
	}
	if m.State != StateHealthy || m.Checks[live] != before {
		t.Errorf("changed: %+v", m)
	}
}
