package health

import (
	"fmt"
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"

	"mini/hack/golden"
)

func half() float64 { return 0.5 } // an interval as it is, and half of the back-off's jitter

// The checks of these tests: one of each role and each way to be told.
const (
	startup = iota
	live
	readiness
	watchdog
	pressure
)

var allChecks = []Check{
	startup:   {Name: "startup", Role: Startup},
	live:      {Name: "live", Interval: 10 * time.Second},
	readiness: {Name: "readiness", Role: Readiness, Interval: 20 * time.Second},
	watchdog:  {Name: "watchdog", Push: true, Interval: 30 * time.Second},
	pressure:  {Name: "pressure", Role: Readiness, Push: true, Quiet: true, Interval: 40 * time.Second},
}

// told is an event with everything that other kinds may need.
func told(k EventKind) Event { return Event{Kind: k, For: time.Minute} }
func result(check int, k Kind) Event {
	return Event{Kind: ProbeDone, Check: check, Result: Result{Kind: k}}
}
func exit(status int) Event { return Event{Kind: Exited, Exit: Exit{Status: status}} }

// A situation is a state, with what else matters there, and the way to it.
type situation struct {
	name  string
	state State
	way   []Event
}

// situations are all that differ. Those after unhealthy can be reached with
// ReactNone only, the condemned ones with the other reactions.
func situations(reaction Reaction) []situation {
	begun := []Event{told(Started)}
	opened := append(slices.Clip(begun), result(startup, Success))
	healthy := append(slices.Clip(opened), result(live, Success))
	is := func(name string, s State, way []Event, more ...Event) situation {
		return situation{name, s, append(slices.Clip(way), more...)}
	}
	all := []situation{
		is("created", StateCreated, nil),
		is("created, stop asked for", StateCreated, nil, told(StopRequested)),
		is("starting", StateStarting, begun),
		is("starting, paused", StateStarting, begun, told(Paused)),
		is("starting, startup passed", StateStarting, opened),
		is("healthy", StateHealthy, healthy),
		is("healthy, ready", StateHealthy, healthy, result(readiness, Success)),
		is("healthy, ready, paused", StateHealthy, healthy, result(readiness, Success), told(Paused)),
		is("stopping, asked for", StateStopping, healthy, told(StopRequested)),
		is("stopping, to restart", StateStopping, healthy, told(RestartRequested)),
		is("backoff", StateBackoff, healthy, exit(1)),
		is("failed", StateFailed, nil, told(StartFailed), told(BackoffOver), told(StartFailed), told(BackoffOver), told(StartFailed)),
		is("exited", StateExited, healthy, told(StopRequested), exit(0)),
	}
	if reaction == ReactNone {
		return append(all,
			is("unhealthy", StateUnhealthy, healthy, result(live, Failure)),
			is("unhealthy, paused", StateUnhealthy, healthy, result(live, Failure), told(Paused)),
			is("unhealthy, startup failed", StateUnhealthy, begun, result(startup, Failure)))
	}
	return append(all, is("stopping, unhealthy", StateStopping, healthy, result(live, Failure)))
}

// everyEvent are all kinds, and all that may be said with them.
func everyEvent() (list []Event) {
	for k := range eventCount {
		switch k {
		case ProbeDone:
			for c := range allChecks {
				for r := Success; r <= Error; r++ {
					list = append(list, result(c, r))
				}
			}
		case Exited:
			list = append(list, exit(0), exit(1), Event{Kind: k, Exit: Exit{Signal: 9}})
		default:
			list = append(list, told(k))
		}
	}
	return list
}

// lead takes a new Monitor on its way, a second from one event to the next.
func lead(t *testing.T, c Config, s situation) (Monitor, time.Duration) {
	t.Helper()
	m, at := New(c), time.Hour
	for _, e := range s.way {
		e.At = at
		m, _ = m.Step(e, half)
		at += time.Second
	}
	if m.State != s.state {
		t.Fatalf("%s: the way leads to %s", s.name, m.State)
	}
	return m, at
}

func reference(r Reaction) Config {
	return Config{
		Checks: allChecks, OnUnhealthy: r,
		Restart: Policy{Mode: OnFailure, Max: 2}, Backoff: Backoff{Base: time.Second, Factor: 2},
		StartLimit: StartLimit{5, 10 * time.Second},
	}
}

// TestEveryStateEveryEvent writes down what follows from each event in each
// situation, with each reaction, and holds what must be so in all of them.
func TestEveryStateEveryEvent(t *testing.T) {
	var b strings.Builder
	pairs, seen := 0, map[State]bool{}
	for r := ReactNone; r <= ReactRestart; r++ {
		for _, s := range situations(r) {
			fmt.Fprintf(&b, "# %s, reaction %s\n", s.name, r)
			var idle []string
			for _, e := range everyEvent() {
				before, after, actions := one(t, reference(r), s, e)
				consistent(t, s.name, before, after, e, actions)
				pairs, seen[s.state] = pairs+1, true
				if len(actions) == 0 && reflect.DeepEqual(before, after) {
					idle = append(idle, eventText(e))
					continue
				}
				fmt.Fprintln(&b, strings.TrimRight(fmt.Sprintf("%-19s %-10s %s", eventText(e), after.State, actionText(actions)), " "))
			}
			fmt.Fprintf(&b, "nothing: %s\n", strings.Join(idle, ", "))
		}
	}
	t.Logf("%d pairs of situation and event", pairs)
	for s := StateCreated; s < stateCount; s++ {
		if !seen[s] {
			t.Errorf("%s is not among the situations", s)
		}
	}
	golden.Compare(t, "steps.golden", b.String())
}

// one is what follows from one event in a situation.
func one(t *testing.T, c Config, s situation, e Event) (before, after Monitor, actions []Action) {
	before, e.At = lead(t, c, s)
	if e.Kind == Suspended {
		e.At += e.For
	}
	after, actions = before.Step(e, half)
	return before, after, actions
}

func eventText(e Event) string {
	switch e.Kind {
	case ProbeDone:
		return allChecks[e.Check].Name + ": " + e.Result.Kind.String()
	case Exited:
		return fmt.Sprintf("exited %d", e.Exit.Code())
	}
	return e.Kind.String()
}

func actionText(list []Action) string {
	var words []string
	for _, a := range list {
		w := a.Kind.String()
		switch a.Kind {
		case Schedule:
			w = fmt.Sprintf("%s in %s", allChecks[a.Check].Name, a.Delay)
		case Unschedule:
			w += " " + allChecks[a.Check].Name
		case Wait:
			w += " " + a.Delay.String()
		case Report:
			w += " " + a.State.String()
		}
		words = append(words, w)
	}
	return strings.Join(words, ", ")
}

// consistent holds what must be so whatever was configured.
func consistent(t *testing.T, where string, before, after Monitor, e Event, actions []Action) {
	t.Helper()
	fail := func(format string, args ...any) {
		t.Helper()
		t.Errorf("%s, %s: %s", where, e.Kind, fmt.Sprintf(format, args...))
	}
	reported, ready := before.State, before.Ready()
	count := [actionCount]int{}
	for _, a := range actions {
		count[a.Kind]++
		switch a.Kind {
		case Report:
			if a.State == reported && after.Ready() == ready {
				fail("%s reported again", a.State)
			}
			reported = a.State
		case Schedule:
			if a.Delay < 0 || !after.running() || after.Paused {
				fail("check %d scheduled in %s, in %s, paused %v", a.Check, a.Delay, after.State, after.Paused)
			}
			if isStartup := after.config.Checks[a.Check].Role == Startup; isStartup != !after.gate {
				fail("check %d scheduled, startup passed: %v", a.Check, after.gate)
			}
		}
	}
	if reported != after.State {
		fail("now %s, reported %s", after.State, reported)
	}
	for _, only := range []struct {
		n int
		s State
	}{{count[Start], StateCreated}, {count[Stop] + count[Kill], StateStopping}, {count[Wait], StateBackoff}} {
		if entered := after.State == only.s && before.State != only.s; entered != (only.n == 1) {
			fail("%d actions for %s on the way to %s", only.n, only.s, after.State)
		}
	}
	if ended := before.running() && !before.Paused && (!after.running() || after.Paused); ended && count[EndProbes] != 1 {
		fail("probes not ended")
	}
	if after.Ready() && (after.State != StateHealthy || after.Paused || !after.gate) {
		fail("ready in %s", after.State)
	}
	if before.Done() && (len(actions) > 0 || after.State != before.State) {
		fail("something follows the end")
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
