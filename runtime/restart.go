package runtime

import (
	"errors"
	"time"

	"golang.org/x/sys/unix"

	"mini/health"
	"mini/runtime/control"
	"mini/runtime/state"
)

// Restart ends the run of a detached container, as Stop does, and begins another,
// whatever its restart policy is. It returns when that runs. Who keeps count of
// failures does not count this. One that has ended begins anew, as if it was
// started just now.
func Restart(root, id string, sig unix.Signal, grace *time.Duration) error {
	d, err := state.Open(root, id)
	if err != nil {
		return err
	}
	conn, err := dial(d, control.Request{Do: control.Restart, Signal: int(sig), Grace: grace})
	if errors.Is(err, errNoSupervisor) {
		return about(id, revive(d))
	}
	if err != nil {
		return about(id, err)
	}
	defer conn.Close()
	r, err := reply(conn)
	if err == nil && r.Ended {
		err = revive(d)
	}
	return about(id, err)
}

// parting is how one run is to be ended, if otherwise than the last of all.
type parting struct {
	sig   unix.Signal
	grace time.Duration
}

// again is the supervisor's side of Restart. While the first run is being started
// nobody hears it yet, nor has to: that start is one that comes after the request.
func (s *supervisor) again(sig unix.Signal, grace *time.Duration) {
	if sig == 0 {
		sig = unix.SIGTERM
	}
	s.mu.Lock()
	begun := s.begun
	if begun && s.asked == 0 { // or its end was asked for, which wins
		s.parting, s.by = &parting{sig, graceOr(grace, s.Grace)}, "mini restart"
	}
	s.mu.Unlock()
	if begun {
		s.events <- health.Event{Kind: health.RestartRequested}
	}
}

// part tells by which signal this run is to be ended, and how long it may take.
func (s *supervisor) part() (unix.Signal, time.Duration) {
	s.mu.Lock()
	defer s.mu.Unlock()
	p := s.parting
	s.parting = nil
	switch {
	case s.asked != 0:
		return s.asked, s.Grace
	case p != nil:
		return p.sig, p.grace
	}
	return unix.SIGTERM, s.Grace
}

// started counts the starts so far.
func (s *supervisor) started() int {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.starts
}
