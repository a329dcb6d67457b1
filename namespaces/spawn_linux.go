package namespaces

import (
	"fmt"
	"os"
	"runtime"
	"syscall"

	"golang.org/x/sys/unix"
)

// resources are the descriptors the child uses. All are above the numbers its
// files will get, so that they survive until they are used.
type resources struct {
	parentEnd, childEnd int
	exe                 int
	files               []int // -1: the number is to be closed
	cgroup              int   // -1: none
	self                int   // pidfd of the parent, -1: not needed
	joins               []int // as route.joins
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
		if err = c.lift(&res.self); err != nil {
			return res, fmt.Errorf("pidfd: %w", err)
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

// spawn starts the process, up to where it waits for us.
func (c *Child) spawn(r route, res *resources) error {
	c.Straight = c.Straight && !r.again && !r.newUser
	if c.again = r.again; c.again {
		var err error
		if c.pad, err = newPad(); err != nil {
			return err
		}
	}
	return c.fork(res, func(w *writer) error { return w.write(r, c, res) })
}

// fork does the clone. It holds the fork lock from the making of the link until
// the child's end is closed here: a copy of that end in another child would keep
// us from seeing the end of this one.
func (c *Child) fork(res *resources, compose func(*writer) error) error {
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
	if err := compose(w); err != nil {
		return err
	}
	runtime.LockOSThread()
	pid, errno := rawClone(&w.program)
	runtime.UnlockOSThread()
	if errno != 0 {
		return fmt.Errorf("clone3: %w", errno)
	}
	c.Pid, c.Pidfd = int(pid), os.NewFile(uintptr(*w.pidfd), "pidfd")
	c.link, c.names, c.waiting = res.parentEnd, w.names, true
	unix.Close(res.childEnd)
	res.parentEnd, res.childEnd = -1, -1
	return nil
}
