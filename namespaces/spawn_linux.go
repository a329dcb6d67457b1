package namespaces

import (
	"fmt"
	"os"
	"runtime"
	"syscall"

	"golang.org/x/sys/unix"

	"mini/namespaces/calls"
)

// places are the numbers of descriptors in the hand that a child begins as, besides
// Child.Files. They are given out in this order, 0: none.
type places struct {
	exe, self int   // the program; a pidfd of us
	others    int   // from here on they are closed before a second clone
	joins     []int // as route.joins
	target    int   // a pidfd of the process to join
	pad       int
}

// table is what the hand gets: a descriptor of ours for each number, -1 to close it.
type table struct {
	fds  []int
	mine []int // of ours, to be closed in the end
}

func (t *table) add(fd int) (place int) {
	t.fds = append(t.fds, fd)
	return len(t.fds) - 1
}

// own is add for a descriptor that is open for this alone.
func (t *table) own(fd int) (place int) {
	t.mine = append(t.mine, fd)
	return t.add(fd)
}

// lift replaces descriptors whose number another is to get by copies.
func (t *table) lift() (err error) {
	for i, fd := range t.fds {
		if t.fds[i], err = t.above(fd); err != nil {
			return err
		}
	}
	return nil
}

// above is fd, or a copy of it that is in nobody's way.
func (t *table) above(fd int) (int, error) {
	if fd < 0 || fd >= len(t.fds) {
		return fd, nil
	}
	high, err := unix.FcntlInt(uintptr(fd), unix.F_DUPFD_CLOEXEC, len(t.fds))
	if err != nil {
		return -1, fmt.Errorf("fcntl F_DUPFD_CLOEXEC: %w", err)
	}
	t.mine = append(t.mine, high)
	return high, nil
}

func (t *table) close() { closeAll(t.mine) }

func closeAll(fds []int) {
	for _, fd := range fds {
		if fd >= 0 {
			unix.Close(fd)
		}
	}
}

// fork starts the hand, by one clone and an execve. It holds the fork lock from the
// making of the socket until the child's end is closed here: a copy of that end in
// another child would keep us from seeing the end of this one.
func (c *Child) fork(r route, joined []int) error {
	syscall.ForkLock.Lock()
	defer syscall.ForkLock.Unlock()
	t := &table{}
	defer t.close()
	if err := c.fill(t, r, joined); err != nil {
		return err
	}
	program, err := calls.Program()
	if err != nil {
		return err
	}
	defer program.Close()
	return c.begin(t, r, program)
}

// fill opens what the hand gets.
func (c *Child) fill(t *table, r route, joined []int) error {
	for _, f := range c.Files {
		if f == nil {
			t.add(-1)
		} else {
			t.add(int(f.Fd()))
		}
	}
	c.hand = c.Hand
	if c.Exe != nil {
		if err := c.socket(t); err != nil {
			return err
		}
		c.at.exe = t.add(int(c.Exe.Fd()))
	}
	if c.Pdeathsig != 0 {
		self, err := unix.PidfdOpen(os.Getpid(), 0)
		if err != nil {
			return fmt.Errorf("pidfd_open: %w", err)
		}
		c.at.self = t.own(self)
	}
	c.at.others = len(t.fds)
	for _, fd := range joined {
		c.at.joins = append(c.at.joins, t.add(fd))
	}
	if r.target != 0 {
		c.at.target = t.add(int(r.pidfd.Fd()))
	}
	if !r.helper() {
		return nil
	}
	pad, fd, err := newPad()
	if err == nil {
		c.pad, c.at.pad = pad, t.own(fd)
	}
	return err
}

// socket makes one for a hand that is to execute a program, not to stay.
func (c *Child) socket(t *table) error {
	for len(t.fds) < 3 { // see calls.Args
		t.add(-1)
	}
	pair, err := unix.Socketpair(unix.AF_UNIX, unix.SOCK_STREAM|unix.SOCK_CLOEXEC, 0)
	if err != nil {
		return fmt.Errorf("socketpair: %w", err)
	}
	c.hand = calls.Hand{Socket: os.NewFile(uintptr(pair[0]), "hand"), There: t.own(pair[1])}
	return nil
}

func (c *Child) closeSocket() {
	if c.Exe != nil && c.hand.Socket != nil {
		c.hand.Socket.Close()
	}
	c.hand = calls.Hand{}
}

// begin clones. The child shares our memory, and this thread waits, until it has
// executed the hand (vfork(2)): to copy the page tables of a Go program, and then the
// pages that it goes on to write to, would be the tenth part of what a container costs.
// Nothing of it can be seen from a namespace of others yet. The kernel spares such a
// child when a cgroup is out of memory, since we would die with it.
func (c *Child) begin(t *table, r route, program *os.File) error {
	if err := t.lift(); err != nil {
		return err
	}
	exe, err := t.above(int(program.Fd()))
	if err != nil {
		return err
	}
	w := newWriter()
	defer w.pin.Unpin()
	w.clone3(c.flags(r), c.cgroup())
	if err := w.handProgram(t.fds, c.hand.There, exe); err != nil {
		return err
	}
	pid, pidfd, err := w.run()
	runtime.KeepAlive(c)
	c.Pid, c.Pidfd, c.waiting = pid, pidfd, pidfd != nil
	return err
}

func (c *Child) flags(r route) uint64 {
	if r.helper() {
		return unix.CLONE_VM | unix.CLONE_VFORK
	}
	return unix.CLONE_VM | unix.CLONE_VFORK | uint64(r.first)
}

func (c *Child) cgroup() int {
	if c.Cgroup == nil {
		return -1
	}
	return int(c.Cgroup.Fd())
}
