package runtime

import (
	"errors"
	"fmt"

	"github.com/opencontainers/runtime-spec/specs-go"
	"golang.org/x/sys/unix"
)

// Leave creates a container that outlives this process. It waits for Start.
func Leave(c Config, f Facts, w Watch) error {
	created, err := leave(c, f, w)
	if err == nil {
		created.close()
	}
	return err
}

// LeaveRunning is Leave and Start: the container runs on by itself, nobody
// waits for it, and its directory stays until it is deleted.
func LeaveRunning(c Config, f Facts, w Watch) error {
	created, err := leave(c, f, w)
	if err != nil {
		return err
	}
	defer created.close()
	if err := created.Start(); err != nil {
		return err
	}
	if c.Notify == nil {
		return nil
	}
	return created.passReady(created.Plan.notify.listener, c.Notify.Manager)
}

func leave(c Config, f Facts, w Watch) (*Container, error) {
	c.Detached = true
	plan, err := NewPlan(c, f)
	if err != nil {
		return nil, err
	}
	for _, warning := range plan.Warnings {
		w.say(warning.String())
	}
	return Create(plan, w)
}

// Start opens the gate of a container that another process created. It returns
// when the program runs and the poststart hooks are done. If the program cannot
// be executed the container is stopped then, and can be deleted; if a hook
// fails it is ended and cleared away (runtime-spec, runtime.md, "Lifecycle").
// manager is a service manager's NOTIFY_SOCKET or "": if the container was
// created for one, Start also waits until the program says that it is ready.
func Start(root, id, manager string, w Watch) error {
	c, status, err := load(root, id)
	if err != nil {
		return err
	}
	defer c.close()
	c.watch = w
	switch status {
	case specs.StateCreated:
	case specs.StateStopped:
		return fmt.Errorf("%q: cannot start a container that has stopped", id)
	case specs.StateCreating:
		return fmt.Errorf("%q: cannot start a container that is still being created", id)
	case statePaused:
		return fmt.Errorf("%q: cannot start a container in the paused state", id)
	default:
		return fmt.Errorf("%q: %w", id, errStarted)
	}
	listener, err := c.ready(manager)
	if err != nil {
		return err
	}
	if err := c.pass(); err != nil {
		return c.overtaken(err)
	}
	if err := c.poststart(); err != nil {
		return err
	}
	return c.passReady(listener, manager)
}

var errStarted = errors.New("cannot start an already running container")

// overtaken explains a gate that was shut in our face: another start was there
// first, or init has died meanwhile.
func (c *Container) overtaken(err error) error {
	if !errors.Is(err, unix.ECONNREFUSED) && !errors.Is(err, unix.ECONNRESET) && !errors.Is(err, unix.ENOENT) {
		return err
	}
	var step *StepError
	if errors.As(err, &step) {
		return err // init's own account, of another ENOENT
	}
	if (identity{c.Record.Pid, c.Record.Start}).alive() {
		return fmt.Errorf("%q: %w", c.Record.ID, errStarted)
	}
	return fmt.Errorf("%q: cannot start a container that has stopped: %w", c.Record.ID, err)
}

// poststart plans the hooks anew, from the frozen configuration, and runs
// those that come now.
func (c *Container) poststart() error {
	if err := c.Plan.hooks(); err != nil {
		return err
	}
	if err := c.Plan.execute(Poststart, c.watch, noJournal); err != nil {
		return errors.Join(err, c.dismantle())
	}
	return nil
}
