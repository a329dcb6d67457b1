package health

import (
	"context"
	"math/rand/v2"
	"slices"
	"time"
)

// A Service is what Watch works on. Watch calls its functions from its own
// goroutine, except Probe.
type Service struct {
	// Start starts the service again and returns when it runs, or why it does not.
	Start func(ctx context.Context) error
	// Stop begins to end the service, with its grace, and Kill ends it at once. Both
	// return soon; Exited has to follow.
	Stop, Kill func()
	// Probe asks the service, by the check with that index. It has to return soon
	// after ctx is done. It is never called twice at a time, nor for a Push check.
	Probe func(ctx context.Context, check int) Result
	// Report, if not nil, is told of each change and of each result.
	Report func(Snapshot)
	// Boottime, if not nil, reads a clock that goes on while the machine sleeps:
	// CLOCK_BOOTTIME (clock_gettime(2)). By it Watch knows that it did.
	Boottime func() time.Duration
}

// A Snapshot is a moment in the life of a service. It does not change and may be
// kept.
type Snapshot struct {
	Monitor
	Event    Event // what happened
	From     State // the state before
	WasReady bool  // Ready before
	// Results are the last ones of each check, KeptResults at most, oldest first.
	Results [][]Result
}

// Changed says whether there is more to tell than a result.
func (s Snapshot) Changed() bool { return s.State != s.From || s.Ready() != s.WasReady }

// Last returns the last result of all checks, or that there is none.
func (s Snapshot) Last() (last Result, ok bool) {
	for _, list := range s.Results {
		if n := len(list); n > 0 && (!ok || list[n-1].At >= last.At) {
			last, ok = list[n-1], true
		}
	}
	return last, ok
}

// Watch runs a service's life from the first event on, which is Started or
// StartFailed, until the service has ended for good or ctx is done. The service
// is not stopped when ctx is done, but a probe is. It has ended every goroutine
// when it returns. Between events and probes it sleeps.
func Watch(ctx context.Context, c Config, s Service, events <-chan Event) Monitor {
	return watch(ctx, c, s, events, rand.Float64)
}

func watch(ctx context.Context, c Config, s Service, events <-chan Event, rnd func() float64) Monitor {
	w := &watcher{
		ctx: ctx, events: events, service: s, config: c, rnd: rnd, monitor: New(c), told: New(c),
		results: make([][]Result, len(c.Checks)),
		clock:   newClock(s.Boottime),
		alarms:  newAlarms(len(c.Checks)),
		probe:   probe{result: make(chan Result, 1)},
	}
	defer w.close()
	for !w.monitor.Done() {
		select {
		case <-ctx.Done():
			return w.monitor
		case e := <-events:
			w.notice()
			w.step(e)
		case <-w.alarms.timer.C:
			w.wake()
			w.ring()
		case r := <-w.probe.result:
			w.probe.taken = true
			w.wake()
			w.take(r)
		}
		w.probeNext()
		w.alarms.set(c.Checks, w.probe.running)
	}
	return w.monitor
}

// A watcher is the state of one Watch.
type watcher struct {
	ctx     context.Context
	events  <-chan Event
	config  Config
	service Service
	rnd     func() float64
	monitor Monitor
	told    Monitor // as it was last reported
	results [][]Result
	clock   clock
	alarms  alarms
	probe   probe
}

// notice looks whether the machine slept.
func (w *watcher) notice() {
	if slept := w.clock.slept(); slept > 0 {
		w.step(Event{Kind: Suspended, For: slept})
	}
}

// wake comes before anything is judged by time or by a probe. A stop that was
// asked for has to be known before the next start, and an end before the
// failure of a probe.
func (w *watcher) wake() {
	w.notice()
	for !w.monitor.Done() {
		select {
		case e := <-w.events:
			w.step(e)
		default:
			return
		}
	}
}

func (w *watcher) step(e Event) {
	e.At = w.clock.now()
	if e.Kind == ProbeDone {
		w.keep(&e)
	}
	var actions []Action
	w.monitor, actions = w.monitor.Step(e, w.rnd)
	told := false
	for _, a := range actions {
		told = told || a.Kind == Report
		w.do(a, e)
	}
	if e.Kind == ProbeDone && !told {
		w.report(w.monitor, e)
	}
}

func (w *watcher) do(a Action, e Event) {
	switch a.Kind {
	case Schedule:
		w.alarms.checks[a.Check] = time.Now().Add(a.Delay)
	case Unschedule:
		w.alarms.checks[a.Check] = time.Time{}
	case EndProbes:
		clear(w.alarms.checks)
		w.probe.end()
	case Start:
		w.start()
	case Stop:
		w.service.Stop()
	case Kill:
		w.service.Kill()
	case Wait:
		w.alarms.wait = time.Now().Add(a.Delay)
	case Report:
		m := w.monitor
		m.State = a.State // a step may pass through two
		w.report(m, e)
	}
}

func (w *watcher) start() {
	kind := Started
	if err := w.service.Start(w.ctx); err != nil {
		kind = StartFailed
	}
	w.notice()
	w.step(Event{Kind: kind})
}

// ring does what is due, probes apart.
func (w *watcher) ring() {
	if due(w.alarms.wait) {
		w.alarms.wait = time.Time{}
		w.step(Event{Kind: BackoffOver})
	}
	for i, c := range w.config.Checks {
		if c.Push && due(w.alarms.checks[i]) {
			w.alarms.checks[i] = time.Time{}
			w.step(Event{Kind: ProbeDone, Check: i, Result: c.silence()})
		}
	}
}

// probeNext begins the probe that has been due for longest, unless one runs.
func (w *watcher) probeNext() {
	if i := w.alarms.first(w.config.Checks); i >= 0 && !w.probe.running {
		w.alarms.checks[i] = time.Time{}
		w.probe.begin(w.ctx, i, w.config.Checks[i].Timeout, w.service.Probe)
	}
}

// take takes what the probe came to, unless it was dropped meanwhile.
func (w *watcher) take(r Result) {
	if w.probe.running && w.ctx.Err() == nil {
		w.probe.end()
		if r.Kind != Moot {
			w.step(Event{Kind: ProbeDone, Check: r.Check, Result: r})
		}
	}
}

// keep adds a result to the last ones of its check. Snapshots share the slices,
// so they are made anew; and equal outputs are one string.
func (w *watcher) keep(e *Event) {
	if e.Check < 0 || e.Check >= len(w.results) {
		return
	}
	e.Result.Check, e.Result.At = e.Check, e.At
	e.Result.Output = cut(e.Result.Output)
	old := w.results[e.Check]
	if n := len(old); n > 0 && old[n-1].Output == e.Result.Output {
		e.Result.Output = old[n-1].Output
	}
	kept := make([]Result, 0, KeptResults)
	kept = append(append(kept, old[max(0, len(old)-KeptResults+1):]...), e.Result)
	w.results = slices.Clone(w.results)
	w.results[e.Check] = kept
}

func (w *watcher) report(m Monitor, e Event) {
	if w.service.Report != nil {
		w.service.Report(Snapshot{Monitor: m, Event: e, From: w.told.State, WasReady: w.told.Ready(), Results: w.results})
	}
	w.told = m
}

func (w *watcher) close() {
	w.alarms.timer.Stop()
	w.probe.end()
}
