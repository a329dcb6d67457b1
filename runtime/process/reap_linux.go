package process

import (
	"fmt"
	"os"
	"os/signal"
	"syscall"

	"golang.org/x/sys/unix"
)

// Reaper is the slot for the descriptor of mini's own program, filled by init
// before the last stage. A Config with a Reaper starts the program under one.
type Reaper struct{ Exe *os.File }

// ReapCommand is the word after "mini" that makes it call Reap with what
// follows the "--".
const ReapCommand = "reap"

// Reap is pid 1 of a container that was asked for with --init. It starts args[0]
// with args[1:] as its arguments (the first is the name it is told), passes on
// every signal, collects all children, and returns the exit status of the
// first: its own, or 128 and the signal. When Reap's process then ends, the
// kernel ends what is left of the pid namespace.
func Reap(args []string) (int, error) {
	if len(args) < 2 {
		return 0, fmt.Errorf("a program and its name are needed")
	}
	// Without a pid namespace orphans would go elsewhere.
	if err := prctl(unix.PR_SET_CHILD_SUBREAPER, 1, 0); err != nil {
		return 0, fmt.Errorf("become subreaper: %w", err)
	}
	files := inherited()
	signals := make(chan os.Signal, 64)
	signal.Notify(signals)
	pid, err := syscall.ForkExec(args[0], args[1:], &syscall.ProcAttr{
		Env:   os.Environ(),
		Files: files,
		Sys:   ownGroup(),
	})
	if err != nil {
		w := Words{Program: args[1], UID: uint32(os.Geteuid()), GID: uint32(os.Getegid())}
		if errno, is := err.(syscall.Errno); is {
			err = w.explainExec(args[0], errno, filesHere())
		}
		return 0, err
	}
	for _, fd := range files[3:] {
		_ = unix.Close(int(fd)) // or their other ends would never see the program's end
	}
	go forward(signals, pid)
	return collect(pid)
}

// inherited are the descriptors that we were started with, from 0 on without a
// gap: --preserve-fds. Go's own are close-on-exec.
func inherited() []uintptr {
	files := []uintptr{0, 1, 2}
	for fd := uintptr(3); ; fd++ {
		flags, err := unix.FcntlInt(fd, unix.F_GETFD, 0)
		if err != nil || flags&unix.FD_CLOEXEC != 0 {
			return files
		}
		files = append(files, fd)
	}
}

// ownGroup keeps the terminal's signals to one delivery: without a group of its
// own the program would get ^C from the terminal and from us.
func ownGroup() *syscall.SysProcAttr {
	if _, err := unix.IoctlGetInt(0, unix.TIOCGPGRP); err == nil {
		return &syscall.SysProcAttr{Foreground: true, Ctty: 0}
	}
	return &syscall.SysProcAttr{Setpgid: true}
}

// forward leaves out what is ours: the end of children, and the signal the Go
// runtime preempts its own threads with.
func forward(signals <-chan os.Signal, pid int) {
	for s := range signals {
		if n, ok := s.(syscall.Signal); ok && n != syscall.SIGCHLD && n != syscall.SIGURG {
			_ = syscall.Kill(pid, n) // gone meanwhile: collect knows
		}
	}
}

// collect waits for all children until the first one has ended.
func collect(first int) (int, error) {
	for {
		var status syscall.WaitStatus
		pid, err := syscall.Wait4(-1, &status, 0, nil)
		switch {
		case err == syscall.EINTR:
		case err != nil:
			return 0, fmt.Errorf("wait4: %w", err)
		case pid == first && status.Signaled():
			return 128 + int(status.Signal()), nil
		case pid == first:
			return status.ExitStatus(), nil
		}
	}
}
