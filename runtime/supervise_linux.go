package runtime

import (
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"runtime"
	"runtime/debug"

	"golang.org/x/sys/unix"

	"mini/runtime/bundle"
	"mini/runtime/checks"
	"mini/runtime/state"
)

// Supervise is the process that stays with a detached container, from its first
// start to its end for good. Who started it is told how the start went; all
// others ask on the control socket. The result is the status to exit with.
func Supervise() int {
	unix.CloseOnExec(starterFd)
	// It is to be small rather than fast: one thread for Go code, and a heap
	// that is looked through early.
	runtime.GOMAXPROCS(1)
	debug.SetGCPercent(25)
	starter := initProcess{channel: channel{os.NewFile(starterFd, "starter")}}
	e, err := hearErrand(starter.channel)
	if err == nil {
		err = e.run(starter)
	}
	if err == nil {
		return 0
	}
	return starter.report(err)
}

// hearErrand receives what is to be done.
func hearErrand(starter channel) (e errand, err error) {
	for e.Config.Spec == nil {
		m, err := starter.receive()
		if err != nil {
			return e, err
		}
		switch m.kind {
		case msgConfig:
			err = json.Unmarshal(m.body, &e)
		case msgSpec:
			e.Config.JSON = m.body
			e.Config.Spec, err = bundle.Decode(m.body)
		}
		if err != nil {
			return e, fmt.Errorf("read message %q: %w", m.kind, err)
		}
	}
	return e, nil
}

// run supervises. Its error is why the container could not be started at first.
func (e errand) run(starter initProcess) error {
	if e.Stepped {
		e.Heartbeat.Watch.Before = starter.ask
	}
	if e.Watched {
		e.Heartbeat.Watch.After = starter.tell
	}
	if len(e.Checks) > 0 {
		spec, err := checks.Parse(e.Checks)
		if err != nil {
			return err
		}
		e.Heartbeat.Checks = spec
	}
	s := &supervisor{config: e.Config, facts: e.Facts, Heartbeat: e.Heartbeat}
	d := &detached{Detachment: e.Detachment, supervisor: s, starter: starter.channel, adopts: e.Adopts, revives: e.Revives, grace: e.Heartbeat.Grace}
	if e.Detachment.Adopt {
		d.errand = &e
	}
	s.detached, s.Say, s.Watch.Say = d, d.say, d.say
	watched, err := s.health()
	if err != nil {
		return err
	}
	own, settle := d.place()
	if err := own(); err != nil {
		return err
	}
	if err := settle(); err != nil {
		return err
	}
	runtime.LockOSThread() // as Run says
	death, err := s.run(watched)
	defer func() { // who waits for the container, or deletes it, does not wait for webhooks
		s.dir.Unlock()
		s.silence()
	}()
	if !s.begun && e.Adopts {
		return err // it waits for a better one
	}
	if !s.begun && e.Revives {
		return errors.Join(err, d.entomb())
	}
	if !s.begun {
		return errors.Join(err, d.clear())
	}
	return d.conclude(death, err)
}

// place is how it gets hold of the container's directory, and how it moves in.
func (d *detached) place() (own, settle func() error) {
	s := d.supervisor
	switch {
	case d.adopts:
		return s.inheritOrphan, d.resettle
	case d.revives:
		return s.inheritEnded, d.awaken
	}
	return s.own, d.settle
}

// settle opens the container's log and its socket.
func (d *detached) settle() error {
	d.dir = d.supervisor.dir
	if err := d.furnish(); err != nil {
		return errors.Join(err, d.clear())
	}
	return nil
}

// inherit is own in place of a supervisor that was killed.
func (s *supervisor) inherit() (err error) {
	if s.dir, err = state.Open(s.config.Root, s.config.ID); err != nil {
		return err
	}
	s.config.Kept = true
	err = s.dir.Lock(self())
	if errors.Is(err, state.ErrBusy) {
		return fmt.Errorf("%w: %w", err, unix.EALREADY) // the errno is what crosses
	}
	if err != nil {
		return err
	}
	return s.config.keepOverlay(s.dir)
}

// inheritOrphan is inherit for a container that waits to be adopted. Another supervisor
// may have come and gone since we were sent: then its end is known.
func (s *supervisor) inheritOrphan() error {
	if err := s.inherit(); err != nil {
		return err
	}
	if hasEnded(s.dir) == nil {
		return fmt.Errorf("has ended: %w", unix.EALREADY) // the errno is what crosses
	}
	return nil
}

// resettle is settle in place of such a one.
func (d *detached) resettle() error {
	d.dir = d.supervisor.dir
	if err := ignore(os.Remove(d.dir.Control()), fs.ErrNotExist); err != nil {
		return err
	}
	return d.furnish()
}
