package runtime

import (
	"context"
	"errors"
	"os"
	"runtime"
	"slices"
	"sync"
	"time"

	"golang.org/x/sys/unix"

	"mini/health"
	"mini/runtime/state"
	"mini/runtime/stdio"
	"mini/runtime/tell"
)

// Run is create, start and wait, again and again if the restart policy or a
// probe says so. It is the container's parent and supervisor: it returns the
// account of the last end, and nothing is left then.
func Run(c Config, f Facts, h Heartbeat) (Death, error) {
	// Init dies with the thread that made it, so that has to be one that
	// lasts as long as we do.
	runtime.LockOSThread()
	watched, err := h.health()
	if err != nil {
		return Death{}, err
	}
	c.Notify, c.Entered = h.notify(), h.enters()
	s := &supervisor{config: c, facts: f, Heartbeat: h}
	if h.Watched() {
		if err := s.own(); err != nil {
			return Death{}, err
		}
	}
	death, err := s.run(watched)
	s.silence()
	return death, errors.Join(err, s.leave())
}

// run is Run, for a detached container as for one that is not.
func (s *supervisor) run(watched health.Config) (Death, error) {
	s.events, s.checks = make(chan health.Event, 16), watched.Checks
	ctx, cancel := context.WithCancel(context.Background())
	defer cancel()
	if err := s.announce(); err != nil {
		return Death{}, err
	}
	s.signals = make(signals, 64)
	go s.obey()
	defer s.guarded.end()
	if s.detached != nil {
		s.protect()
	}
	start := s.start
	if s.detached != nil && s.detached.adopts {
		start = s.takeOver
	}
	if err := start(ctx); err != nil {
		return Death{}, err
	}
	s.begin()
	if s.detached != nil {
		s.detached.begun()
	} else {
		defer time.AfterFunc(guardAfter, s.protect).Stop()
	}
	s.tidy()
	if s.detached != nil {
		unburden()
	}
	final := health.Watch(ctx, watched, health.Service{
		Start: s.start, Stop: s.stop, Kill: s.kill, Probe: s.probe, Report: s.report,
		Boottime: boottime,
	}, s.events)
	death, err := s.outcome()
	if err == nil && final.State == health.StateFailed && death.Status == 0 {
		err = GaveUp{final.Reason.String(), final.Tally()}
	}
	return death, err
}

// begin tells the heartbeat of the first start, and then of what was asked and
// sent while it went on: the program may have said that it runs before we know.
func (s *supervisor) begin() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.begun = true
	s.signals.soon(s.guarded.renew) // it may have been killed
	s.events <- health.Event{Kind: health.Started}
	if s.asked != 0 {
		s.events <- health.Event{Kind: health.StopRequested}
	}
	for _, sig := range s.held {
		_ = s.now.Signal(sig) // gone meanwhile: bury knows
	}
	go s.attend(s.now, s.with) // its Exited comes after Started
}

// supervisor is Run's state. What several goroutines use is behind the lock.
type supervisor struct {
	Heartbeat
	config   Config
	facts    Facts
	events   chan health.Event
	signals  signals
	detached *detached  // nil in the foreground
	dir      *state.Dir // for all runs; nil: each has its own
	guarded  guarded
	checks   []health.Check
	teller   *tell.Teller
	upward   *upward
	chatter  chatter

	mu       sync.Mutex
	now      *Container // the one that runs
	with     company
	words    words // what its program last said of itself
	death    Death // of the last one
	err      error // of clearing it away
	starts   int
	seen     health.Snapshot // the last that the heartbeat has reported
	begun    bool            // the heartbeat knows of the first start
	held     []unix.Signal   // those that came before
	asked    unix.Signal     // the signal to end it with, once its end was asked for
	by       string          // who or what asked
	parting  *parting        // how the run of now is to end, nil: as asked
	timedOut bool
	probeCPU []time.Duration // of each check, so far
	asking   asking

	probeError  string // what was last said of a probe that could not run; of report only
	upwardError string // and of a manager that could not be told
}

// start makes the container, the first time and for each restart, always from
// the same configuration. Why a restart failed is what Run returns, if it was
// the last one.
func (s *supervisor) start(context.Context) error {
	err := s.startOnce()
	s.mu.Lock()
	s.err = err
	s.mu.Unlock()
	if err != nil && s.starts > 0 {
		s.Say(s.config.ID + ": " + Explain(err))
	}
	return err
}

func (s *supervisor) startOnce() error {
	if err := s.config.findNetwork(s.facts); err != nil {
		return err
	}
	s.chatter = chatter{} // the same words mean another run
	plan, err := NewPlan(s.config, s.facts)
	if err != nil {
		return err
	}
	if s.starts == 0 {
		for _, w := range plan.Warnings {
			s.Say(w.String())
		}
	}
	c, drain, err := s.launch(plan)
	if err != nil {
		return err
	}
	with := s.accompany(c, drain)
	s.mu.Lock()
	s.now, s.with = c, with
	if s.asked == 0 {
		s.by = ""
	}
	s.starts++
	begun := s.begun
	s.mu.Unlock()
	if begun {
		go s.attend(c, with)
	}
	return nil
}

// launch makes the container and joins its output to whatever it is to go to.
func (s *supervisor) launch(p *Plan) (*Container, func() error, error) {
	if s.detached != nil {
		return s.detached.launch(p, s.Watch)
	}
	c, err := s.create(p)
	if err != nil {
		return nil, nil, err
	}
	s.guarded.follow(c)
	if err := c.Start(); err != nil {
		return nil, nil, err
	}
	c.inside.close() // now, for to free what it was takes a while
	relay, err := attach(c)
	if err != nil || relay == nil {
		return c, func() error { return nil }, err
	}
	return c, relay.Finish, nil
}

// create tries once more where only a dead container is in the way.
func (s *supervisor) create(p *Plan) (*Container, error) {
	c, err := Create(p, s.Watch)
	if s.starts == 0 && s.onlyDead(err) {
		return Create(p, s.Watch)
	}
	return c, err
}

// onlyDead says whether err was that the name is taken, by what a killed mini
// had left: it is free now.
func (s *supervisor) onlyDead(err error) bool {
	if !errors.Is(err, state.ErrExists) {
		return false
	}
	cleared, err := GC(s.config.Root, s.Say)
	return err == nil && slices.Contains(cleared, s.config.ID)
}

// attach relays the container's terminal to ours.
func attach(c *Container) (*stdio.Relay, error) {
	relay, err := relayTo(c.Pty)
	if err != nil {
		return nil, errors.Join(err, c.Remove())
	}
	return relay, nil
}

// relayTo relays a terminal to ours, if there is one.
func relayTo(pty *os.File) (*stdio.Relay, error) {
	if pty == nil {
		return nil, nil
	}
	return stdio.Start(pty, os.Stdin, os.Stdout)
}

// bury waits for a container's end, clears it away and tells the heartbeat.
func (s *supervisor) bury(c *Container, with company) {
	status, usage, err := c.Wait()
	c.dropMounts()
	err = errors.Join(err, with.end())
	s.mu.Lock()
	by := s.by
	s.mu.Unlock()
	death := c.autopsy(status, usage, by, s.Watched() || s.detached != nil || s.config.Keep)
	death.Probes = s.lastResults(death.Started)
	if s.detached != nil {
		death.Log = s.detached.lastWords(death)
	}
	if c.dir.StopAsked() {
		s.events <- health.Event{Kind: health.StopRequested}
	}
	var config Config
	updated := false
	if s.detached != nil || s.Watched() {
		config, updated = c.updated() // for the restart
	}
	err = errors.Join(err, s.putAway(c, death))
	s.mu.Lock()
	if updated {
		s.config = config
	}
	s.now, s.death, s.err = nil, death, err
	s.mu.Unlock()
	s.mourn(death)
	s.events <- health.Event{Kind: health.Exited, Exit: exitOf(death)}
}

func (s *supervisor) setBy(by string) {
	s.mu.Lock()
	s.by = by
	s.mu.Unlock()
}

func (s *supervisor) outcome() (Death, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.err == nil && s.timedOut {
		return s.death, TimedOut{s.Timeout}
	}
	return s.death, s.err
}
