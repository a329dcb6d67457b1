package namespaces

import (
	"fmt"
	"math"
	"runtime"
	"slices"
	"syscall"
	"unsafe"

	"golang.org/x/sys/unix"
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
	again *cloneArgs
	pidfd *int32 // set by the kernel, in the parent
}

func newWriter() *writer {
	w := &writer{pidfd: new(int32), again: &cloneArgs{}}
	w.message = &message{}
	w.messageAddr, w.messageSize = pin(w, w.message), unsafe.Sizeof(*w.message)
	return w
}

// pin is the address of *v, which stays good until the clone is over.
func pin[T any](w *writer, v *T) uintptr {
	w.pin.Pin(v)
	return uintptr(unsafe.Pointer(v))
}

func (w *writer) add(name string, r rule, trap uintptr, args ...uintptr) *step {
	s := step{trap: trap, rule: r}
	copy(s.args[:], args)
	w.steps = append(w.steps, s)
	w.names = append(w.names, name)
	return &w.steps[len(w.steps)-1]
}

// clone3 sets the arguments of the first clone. SIGCHLD makes the child one that
// wait(2) sees. With CLONE_CLEAR_SIGHAND Go's signal handlers, which would run
// without a Go runtime, are gone before the first signal can arrive.
func (w *writer) clone3(flags set, cgroup int) {
	args := &cloneArgs{
		flags:      uint64(flags) | unix.CLONE_CLEAR_SIGHAND | unix.CLONE_PIDFD,
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

// flag adds one to those of the first clone.
func (w *writer) flag(f uint64) { w.first.flags |= f }

// write composes everything.
func (w *writer) write(r route, c *Child, res *resources) error {
	w.clone3(r.first, res.cgroup)
	w.sock = uintptr(res.childEnd)
	w.start(r, res)
	w.enter(r, res)
	if !c.Straight {
		w.wait(r)
	}
	w.becomeRoot(r)
	w.unshare(r.late)
	w.descriptors(res)
	if r.again {
		w.closeOthers(res)
		w.cloneAgain(c.pad)
	}
	w.limits(c, res)
	return w.exec(c, res)
}

// start makes the child independent: it must not keep its own parent's end of
// the link open, or it would never see the end of the parent.
//
// Before it enters a user namespace of others it becomes undumpable, or their
// root could attach to what is still a copy of us (CVE-2016-9962). Not so with a
// new user namespace: its map files would then belong to the host's root.
func (w *writer) start(r route, res *resources) {
	w.add("close", must, unix.SYS_CLOSE, uintptr(res.parentEnd))
	none := new(uint64)
	w.add("rt_sigprocmask", must, unix.SYS_RT_SIGPROCMASK, unix.SIG_SETMASK, pin(w, none), 0, unsafe.Sizeof(*none))
	if !r.newUser {
		w.undumpable()
	}
}

func (w *writer) undumpable() {
	w.add("prctl PR_SET_DUMPABLE", must, unix.SYS_PRCTL, unix.PR_SET_DUMPABLE, 0)
}

// enter joins what is there and then makes what must be there before the parent
// writes. Each setns needs CAP_SYS_ADMIN both in the owner of the namespace and
// in the caller's user namespace: what the host owns (and its root may enter)
// comes before the change of the user namespace, which gives up all power over
// it; what was denied is tried again after it, with the power it brings.
func (w *writer) enter(r route, res *resources) {
	if r.target != 0 {
		w.add("setns "+r.target.String(), must, unix.SYS_SETNS, r.pidfd.Fd(), uintptr(r.target))
	}
	user := -1
	for i, j := range r.joins {
		if j.kind.bit == newUser {
			user = i
			continue
		}
		w.setns(r, res, i, mayFail)
	}
	if user >= 0 {
		w.setns(r, res, user, must)
	}
	for i := range r.joins {
		if i != user {
			w.setns(r, res, i, retry)
		}
	}
	w.unshare(r.early)
}

func (w *writer) setns(r route, res *resources, i int, rule rule) {
	k := r.joins[i].kind
	w.add("setns "+k.file, rule, unix.SYS_SETNS, uintptr(res.joins[i]), uintptr(k.bit)).mask = 1 << i
}

func (w *writer) unshare(s set) {
	if s != 0 {
		w.add("unshare "+s.String(), must, unix.SYS_UNSHARE, uintptr(s))
	}
}

// wait stops until the parent says go, and ends with the parent.
func (w *writer) wait(r route) {
	if r.again {
		ready := &message{kind: messageReady}
		w.add("write", must, unix.SYS_WRITE, w.sock, pin(w, ready), unsafe.Sizeof(*ready))
	}
	w.add("read", oneByte, unix.SYS_READ, w.sock, pin(w, new(byte)), 1)
	if r.newUser {
		w.undumpable()
	}
}

// becomeRoot takes uid and gid 0 of the user namespace: without them an execve
// drops all capabilities (capabilities(7)). The groups of the caller mean
// nothing there; EPERM says that setgroups was given up in that namespace.
func (w *writer) becomeRoot(r route) {
	if !r.root {
		return
	}
	if r.setgroups {
		w.add("setgroups", mayFail, unix.SYS_SETGROUPS, 0, 0)
	}
	w.add("setresgid", must, unix.SYS_SETRESGID, 0, 0, 0)
	w.add("setresuid", must, unix.SYS_SETRESUID, 0, 0, 0)
}

// cloneAgain makes the process that will be the program, as a child of our
// parent. Its pid crosses as a number: it cannot be another's before the parent
// has waited for it.
func (w *writer) cloneAgain(p pad) {
	w.again.flags, w.again.parentTid = unix.CLONE_PARENT|unix.CLONE_PARENT_SETTID, uint64(p.address())
	w.add("clone3 CLONE_PARENT", forkChild, syscallClone3, pin(w, w.again), unsafe.Sizeof(*w.again))
}

// limits gives back what belongs to the caller's environment and not to ours.
func (w *writer) limits(c *Child, res *resources) {
	if lim := nofile(c.Nofile); lim != nil {
		w.add("prlimit RLIMIT_NOFILE", must, unix.SYS_PRLIMIT64, 0, unix.RLIMIT_NOFILE, pin(w, lim), 0)
	}
	if c.Slack != 0 {
		w.add("prctl PR_SET_TIMERSLACK", must, unix.SYS_PRCTL, unix.PR_SET_TIMERSLACK, c.Slack)
	}
	if c.Pdeathsig != 0 {
		w.add("prctl PR_SET_PDEATHSIG", must, unix.SYS_PRCTL, unix.PR_SET_PDEATHSIG, uintptr(c.Pdeathsig))
		// Is the parent gone already? getppid does not know: it says 0 for
		// every parent outside the pid namespace.
		poll := &unix.PollFd{Fd: int32(res.self), Events: unix.POLLIN}
		w.add("ppoll", zero, unix.SYS_PPOLL, pin(w, poll), 1, pin(w, new(unix.Timespec)), 0, 0)
	}
}

// nofile is the RLIMIT_NOFILE to set in the child, nil to leave it. Go raises
// the soft limit to one less than the hard one when a program starts and lowers
// it again only in its own fork. It does not tell what the limit was, so this
// takes the kernel's default of 1024, unless the caller knows better.
func nofile(want *unix.Rlimit) *unix.Rlimit {
	if want != nil {
		lim := *want
		return &lim
	}
	var lim unix.Rlimit
	if err := unix.Getrlimit(unix.RLIMIT_NOFILE, &lim); err != nil || lim.Cur != lim.Max-1 {
		return nil
	}
	lim.Cur = min(1024, lim.Max)
	return &lim
}

// descriptors puts the files at 0, 1, 2 … and lets the exec close all others,
// those too which our own caller left open for us (CVE-2024-21626).
func (w *writer) descriptors(res *resources) {
	for i, fd := range res.files {
		if fd < 0 {
			w.add("close_range", must, unix.SYS_CLOSE_RANGE, uintptr(i), uintptr(i), 0)
		} else {
			w.add("dup3", must, unix.SYS_DUP3, uintptr(fd), uintptr(i), 0)
		}
	}
	w.add("close_range", must, unix.SYS_CLOSE_RANGE, uintptr(len(res.files)), math.MaxUint32, unix.CLOSE_RANGE_CLOEXEC)
}

// closeOthers closes at once what the exec would close. From the second clone on
// the process is one among those of a container: if they may trace it, they can use
// what it has open, and that would be directories of the host (CVE-2016-9962).
func (w *writer) closeOthers(res *resources) {
	kept := []int{res.childEnd, res.exe}
	if res.self >= 0 {
		kept = append(kept, res.self)
	}
	slices.Sort(kept)
	from := len(res.files)
	for _, fd := range kept {
		if fd > from {
			w.add("close_range", must, unix.SYS_CLOSE_RANGE, uintptr(from), uintptr(fd-1), 0)
		}
		from = fd + 1
	}
	w.add("close_range", must, unix.SYS_CLOSE_RANGE, uintptr(from), math.MaxUint32, 0)
}

// exec executes the descriptor itself: a path to it, in /proc or elsewhere,
// could mean something else inside.
func (w *writer) exec(c *Child, res *resources) error {
	argv, err := syscall.SlicePtrFromStrings(c.Args)
	if err != nil {
		return fmt.Errorf("args: %w", err)
	}
	envv, err := syscall.SlicePtrFromStrings(c.Env)
	if err != nil {
		return fmt.Errorf("env: %w", err)
	}
	w.add("execveat", must, unix.SYS_EXECVEAT, uintptr(res.exe),
		pin(w, new(byte)), pin(w, &argv[0]), pin(w, &envv[0]), unix.AT_EMPTY_PATH)
	return nil
}
