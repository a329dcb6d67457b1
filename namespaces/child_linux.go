package namespaces

import (
	"errors"
	"fmt"
	"io"
	"os"
	"runtime"
	"syscall"
	"unsafe"

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

	// Pid and Pidfd are the process, from the clone op on. If a second clone
	// is needed they are those of its helper until the last op.
	Pid   int
	Pidfd *os.File

	link    int      // our end of the socket to it, while linked
	names   []string // of its steps
	waiting bool     // cloned and not yet released
	again   bool
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
	case c.waiting:
		return errors.New("a process was started already")
	}
	return nil
}

// prepare copies the descriptors to numbers that are not in the way of the
// child's files.
func (c *Child) prepare() (*resources, error) {
	res := &resources{parentEnd: -1, childEnd: -1, exe: -1, cgroup: -1, self: -1}
	var err error
	if res.exe, err = c.above(c.Exe); err != nil {
		return res, fmt.Errorf("program: %w", err)
	}
	if c.Cgroup != nil {
		if res.cgroup, err = c.above(c.Cgroup); err != nil {
			return res, fmt.Errorf("cgroup: %w", err)
		}
	}
	for i, f := range c.Files {
		fd := -1
		if f != nil {
			if fd, err = c.above(f); err != nil {
				return res, fmt.Errorf("file %d: %w", i, err)
			}
		}
		res.files = append(res.files, fd)
	}
	if c.Pdeathsig != 0 {
		if res.self, err = unix.PidfdOpen(os.Getpid(), 0); err != nil {
			return res, fmt.Errorf("pidfd_open: %w", err)
		}
	}
	return res, nil
}

// above copies f to a number higher than any the child will use.
func (c *Child) above(f *os.File) (int, error) {
	fd, err := unix.FcntlInt(f.Fd(), unix.F_DUPFD_CLOEXEC, len(c.Files))
	runtime.KeepAlive(f)
	return fd, err
}

// lift replaces a descriptor by a copy that is high enough.
func (c *Child) lift(fd *int) error {
	if *fd >= len(c.Files) {
		return nil
	}
	high, err := unix.FcntlInt(uintptr(*fd), unix.F_DUPFD_CLOEXEC, len(c.Files))
	if err == nil {
		unix.Close(*fd)
		*fd = high
	}
	return err
}

func (res *resources) close() {
	closeAll(append([]int{res.parentEnd, res.childEnd, res.exe, res.cgroup, res.self}, res.files...))
}

func closeAll(fds []int) {
	for _, fd := range fds {
		if fd >= 0 {
			unix.Close(fd)
		}
	}
}

// spawn does the clone. It holds the fork lock from the making of the link until
// the child's end is closed here: a copy of that end in another child would keep
// us from seeing the end of this one.
func (c *Child) spawn(r route, res *resources) error {
	syscall.ForkLock.Lock()
	defer syscall.ForkLock.Unlock()
	pair, err := unix.Socketpair(unix.AF_UNIX, unix.SOCK_SEQPACKET|unix.SOCK_CLOEXEC, 0)
	if err != nil {
		return fmt.Errorf("socketpair: %w", err)
	}
	res.parentEnd, res.childEnd = pair[0], pair[1]
	if err := c.lift(&res.childEnd); err != nil {
		return fmt.Errorf("link: %w", err)
	}
	w := newWriter()
	defer w.pin.Unpin()
	if err := w.write(r, c, res); err != nil {
		return err
	}
	runtime.LockOSThread()
	pid, errno := rawClone(&w.program)
	runtime.UnlockOSThread()
	if errno != 0 {
		return fmt.Errorf("clone3: %w", errno)
	}
	c.Pid, c.Pidfd = int(pid), os.NewFile(uintptr(*w.pidfd), "pidfd")
	c.link, c.names, c.waiting, c.again = res.parentEnd, w.names, true, r.again
	unix.Close(res.childEnd)
	res.parentEnd, res.childEnd = -1, -1
	return nil
}

// awaitReady waits for the helper to have entered and made its namespaces.
func (c *Child) awaitReady() error {
	m, err := c.receive()
	if err == nil && m.kind != messageReady {
		err = c.failure(m)
	}
	if err == io.EOF {
		err = errors.New("the process was killed on its way")
	}
	if err != nil {
		return errors.Join(err, c.Abort())
	}
	return nil
}

// release says go and returns when the program is running, or why it is not. A
// process that is killed before its execve looks like one that runs and is
// killed then.
func (c *Child) release() error {
	if !c.waiting {
		return errors.New("no process is waiting")
	}
	err := unix.Sendto(c.link, []byte{1}, unix.MSG_NOSIGNAL, nil)
	if err != nil {
		return errors.Join(fmt.Errorf("write: %w", err), c.Abort())
	}
	second, err := c.follow()
	if second != 0 {
		err = errors.Join(err, c.adopt(second))
	} else if err == nil && c.again {
		err = errors.New("the process was killed on its way")
	}
	if err != nil {
		return errors.Join(err, c.Abort())
	}
	unix.Close(c.link)
	c.waiting = false
	return nil
}

// follow reads what the child has to say until its end of the link is closed,
// which an execve does. It returns the pid of the second process, if there is one.
func (c *Child) follow() (pid int, err error) {
	for {
		m, e := c.receive()
		switch {
		case e == io.EOF:
			return pid, err
		case e != nil:
			return pid, e
		case m.kind == messagePid:
			pid = int(m.value)
		default:
			err = c.failure(m)
		}
	}
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

// receive reads one message, io.EOF if the child closed its end.
func (c *Child) receive() (message, error) {
	var m message
	buf := unsafe.Slice((*byte)(unsafe.Pointer(&m)), unsafe.Sizeof(m))
	for {
		n, err := unix.Read(c.link, buf)
		switch {
		case err == unix.EINTR:
			continue
		case err == unix.ECONNRESET:
			return m, io.EOF // it ended without having read our go
		case err != nil:
			return m, fmt.Errorf("read: %w", err)
		case n == 0:
			return m, io.EOF
		}
		return m, nil
	}
}

// failure is the error the child met, under the name of the step.
func (c *Child) failure(m message) error {
	if m.kind != messageError || m.step >= uintptr(len(c.names)) {
		return fmt.Errorf("unexpected message %d", m.kind)
	}
	return fmt.Errorf("%s: %w", c.names[m.step], unix.Errno(m.value))
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

// Abort ends a process that was started, released or not, waits for it and
// forgets it. It does nothing if there is none.
func (c *Child) Abort() error {
	if c.waiting {
		unix.Close(c.link)
		c.waiting = false
	}
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
