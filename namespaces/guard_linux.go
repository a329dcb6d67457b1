package namespaces

import (
	"errors"
	"fmt"
	"os"
	"syscall"

	"golang.org/x/sys/unix"
)

// Guard is a process that waits for the end of this one and then kills: what a
// death signal (PR_SET_PDEATHSIG(2const)) does not do for a program that has
// changed its user since, as most services do.
//
// It is a copy of this process that executes nothing and makes three system
// calls. It shares our descriptors, not our memory: so it costs the pages that we
// change later, and the OOM killer, which kills all who share memory, takes one of
// the two. Both it and what it is for can be killed together; nothing helps
// against that.
type Guard struct {
	kill, first int // descriptors, by number, of what it is to kill
	pidfd       *os.File
}

// StartGuard starts one that has nothing to kill yet.
func StartGuard() (*Guard, error) {
	g := &Guard{kill: -1, first: -1}
	for _, fd := range []*int{&g.kill, &g.first} {
		n, err := unix.Open(os.DevNull, unix.O_WRONLY|unix.O_CLOEXEC, 0)
		if err != nil {
			closeAll([]int{g.kill})
			return nil, fmt.Errorf("open %s: %w", os.DevNull, err)
		}
		*fd = n
	}
	if err := g.start(); err != nil {
		closeAll([]int{g.kill, g.first})
		return nil, err
	}
	return g, nil
}

// start forks. The pidfd of ourselves is open in both for as long as the guard
// lives: the table of descriptors is one.
func (g *Guard) start() error {
	self, err := unix.PidfdOpen(os.Getpid(), 0)
	if err != nil {
		return fmt.Errorf("pidfd_open: %w", err)
	}
	w := newWriter()
	defer w.pin.Unpin()
	w.guard(g, self)
	syscall.ForkLock.Lock()
	_, g.pidfd, err = w.run()
	syscall.ForkLock.Unlock()
	if err != nil {
		unix.Close(self)
	}
	return err
}

// guard composes the program: no signal but SIGKILL and SIGSTOP reaches it, and none that is
// for our process group.
func (w *writer) guard(g *Guard, self int) {
	w.clone3(unix.CLONE_FILES, -1)
	w.signals(^uint64(0))
	w.add("setsid", unix.SYS_SETSID).anyhow = 1
	w.add("prctl PR_SET_DUMPABLE", unix.SYS_PRCTL, unix.PR_SET_DUMPABLE, 0)
	name := &[16]byte{}
	copy(name[:], "mini guard")
	w.add("prctl PR_SET_NAME", unix.SYS_PRCTL, unix.PR_SET_NAME, pin(w, name)).anyhow = 1
	poll := &unix.PollFd{Fd: int32(self), Events: unix.POLLIN}
	w.add("ppoll", unix.SYS_PPOLL, pin(w, poll), 1, 0, 0, 0)
	one := &[1]byte{'1'}
	w.add("write", unix.SYS_WRITE, uintptr(g.kill), pin(w, one), 1).anyhow = 1
	w.add("pidfd_send_signal", unix.SYS_PIDFD_SEND_SIGNAL, uintptr(g.first), uintptr(unix.SIGKILL), 0, 0).anyhow = 1
}

// Aim says whom to kill: kill is an open file to which 1 is to be written, such as
// a cgroup's cgroup.kill, and may be nil; first is a pidfd. They stay the
// caller's, and what was aimed at before is forgotten.
func (g *Guard) Aim(kill, first *os.File) error {
	for _, t := range []struct {
		at   int
		file *os.File
	}{{g.kill, kill}, {g.first, first}} {
		if t.file == nil {
			continue
		}
		if err := unix.Dup3(int(t.file.Fd()), t.at, unix.O_CLOEXEC); err != nil {
			return fmt.Errorf("dup3: %w", err)
		}
	}
	return nil
}

// Renew starts another guard if this one has been killed. It is to be called
// when a child of ours has ended.
func (g *Guard) Renew() error {
	info := unix.Siginfo{}
	err := unix.Waitid(unix.P_PIDFD, int(g.pidfd.Fd()), &info, unix.WEXITED|unix.WNOHANG, nil)
	if err == nil && info.Signo == 0 || errors.Is(err, unix.EINTR) {
		return nil // it lives
	}
	g.pidfd.Close()
	return g.start()
}

// End ends the guard, and nothing else.
func (g *Guard) End() error {
	err := unix.PidfdSendSignal(int(g.pidfd.Fd()), unix.SIGKILL, nil, 0)
	for {
		e := unix.Waitid(unix.P_PIDFD, int(g.pidfd.Fd()), nil, unix.WEXITED, nil)
		if !errors.Is(e, unix.EINTR) {
			break
		}
	}
	closeAll([]int{g.kill, g.first})
	return errors.Join(err, g.pidfd.Close())
}
