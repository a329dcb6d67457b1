package runtime

import (
	"errors"
	"os"
	"slices"
	"sync"
	"time"

	"golang.org/x/sys/unix"

	"mini/cgroups"
	"mini/namespaces"
)

// Process is one that was started in a running container beside its first.
type Process struct {
	Pid   int
	Pidfd *os.File
	Pty   *os.File // the master of its terminal, if nobody else has got it

	whole bool
	cpu   time.Duration
	peak  uint64

	mu   sync.Mutex
	leaf *cgroups.Group // its own cgroup; nil: it has none, or it is gone
}

// Wait reaps the process. With Join.Whole it also ends what that has left
// behind, which without a leaf is what is in its session; without Whole, such
// processes live on as the container's.
func (p *Process) Wait() (unix.WaitStatus, error) {
	defer p.Pidfd.Close()
	status, usage, err := reap(p.Pid)
	p.cpu = time.Duration(usage.Utime.Nano() + usage.Stime.Nano())
	p.peak = uint64(usage.Maxrss) << 10
	return status, errors.Join(err, p.letGo())
}

// leafPatience is how long the kernel may take to let go of killed processes.
const leafPatience = time.Second

// letGo removes the leaf.
func (p *Process) letGo() error {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.leaf == nil {
		if p.whole {
			endSession(p.Pid)
		}
		return nil
	}
	leaf := p.leaf
	p.leaf = nil
	if !p.whole {
		// EBUSY: something lives on in it; Sweep or the container's end will do.
		return ignore(leaf.RemoveLeaf(0), unix.EBUSY)
	}
	err := leaf.Kill()
	if cpu, peak, failed := leaf.Use(); failed == nil {
		p.cpu, p.peak = cpu, max(p.peak, peak)
	}
	return errors.Join(ignore(err, unix.ENODEV), ignore(leaf.RemoveLeaf(leafPatience), unix.EBUSY))
}

// Kill ends the process, and where it has a leaf all that it has forked.
func (p *Process) Kill() error {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.leaf != nil {
		return p.leaf.Kill()
	}
	return unix.PidfdSendSignal(int(p.Pidfd.Fd()), unix.SIGKILL, nil, 0)
}

// Usage is what the process has used, known after Wait: CPU time, and the highest
// memory use in bytes. With Join.Whole and a leaf, the time is that of all it has
// forked, waited for or not, from the clone on. The memory is that of the whole
// only where the leaf has a memory controller; otherwise it is the resident size
// of the largest single process (getrusage(2)), and never less than what mini's
// own init needed before it became the program.
func (p *Process) Usage() (cpu time.Duration, peak uint64) { return p.cpu, p.peak }

// unborn is the error of a process that was not even cloned: it can be tried
// in another cgroup.
type unborn struct{ error }

func (u unborn) Unwrap() error { return u.error }

// Exec starts a process in all namespaces of a running container, in a leaf of
// its cgroup, under the same last mile as its first process. It returns when
// the program runs, or with the reason why it does not.
func (c *Container) Exec(j Join) (*Process, error) {
	p, err := c.exec(j)
	var not unborn
	if !errors.As(err, &not) || !errors.Is(err, unix.EACCES) {
		return p, err
	}
	if f, probed := cgroups.Probe(); probed != nil || f.User == "" {
		return p, err
	}
	// The cgroup is the user's, and we are in a login session's, from which
	// nothing can be born there.
	if moved := cgroups.MoveToUser(); moved != nil {
		return nil, errors.Join(err, moved)
	}
	return c.exec(j)
}

func (c *Container) exec(j Join) (*Process, error) {
	group, err := c.groupFor(j)
	if err != nil {
		return nil, err
	}
	var not unborn
	if j.Cgroup == "" && group != nil {
		if p, err := c.execInLeaf(j, group); err == nil || !errors.As(err, &not) {
			return p, err
		}
	}
	p, err := c.execIn(j, group)
	if errors.Is(err, unix.EBUSY) && errors.As(err, &not) && j.Cgroup == "" && group != nil {
		// The container has made an inner cgroup of its own, where no process
		// may be (cgroups(7), "no internal processes"): go where its first one is.
		if group, err = c.groupOfFirst(); err != nil {
			return nil, err
		}
		defer group.Close()
		p, err = c.execIn(j, group)
	}
	return p, err
}

// execInLeaf starts a process in a leaf below group, or says why there can be
// none by an unborn: the group may be threaded or full, or not ours.
func (c *Container) execInLeaf(j Join, group *cgroups.Group) (p *Process, err error) {
	_ = group.Sweep() // what it cannot remove, the next one can
	for range 3 {
		leaf, noLeaf := group.Leaf(j.purpose())
		if noLeaf != nil {
			return nil, unborn{noLeaf}
		}
		if p, err = c.execIn(j, leaf); err == nil {
			p.leaf = leaf
			return p, nil
		}
		_ = leaf.RemoveLeaf(leafPatience) // or the next Sweep does
		// ENODEV: another's Sweep has found it empty.
		if !errors.Is(err, unix.ENODEV) {
			break
		}
	}
	return nil, err
}

// purpose is that of its leaf.
func (j Join) purpose() cgroups.Purpose {
	if j.Whole {
		return cgroups.ForProbe
	}
	return cgroups.ForExec
}

func (c *Container) execIn(j Join, group *cgroups.Group) (*Process, error) {
	p, err := planExec(j.config(c.Plan.config), c.Plan.facts)
	if err != nil {
		return nil, err
	}
	if group != nil {
		p.child.Cgroup = group.Dir()
	}
	ops, err := namespaces.Join(p.child, c.Record.Pid, c.Pidfd)
	if err != nil {
		return nil, err
	}
	last := len(ops) - 1
	p.Steps = slices.Concat(steps(Spawn, append(p.before, ops[:last]...)), p.Steps, steps(Spawn, ops[last:]))
	slices.SortStableFunc(p.Steps, byStage)
	started := &Container{Plan: p, watch: c.watch, first: c.Record.Pid}
	if err := started.enter(j, c.Pidfd); err != nil {
		if p.child.Pid == 0 {
			return nil, unborn{err}
		}
		return nil, errors.Join(err, p.child.Abort())
	}
	c.warnOf(p)
	return &Process{Pid: p.child.Pid, Pidfd: p.child.Pidfd, Pty: started.Pty, whole: j.Whole}, nil
}

// warnOf tells what the process does not get of what it asks for. What the
// container's first one does not get either has been told at create.
func (c *Container) warnOf(p *Plan) {
	if len(p.Warnings) == 0 {
		return
	}
	j := Join{Process: c.Plan.config.Spec.Process}
	first, err := planExec(j.config(c.Plan.config), c.Plan.facts)
	for _, w := range p.Warnings {
		if err != nil || !slices.Contains(first.Warnings, w) {
			c.watch.say(w.String())
		}
	}
}
