package runtime

import (
	"errors"
	"fmt"
	"os"
	"time"

	"github.com/opencontainers/runtime-spec/specs-go"
	"golang.org/x/sys/unix"

	"mini/runtime/control"
	"mini/runtime/state"
)

// ErrTooLate says that what was waited for has not come in time.
var ErrTooLate = errors.New("it took too long")

// late says for what it took too long.
func late(goal control.Goal, timeout time.Duration) error {
	wanted := "is not " + string(goal)
	if goal == control.Exit {
		wanted = "has not ended"
	}
	return fmt.Errorf("%s after %s: %w", wanted, timeout, ErrTooLate)
}

// Unknown is the exit status of a container that nobody waits for but its own
// parent: only detached ones have a supervisor that tells others.
const Unknown = -1

// Wait returns when the container is what goal says, or has ended for good, or
// with ErrTooLate after the time-out, if that is not 0.
func Wait(root, id string, goal control.Goal, timeout time.Duration) (control.Reply, error) {
	d, err := state.Open(root, id)
	if err != nil {
		return control.Reply{}, err
	}
	conn, err := dial(d, control.Request{Do: control.Wait, For: goal})
	if errors.Is(err, errNoSupervisor) {
		return waitAlone(d, goal, timeout)
	}
	if err != nil {
		return control.Reply{}, fmt.Errorf("%q: %w", id, err)
	}
	defer conn.Close()
	if timeout > 0 {
		_ = conn.SetReadDeadline(time.Now().Add(timeout))
	}
	r, err := reply(conn)
	if errors.Is(err, os.ErrDeadlineExceeded) {
		err = late(goal, timeout)
	}
	if err == nil && r.Ended && goal != control.Exit {
		err = fmt.Errorf("has ended without being %s: %s", goal, r.Death)
	}
	return r, about(id, err)
}

// waitAlone is for a container without a supervisor to ask.
func waitAlone(d *state.Dir, goal control.Goal, timeout time.Duration) (control.Reply, error) {
	r, err := d.Load()
	switch {
	case err != nil:
		return control.Reply{}, err
	case r.Exit != nil && goal != control.Exit:
		return control.Reply{}, about(d.ID, fmt.Errorf("has ended without being %s: %s", goal, r.Exit.Death))
	case goal == control.Started:
		return control.Reply{}, about(d.ID, startedAlone(d, timeout))
	case goal != control.Exit:
		return control.Reply{}, fmt.Errorf("%q: is not watched by a supervisor that could tell: only run -d starts one", d.ID)
	case r.Exit != nil:
		return ended(r), nil
	}
	gone, err := identity{r.Pid, r.Start}.wait(timeout)
	if err == nil && !gone {
		err = late(goal, timeout)
	}
	if err == nil && abandoned(d) {
		err = errDied
	}
	return control.Reply{Ended: true, Status: Unknown}, about(d.ID, err)
}

// abandoned says whether a container that has ended had a supervisor that did not
// come to write down how: only those of run -d have such a socket.
func abandoned(d *state.Dir) bool {
	r, err := d.Load()
	if err != nil || r.Exit != nil {
		return false
	}
	_, err = os.Lstat(d.Control())
	return err == nil
}

// startedAlone waits for the program of a container that somebody is creating.
func startedAlone(d *state.Dir, timeout time.Duration) error {
	for begin := time.Now(); ; time.Sleep(lull / 10) {
		r, err := d.Load()
		if err != nil {
			return err
		}
		switch s := status(d, r); s {
		case specs.StateCreating, specs.StateCreated:
		case specs.StateStopped:
			return ErrNotRunning
		default:
			return nil
		}
		if timeout > 0 && time.Since(begin) > timeout {
			return late(control.Started, timeout)
		}
	}
}

// about says which container it is that failed.
func about(id string, err error) error {
	if err == nil {
		return nil
	}
	return fmt.Errorf("%q: %w", id, err)
}

// wait returns when the process has ended, or, with false, after the time-out,
// if that is more than 0.
func (id identity) wait(timeout time.Duration) (gone bool, err error) {
	f, err := id.open()
	if errors.Is(err, unix.ESRCH) {
		return true, nil
	}
	if err != nil {
		return false, err
	}
	defer f.Close()
	if timeout <= 0 {
		return true, readable(f)
	}
	return readableWithin(f, timeout)
}

// readableWithin waits until f is readable, but not for ever.
func readableWithin(f *os.File, timeout time.Duration) (bool, error) {
	end := time.Now().Add(timeout)
	fds := []unix.PollFd{{Fd: int32(f.Fd()), Events: unix.POLLIN}}
	for {
		left := unix.NsecToTimespec(max(0, time.Until(end)).Nanoseconds())
		n, err := unix.Ppoll(fds, &left, nil)
		if !errors.Is(err, unix.EINTR) {
			return n > 0, err
		}
	}
}
