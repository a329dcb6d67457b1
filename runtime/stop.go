package runtime

import (
	"errors"
	"fmt"
	"time"

	"golang.org/x/sys/unix"

	"mini/cgroups"
	"mini/runtime/control"
	"mini/runtime/state"
)

// DefaultGrace is the time from being asked to end to being killed, where
// nothing else is said.
const DefaultGrace = 10 * time.Second

// Stop ends a container for good and returns when it has ended: sig, then after
// the grace SIGKILL. sig 0 is SIGTERM, a nil grace the one the container was
// started with. One that has ended is fine.
func Stop(root, id string, sig unix.Signal, grace *time.Duration) error {
	d, err := state.Open(root, id)
	if err != nil {
		return err
	}
	if err := d.AskStop(); err != nil {
		return err
	}
	conn, err := dial(d, control.Request{Do: control.Stop, Signal: int(sig), Grace: grace})
	if errors.Is(err, errNoSupervisor) {
		return about(id, stopAlone(d, sig, grace))
	}
	if err != nil {
		return about(id, err)
	}
	defer conn.Close()
	_, err = reply(conn)
	return about(id, err)
}

// stopAlone is for a container without a supervisor to ask: one that was
// created to be left alone, or one of a mini run in some terminal, which sees
// that its end was asked for.
func stopAlone(d *state.Dir, sig unix.Signal, grace *time.Duration) error {
	r, err := d.Load()
	if err != nil || r.Exit != nil {
		return err
	}
	if sig == 0 {
		sig = unix.SIGTERM
	}
	init := identity{r.Pid, r.Start}
	if within := graceOr(grace, DefaultGrace); within > 0 && !deaf(r.Pid, sig) {
		if err := init.signal(sig); err != nil {
			return ignore(err, unix.ESRCH)
		}
		if gone, err := init.wait(within); gone || err != nil {
			return err
		}
	}
	if err := init.kill(); err != nil {
		return err
	}
	return killRest(r)
}

// killRest ends what a container without a pid namespace leaves behind.
func killRest(r state.Record) error {
	if r.Cgroup == "" {
		return nil
	}
	g, err := cgroups.Open(r.Cgroup)
	if err != nil {
		return ignore(err, unix.ENOENT)
	}
	defer g.Close()
	if err := g.Kill(); err != nil && !errors.Is(err, unix.ENODEV) { // removed meanwhile
		return fmt.Errorf("kill the cgroup: %w", err)
	}
	return nil
}

func graceOr(grace *time.Duration, other time.Duration) time.Duration {
	if grace != nil {
		return *grace
	}
	return other
}

// end is the supervisor's side of Stop. A second call can only shorten the
// grace.
func (s *supervisor) end(sig unix.Signal, grace *time.Duration) {
	if sig == 0 {
		sig = unix.SIGTERM
	}
	s.mu.Lock()
	if s.asked == 0 {
		s.Grace = graceOr(grace, s.Grace)
	}
	within := graceOr(grace, s.Grace)
	s.mu.Unlock()
	s.ask(sig, "mini stop")
	time.AfterFunc(within, s.kill)
}
