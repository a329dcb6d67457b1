package health

import (
	"fmt"
	"strings"
	"testing"
	"time"
)

// follow feeds events and returns the states in between, with a + where the
// service becomes ready and a - where it is no longer. An event without a time
// is a second after the one before.
func follow(m Monitor, events ...Event) (Monitor, string) {
	words, at := []string{m.State.String()}, time.Hour
	for _, e := range events {
		if e.At == 0 {
			e.At = at + time.Second
		}
		at = e.At
		ready, state := m.Ready(), m.State
		var actions []Action
		m, actions = m.Step(e, half)
		for _, a := range actions {
			if a.Kind == Report && a.State != state {
				words, state = append(words, a.State.String()), a.State
			}
		}
		if m.Ready() != ready {
			words = append(words, map[bool]string{true: "+", false: "-"}[m.Ready()])
		}
	}
	return m, strings.Join(words, " ")
}

// at is an event at a time after one hour.
func at(d time.Duration, e Event) Event { e.At = time.Hour + d; return e }

func repeat(n int, e Event) (list []Event) {
	for range n {
		list = append(list, e)
	}
	return list
}

func flat(lists ...[]Event) (all []Event) {
	for _, l := range lists {
		all = append(all, l...)
	}
	return all
}

var (
	start, startFail       = told(Started), told(StartFailed)
	stopIt, restartIt      = told(StopRequested), told(RestartRequested)
	waitOver               = told(BackoffOver)
	ok, bad, broken        = result(0, Success), result(0, Failure), result(0, Error)
	ok1, bad1, ok2, bad2   = result(1, Success), result(1, Failure), result(2, Success), result(2, Failure)
	killed                 = Event{Kind: Exited, Exit: Exit{Signal: 9}}
	minute                 = time.Minute
	failure, always, never = Policy{Mode: OnFailure}, Policy{Mode: Always}, Policy{}
)

func polled(c Check) []Check {
	c.Interval = time.Second
	return []Check{c}
}

func TestSequences(t *testing.T) {
	twice := Config{Checks: polled(Check{Failures: 2}), OnUnhealthy: ReactRestart, Restart: failure}
	early := Config{Checks: polled(Check{Failures: 2, Grace: 10 * time.Second}), OnUnhealthy: ReactRestart}
	recovers := Config{Checks: polled(Check{Failures: 2, Successes: 3})}
	reacts := func(r Reaction, p Policy) Config { return Config{Checks: polled(Check{}), OnUnhealthy: r, Restart: p} }
	limited := Config{Restart: Policy{Mode: OnFailure, Max: 2}}
	gated := Config{Checks: []Check{{Role: Startup}, {Interval: minute}, {Role: Readiness, Interval: minute}}}
	sets := Config{Restart: Policy{Mode: OnFailure, On: set(t, "0,7,TERM"), Never: set(t, "7,9,KILL")}}
	cases := []struct {
		name   string
		c      Config
		events []Event
		want   string
	}{
		{"no checks", Config{}, []Event{start, exit(3)}, "created healthy + exited -"},
		{"healthy and ended", twice, []Event{start, ok, exit(0)}, "created starting healthy + exited -"},
		{"failures in a row", twice, []Event{start, ok, bad, ok, bad, bad, killed, waitOver, start},
			"created starting healthy + unhealthy stopping - backoff created starting"},
		{"errors do not count", twice, []Event{start, ok, bad, broken, broken, ok, bad, broken}, "created starting healthy +"},
		{"errors do not excuse", twice, []Event{start, ok, bad, broken, bad}, "created starting healthy + unhealthy stopping -"},
		{"start period", early, flat([]Event{start}, repeat(8, bad), []Event{ok}), "created starting healthy +"},
		{"start period over", early, []Event{start, at(12*time.Second, bad), bad}, "created starting unhealthy stopping"},
		{"start period ends with a success", early, []Event{start, ok, bad, bad}, "created starting healthy + unhealthy stopping -"},
		{"start period and a pause", early, []Event{start, told(Paused), at(minute, told(Resumed)), bad, bad, bad}, "created starting"},
		{"start period and a sleep", early, []Event{start, at(time.Minute, Event{Kind: Suspended, For: 55 * time.Second}), bad, bad, bad}, "created starting"},
		{"start period, extended", early, []Event{start, at(9*time.Second, told(Extended)), at(66*time.Second, bad), bad, bad, ok},
			"created starting healthy +"},
		{"start period, extended, over", early, []Event{start, at(9*time.Second, told(Extended)), at(69*time.Second, bad), bad, ok},
			"created starting unhealthy stopping"},
		{"extended, not for the next run", early, []Event{start, told(Extended), restartIt, killed, start, at(20*time.Second, bad), bad},
			"created starting stopping created starting unhealthy stopping"},
		{"extended once healthy", early, []Event{start, ok, told(Extended), bad, bad}, "created starting healthy + unhealthy stopping -"},
		{"never answers", twice, []Event{start, bad, bad}, "created starting unhealthy stopping"},
		{"successes in a row", recovers, []Event{start, ok, ok, bad, ok, ok, ok, bad, bad, ok, ok, bad, ok, ok, ok},
			"created starting healthy + unhealthy - healthy +"},
		{"unhealthy, restarted though it exits with 0", twice, []Event{start, bad, bad, exit(0)}, "created starting unhealthy stopping backoff"},
		{"reaction none", reacts(ReactNone, always), []Event{start, bad, ok}, "created starting unhealthy healthy +"},
		{"reaction kill, policy no", reacts(ReactKill, never), []Event{start, bad, killed}, "created starting unhealthy stopping exited"},
		{"reaction kill, policy on-failure", reacts(ReactKill, failure), []Event{start, bad, killed}, "created starting unhealthy stopping backoff"},
		{"reaction stop", reacts(ReactStop, always), []Event{start, bad, exit(0)}, "created starting unhealthy stopping failed"},
		{"reaction restart, policy no", reacts(ReactRestart, never), []Event{start, bad, exit(0), waitOver, startFail, waitOver, start, exit(1)},
			"created starting unhealthy stopping backoff created backoff created starting exited"},
		{"stopped while condemned", twice, []Event{start, bad, bad, stopIt, exit(1)}, "created starting unhealthy stopping exited"},
		{"stop wins over the policy", twice, []Event{start, stopIt, exit(1)}, "created starting stopping exited"},
		{"stop wins over a restart", twice, []Event{start, stopIt, restartIt, exit(1)}, "created starting stopping exited"},
		{"stop after a restart", twice, []Event{start, restartIt, stopIt, exit(1)}, "created starting stopping exited"},
		{"stopped during back-off", limited, []Event{start, exit(1), stopIt, waitOver}, "created healthy + backoff - exited"},
		{"stopped while it starts again", limited, []Event{start, exit(1), waitOver, stopIt, start, exit(1)}, "created healthy + backoff - created stopping exited"},
		{"stopped while it cannot start", limited, []Event{start, exit(1), waitOver, stopIt, startFail}, "created healthy + backoff - created exited"},
		{"limit", limited, []Event{start, exit(1), waitOver, start, exit(1), waitOver, start, exit(1)},
			"created healthy + backoff - created healthy + backoff - created healthy + failed -"},
		{"restarts by the user do not count", limited, []Event{start, restartIt, exit(1), start, restartIt, exit(0), start, exit(1), waitOver, start, exit(1), restartIt, start},
			"created healthy + stopping - created healthy + stopping - created healthy + backoff - created healthy + backoff - created healthy +"},
		{"failures to start count", limited, []Event{start, exit(1), waitOver, startFail, waitOver, startFail}, "created healthy + backoff - created backoff created failed"},
		{"does not start, no policy", Config{}, []Event{startFail}, "created failed"},
		{"does not start after a restart by the user", Config{}, []Event{start, restartIt, exit(0), startFail}, "created healthy + stopping - created failed"},
		{"late probe", twice, []Event{start, stopIt, bad, ok, bad, bad}, "created starting stopping"},
		{"paused", twice, []Event{start, ok, told(Paused), bad, bad, bad, told(Resumed), bad, ok}, "created starting healthy + - +"},
		{"killed while paused", twice, []Event{start, told(Paused), killed, waitOver, start, ok}, "created starting backoff created starting healthy +"},
		{"startup gates", gated, []Event{start, bad1, bad2, ok1, ok2, ok, ok2, ok1, bad2, ok2}, "created starting healthy + - +"},
		{"startup is asked once", gated, []Event{start, ok, ok1, bad, bad}, "created starting healthy"},
		{"startup again after a restart", gated, []Event{start, ok, ok1, ok2, restartIt, exit(0), start, ok1, ok2}, "created starting healthy + stopping - created starting"},
		{"readiness alone is only told", Config{Checks: polled(Check{Role: Readiness}), OnUnhealthy: ReactRestart}, []Event{start, bad, ok, bad}, "created healthy + -"},
		{"forced by its status", sets, []Event{start, exit(0)}, "created healthy + backoff -"},
		{"prevented by its status", sets, []Event{start, exit(7)}, "created healthy + exited -"},
		{"prevented by its signal", sets, []Event{start, killed}, "created healthy + exited -"},
		{"a status is no signal", sets, []Event{start, exit(137)}, "created healthy + backoff -"},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			if _, got := follow(New(c.c), c.events...); got != c.want {
				t.Errorf("got  %s\nwant %s", got, c.want)
			}
		})
	}
}

func set(t *testing.T, s string) Set {
	t.Helper()
	got, err := ParseSet(s)
	if err != nil {
		t.Fatal(err)
	}
	return got
}

// TestPush: what is told without being asked.
func TestPush(t *testing.T) {
	ready := Check{Role: Startup, Push: true, Interval: 90 * time.Second}
	beat := Check{Push: true, Interval: 10 * time.Second}
	quiet := Check{Push: true, Quiet: true, Interval: 10 * time.Second, Failures: 2}
	paused := told(Paused)
	cases := []struct {
		name   string
		checks []Check
		events []Event
		want   string
	}{
		{"waits to be told", []Check{ready}, []Event{start, ok}, "created starting healthy +"},
		{"is not told", []Check{ready}, []Event{start, bad}, "created starting unhealthy"},
		{"told while paused", []Check{ready}, []Event{start, paused, ok, told(Resumed)}, "created starting healthy +"},
		{"fails while paused", []Check{beat}, []Event{start, paused, bad}, "created healthy + -"},
		{"a watchdog passes until it does not", []Check{beat}, []Event{start, ok, bad}, "created healthy + unhealthy -"},
		{"quiet passes and passes again", []Check{quiet}, []Event{start, bad, ok, bad, bad, ok}, "created healthy + unhealthy - healthy +"},
		{"extended, but healthy", []Check{ready, beat}, []Event{start, told(Extended), ok, bad1}, "created starting healthy + unhealthy -"},
		{"a failure before its time", []Check{ready, beat}, []Event{start, bad1, ok}, "created starting healthy +"},
		{"ready before its time", []Check{{Role: Startup}, {Role: Readiness, Push: true}}, []Event{start, ok1, ok}, "created starting healthy +"},
		{"not ready before it is told", []Check{{Role: Readiness, Push: true}}, []Event{start, ok, bad}, "created healthy + -"},
		{"no such check", []Check{beat}, []Event{start, bad1, bad2, result(-1, Failure), result(0, 77)}, "created healthy +"},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			if _, got := follow(New(Config{Checks: c.checks}), c.events...); got != c.want {
				t.Errorf("got  %s\nwant %s", got, c.want)
			}
		})
	}
}

// TestUnscheduled: a deadline that has lost its meaning wakes nobody.
func TestUnscheduled(t *testing.T) {
	over := fmt.Sprint([]Action{{Kind: Unschedule}})
	for _, c := range []struct {
		name   string
		check  Check
		events []Event
		want   string
	}{
		{"startup passed", Check{Role: Startup, Push: true, Interval: minute}, []Event{start, ok}, fmt.Sprint([]Action{{Kind: Report, State: StateHealthy}, {Kind: Unschedule}})},
		{"startup passed, again", Check{Role: Startup, Push: true, Interval: minute}, []Event{start, ok, ok}, "[]"},
		{"startup passed, no deadline", Check{Role: Startup, Push: true}, []Event{start, ok}, fmt.Sprint([]Action{{Kind: Report, State: StateHealthy}})},
		{"quiet, and told so", Check{Push: true, Quiet: true, Interval: minute, Failures: 2}, []Event{start, bad, ok}, over},
		{"quiet, and told so after a pause", Check{Push: true, Quiet: true, Interval: minute, Failures: 2}, []Event{start, bad, told(Paused), ok, told(Resumed)},
			fmt.Sprint([]Action{{Kind: Report, State: StateHealthy}})},
	} {
		m, last := follow(New(Config{Checks: []Check{c.check}}), c.events[:len(c.events)-1]...)
		_, actions := m.Step(at(minute, c.events[len(c.events)-1]), half)
		if got := fmt.Sprint(actions); got != c.want {
			t.Errorf("%s, after %s: got %s, want %s", c.name, last, got, c.want)
		}
	}
}

// TestExtended: a startup check's silence is excused for as long as asked for.
func TestExtended(t *testing.T) {
	m := New(Config{Checks: []Check{{Role: Startup, Push: true, Interval: 10 * time.Second}}})
	m, actions := m.Step(at(0, start), half)
	want := []string{fmt.Sprint([]Action{{Kind: Report, State: StateStarting}, {Kind: Schedule, Delay: 10 * time.Second}})}
	got := []string{fmt.Sprint(actions)}
	for _, e := range []Event{at(4*time.Second, told(Extended)), at(64*time.Second, Event{Kind: Extended, For: 1 << 62}), at(65*time.Second, told(Paused)), at(70*time.Second, told(Resumed))} {
		m, actions = m.Step(e, half)
		got = append(got, fmt.Sprint(actions))
	}
	longest := time.Duration(1 << 60)
	want = append(want, fmt.Sprint([]Action{{Kind: Schedule, Delay: minute}}), fmt.Sprint([]Action{{Kind: Schedule, Delay: longest}}),
		fmt.Sprint([]Action{{Kind: EndProbes}}), fmt.Sprint([]Action{{Kind: Schedule, Delay: longest - time.Second}}))
	if fmt.Sprint(got) != fmt.Sprint(want) {
		t.Errorf("got  %v\nwant %v", got, want)
	}
}
