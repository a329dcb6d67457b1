package health

import (
	"context"
	"errors"
	"math/rand/v2"
	"strings"
	"time"
)

// A Service is what Watch works on.
type Service struct {
	// Start starts the service again and returns when it runs, or why it does not.
	Start func(ctx context.Context) error
	// Stop begins to end the service and returns at once; Exited has to follow.
	Stop func()
	// Probe asks the service. It has to return soon after ctx is done. It is not
	// called if the Interval is 0, and never twice at a time.
	Probe func(ctx context.Context) Result
	// Report, if not nil, is told of each change of state, with the last result.
	Report func(m Monitor, last Result)
}

// Watch runs a service's life from the first event on, which is Started or
// StartFailed, until the service has ended for good or ctx is done. The service
// is not stopped when ctx is done, but a probe is. Watch fills in the Uptime of
// events. It calls the functions of the service from its own goroutine, except
// Probe, and has ended every goroutine when it returns.
func Watch(ctx context.Context, c Config, s Service, events <-chan Event) Monitor {
	w := &watcher{ctx: ctx, service: s, config: c, monitor: New(c)}
	defer w.close()
	for !w.monitor.Done() {
		select {
		case <-ctx.Done():
			return w.monitor
		case e := <-events:
			w.step(e)
		case <-w.wait.due():
			w.wait.clear()
			w.step(Event{Kind: BackoffOver})
		case <-w.next.due():
			w.startProbe()
		case r := <-w.result:
			w.takeResult(r)
		}
	}
	return w.monitor
}

// A watcher is the state of one Watch.
type watcher struct {
	ctx     context.Context
	config  Config
	service Service
	monitor Monitor
	started time.Time // the last time
	last    Result

	wait, next alarm              // the end of the back-off, the next probe
	result     chan Result        // of the probe that runs, nil if none does
	cancel     context.CancelFunc // ends that probe
}

func (w *watcher) step(e Event) {
	if e.Kind == Started {
		w.started = time.Now()
	}
	e.Uptime = time.Since(w.started)
	var actions []Action
	w.monitor, actions = w.monitor.Step(e, rand.Float64)
	for _, a := range actions {
		w.do(a)
	}
}

func (w *watcher) do(a Action) {
	switch a.Kind {
	case StartProbe:
		w.next.set(a.Delay)
	case EndProbe:
		w.next.clear()
		w.endProbe()
	case Start:
		w.start()
	case Stop:
		w.service.Stop()
	case Wait:
		w.wait.set(a.Delay)
	case Report:
		if w.service.Report != nil {
			m := w.monitor
			m.State = a.State // a step may pass through two
			w.service.Report(m, w.last)
		}
	}
}

func (w *watcher) start() {
	kind := Started
	if err := w.service.Start(w.ctx); err != nil {
		kind = StartFailed
	}
	w.step(Event{Kind: kind})
}

// startProbe runs a probe in a goroutine of its own.
func (w *watcher) startProbe() {
	w.next.clear()
	ctx, cancel := limit(w.ctx, w.config.Timeout)
	result := make(chan Result, 1)
	go func() { result <- probe(ctx, w.service.Probe) }()
	w.result, w.cancel = result, cancel
}

// limit returns a context that ends after d, if d is not 0.
func limit(ctx context.Context, d time.Duration) (context.Context, context.CancelFunc) {
	if d == 0 {
		return context.WithCancel(ctx)
	}
	return context.WithTimeout(ctx, d)
}

func (w *watcher) takeResult(r Result) {
	w.cancel()
	w.result = nil
	w.last = r
	w.step(Event{Kind: [...]EventKind{ProbeSucceeded, ProbeFailed, ProbeErrored}[r.Kind]})
}

func (w *watcher) close() {
	w.wait.clear()
	w.next.clear()
	w.endProbe()
}

// endProbe ends the probe that runs, if one does, waits for it and drops its
// result.
func (w *watcher) endProbe() {
	if w.result == nil {
		return
	}
	w.cancel()
	<-w.result
	w.result = nil
}

// probe calls f and completes its result. A probe that had to be ended for the
// time it took has failed, whatever it says.
func probe(ctx context.Context, f func(context.Context) Result) Result {
	begin := time.Now()
	r := f(ctx)
	r.Duration = time.Since(begin)
	if errors.Is(ctx.Err(), context.DeadlineExceeded) {
		r.Kind = Failure
	}
	if len(r.Output) > MaxOutput {
		r.Output = strings.Clone(r.Output[:MaxOutput]) // lets go of the rest
	}
	return r
}

// An alarm is a timer that may be off.
type alarm struct{ timer *time.Timer }

// due returns the channel to wait on, nil if the alarm is off.
func (a *alarm) due() <-chan time.Time {
	if a.timer == nil {
		return nil
	}
	return a.timer.C
}

func (a *alarm) set(d time.Duration) {
	a.clear()
	a.timer = time.NewTimer(d)
}

func (a *alarm) clear() {
	if a.timer != nil {
		a.timer.Stop()
		a.timer = nil
	}
}
