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
	e, err := recallErrand(d)
	if err != nil {
		return err
	}
	for end := time.Now().Add(patience); ; time.Sleep(time.Millisecond) {
		err := (&Container{Plan: &Plan{}}).entrust(e)
		switch {
		case errors.Is(err, unix.EALREADY) && !orphaned(d):
			return nil // another was quicker
		case errors.Is(err, unix.EALREADY) && time.Now().Before(end):
			// So it is, or a child of the dead one still has its lock, on the way to
			// its own program.
		case err != nil:
			return fmt.Errorf("adopt: %w", err)
		default:
			return nil
		}
	}
}

// recallErrand is the errand of the supervisor that was killed, with the
// configuration as it is now.
func recallErrand(d *state.Dir) (e errand, err error) {
	text, err := d.Errand()
	if err != nil {
		return e, err
	}
	if err := json.Unmarshal(text, &e); err != nil {
		return e, fmt.Errorf("read the supervisor's errand: %w", err)
	}
	if e.Config.JSON, err = d.Config(); err != nil {
		return e, err
	}
	if e.Config.Spec, err = bundle.Decode(e.Config.JSON); err != nil {
		return e, err
	}
	e.Adopts, e.Watched, e.Stepped = true, false, false
	if t := e.Heartbeat.Timeout; t > 0 {
		e.Heartbeat.Timeout = max(t-time.Since(e.Begun), 1)
	}
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
