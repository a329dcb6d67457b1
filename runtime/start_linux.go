package runtime

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"time"

	"golang.org/x/sys/unix"
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
	conn := c.conn
	if conn == nil {
		var err error
		if conn, err = openGate(c.dir.Gate()); err != nil {
			return fmt.Errorf("open the gate: %w", err)
		}
	}
	defer conn.Close()
	// It is through: if we are killed now the container is not "created" for
	// ever. A second start finds no gate.
	if err := ignore(os.Remove(c.dir.Gate()), fs.ErrNotExist); err != nil {
		return err
	}
	if err := c.follow(); err != nil {
		return err
	}
	if err := passed(conn); err != nil {
		return err
	}
	c.executed()
	return nil
}

// follow reads what init says of its steps until execve closes its end. A
// container that another process created has nobody to say it to.
func (c *Container) follow() error {
	if c.channel.f == nil {
		return nil
	}
	for {
		m, err := c.channel.receive()
		if errors.Is(err, io.EOF) || errors.Is(err, unix.ECONNRESET) {
			return nil
		}
		if err == nil {
			err = c.handle(m)
		}
		if err != nil {
			return err
		}
	}
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
