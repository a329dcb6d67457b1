package health

import (
	"context"
	"errors"
	"math/rand/v2"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"
)

// A world simulates what Watch watches, and complains of what must not happen.
type world struct {
	t      *testing.T
	r      *rand.Rand
	events chan Event
	config Config

	mu                               sync.Mutex // of all below, and r
	running, stopping, asked, paused bool
	died                             time.Time
	exit                             *time.Timer
	probes, starts                   int
	probing                          bool
	probeEnded                       time.Time
}

// start begins a run of random length, or fails to.
func (w *world) start(context.Context) error {
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.running {
		w.t.Error("started twice")
	}
	if w.asked {
		w.t.Error("started after a stop was asked for")
	}
	if pause := time.Since(w.died); w.starts > 0 && pause < w.config.Backoff.Base/2 {
		w.t.Errorf("started %v after the last end", pause)
	}
	w.starts++
	if w.r.IntN(10) == 0 {
		w.died = time.Now()
		return errors.New("no luck")
	}
	w.running, w.stopping, w.paused = true, false, false
	status := w.r.IntN(3)
	w.exit = time.AfterFunc(w.upTo(time.Hour), func() { w.end(status) })
	return nil
}

// upTo returns a random duration. The caller holds mu.
func (w *world) upTo(d time.Duration) time.Duration { return time.Duration(w.r.Int64N(int64(d))) }

func (w *world) end(status int) {
	w.mu.Lock()
	w.running, w.died = false, time.Now()
	w.mu.Unlock()
	w.events <- Event{Kind: Exited, Status: status}
}

func (w *world) stop() {
	w.mu.Lock()
	defer w.mu.Unlock()
	if !w.running || w.stopping {
		return // it just ended by itself
	}
	w.stopping = true
	if w.exit.Stop() {
		w.exit = time.AfterFunc(w.upTo(10*time.Second), func() { w.end(143) })
	}
}

func (w *world) probe(ctx context.Context) Result {
	hangs, takes, kind := w.probeBegins()
	defer w.probeEnds()
	if hangs {
		<-ctx.Done()
		return Result{Kind: Error}
	}
	select {
	case <-time.After(takes):
	case <-ctx.Done():
	}
	return Result{Kind: kind, Output: strings.Repeat("x", 10000)}
}

func (w *world) probeBegins() (hangs bool, takes time.Duration, kind Kind) {
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.probing {
		w.t.Error("two probes at once")
	}
	if w.paused {
		w.t.Error("probe while paused")
	}
	if gap := time.Since(w.probeEnded); gap < w.config.Interval*9/10 {
		w.t.Errorf("probe %v after the last", gap)
	}
	w.probing, w.probes = true, w.probes+1
	return w.r.IntN(20) == 0, w.upTo(time.Second), Kind(w.r.IntN(3))
}

func (w *world) probeEnds() {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.probing, w.probeEnded = false, time.Now()
}

func (w *world) report(m Monitor, last Result) {
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.running && (m.Done() || m.State == StateBackoff || m.State == StateCreated) {
		w.t.Errorf("reported %s, but it runs", m.State)
	}
	if len(last.Output) > MaxOutput {
		w.t.Errorf("%d bytes of output kept", len(last.Output))
	}
}

// meddle pauses and resumes at random, and in the end asks for a stop.
func (w *world) meddle(ctx context.Context, life time.Duration) {
	for begin := time.Now(); time.Since(begin) < life; {
		w.mu.Lock()
		wait, kind := w.upTo(10*time.Minute), Paused
		w.mu.Unlock()
		select {
		case <-time.After(wait):
		case <-ctx.Done():
			return
		}
		w.mu.Lock()
		if w.paused {
			kind = Resumed
			w.paused = false
		}
		w.mu.Unlock()
		w.send(ctx, Event{Kind: kind})
		synctest.Wait()
		w.mu.Lock()
		w.paused = w.running && kind == Paused
		w.mu.Unlock()
	}
	w.mu.Lock()
	w.asked = true
	w.mu.Unlock()
	w.send(ctx, Event{Kind: StopRequested})
}

func (w *world) send(ctx context.Context, e Event) {
	select {
	case w.events <- e:
	case <-ctx.Done():
	}
}

// TestWatchForHours lives through 100 random lives of ten virtual hours.
func TestWatchForHours(t *testing.T) {
	probes, starts, failed := 0, 0, 0
	for seed := range uint64(100) {
		synctest.Test(t, func(t *testing.T) {
			r := rand.New(rand.NewPCG(seed, 1))
			w := &world{t: t, r: r, events: make(chan Event, 1), config: Config{
				Restart:     Policy{Mode: Mode(r.IntN(4)), Max: r.IntN(2) * 20},
				Backoff:     Backoff{Base: 100 * time.Millisecond, Factor: 2, Cap: time.Minute, Jitter: 0.5},
				Settled:     10 * time.Second,
				Interval:    time.Duration(1+r.IntN(30)) * time.Second,
				Timeout:     time.Duration(1+r.IntN(10)) * time.Second,
				StartPeriod: time.Duration(r.IntN(60)) * time.Second,
				Retries:     r.IntN(5),
				OnUnhealthy: Reaction(r.IntN(2)),
			}}
			ctx, cancel := context.WithCancel(t.Context())
			defer cancel()
			if w.start(ctx) == nil {
				w.events <- Event{Kind: Started}
			} else {
				w.events <- Event{Kind: StartFailed}
			}
			go w.meddle(ctx, 10*time.Hour)
			m := Watch(ctx, w.config, Service{Start: w.start, Stop: w.stop, Probe: w.probe, Report: w.report}, w.events)
			if !m.Done() || w.running || w.probing {
				t.Errorf("seed %d: over in %s, running %v, probing %v", seed, m.State, w.running, w.probing)
			}
			if max := w.config.Restart.Max; w.config.Restart.Mode == OnFailure && max > 0 && m.Restarts > max {
				t.Errorf("seed %d: %d restarts, want at most %d", seed, m.Restarts, max)
			}
			probes, starts = probes+w.probes, starts+w.starts
			if m.State == StateFailed {
				failed++
			}
		})
	}
	t.Logf("%d starts, %d probes, %d lives ended as failed", starts, probes, failed)
	if probes < 1000 || starts < 1000 || failed == 0 {
		t.Error("too little happened")
	}
}

func TestWatchTimeoutIsFailure(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		events := make(chan Event, 1)
		events <- Event{Kind: Started}
		var got []string
		var result Result
		begin := time.Now()
		Watch(t.Context(), Config{Interval: 10 * time.Second, Timeout: 3 * time.Second, Retries: 2}, Service{
			Probe: func(ctx context.Context) Result { <-ctx.Done(); return Result{Kind: Error} },
			Stop:  func() { events <- Event{Kind: Exited, Status: 137} },
			Start: func(context.Context) error { events <- Event{Kind: StopRequested}; return nil },
			Report: func(m Monitor, r Result) {
				got, result = append(got, m.State.String()), r
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
		m := Watch(ctx, Config{Interval: 30 * time.Second}, Service{
			Probe: func(ctx context.Context) Result { <-ctx.Done(); return Result{} },
		}, events)
		if m.State != StateStarting {
			t.Errorf("got %s, want starting", m.State)
		}
	})
}
