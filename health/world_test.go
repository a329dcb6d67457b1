package health

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"strconv"
	"sync"
	"testing"
	"testing/synctest"
	"time"
)

// A world simulates what Watch watches: a service that starts slowly or not at
// all, flaps, hangs and dies, and a user who pauses, restarts and stops it, on a
// machine that sleeps at times. Its judge complains of what must not happen.
type world struct {
	config Config
	events chan Event
	ctx    context.Context

	mu    sync.Mutex // of all below
	r     *rand.Rand
	judge judge
	nature
	run     int
	running bool
	ending  bool // told to
	exit    *time.Timer
	over    context.CancelFunc // of the run
	asleep  time.Duration
	probeID int
}

// nature is what one run of the service is like.
type nature struct {
	begun  time.Time
	ready  time.Duration // answers from then on
	flaps  time.Duration // answers and does not, in turns; 0: it does not flap
	hangs  time.Duration // does not answer at all from then on
	status Exit
}

func newWorld(t *testing.T, ctx context.Context, seed uint64) *world {
	r := rand.New(rand.NewPCG(seed, 4))
	w := &world{ctx: ctx, r: r, config: randomConfig(r), events: make(chan Event, 1)}
	w.judge = newJudge(t, seed, w.config)
	return w
}

func randomConfig(r *rand.Rand) Config {
	upTo := func(d time.Duration) time.Duration { return time.Duration(r.Int64N(int64(d))) }
	c := Config{
		OnUnhealthy: []Reaction{ReactNone, ReactNone, ReactKill, ReactKill, ReactStop, ReactRestart, ReactRestart, ReactRestart}[r.IntN(8)],
		Restart:     Policy{Mode: []Mode{No, OnFailure, OnFailure, OnFailure, Always, UnlessStopped}[r.IntN(6)], Max: []int{0, 0, 5, 50}[r.IntN(4)]},
		Settled:     time.Duration(r.IntN(3)) * 10 * time.Second,
	}
	c.Restart.On.statuses[0], c.Restart.Never.statuses[0] = 1<<3, 1<<4
	if r.IntN(4) > 0 {
		c.Backoff = Backoff{Base: 100 * time.Millisecond, Factor: 1 + r.Float64(), Cap: time.Minute, Jitter: r.Float64()}
	}
	if r.IntN(3) == 0 {
		c.StartLimit = StartLimit{3 + r.IntN(3), time.Duration(1+r.IntN(20)) * time.Second}
	}
	for range r.IntN(6) {
		check := Check{
			Role: Role(r.IntN(3)), Push: r.IntN(3) == 0,
			Delay: upTo(time.Minute), Interval: time.Second + upTo(time.Minute), Timeout: time.Second + upTo(10*time.Second),
			Grace: upTo(2 * time.Minute), Failures: r.IntN(4), Successes: r.IntN(3),
		}
		check.Name = fmt.Sprint("check ", len(c.Checks))
		check.Quiet = check.Push && check.Role != Startup && r.IntN(2) == 0
		if check.Push && check.Role == Startup {
			check.Interval *= 4
		}
		c.Checks = append(c.Checks, check)
	}
	return c
}

// upTo returns a random duration. The caller holds mu.
func (w *world) upTo(d time.Duration) time.Duration { return time.Duration(w.r.Int64N(int64(d))) }

// boottime goes on while the machine sleeps.
func (w *world) boottime() time.Duration {
	w.mu.Lock()
	defer w.mu.Unlock()
	return time.Since(w.judge.begin) + w.asleep
}

// start begins a run of random length, or fails to, and may take its time.
func (w *world) start(context.Context) error {
	w.mu.Lock()
	w.judge.starting(w.running)
	slow, fails := w.upTo(2*time.Second), w.r.IntN(10) == 0
	w.mu.Unlock()
	time.Sleep(slow)
	w.mu.Lock()
	defer w.mu.Unlock()
	if fails {
		w.judge.ended(Event{Kind: StartFailed})
		return errors.New("no luck")
	}
	w.run, w.running, w.ending = w.run+1, true, false
	w.nature = w.anyNature()
	life := w.upTo(time.Hour)
	if w.r.IntN(4) == 0 {
		life = w.upTo(time.Second)
	}
	run := w.run
	w.exit = time.AfterFunc(life, func() { w.end(run, w.status) })
	var ctx context.Context
	ctx, w.over = context.WithCancel(w.ctx)
	for i, c := range w.config.Checks {
		if c.Push {
			go w.push(ctx, i, w.nature)
		}
	}
	w.judge.started()
	return nil
}

func (w *world) anyNature() nature {
	n := nature{begun: time.Now(), ready: w.upTo(time.Minute), hangs: 5*time.Minute + w.upTo(time.Hour)}
	n.status = []Exit{{Status: 1}, {Status: 3}, {Signal: 9}}[w.r.IntN(3)]
	if w.r.IntN(20) == 0 {
		n.status = []Exit{{}, {Status: 4}}[w.r.IntN(2)]
	}
	if w.r.IntN(3) == 0 {
		n.flaps = time.Second + w.upTo(5*time.Minute)
	}
	return n
}

// answers says what the service would say now.
func (n nature) answers() Kind {
	age := time.Since(n.begun)
	if age < n.ready || n.flaps > 0 && age/n.flaps%2 == 1 {
		return Failure
	}
	return Success
}

func (n nature) hung() bool { return time.Since(n.begun) > n.hangs }

func (w *world) end(run int, e Exit) {
	w.mu.Lock()
	if run != w.run || !w.running {
		w.mu.Unlock()
		return
	}
	w.running = false
	w.over()
	w.judge.ended(Event{Kind: Exited, Exit: e})
	w.mu.Unlock()
	w.send(Event{Kind: Exited, Exit: e})
}

func (w *world) stop() { w.finish(10*time.Second, Exit{Signal: 15}) }
func (w *world) kill() { w.finish(100*time.Millisecond, Exit{Signal: 9}) }

// finish has the service end soon, unless it just has by itself.
func (w *world) finish(within time.Duration, e Exit) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.judge.told(within < time.Second)
	if w.running && w.exit.Stop() {
		run := w.run
		w.exit = time.AfterFunc(w.upTo(within), func() { w.end(run, e) })
	}
	w.ending = true
}

// probe asks the service. The output is its number.
func (w *world) probe(ctx context.Context, i int) Result {
	w.mu.Lock()
	w.judge.probeBegins(i, w.running && !w.ending)
	w.probeID++
	id, hung, kind, takes := w.probeID, w.hung(), w.answers(), w.upTo(time.Second)
	w.judge.id = id
	if w.r.IntN(20) == 0 {
		kind = Error
	}
	w.mu.Unlock()
	if hung {
		<-ctx.Done()
	} else {
		select {
		case <-ctx.Done():
		case <-time.After(takes):
		}
	}
	w.mu.Lock()
	defer w.mu.Unlock()
	w.judge.probeEnds(i)
	return Result{Kind: kind, Output: strconv.Itoa(id)}
}

// push tells of the service without being asked: of a watchdog twice in an
// Interval, of trouble now and then.
func (w *world) push(ctx context.Context, i int, n nature) {
	c := w.config.Checks[i]
	for {
		w.mu.Lock()
		wait := c.Interval/4 + w.upTo(c.Interval/4)
		if c.Quiet {
			wait = w.upTo(4 * c.Interval)
		}
		w.mu.Unlock()
		select {
		case <-ctx.Done():
			return
		case <-time.After(wait):
		}
		kind := n.answers()
		if c.Quiet {
			kind = Failure
		} else if kind == Failure || n.hung() {
			continue
		}
		w.send(Event{Kind: ProbeDone, Check: i, Result: Result{Kind: kind}})
	}
}

func (w *world) send(e Event) {
	select {
	case w.events <- e:
	case <-w.ctx.Done():
	}
}

// meddle does what a user does, and lets the machine sleep; in the end it asks
// for a stop.
func (w *world) meddle(life time.Duration) {
	for begin := time.Now(); time.Since(begin) < life; {
		w.mu.Lock()
		wait, what := w.upTo(5*time.Minute), w.r.IntN(8)
		w.mu.Unlock()
		select {
		case <-time.After(wait):
		case <-w.ctx.Done():
			return
		}
		switch what {
		case 0:
			w.ask(RestartRequested)
		case 1, 2:
			w.mu.Lock()
			w.asleep += nap + w.upTo(10*time.Hour)
			w.judge.slept()
			w.mu.Unlock()
		case 3:
			w.send(Event{Kind: Extended, For: 10 * time.Second})
		default:
			w.togglePause()
		}
	}
	w.ask(StopRequested)
}

// ask sends what the user wants and waits until that is known.
func (w *world) ask(k EventKind) {
	w.mu.Lock()
	w.judge.asks(k)
	w.mu.Unlock()
	w.send(Event{Kind: k})
	synctest.Wait()
	w.mu.Lock()
	w.judge.known(k)
	w.mu.Unlock()
}

func (w *world) togglePause() {
	w.mu.Lock()
	run, kind := w.run, Paused
	if w.judge.paused {
		kind = Resumed
		w.judge.resumed()
	}
	idle := !w.running || w.ending
	w.mu.Unlock()
	if idle {
		return
	}
	w.send(Event{Kind: kind})
	synctest.Wait()
	w.mu.Lock()
	defer w.mu.Unlock()
	if kind == Paused && w.running && !w.ending && run == w.run {
		w.judge.isPaused()
	}
}
