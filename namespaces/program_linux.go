package namespaces

import (
	"fmt"
	"math"
	"os"
	"runtime"
	"syscall"
	"unsafe"

	"golang.org/x/sys/unix"

	"mini/namespaces/calls"
)

const syscallClone3 = unix.SYS_CLONE3

// cloneArgs is struct clone_args of linux/sched.h, up to cgroup (Linux 5.7).
type cloneArgs struct {
	flags, pidfd, childTid, parentTid, exitSignal uint64
	stack, stackSize, tls, setTid, setTidSize     uint64
	cgroup                                        uint64
}

// writer composes the program of a child. Every address in the program is kept
// valid by pin until the clone is over.
type writer struct {
	program
	names []string // what to call each step in an error
	pin   runtime.Pinner
	first *cloneArgs
	pidfd *int32 // set by the kernel, in the parent
}

func newWriter() *writer { return &writer{pidfd: new(int32)} }

// pin is the address of *v, which stays good until the clone is over.
func pin[T any](w *writer, v *T) uintptr {
	w.pin.Pin(v)
	return uintptr(unsafe.Pointer(v))
}

func (w *writer) add(name string, trap uintptr, args ...uintptr) *step {
	s := step{trap: trap}
	copy(s.args[:], args)
	w.steps = append(w.steps, s)
	w.names = append(w.names, name)
	return &w.steps[len(w.steps)-1]
}

// clone3 sets the arguments of the clone. SIGCHLD makes the child one that
// wait(2) sees. With CLONE_CLEAR_SIGHAND Go's signal handlers, which would run
// without a Go runtime, are gone before the first signal can arrive.
func (w *writer) clone3(flags uint64, cgroup int) {
	args := &cloneArgs{
		flags:      flags | unix.CLONE_CLEAR_SIGHAND | unix.CLONE_PIDFD,
		pidfd:      uint64(pin(w, w.pidfd)),
		exitSignal: uint64(unix.SIGCHLD),
	}
	if cgroup >= 0 {
		args.flags |= unix.CLONE_INTO_CGROUP
		args.cgroup = uint64(cgroup)
	}
	w.first = args
	w.args, w.argsSize = pin(w, args), unsafe.Sizeof(*args)
}

// handProgram composes what becomes a hand: the descriptors get their numbers, all
// others end with the execve, those too which our own caller left open for us
// (CVE-2024-21626).
func (w *writer) handProgram(files []int, there, exe int) error {
	w.signals(0)
	for i, fd := range files {
		if fd < 0 {
			w.add("close_range", unix.SYS_CLOSE_RANGE, uintptr(i), uintptr(i), 0)
		} else {
			w.add("dup3", unix.SYS_DUP3, uintptr(fd), uintptr(i), 0)
		}
	}
	w.add("close_range", unix.SYS_CLOSE_RANGE, uintptr(len(files)), math.MaxUint32, unix.CLOSE_RANGE_CLOEXEC)
	argv, err := syscall.SlicePtrFromStrings(calls.Args(there))
	if err != nil {
		return fmt.Errorf("args: %w", err)
	}
	w.add("execveat", unix.SYS_EXECVEAT, uintptr(exe), pin(w, new(byte)), pin(w, &argv[0]), 0, unix.AT_EMPTY_PATH)
	return nil
}

// signals sets which are blocked.
func (w *writer) signals(mask uint64) {
	w.add("rt_sigprocmask", unix.SYS_RT_SIGPROCMASK, unix.SIG_SETMASK, pin(w, &mask), 0, unsafe.Sizeof(mask))
}

// run clones. A child that shares our memory, and fails, has said why when this
// returns; it is to be waited for.
func (w *writer) run() (pid int, pidfd *os.File, err error) {
	runtime.LockOSThread()
	n, errno := rawClone(&w.program)
	runtime.UnlockOSThread()
	if errno != 0 {
		return 0, nil, fmt.Errorf("clone3: %w", errno)
	}
	if w.errno != 0 {
		err = fmt.Errorf("%s: %w", w.names[len(w.steps)-int(w.left)], unix.Errno(w.errno))
	}
	return int(n), os.NewFile(uintptr(*w.pidfd), "pidfd"), err
}
