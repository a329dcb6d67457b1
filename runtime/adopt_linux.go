package runtime

import (
	"encoding/json"
	"errors"
	"fmt"
	"time"

	"golang.org/x/sys/unix"

	"mini/runtime/bundle"
	"mini/runtime/state"
)

// ErrWatched says that a container has a supervisor, or is none that waits for
// one.
var ErrWatched = errors.New("there is nothing to adopt: it has a supervisor, has ended, or was not started with --on-supervisor-death adopt")

// Adopt starts a supervisor for a container whose own was killed.
func Adopt(root, id string) error {
	d, err := state.Open(root, id)
	if err != nil {
		return err
	}
	if !orphaned(d) {
		return about(id, ErrWatched)
	}
	return about(id, adopt(d))
}

// orphaned says whether a container waits to be adopted.
func orphaned(d *state.Dir) bool {
	if !d.Adoptable() {
		return false
	}
	owner, err := parseIdentity(d.Owner())
	if err == nil && owner.alive() {
		return false
	}
	r, err := d.Load()
	return err == nil && r.Exit == nil
}

// adopt starts a supervisor, unless another process is quicker.
func adopt(d *state.Dir) error {
	text, err := d.Errand()
	if err != nil {
		return err
	}
	e, err := recallErrand(d, text)
	if err != nil {
		return err
	}
	e.Adopts = true
	if t := e.Heartbeat.Timeout; t > 0 {
		e.Heartbeat.Timeout = max(t-time.Since(e.Begun), 1)
	}
	if err := succeed(d, e, orphaned); err != nil {
		return fmt.Errorf("adopt: %w", err)
	}
	return nil
}

// succession is how long one supervisor may take to come after another, on a machine
// that has much else to do: from its first system call to its socket, or until the last
// child of the dead one has let go of the lock.
const succession = 20 * time.Second

// succeed starts the supervisor that comes after another, as long as one is wanted:
// another process may be quicker. Each try is a process, so they get rarer.
func succeed(d *state.Dir, e errand, wanted func(*state.Dir) bool) error {
	end, pause := time.Now().Add(succession), time.Millisecond
	for ; ; time.Sleep(pause) {
		pause = min(2*pause, 50*time.Millisecond)
		err := (&Container{Plan: &Plan{}}).entrust(e)
		switch {
		case errors.Is(err, unix.EALREADY) && !wanted(d):
			return nil
		case errors.Is(err, unix.EALREADY) && time.Now().Before(end):
			// Another is about to, or a child of the dead one still has its lock, on
			// the way to its own program.
		default:
			return err
		}
	}
}

// recallErrand reads the errand of a supervisor that is gone, with the
// configuration as it is now.
func recallErrand(d *state.Dir, text []byte) (e errand, err error) {
	if err := json.Unmarshal(text, &e); err != nil {
		return e, fmt.Errorf("read the supervisor's errand: %w", err)
	}
	if e.Config.JSON, err = d.Config(); err != nil {
		return e, err
	}
	if e.Config.Spec, err = bundle.Decode(e.Config.JSON); err != nil {
		return e, err
	}
	e.Adopts, e.Revives, e.Watched, e.Stepped = false, false, false, false
	return e, nil
}

// adoptAll gives a supervisor to those that wait for one.
func adoptAll(root string, ids []string, say func(string)) error {
	var failed []error
	for _, id := range ids {
		d, err := state.Open(root, id)
		if err != nil || !orphaned(d) {
			continue // gone meanwhile, or well
		}
		err = adopt(d)
		if err == nil {
			say("adopted " + id + ", whose supervisor was killed")
		}
		failed = append(failed, about(id, err))
	}
	return errors.Join(failed...)
}
