package namespaces

import (
	"errors"
	"fmt"
	"os"

	"golang.org/x/sys/unix"

	"mini/namespaces/calls"
)

// Child is the process to be started: what the caller wants, filled in before
// the first op, and what became of it.
type Child struct {
	// Exe is the program; a descriptor opened with O_PATH will do. nil: the process
	// stays a hand, which does what comes from Hand.
	Exe *os.File
	// Args and Env are Exe's, as of execve(2); Args[0] is the program's own name.
	Args, Env []string
	// Hand is our end of a socket; its other end is among Files, at Hand.There.
	Hand calls.Hand
	// Files become descriptors 0, 1, 2 …; nil leaves a number closed. Every
	// other descriptor is closed when the program is executed, Exe or a hand's.
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
	// Ahead lets the last op return as soon as the process may go on; the caller
	// does something else and calls Await then.
	Ahead bool

	// Pid and Pidfd are the process, from the clone op on. If namespaces are joined, or
	// there is a new time namespace, they are those of a helper until Await.
	Pid   int
	Pidfd *os.File

	hand    calls.Hand // as Hand, or for the time before Exe is executed
	at      places
	list    *calls.List
	root    bool // as route.root, when it is known which user namespace is ours
	waiting bool // cloned and not yet released
	going   bool // released, and not yet known to be past what was composed
	pad     pad  // nil if there is no helper, or no more
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
	c.at, c.root = places{}, r.root
	thawed(c.Cgroup)
	if err := c.fork(r, joined); err != nil {
		return errors.Join(err, c.Abort())
	}
	if err := c.enter(r); err != nil {
		return errors.Join(err, c.Abort())
	}
	return nil
}

// check refuses what was not filled in.
func (c *Child) check(r route) error {
	switch {
	case c.Exe == nil && c.Hand.Socket == nil:
		return errors.New("no program to start")
	case c.Exe != nil && len(c.Args) == 0:
		return errors.New("no name for the program")
	case r.cgroup && c.Cgroup == nil:
		return errors.New("no cgroup to be born in")
	case c.waiting || c.going:
		return errors.New("a process was started already")
	}
	return nil
}

// release says go.
func (c *Child) release(r route) error {
	if !c.waiting {
		return errors.New("no process is waiting")
	}
	c.waiting, c.going = false, true
	if err := c.leave(r); err != nil {
		return errors.Join(err, c.Abort())
	}
	c.list.Begin() // what it says, Flush says
	if c.Ahead {
		return nil
	}
	return c.Await()
}

// Await returns when a process that was let go is running its program, or is a hand
// where it should be, or with the reason why it is not; at once if it was called
// before. A process that is killed on its last way looks like one that runs and is
// killed then.
func (c *Child) Await() error {
	if !c.going {
		return nil
	}
	if _, err := c.flush(); err != nil {
		return errors.Join(err, c.Abort())
	}
	c.going = false
	c.closeSocket()
	return nil
}

// Known says whether Pid is that of the process: not that of a helper, as it can be
// between the last op and Await.
func (c *Child) Known() bool { return c.pad == nil }

// flush has done what was composed; gone says that the process was executed, or
// killed, meanwhile. If a helper should have cloned it is an error that it has not.
func (c *Child) flush() (gone bool, err error) {
	err = c.list.Flush()
	var f *calls.Failure
	if gone = errors.Is(err, calls.ErrGone); gone {
		err = nil
	} else if errors.As(err, &f) && f.Call != "" {
		err = fmt.Errorf("%s: %w", f.Call, f.Err) // its step is none of the caller's list
	}
	switch {
	case c.pad.pid() != 0:
		err = errors.Join(err, c.reap(), c.succeed())
	case c.pad != nil && gone:
		err = errKilled
	}
	return gone, err
}

var errKilled = errors.New("the process was killed on its way")

// succeed takes the process that the helper, which was reaped, has started in its
// place, if there is one.
func (c *Child) succeed() error {
	pid := c.pad.pid()
	if pid == 0 {
		return nil
	}
	c.pad.free()
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
	c.waiting, c.going = false, false
	c.closeSocket()
	var err error
	for c.Pidfd != nil {
		err = errors.Join(err, c.kill())
	}
	c.pad.free()
	return err
}

// kill ends and reaps the process. If that was a helper its successor is the process
// then.
func (c *Child) kill() error {
	err := unix.PidfdSendSignal(int(c.Pidfd.Fd()), unix.SIGKILL, nil, 0)
	if err == unix.ESRCH {
		err = nil
	}
	return errors.Join(err, c.reap(), c.succeed())
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
