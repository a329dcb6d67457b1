package health

import (
	"context"
	"errors"
	"strings"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"
)

// A show is a Watch in a bubble of synctest, with a service that does what it is
// told at once and a probe that the test writes.
type show struct {
	*testing.T
	events   chan Event
	begin    time.Time
	asleep   atomic.Int64
	log      []string // what was done and reported, with the seconds since the begin
	last     Snapshot
	starts   error
	starting func()
}

func newShow(t *testing.T) *show {
	return &show{T: t, events: make(chan Event, 8), begin: time.Now(), starting: func() {}}
}

func (s *show) note(what string) {
	s.log = append(s.log, time.Since(s.begin).Round(time.Second).String()+" "+what)
}

func (s *show) service(probe func(context.Context, int) Result) Service {
	return Service{
		Start: func(context.Context) error {
			s.note("start")
			s.starting()
			return s.starts
		},
		Stop:  func() { s.note("stop"); s.events <- exit(0) },
		Kill:  func() { s.note("kill"); s.events <- killed },
		Probe: probe,
		Report: func(p Snapshot) {
			s.last = p
			if p.State != p.From {
				s.note(p.State.String())
			} else if p.Changed() {
				s.note(map[bool]string{true: "ready", false: "not ready"}[p.Ready()])
			}
		},
		Boottime: func() time.Duration { return time.Since(s.begin) + time.Duration(s.asleep.Load()) },
	}
}

// run watches until the end, or for so long, and compares what was noted.
func (s *show) run(d time.Duration, c Config, probe func(context.Context, int) Result, want ...string) Monitor {
	s.Helper()
	ctx, cancel := context.WithTimeout(s.Context(), d)
	defer cancel()
	s.events <- Event{Kind: Started}
	m := watch(ctx, c, s.service(probe), s.events, half)
	if got := strings.Join(s.log, ", "); got != strings.Join(want, ", ") {
		s.Errorf("got  %s\nwant %s", got, strings.Join(want, ", "))
	}
	return m
}

// after sends an event at a time.
func (s *show) after(d time.Duration, e Event) {
	time.AfterFunc(d, func() { s.events <- e })
}

func shows(t *testing.T, name string, f func(*show)) {
	t.Run(name, func(t *testing.T) { synctest.Test(t, func(t *testing.T) { f(newShow(t)) }) })
}

func succeed(context.Context, int) Result { return Result{Output: "well"} }

// hang answers only once it is told to end, and then lies.
func hang(ctx context.Context, _ int) Result { <-ctx.Done(); return Result{Kind: Success} }

func TestWatch(t *testing.T) {
	every := func(d time.Duration) []Check {
		return []Check{{Delay: d, Interval: d, Timeout: 3 * time.Second, Failures: 2}}
	}
	slow := Backoff{Base: 5 * time.Second}
	shows(t, "a time-out is a failure", func(s *show) {
		c := Config{Checks: every(10 * time.Second), OnUnhealthy: ReactKill}
		s.run(time.Hour, c, hang, "0s starting", "26s unhealthy", "26s stopping", "26s kill", "26s exited")
		if r, _ := s.last.Last(); r.Kind != Failure || r.Duration != 3*time.Second || r.At != 26*time.Second {
			s.Errorf("got %+v", r)
		}
	})
	shows(t, "a service that has ended is not judged", func(s *show) {
		s.after(time.Minute, exit(0))
		c := Config{Checks: []Check{{Interval: 10 * time.Second, Timeout: 3 * time.Second, Failures: 1}}, OnUnhealthy: ReactKill}
		m := s.run(time.Hour, c, func(ctx context.Context, _ int) Result {
			<-ctx.Done()
			return Result{Kind: Moot}
		}, "0s starting", "1m0s exited")
		if total := m.Checks[0].Total; total != [3]uint64{} || len(s.last.Results[0]) > 0 {
			s.Errorf("%v results are counted, %v kept", total, s.last.Results)
		}
	})
	shows(t, "restarted after the wait, and stopped", func(s *show) {
		s.after(30*time.Second, stopIt)
		c := Config{Checks: every(10 * time.Second), OnUnhealthy: ReactRestart, Backoff: slow}
		s.run(time.Hour, c, hang, "0s starting", "26s unhealthy", "26s stopping", "26s stop", "26s backoff", "30s exited")
	})
	shows(t, "restarted by the user in the wait", func(s *show) {
		s.after(2*time.Second, killed)
		s.after(3*time.Second, restartIt)
		s.after(10*time.Second, stopIt)
		s.run(time.Hour, Config{Restart: always, Backoff: slow}, nil,
			"0s healthy", "2s backoff", "3s created", "3s start", "3s healthy", "10s stopping", "10s stop", "10s exited")
	})
	shows(t, "does not start again", func(s *show) {
		s.starts = errors.New("no luck")
		s.after(time.Second, killed)
		m := s.run(time.Hour, Config{Restart: Policy{Mode: OnFailure, Max: 2}, Backoff: slow}, nil,
			"0s healthy", "1s backoff", "6s created", "6s start", "6s backoff", "11s created", "11s start", "11s failed")
		if m.Reason != ReasonMaxRestarts || m.StartsFail != 2 {
			s.Errorf("got %q, %d starts failed", m.Reason, m.StartsFail)
		}
	})
	shows(t, "ends with its context, and the probe too", func(s *show) {
		ended := false
		s.run(time.Minute, Config{Checks: []Check{{Interval: time.Hour}}}, func(ctx context.Context, _ int) Result {
			<-ctx.Done()
			time.Sleep(time.Second)
			ended = true
			return Result{}
		}, "0s starting")
		if !ended {
			s.Error("the probe goes on")
		}
	})
	shows(t, "a watchdog", func(s *show) {
		for d := range 5 {
			s.after(time.Duration(d)*time.Second, ok)
		}
		c := Config{Checks: []Check{{Push: true, Interval: 10 * time.Second}}, OnUnhealthy: ReactKill}
		s.run(time.Hour, c, nil, "0s healthy", "14s unhealthy", "14s stopping", "14s kill", "14s exited")
		if r, _ := s.last.Last(); r.Output != "nothing heard for 10s" {
			s.Errorf("got %q", r.Output)
		}
	})
	shows(t, "quiet again", func(s *show) {
		s.after(5*time.Second, bad)
		s.after(6*time.Second, bad)
		c := Config{Checks: []Check{{Push: true, Quiet: true, Interval: 10 * time.Second}}}
		s.run(time.Hour, c, nil, "0s healthy", "5s unhealthy", "16s healthy")
		if r, _ := s.last.Last(); r.Output != "quiet for 10s" {
			s.Errorf("got %q", r.Output)
		}
	})
	shows(t, "quiet before it is too often", func(s *show) {
		s.after(5*time.Second, bad)
		s.after(20*time.Second, bad)
		c := Config{Checks: []Check{{Push: true, Quiet: true, Interval: 10 * time.Second, Failures: 2}}}
		s.run(time.Hour, c, nil, "0s healthy")
	})
	shows(t, "a watchdog with a delay", func(s *show) {
		c := Config{Checks: []Check{{Push: true, Interval: 10 * time.Second, Delay: 5 * time.Second}}}
		s.run(20*time.Second, c, nil, "0s healthy", "15s unhealthy")
	})
	shows(t, "told while another is probed", func(s *show) {
		s.after(2*time.Second, bad1)
		c := Config{Checks: []Check{{Interval: time.Minute}, {Push: true}}}
		s.run(5*time.Second, c, hang, "0s starting", "2s unhealthy")
	})
	shows(t, "a deadline while another is probed", func(s *show) {
		c := Config{Checks: []Check{{Interval: time.Minute}, {Push: true, Interval: 3 * time.Second}}}
		s.run(5*time.Second, c, hang, "0s starting", "3s unhealthy")
	})
}

// TestWatchSuspended: neither the probe that ran while the machine slept counts,
// nor the time.
func TestWatchSuspended(t *testing.T) {
	check := Check{Interval: 10 * time.Second, Timeout: 3 * time.Second, Grace: time.Minute}
	shows(t, "the probe is dropped", func(s *show) {
		n := 0
		s.run(35*time.Second, Config{Checks: []Check{check}}, func(ctx context.Context, _ int) Result {
			if n++; n == 2 {
				s.asleep.Add(int64(time.Hour))
				return Result{Kind: Failure}
			}
			return Result{}
		}, "0s starting", "0s healthy")
		if m := s.last; n != 4 || m.Checks[0].Total != [3]uint64{3, 0, 0} {
			s.Errorf("%d probes, results %v", n, m.Checks[0].Total)
		}
	})
	shows(t, "a start period goes on", func(s *show) {
		time.AfterFunc(15*time.Second, func() { s.asleep.Add(int64(time.Hour)) })
		s.run(90*time.Second, Config{Checks: []Check{check}}, func(context.Context, int) Result { return Result{Kind: Failure} },
			"0s starting", "1m0s unhealthy")
	})
	shows(t, "asleep while it starts", func(s *show) {
		s.starting = func() { s.asleep.Add(int64(time.Hour)) }
		c := Config{Restart: always, Settled: 5 * time.Second, Backoff: Backoff{Base: time.Second, Factor: 3}}
		for _, d := range []time.Duration{1, 3, 12} {
			s.after(d*time.Second, killed)
		}
		s.run(15*time.Second, c, nil, "0s healthy", "1s backoff", "2s created", "2s start", "2s healthy",
			"3s backoff", "6s created", "6s start", "6s healthy", "12s backoff", "13s created", "13s start", "13s healthy")
	})
	shows(t, "less than a second is nothing", func(s *show) {
		n := 0
		s.run(5*time.Second, Config{Checks: []Check{check}}, func(context.Context, int) Result {
			s.asleep.Add(int64(nap - 1))
			n++
			return Result{}
		}, "0s starting", "0s healthy")
		if n != 1 {
			s.Errorf("%d probes", n)
		}
	})
}

// TestWatchOrder: what has happened comes before what is due.
func TestWatchOrder(t *testing.T) {
	for range 20 { // or chance may hide it
		shows(t, "a stop before a start", func(s *show) {
			service := s.service(nil)
			service.Start = func(context.Context) error { s.Error("started"); return nil }
			service.Report = func(p Snapshot) {
				if p.State == StateBackoff { // with no wait
					s.events <- stopIt
				}
			}
			s.events <- start
			s.events <- killed
			watch(s.Context(), Config{Restart: always}, service, s.events, half)
		})
	}
	shows(t, "an end before the failure that it caused", func(s *show) {
		c := Config{Checks: []Check{{Interval: time.Minute}}, OnUnhealthy: ReactRestart}
		s.run(time.Hour, c, func(context.Context, int) Result {
			s.events <- killed
			return Result{Kind: Failure}
		}, "0s starting", "0s exited")
	})
	shows(t, "an old result is not the new run's", func(s *show) {
		c := Config{Checks: []Check{{Interval: time.Minute}}, OnUnhealthy: ReactRestart}
		n := 0
		s.after(10*time.Second, stopIt)
		s.run(time.Hour, c, func(context.Context, int) Result {
			if n++; n > 1 {
				return Result{}
			}
			s.events <- restartIt
			s.events <- exit(0)
			return Result{Kind: Failure}
		}, "0s starting", "0s stopping", "0s stop", "0s created", "0s start", "0s starting", "0s exited")
	})
}

// TestResults: the last five of each check, in snapshots that do not change.
func TestResults(t *testing.T) {
	shows(t, "", func(s *show) {
		var kept []Snapshot
		n := 0
		c := Config{Checks: []Check{{Interval: time.Second}, {Role: Readiness, Interval: time.Hour}}}
		service := s.service(func(_ context.Context, i int) Result {
			n++
			return Result{Output: strings.Repeat(string(rune('a'+n)), 10000), CPU: time.Duration(n), Peak: 7}
		})
		service.Report = func(p Snapshot) { kept = append(kept, p) }
		ctx, cancel := context.WithTimeout(s.Context(), 9*time.Second)
		defer cancel()
		s.events <- Event{Kind: Started}
		watch(ctx, c, service, s.events, half)
		for i, p := range kept {
			for j, list := range p.Results {
				if total := p.Checks[j].Total[Success]; len(list) != min(KeptResults, int(total)) {
					s.Errorf("snapshot %d, check %d: %d results of %d", i, j, len(list), total)
				}
				for k, r := range list {
					if len(r.Output) != MaxOutput || r.Output[0] != byte('a'+r.CPU) || r.Peak != 7 || r.Check != j || k > 0 && r.CPU <= list[k-1].CPU {
						s.Errorf("snapshot %d, check %d, result %d: %d bytes, %v", i, j, k, len(r.Output), r.CPU)
					}
				}
			}
		}
		if len(kept) < 8 {
			s.Errorf("%d snapshots", len(kept))
		}
	})
}
