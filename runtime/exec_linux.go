package runtime

import (
	"errors"
	"os"
	"slices"

	"github.com/opencontainers/runtime-spec/specs-go"
	"golang.org/x/sys/unix"

	"mini/namespaces"
)

// Join is what a further process is to be.
type Join struct {
	Process     *specs.Process
	Stdio       [3]*os.File
	Cgroup      string // where below the container's cgroup; "": in a leaf of its own, if it can have one
	Attached    bool   // its terminal is relayed to the one we were called from
	Detached    bool   // mini does not stay
	Whole       bool   // what it has forked ends with it, and counts as its use
	KeepKeyring bool
	Env         []string // added to the process's
	Fds         int      // as in Config
	Handover    Handover
}

// config is the container's, with what is different for this process.
func (j Join) config(first Config) Config {
	spec := *first.Spec
	spec.Process, spec.Hooks = j.Process, nil
	return Config{
		ID: first.ID, Root: first.Root, Bundle: first.Bundle, Spec: &spec, JSON: first.JSON,
		Attached: j.Attached, Detached: j.Detached, KeepKeyring: j.KeepKeyring,
		Env: j.Env, Fds: j.Fds, Handover: j.Handover, Filter: first.Filter,
	}
}

// planExec plans a further process, but for how it joins: that is the same for
// the parent and for init, which has joined.
func planExec(c Config, f Facts) (*Plan, error) {
	e := &Plan{config: c, facts: f, child: &namespaces.Child{}, joined: true}
	for _, part := range []func() error{e.shut, e.foreignRoot, e.stdio, e.process, e.handover} {
		if err := part(); err != nil {
			return nil, err
		}
	}
	slices.SortStableFunc(e.Steps, byStage)
	return e, nil
}

// enter is the parent's side of a further process's start.
func (c *Container) enter(j Join, pidfd *os.File) error {
	p := c.Plan
	theirs, err := c.link()
	if err != nil {
		return err
	}
	defer theirs.Close()
	defer c.inside.close()
	defer c.channel.f.Close()
	if err := p.execute(Open, c.watch, noJournal); err != nil {
		return err
	}
	if err := c.openRoot(pidfd); err != nil {
		return err
	}
	if err := c.fork(j, theirs); err != nil {
		return err
	}
	c.Record.Pid = p.child.Pid // of a helper still, if a hand is to be there
	if err := c.inside.build(c.through()); err != nil {
		return err
	}
	c.inside.ahead()
	if err := c.running(); err != nil {
		return err
	}
	c.Record.Pid = p.child.Pid
	if err := c.inside.change(); err != nil {
		return err
	}
	for _, stage := range []Stage{Between, Late} {
		if err := p.execute(stage, c.watch, noJournal); err != nil {
			return err
		}
	}
	if c.Pty = p.master(); c.Pty != nil && j.Detached {
		return errors.New("nobody has taken the terminal")
	}
	if err := c.inside.last(); err != nil {
		return err
	}
	c.executed()
	return nil
}

// through is up to which stage of a further process this one has nothing to do.
func (c *Container) through() Stage {
	ours := func(s Step) bool {
		o, is := s.Op.(interface{ Idle() bool })
		return (s.Stage == Between || s.Stage == Late) && !(is && o.Idle())
	}
	if c.Plan.looks || c.Plan.terminal != nil || slices.ContainsFunc(c.Plan.Steps, ours) {
		return Pivot
	}
	return Last
}

// fork makes the process, with the descriptors that it is to have.
func (c *Container) fork(j Join, theirs *os.File) error {
	defer theirs.Close() // or we would not see the end of it
	kept, err := inherited(j.Fds)
	if err != nil {
		return err
	}
	defer closeFiles(kept)
	c.Plan.child.Ahead = c.Plan.simple() // a Go program wants to know its pid
	c.Plan.child.Files = slices.Concat(j.Stdio[:], kept, []*os.File{theirs})
	return c.join()
}

// join clones. Where execCPUAffinity binds the thread that does it, that thread is
// used for nothing else.
func (c *Container) join() error {
	clone := func() error { return c.Plan.execute(Spawn, c.watch, noJournal) }
	if len(c.Plan.before) > 0 {
		return onOwnThread(clone)
	}
	return clone()
}

// takeTerminal puts the master that came from inside where the steps look for it.
func (c *Container) takeTerminal(master *os.File) {
	c.Pty = master
	c.Plan.terminal.Master = master
}

// reap waits for a child of ours.
func reap(pid int) (unix.WaitStatus, unix.Rusage, error) {
	var status unix.WaitStatus
	var usage unix.Rusage
	for {
		_, err := unix.Wait4(pid, &status, 0, &usage)
		if !errors.Is(err, unix.EINTR) {
			return status, usage, err
		}
	}
}
