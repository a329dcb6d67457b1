package runtime

import (
	"errors"
	"fmt"
	"io/fs"
	"time"

	"github.com/opencontainers/runtime-spec/specs-go"
	"golang.org/x/sys/unix"

	"mini/cgroups"
	"mini/runtime/control"
	"mini/runtime/state"
)

// ErrNotRunning says that the container's process has ended.
var ErrNotRunning = errors.New("container not running")

// ErrRunning says that the container's process has not ended.
var ErrRunning = errors.New("cannot delete a container that is not stopped")

// Kill sends a signal to the first process of a container, or to all of them.
// Signal 0 only looks whether it could.
func Kill(root, id string, sig unix.Signal, all bool) error {
	d, err := state.Open(root, id)
	if err != nil {
		return err
	}
	r, err := d.Load()
	if err != nil {
		return err
	}
	if all && r.Cgroup != "" {
		return killAll(r, sig)
	}
	err = identity{r.Pid, r.Start}.signal(sig)
	if errors.Is(err, unix.ESRCH) {
		return fmt.Errorf("%q: %w", id, ErrNotRunning)
	}
	return err
}

// killAll also reaches what a container without a pid namespace of its own has
// left behind. That there is nobody is no error, as with runc and crun: engines
// clear away with it.
func killAll(r state.Record, sig unix.Signal) error {
	g, err := cgroups.Open(r.Cgroup)
	if err != nil {
		return ignore(err, fs.ErrNotExist)
	}
	defer g.Close()
	_, err = g.Signal(sig)
	return err
}

// Delete clears a container away: a stopped one, one that was never started,
// or with force a running one, whose supervisor will not restart it; by force
// one that is not there is no error. say is told of poststop hooks that fail.
func Delete(root, id string, force bool, say func(string)) error {
	d, err := state.Open(root, id)
	if force && errors.Is(err, state.ErrNotFound) {
		return nil
	}
	if err != nil {
		return err
	}
	r, err := d.Load()
	if err != nil {
		return err
	}
	if s := status(d, r); !force && (s != specs.StateStopped && s != specs.StateCreated) {
		return fmt.Errorf("%q: %w: it is %s", id, ErrRunning, s)
	}
	if err := d.AskStop(); err != nil {
		return ignore(err, fs.ErrNotExist)
	}
	if conn, err := knock(d, control.Request{Do: control.Stop, Grace: new(time.Duration)}); err == nil {
		defer conn.Close() // the lock tells when it is done
	}
	if err := (identity{r.Pid, r.Start}).kill(); err != nil {
		return err
	}
	// If it has a supervisor, that one clears away and lets the lock go.
	if err := d.WaitLock(); err != nil {
		return ignore(err, unix.ENOENT)
	}
	return undo(d, say)
}
