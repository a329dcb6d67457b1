package runtime

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"time"

	"golang.org/x/sys/unix"

	"mini/namespaces/calls"
	"mini/runtime/process"
)

// Start opens the gate. It returns when the program runs, or with the reason
// why it does not; then nothing of the container is left.
func (c *Container) Start() error {
	err := c.pass()
	if err == nil {
		err = c.Plan.execute(Poststart, c.watch, c.dir.Journal)
	}
	if err != nil {
		return errors.Join(err, c.dismantle())
	}
	return nil
}

// pass goes through the gate with the last steps in sight.
func (c *Container) pass() error {
	if c.inside == nil {
		return c.knock()
	}
	if err := c.inside.last(); err != nil {
		return err
	}
	c.executed()
	return nil
}

// maxLastWords, in bytes, is more than a hand can answer. Who is inside may not be
// what we have put there any more.
const maxLastWords = 16 << 20

// knock is pass for a container that another process has created.
func (c *Container) knock() error {
	root, _ := process.HoldRoot(c.Record.Pid) // a hand that has failed is gone when it has told
	defer root.Close()
	conn, err := openGate(c.dir.Gate())
	if err != nil {
		return fmt.Errorf("open the gate: %w", err)
	}
	defer conn.Close()
	if err := c.shutGate(); err != nil {
		return err
	}
	text, err := io.ReadAll(io.LimitReader(conn, maxLastWords))
	if err != nil || len(text) == 0 {
		return err
	}
	if a, is := calls.ReadAnswer(text); is {
		return c.failed(a, root)
	}
	return unpack(text)
}

// shutGate is for who is through: if we are killed now the container is not
// "created" for ever. A second start finds no gate.
func (c *Container) shutGate() error {
	return ignore(os.Remove(c.dir.Gate()), fs.ErrNotExist)
}

// executed tells the watch of the one step that cannot report its own end.
func (c *Container) executed() {
	if c.watch.After == nil {
		return
	}
	for i := len(c.Plan.Steps) - 1; i >= 0; i-- {
		if s := c.Plan.Steps[i]; s.Stage == Last {
			c.watch.After(i, s, time.Since(c.told))
			return
		}
	}
}

// Wait blocks until the container's first process has ended, without polling,
// and reaps it. Nothing of the container has been removed then.
func (c *Container) Wait() (unix.WaitStatus, unix.Rusage, error) {
	if c.adopted {
		status, err := c.awaitOther()
		return status, unix.Rusage{}, err
	}
	return reap(c.Record.Pid)
}

// Signal sends sig to the container's first process.
func (c *Container) Signal(sig unix.Signal) error {
	if c.Pidfd == nil {
		return unix.ESRCH
	}
	return unix.PidfdSendSignal(int(c.Pidfd.Fd()), sig, nil, 0)
}

// Kill ends every process of the container at once.
func (c *Container) Kill() error {
	if c.Plan.group != nil {
		return c.Plan.group.Kill()
	}
	return c.Signal(unix.SIGKILL)
}

// Remove clears the container away, running or not.
func (c *Container) Remove() error { return c.dismantle() }
