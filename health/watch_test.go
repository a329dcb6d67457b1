package health

import (
	"context"
	"strings"
	"testing"
	"testing/synctest"
	"time"
)

func TestWatchTimeoutIsFailure(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		events := make(chan Event, 1)
		events <- Event{Kind: Started}
		var got []string
		var result Result
		begin := time.Now()
		Watch(t.Context(), Config{
			Checks:      []Check{{Delay: 10 * time.Second, Interval: 10 * time.Second, Timeout: 3 * time.Second, Failures: 2}},
			OnUnhealthy: ReactRestart,
		}, Service{
			Probe: func(ctx context.Context, _ int) Result { <-ctx.Done(); return Result{Kind: Error} },
			Stop:  func() { events <- Event{Kind: Exited, Exit: Exit{Signal: 9}} },
			Start: func(context.Context) error { events <- Event{Kind: StopRequested}; return nil },
			Report: func(s Snapshot) {
				if s.Changed() {
					got = append(got, s.State.String())
				}
				result, _ = s.Last()
			},
		}, events)
		if want := "starting unhealthy stopping backoff created starting stopping exited"; strings.Join(got, " ") != want {
			t.Errorf("got  %s\nwant %s", strings.Join(got, " "), want)
		}
		if result.Kind != Failure || result.Duration != 3*time.Second {
			t.Errorf("got %v after %v", result.Kind, result.Duration)
		}
		if d := time.Since(begin); d < 24*time.Second || d > 28*time.Second {
			t.Errorf("took %v, want 26 s give or take 2", d)
		}
	})
}

// TestWatchEndsWithContext leaves no goroutine, or synctest would complain.
func TestWatchEndsWithContext(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
		defer cancel()
		events := make(chan Event, 1)
		events <- Event{Kind: Started}
		m := Watch(ctx, Config{Checks: []Check{{Delay: 30 * time.Second, Interval: 30 * time.Second}}}, Service{
			Probe: func(ctx context.Context, _ int) Result { <-ctx.Done(); return Result{} },
		}, events)
		if m.State != StateStarting {
			t.Errorf("got %s, want starting", m.State)
		}
	})
}
