package runtime

import (
	"errors"
	"fmt"
	"io"
	"os"

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
	conn, err := openGate(c.dir.Gate())
	if err != nil {
		return fmt.Errorf("open the gate: %w", err)
	}
	defer conn.Close()
	// execve closes init's end of the channel.
	for {
		m, err := c.channel.receive()
		if errors.Is(err, io.EOF) || errors.Is(err, unix.ECONNRESET) {
			break
		}
		if err == nil {
			err = c.handle(m)
		}
		if err != nil {
			return err
		}
	}
	if err := passed(conn); err != nil {
		return err
	}
	return os.Remove(c.dir.Gate())
}

// Wait blocks until the container's first process has ended, without polling,
// and reaps it. Nothing of the container has been removed then.
func (c *Container) Wait() (unix.WaitStatus, unix.Rusage, error) {
	var status unix.WaitStatus
	var usage unix.Rusage
	for {
		_, err := unix.Wait4(c.Record.Pid, &status, 0, &usage)
		if !errors.Is(err, unix.EINTR) {
			return status, usage, err
		}
	}
}

// Signal sends sig to the container's first process.
func (c *Container) Signal(sig unix.Signal) error {
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
