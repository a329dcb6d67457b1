package namespaces

import (
	"errors"
	"fmt"
	"os"

	"golang.org/x/sys/unix"
)

// Child is the process to be started: what the caller wants, filled in before
// the first op, and what became of it.
type Child struct {
	// Exe is the program; a descriptor opened with O_PATH will do.
	Exe *os.File
	// Args and Env are as of execve(2); Args[0] is the program's own name.
	Args, Env []string
	// Files become descriptors 0, 1, 2 …; nil leaves a number closed. Every
	// other descriptor is closed.
	Files []*os.File
	// Cgroup is the directory of the cgroup to be born in, nil for ours.
	Cgroup *os.File
	// Nofile is RLIMIT_NOFILE as the caller of this program had it. If nil and
	// Go has raised the soft limit, that becomes 1024.
	Nofile *unix.Rlimit
	// Pdeathsig is sent to the process when the thread that started it ends
	// (PR_SET_PDEATHSIG(2const)), 0 for none. See os/exec for what that asks of
	// the caller: runtime.LockOSThread.
	Pdeathsig unix.Signal
	// Slack is the timer slack that the process begins with, in nanoseconds, which
	// its threads inherit (PR_SET_TIMERSLACK(2const)); 0: ours. It can get ours back
	// by setting it to 0.
	Slack uintptr
	// Straight has a process that needs nothing of us (no id maps, no second clone) go
	// on to its program without waiting for the last op. It is for programs that end
	// when we do.
	Straight bool
	// Ahead lets the last op return as soon as the process may go on; the caller
	// does something else and calls Await then. The op waits all the same where
	// it has to learn the pid.
	Ahead bool

	// Pid and Pidfd are the process, from the clone op on. If a second clone
	// is needed they are those of its helper until the last op.
	Pid   int
	Pidfd *os.File

	link    int      // our end of the socket to it, while linked
	names   []string // of its steps
	waiting bool     // cloned and not yet released
	going   bool     // released, and not yet known to run its program
	again   bool
	pad     pad // nil without a second clone
}

// clone starts the process and returns when it waits for its id maps.
func (c *Child) clone(r route) error {
	if err := c.check(r); err != nil {
		return err
	}
	r, joined, err := openJoins(r)
	defer closeAll(joined)
	if err != nil {
		return err
	}
	res, err := c.prepare()
	defer res.close()
	if err != nil {
		return err
	}
	res.joins = joined
	if err := c.spawn(r, res); err != nil {
		c.pad.free()
		return err
	}
	if r.again {
		return c.awaitReady()
	}
	return nil
}

// check refuses what was not filled in.
func (c *Child) check(r route) error {
	switch {
	case c.Exe == nil:
		return errors.New("no program to start")
	case len(c.Args) == 0:
		return errors.New("no name for the program")
	case r.cgroup && c.Cgroup == nil:
		return errors.New("no cgroup to be born in")
	case c.waiting || c.going:
		return errors.New("a process was started already")
	}
	return nil
}

// release says go.
func (c *Child) release() error {
	if !c.waiting {
		return errors.New("no process is waiting")
	}
	if !c.Straight {
		if err := unix.Sendto(c.link, []byte{1}, unix.MSG_NOSIGNAL, nil); err != nil {
			return errors.Join(fmt.Errorf("write: %w", err), c.Abort())
		}
	}
	c.waiting, c.going = false, true
	if c.Ahead && !c.again {
		return nil
	}
	return c.Await()
}

// Await returns when a process that was let go is running its program, or with the
// reason why it is not; at once if it was called before. A process that is killed
// before its execve looks like one that runs and is killed then.
func (c *Child) Await() error {
	if !c.going {
		return nil
	}
	second, err := c.follow()
	if second == 0 {
		second = c.pad.pid()
	}
	if second != 0 {
		err = errors.Join(err, c.adopt(second))
	} else if err == nil && c.again {
		err = errors.New("the process was killed on its way")
	}
	if err != nil {
		return errors.Join(err, c.Abort())
	}
	unix.Close(c.link)
	c.going = false
	c.pad.free()
	return nil
}

// adopt reaps the helper and takes the process that it started in its place.
func (c *Child) adopt(pid int) error {
	if err := c.reap(); err != nil {
		return err
	}
	fd, err := unix.PidfdOpen(pid, 0)
	if err != nil {
		return fmt.Errorf("pidfd_open: %w", err)
	}
	c.Pid, c.Pidfd = pid, os.NewFile(uintptr(fd), "pidfd")
	return nil
}

// write writes a file of the waiting process in /proc. The number cannot have
// become another's: the process is ours and was not waited for.
func (c *Child) write(file, text string) error {
	if !c.waiting {
		return errors.New("no process is waiting")
	}
	fd, err := unix.Open(fmt.Sprintf("/proc/%d/%s", c.Pid, file), unix.O_WRONLY|unix.O_CLOEXEC, 0)
	if err != nil {
		return fmt.Errorf("open: %w", err)
	}
	defer unix.Close(fd)
	return writeOnce(fd, text)
}

// writeOnce writes text in a single call, as files of /proc want it.
func writeOnce(fd int, text string) error {
	n, err := unix.Write(fd, []byte(text))
	switch {
	case err != nil:
		return fmt.Errorf("write: %w", err)
	case n != len(text):
		return fmt.Errorf("write: %d of %d bytes taken", n, len(text))
	}
	return nil
}

// Abort ends a process that was started, released or not, waits for it and
// forgets it. It does nothing if there is none.
func (c *Child) Abort() error {
	if c.waiting || c.going {
		unix.Close(c.link)
		c.waiting, c.going = false, false
	}
	c.pad.free()
	if c.Pidfd == nil {
		return nil
	}
	err := unix.PidfdSendSignal(int(c.Pidfd.Fd()), unix.SIGKILL, nil, 0)
	if err == unix.ESRCH {
		err = nil
	}
	return errors.Join(err, c.reap())
}

// reap waits for the process and forgets it.
func (c *Child) reap() error {
	defer func() {
		c.Pidfd.Close()
		c.Pid, c.Pidfd = 0, nil
	}()
	for {
		err := unix.Waitid(unix.P_PIDFD, int(c.Pidfd.Fd()), nil, unix.WEXITED, nil)
		switch err {
		case unix.EINTR:
			continue
		case unix.ECHILD: // somebody else waited for it
			return nil
		}
		return err
	}
}
