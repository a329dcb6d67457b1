package health

import (
	"flag"
	"fmt"
	"os"
	"strings"
	"testing"
	"time"
)

var update = flag.Bool("update", false, "rewrite testdata/*.golden")

func half() float64 { return 0.5 } // an interval as it is, and half of the back-off's jitter

// configs are the kinds of services for which the transitions differ.
var configs = []struct {
	name string
	c    Config
}{
	{"no probe, never restarted", Config{}},
	{"no probe, restarted on failure", Config{Restart: Policy{Mode: OnFailure}, Backoff: Backoff{Base: time.Second}}},
	{"probed, always restarted", Config{Restart: Policy{Mode: Always}, Backoff: Backoff{Base: time.Second}, Interval: 10 * time.Second}},
	{"probed, restarted once", Config{Restart: Policy{Mode: OnFailure, Max: 1}, Interval: 10 * time.Second, OnUnhealthy: ReactNone}},
}

// in returns a Monitor that came to a state on the shortest way.
func in(c Config, s State) Monitor {
	m := New(c)
	m.State = s
	return m
}

// TestEveryStateEveryEvent writes down what follows from each event in each
// state, for each of the configs, and holds what must be so in all of them.
func TestEveryStateEveryEvent(t *testing.T) {
	var b strings.Builder
	pairs := 0
	for _, c := range configs {
		fmt.Fprintf(&b, "# %s\n", c.name)
		for s := StateCreated; s < stateCount; s++ {
			for k := range eventCount {
				for _, status := range statuses(k) {
					pairs++
					m, actions := in(c.c, s).Step(Event{Kind: k, Status: status, Uptime: time.Minute}, half)
					fmt.Fprintf(&b, "%-10s %-15s", s, eventText(k, status))
					fmt.Fprintln(&b, strings.TrimRight(fmt.Sprintf(" %-10s %s", m.State, actionText(actions)), " "))
					check(t, in(c.c, s), m, k, actions)
				}
			}
		}
	}
	t.Logf("%d pairs of state and event", pairs)
	golden(t, "testdata/steps.golden", b.String())
}

func statuses(k EventKind) []int {
	if k == Exited {
		return []int{0, 1}
	}
	return []int{0}
}

func eventText(k EventKind, status int) string {
	if k == Exited {
		return fmt.Sprintf("exited %d", status)
	}
	return k.String()
}

func actionText(list []Action) string {
	var words []string
	for _, a := range list {
		w := a.Kind.String()
		switch a.Kind {
		case StartProbe, Wait:
			w += " " + a.Delay.String()
		case Report:
			w += " " + a.State.String()
		}
		words = append(words, w)
	}
	return strings.Join(words, ", ")
}

func check(t *testing.T, before, after Monitor, k EventKind, actions []Action) {
	t.Helper()
	reported := before.State
	count := [actionCount]int{}
	for _, a := range actions {
		count[a.Kind]++
		if a.Kind == Report {
			if a.State == reported {
				t.Errorf("%s, %s: %s reported again", before.State, k, a.State)
			}
			reported = a.State
		}
	}
	if reported != after.State {
		t.Errorf("%s, %s: now %s, reported %s", before.State, k, after.State, reported)
	}
	if count[StartProbe] > 0 && !after.running() {
		t.Errorf("%s, %s: probe started in %s", before.State, k, after.State)
	}
	for _, only := range []struct {
		a ActionKind
		s State
	}{{Start, StateCreated}, {Stop, StateStopping}, {Wait, StateBackoff}} {
		entered := after.State == only.s && before.State != only.s
		if entered != (count[only.a] == 1) {
			t.Errorf("%s, %s: %d times %s on the way to %s", before.State, k, count[only.a], only.a, after.State)
		}
	}
}

func golden(t *testing.T, file, got string) {
	t.Helper()
	if *update {
		if err := os.WriteFile(file, []byte(got), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	if got != string(want) {
		t.Errorf("%s differs; got\n%s", file, got)
	}
}

// TestTableEveryStateReachable looks at the table alone.
func TestTableEveryStateReachable(t *testing.T) {
	reached := map[State]bool{StateCreated: true}
	for range stateCount {
		for s := range reached {
			for _, next := range table[s] {
				if next != 0 {
					reached[next] = true
				}
			}
		}
	}
	for s := StateCreated; s < stateCount; s++ {
		if !reached[s] {
			t.Errorf("%s cannot be reached", s)
		}
		for c, next := range table[s] {
			if next == s {
				t.Errorf("%s, cause %d: leads to itself", s, c)
			}
		}
	}
}

// follow feeds events and returns the states in between.
func follow(m Monitor, events ...Event) (Monitor, string) {
	states := []string{m.State.String()}
	for _, e := range events {
		var actions []Action
		m, actions = m.Step(e, half)
		for _, a := range actions {
			if a.Kind == Report {
				states = append(states, a.State.String())
			}
		}
	}
	return m, strings.Join(states, " ")
}

func at(k EventKind, uptime time.Duration) Event { return Event{Kind: k, Uptime: uptime} }
func exit(status int, uptime time.Duration) Event {
	return Event{Kind: Exited, Status: status, Uptime: uptime}
}

func TestSequences(t *testing.T) {
	probed := Config{Interval: time.Second, Retries: 2, Restart: Policy{Mode: OnFailure}, StartPeriod: 10 * time.Second}
	limited := Config{Restart: Policy{Mode: OnFailure, Max: 2}}
	start, ok, fail, broken := at(Started, 0), at(ProbeSucceeded, time.Minute), at(ProbeFailed, time.Minute), at(ProbeErrored, time.Minute)
	early, stopIt, over := at(ProbeFailed, 9*time.Second), at(StopRequested, 0), at(BackoffOver, 0)
	cases := []struct {
		name   string
		c      Config
		events []Event
		want   string
	}{
		{"healthy and ended", probed, []Event{start, ok, exit(0, 0)}, "created starting healthy exited"},
		{"failures in a row", probed, []Event{start, ok, fail, ok, fail, fail, exit(143, 0), over, start}, "created starting healthy unhealthy stopping backoff created starting"},
		{"errors do not count", probed, []Event{start, ok, fail, broken, broken, ok}, "created starting healthy"},
		{"start period", probed, []Event{start, early, early, early, ok}, "created starting healthy"},
		{"start period ends with a success", probed, []Event{start, at(ProbeSucceeded, 1), early, early}, "created starting healthy unhealthy stopping"},
		{"never answers", probed, []Event{start, fail, fail}, "created starting unhealthy stopping"},
		{"unhealthy, restarted though it exits with 0", probed, []Event{start, fail, fail, exit(0, 0)}, "created starting unhealthy stopping backoff"},
		{"stopped while condemned", probed, []Event{start, fail, fail, stopIt, exit(1, 0)}, "created starting unhealthy stopping exited"},
		{"stop wins over the policy", probed, []Event{start, stopIt, exit(1, 0)}, "created starting stopping exited"},
		{"stopped during back-off", limited, []Event{start, exit(1, 0), stopIt, over}, "created healthy backoff exited"},
		{"limit", limited, []Event{start, exit(1, 0), over, start, exit(1, 0), over, start, exit(1, 0)}, "created healthy backoff created healthy backoff created healthy failed"},
		{"failures to start count", limited, []Event{start, exit(1, 0), over, at(StartFailed, 0), over, at(StartFailed, 0)}, "created healthy backoff created backoff created failed"},
		{"does not start, no policy", Config{}, []Event{at(StartFailed, 0)}, "created failed"},
		{"stopped before it started", Config{Restart: Policy{Mode: Always}}, []Event{stopIt, start, exit(143, 0)}, "created exited stopping exited"},
		{"late probe", probed, []Event{start, stopIt, fail, ok, fail, fail}, "created starting stopping"},
		{"paused", probed, []Event{start, ok, at(Paused, 0), fail, fail, fail, at(Resumed, 0), fail, ok}, "created starting healthy"},
		{"killed while paused", probed, []Event{start, at(Paused, 0), exit(137, 0), over, start, ok}, "created starting backoff created starting healthy"},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			if _, got := follow(New(c.c), c.events...); got != c.want {
				t.Errorf("got  %s\nwant %s", got, c.want)
			}
		})
	}
}

// TestBackoffGrowsAndSettles: the wait grows with each restart, and only time
// spent healthy, not merely alive, makes it short again.
func TestBackoffGrowsAndSettles(t *testing.T) {
	c := Config{Restart: Policy{Mode: Always}, Backoff: Backoff{Base: time.Second, Factor: 2}, Interval: time.Second, Retries: 1, Settled: 10 * time.Second}
	m := New(c)
	run := func(healthyAfter, exitAfter time.Duration) time.Duration {
		m, _ = m.Step(at(Started, 0), half)
		if healthyAfter > 0 {
			m, _ = m.Step(at(ProbeSucceeded, healthyAfter), half)
		}
		var actions []Action
		m, actions = m.Step(exit(1, exitAfter), half)
		m, _ = m.Step(at(BackoffOver, 0), half)
		for _, a := range actions {
			if a.Kind == Wait {
				return a.Delay
			}
		}
		return -1
	}
	for i, c := range []struct{ healthyAfter, exitAfter, want time.Duration }{
		{0, 0, time.Second},
		{0, time.Hour, 2 * time.Second},
		{time.Second, 10 * time.Second, 4 * time.Second},
		{time.Second, 11 * time.Second, time.Second},
		{0, 0, 2 * time.Second},
	} {
		if got := run(c.healthyAfter, c.exitAfter); got != c.want {
			t.Errorf("run %d: waited %v, want %v", i, got, c.want)
		}
	}
	if m.Restarts != 5 || m.Status != 1 {
		t.Errorf("got %d restarts, status %d; want 5, 1", m.Restarts, m.Status)
	}
}
