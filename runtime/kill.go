package runtime

import (
	"errors"
	"fmt"

	"github.com/opencontainers/runtime-spec/specs-go"
	"golang.org/x/sys/unix"

	"mini/runtime/state"
)

// ErrNotRunning says that the container's process has ended.
var ErrNotRunning = errors.New("container not running")

// ErrRunning says that the container's process has not ended.
var ErrRunning = errors.New("container is running")

// Kill sends a signal to the first process of a container.
func Kill(root, id string, sig unix.Signal) error {
	d, err := state.Open(root, id)
	if err != nil {
		return err
	}
	r, err := d.Load()
	if err != nil {
		return err
	}
	err = identity{r.Pid, r.Start}.signal(sig)
	if errors.Is(err, unix.ESRCH) {
		return fmt.Errorf("kill %q: %w", id, ErrNotRunning)
	}
	return err
}

// Delete clears a container away: a stopped one, one that was never started,
// or with force a running one, whose supervisor will not restart it.
func Delete(root, id string, force bool) error {
	d, err := state.Open(root, id)
	if err != nil {
		return err
	}
	r, err := d.Load()
	if err != nil {
		return err
	}
	if s := status(d, r); !force && (s == specs.StateRunning || s == statePaused || s == specs.StateCreating) {
		return fmt.Errorf("delete %q: %w", id, ErrRunning)
	}
	if err := d.AskStop(); err != nil {
		return err
	}
	if err := (identity{r.Pid, r.Start}).kill(); err != nil {
		return err
	}
	// If it has a supervisor, that one clears away and lets the lock go.
	if err := d.WaitLock(); err != nil {
		return ignore(err, unix.ENOENT)
	}
	return undo(d)
}
