package namespaces

import (
	"unsafe"

	"golang.org/x/sys/unix"

	"mini/namespaces/calls"
)

// What the hand does that every child begins as: it enters namespaces, clones again if
// it must, and becomes the program, or stays a hand.

// enter composes, and has done, what comes before the parent writes id maps and clock
// offsets.
func (c *Child) enter(r route) error {
	l := c.hand.Errand()
	l.Final(calls.StatusLost)
	c.list = l
	if !r.helper() {
		return nil
	}
	c.dumpable(r)
	c.pad.share(l, c.at.pad)
	c.join(r)
	unshare(l, r.early)
	if r.newUser && !r.again {
		c.cloneAgain(r.first)
	}
	if r.early == 0 && !r.newUser {
		return nil // there is nothing to write: the rest is done with it
	}
	gone, err := c.flush()
	if err == nil && gone {
		err = errKilled
	}
	return err
}

// dumpable: before it enters a user namespace of others it becomes undumpable, or
// their root could attach to it (CVE-2016-9962). Not so with a new user namespace: its
// map files would then belong to the host's root.
func (c *Child) dumpable(r route) {
	can := 0
	if r.newUser {
		can = 1
	}
	c.list.Prctl("PR_SET_DUMPABLE", unix.PR_SET_DUMPABLE, calls.N(can))
}

// join enters what is there. Each setns needs CAP_SYS_ADMIN both in the owner of the
// namespace and in the caller's user namespace: what the host owns (and its root may
// enter) comes before the change of the user namespace, which gives up all power over
// it; what was denied is tried again after it, with the power it brings.
func (c *Child) join(r route) {
	l := c.list
	if r.target != 0 {
		l.Call("setns "+r.target.String(), unix.SYS_SETNS, calls.N(c.at.target), calls.N(r.target))
	}
	tries := make([]calls.Ref, len(r.joins))
	user := -1
	for i, j := range r.joins {
		if j.kind.bit == newUser {
			user = i
			continue
		}
		tries[i] = c.setns(r, i).Skip(unix.EPERM, 0)
	}
	if user >= 0 {
		c.setns(r, user)
	}
	for i, try := range tries {
		if i != user {
			denied := l.UnlessErrno(try, unix.EPERM)
			c.setns(r, i)
			denied.Here()
		}
	}
}

func (c *Child) setns(r route, i int) calls.Ref {
	k := r.joins[i].kind
	return c.list.Call("setns "+k.file, unix.SYS_SETNS, calls.N(c.at.joins[i]), calls.N(k.bit))
}

func unshare(l *calls.List, s set) {
	if s != 0 {
		l.Call("unshare "+s.String(), unix.SYS_UNSHARE, calls.N(s))
	}
}

// cloneAgain makes the process that will be the program, as a child of our parent; the
// helper ends. It closes first what is not to be open in there: from this clone on the
// process is one among those of a container, and if they may trace it they can use what
// it has open, and that would be directories of the host (CVE-2016-9962).
func (c *Child) cloneAgain(flags set) {
	l := c.list
	l.Call("close_range", unix.SYS_CLOSE_RANGE, calls.N(c.at.others), calls.N(^uint32(0)), calls.N(0))
	args := cloneArgs{flags: uint64(flags) | unix.CLONE_PARENT | unix.CLONE_PARENT_SETTID, parentTid: padAddress}
	pid := l.Call("clone3 CLONE_PARENT", unix.SYS_CLONE3, calls.Struct(l, &args).Arg(), calls.N(unsafe.Sizeof(args)))
	child := l.Unless(pid, -1, 0)
	on := l.Jump()
	child.Here()
	l.Call("exit_group", unix.SYS_EXIT_GROUP, calls.N(0))
	on.Here()
}

// leave composes the rest of the way.
func (c *Child) leave(r route) error {
	l := c.list
	if r.newUser {
		l.Prctl("PR_SET_DUMPABLE", unix.PR_SET_DUMPABLE, calls.N(0))
	}
	if c.root {
		takeRoot(l, r.setgroups)
	}
	unshare(l, r.late)
	if r.again {
		c.cloneAgain(0)
	}
	c.limits()
	if c.Exe != nil {
		return c.execute()
	}
	return nil
}

// takeRoot takes uid and gid 0 of the user namespace: without them an execve
// drops all capabilities (capabilities(7)). The groups of the caller mean
// nothing there; EPERM says that setgroups was given up in that namespace.
func takeRoot(l *calls.List, setgroups bool) {
	if setgroups {
		l.Call("setgroups", unix.SYS_SETGROUPS, calls.N(0), calls.N(0)).Skip(unix.EPERM, 0)
	}
	l.Call("setresgid", unix.SYS_SETRESGID, calls.N(0), calls.N(0), calls.N(0))
	l.Call("setresuid", unix.SYS_SETRESUID, calls.N(0), calls.N(0), calls.N(0))
}

// limits gives back what belongs to the caller's environment and not to ours.
func (c *Child) limits() {
	l := c.list
	if lim := nofile(c.Nofile); lim != nil {
		l.Call("prlimit RLIMIT_NOFILE", unix.SYS_PRLIMIT64,
			calls.N(0), calls.N(unix.RLIMIT_NOFILE), calls.Struct(l, lim).Arg(), calls.N(0))
	}
	if c.Slack != 0 {
		l.Prctl("PR_SET_TIMERSLACK", unix.PR_SET_TIMERSLACK, calls.N(c.Slack))
	}
	if c.Pdeathsig == 0 {
		return
	}
	l.Prctl("PR_SET_PDEATHSIG", unix.PR_SET_PDEATHSIG, calls.N(int(c.Pdeathsig)))
	// Is the parent gone already? getppid does not know: it says 0 for
	// every parent outside the pid namespace.
	poll := calls.Struct(l, &unix.PollFd{Fd: int32(c.at.self), Events: unix.POLLIN})
	ended := l.Call("ppoll", unix.SYS_PPOLL, poll.Arg(), calls.N(1), calls.Struct(l, &unix.Timespec{}).Arg(), calls.N(0), calls.N(0))
	how := l.Space(8)
	l.Store(how.Arg(), ended.Arg())
	l.Check("look for the parent", how.Arg(), ^uint64(0), 0, unix.ESRCH)
	l.Close(calls.N(c.at.self)) // not for who may trace a hand that stays
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

// execute executes the descriptor itself: a path to it, in /proc or elsewhere,
// could mean something else inside.
func (c *Child) execute() error {
	l := c.list
	l.Call("close_range", unix.SYS_CLOSE_RANGE, calls.N(len(c.Files)), calls.N(^uint32(0)), calls.N(unix.CLOSE_RANGE_CLOEXEC))
	l.Call("execveat", unix.SYS_EXECVEAT, calls.N(c.at.exe), l.Text(""), l.Strings(c.Args), l.Strings(c.Env), calls.N(unix.AT_EMPTY_PATH))
	return l.Straight()
}
