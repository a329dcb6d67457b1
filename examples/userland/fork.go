package main

import (
	"strconv"

	"golang.org/x/sys/unix"
)

// fork starts children that only wait, as many as asked for or as the kernel lets
// it, tells how many that were, and ends them again.
func fork(c *call) error {
	bomb := len(c.args) > 0 && c.args[0] == "bomb"
	args := c.args
	if bomb {
		args = args[1:]
	}
	o, args, err := parseOptions(args, "n:")
	if err != nil {
		return err
	}
	text := o.or("n", "1000")
	if !bomb && len(args) == 1 {
		text = args[0]
	}
	n, err := strconv.Atoi(text)
	if err != nil || n < 0 || !bomb && len(args) != 1 {
		return usage("a number of children is needed")
	}
	pids, errno := forkMany(n)
	defer reap(pids)
	if errno != 0 {
		c.printf("%d children, then fork: %s\n", len(pids), errnoText(errno))
		return status(1)
	}
	c.printf("%d children\n", len(pids))
	return nil
}

// forkMany stops at the first error.
func forkMany(n int) ([]int, unix.Errno) {
	pids := make([]int, 0, n)
	for range n {
		pid, errno := forkOne()
		if errno != 0 {
			return pids, errno
		}
		pids = append(pids, pid)
	}
	return pids, 0
}

// forkOne makes a child without execve: one process of one thread, where a Go
// program would be five. The child is a copy without the threads of the
// Go runtime, so it does nothing but system calls: it dies with its parent and
// sleeps until then.
//
//go:noinline
//go:norace
func forkOne() (int, unix.Errno) {
	pid, _, errno := unix.RawSyscall6(unix.SYS_CLONE, uintptr(unix.SIGCHLD), 0, 0, 0, 0, 0)
	if errno != 0 || pid != 0 {
		return int(pid), errno
	}
	unix.RawSyscall(unix.SYS_PRCTL, unix.PR_SET_PDEATHSIG, uintptr(unix.SIGKILL), 0)
	for {
		unix.RawSyscall6(unix.SYS_PPOLL, 0, 0, 0, 0, 0, 0)
	}
}

func reap(pids []int) {
	for _, pid := range pids {
		_ = unix.Kill(pid, unix.SIGKILL) // our own child, not yet waited for: always there
	}
	for _, pid := range pids {
		_, _ = unix.Wait4(pid, nil, 0, nil)
	}
}
