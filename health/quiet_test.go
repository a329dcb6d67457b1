package health

import (
	"context"
	"testing"
	"testing/synctest"
	"time"
	"unsafe"
)

// TestWatchSleeps: there is no ticker. Each time that Watch wakes it reads the
// clock, so this counts how often it does.
func TestWatchSleeps(t *testing.T) {
	for _, c := range []struct {
		name   string
		checks []Check
		most   int // wakes in a day, give or take what a start takes
	}{
		{"no checks", nil, 0},
		{"told, if anything", []Check{{Push: true}, {Push: true, Quiet: true, Interval: time.Second}, {Role: Startup, Push: true}}, 0},
		{"probed once an hour", []Check{{Interval: time.Hour}}, 24 * 110 / 100},
	} {
		t.Run(c.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				ctx, cancel := context.WithTimeout(t.Context(), 24*time.Hour)
				defer cancel()
				reads, probes, begin := 0, 0, time.Now()
				events := make(chan Event, 1)
				events <- Event{Kind: Started}
				Watch(ctx, Config{Checks: c.checks}, Service{
					Probe:    func(context.Context, int) Result { probes++; return Result{} },
					Boottime: func() time.Duration { reads++; return time.Since(begin) },
				}, events)
				if probes > c.most || reads > 10+10*probes {
					t.Errorf("%d probes, want at most %d; the clock was read %d times", probes, c.most, reads)
				}
			})
		})
	}
}

// TestSmall: what is kept for one service with three checks, results apart.
func TestSmall(t *testing.T) {
	size := unsafe.Sizeof(Monitor{}) + unsafe.Sizeof(Config{}) + 3*(unsafe.Sizeof(CheckState{})+unsafe.Sizeof(Check{}))
	if size > 1500 {
		t.Errorf("%d bytes, want at most 1500", size)
	}
	m, _ := follow(New(reference(ReactNone)), start, ok, ok1, ok2)
	e := at(time.Hour, ok1)
	if n := testing.AllocsPerRun(100, func() { m.Step(e, half) }); n > 3 {
		t.Errorf("a step allocates %v times, want at most 3", n)
	}
	t.Logf("%d bytes", size)
}
