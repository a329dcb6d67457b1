package rootfs

import (
	"fmt"
	"os"
	"runtime"
	"strconv"
	"strings"
	"unsafe"

	"golang.org/x/sys/unix"
)

// makeUserNS makes a user namespace that has the given mappings and nothing
// else. A namespace is only made together with a process, so one is forked that
// does not execute anything, and killed when the namespace is at hand.
type makeUserNS struct {
	note
	uids, gids string // as for /proc/<pid>/uid_map
	to         *slot
}

func (o *makeUserNS) Do() error {
	// The child dies with the thread that made it, not only with the process.
	runtime.LockOSThread()
	defer runtime.UnlockOSThread()
	pid, pidfd, errno := forkIdle()
	if errno != 0 {
		return fmt.Errorf("clone3: %w", errno)
	}
	defer reap(pidfd)
	dir := "/proc/" + strconv.Itoa(pid)
	if err := writeMap(dir+"/uid_map", o.uids); err != nil {
		return err
	}
	if err := writeMap(dir+"/gid_map", o.gids); err != nil {
		return err
	}
	fd, err := unix.Open(dir+"/ns/user", unix.O_RDONLY|unix.O_CLOEXEC, 0)
	if err != nil {
		return fmt.Errorf("open ns/user: %w", err)
	}
	o.to.set(fd)
	return nil
}

// writeMap writes an id map, which the kernel takes in one write only.
func writeMap(name, text string) error {
	f, err := os.OpenFile(name, os.O_WRONLY, 0)
	if err != nil {
		return err
	}
	defer f.Close()
	_, err = f.WriteString(text)
	return err
}

func reap(pidfd int) {
	unix.PidfdSendSignal(pidfd, unix.SIGKILL, nil, 0)
	for {
		err := unix.Waitid(unix.P_PIDFD, pidfd, nil, unix.WEXITED|unix.WALL, nil)
		if err != unix.EINTR {
			break
		}
	}
	unix.Close(pidfd)
}

func (o *makeUserNS) String() string {
	return "make user namespace (uid " + mapShown(o.uids) + "; gid " + mapShown(o.gids) + ")"
}

func mapShown(text string) string {
	return strings.ReplaceAll(strings.TrimSuffix(text, "\n"), "\n", ", ")
}

func (o *makeUserNS) Shell() string { return "" }

// cloneArgs is struct clone_args of clone3(2), as far as it is used.
type cloneArgs struct {
	flags, pidfd, childTid, parentTid, exitSignal, stack, stackSize, tls uint64
}

// forkIdle forks a child in a new user namespace that sleeps until it is
// killed, or its parent has died. The child is a copy of a Go program with one
// thread: it may do nothing but raw system calls, not even grow its stack. Its
// end sends no signal to us (exitSignal 0), so nobody else's wait sees it.
//
//go:noinline
//go:norace
func forkIdle() (pid, pidfd int, errno unix.Errno) {
	var fd int32
	args := cloneArgs{
		flags: unix.CLONE_NEWUSER | unix.CLONE_PIDFD | unix.CLONE_CLEAR_SIGHAND,
		pidfd: uint64(uintptr(unsafe.Pointer(&fd))),
	}
	parent, _, _ := unix.RawSyscall(unix.SYS_GETPID, 0, 0, 0)
	r, _, errno := unix.RawSyscall(unix.SYS_CLONE3, uintptr(unsafe.Pointer(&args)), unsafe.Sizeof(args), 0)
	if errno != 0 || r != 0 {
		return int(r), int(fd), errno
	}
	unix.RawSyscall(unix.SYS_PRCTL, unix.PR_SET_PDEATHSIG, uintptr(unix.SIGKILL), 0)
	if now, _, _ := unix.RawSyscall(unix.SYS_GETPPID, 0, 0, 0); now == parent {
		for {
			unix.RawSyscall6(unix.SYS_PPOLL, 0, 0, 0, 0, 0, 0)
		}
	}
	for {
		unix.RawSyscall(unix.SYS_EXIT, 0, 0, 0)
	}
}
