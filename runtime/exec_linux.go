package runtime

import (
	"errors"
	"fmt"
	"io"
	"os"
	"slices"

	"github.com/opencontainers/runtime-spec/specs-go"
	"golang.org/x/sys/unix"

	"mini/namespaces"
	"mini/runtime/wire"
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
	for _, part := range []func() error{e.foreignRoot, e.stdio, e.process, e.handover} {
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
	ours, theirs, err := pair()
	if err != nil {
		return err
	}
	c.channel = ours
	defer ours.f.Close()
	defer theirs.f.Close()
	kept, err := inherited(j.Fds)
	if err != nil {
		return err
	}
	defer closeFiles(kept)
	p.child.Exe, p.child.Args, p.child.Env, p.child.Slack = c.self.File, initArgs(j.Fds), initEnv(), initSlack
	p.child.Files = slices.Concat(j.Stdio[:], kept, []*os.File{theirs.f})
	if err := c.join(); err != nil {
		return err
	}
	theirs.f.Close() // or we would not see the end of it
	c.Record.Pid = p.child.Pid
	if err := p.execute(Open, c.watch, noJournal); err != nil {
		return err
	}
	if err := c.lendRoot(pidfd); err != nil {
		return c.blame(err)
	}
	if err := c.brief(boot{Config: p.config, Facts: p.facts, Process: j.Process}); err != nil {
		return c.blame(err)
	}
	c.self.settle()
	ready, err := c.await(msgReady)
	if err != nil {
		return err
	}
	c.takeTerminal(ready)
	for _, stage := range []Stage{Between, Late} {
		if err := p.execute(stage, c.watch, noJournal); err != nil {
			return err
		}
	}
	if c.Pty = p.master(); c.Pty != nil && j.Detached {
		return errors.New("nobody has taken the terminal")
	}
	return c.let()
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

// brief tells init what to do.
func (c *Container) brief(b boot) error {
	if err := c.introduce(&b); err != nil {
		return err
	}
	// What is for other systems than Linux no step looks at.
	spec := *b.Config.Spec
	spec.Solaris, spec.Windows, spec.VM, spec.ZOS, spec.FreeBSD = nil, nil, nil, nil, nil
	spec.Linux = withoutRules(spec.Linux)
	b.Config.Spec = &spec
	text, err := wire.Append(make([]byte, 0, 16<<10), b)
	if err != nil {
		return fmt.Errorf("encode the configuration: %w", err)
	}
	return c.channel.send(msgConfig, text)
}

// takeTerminal puts the master that init has sent where the steps look for it.
func (c *Container) takeTerminal(ready message) {
	if len(ready.files) > 0 && c.Plan.terminal != nil {
		c.Pty = ready.files[0]
		c.Plan.terminal.Master = c.Pty
	}
}

// let sends a further process into its program. execve closes the channel.
func (c *Container) let() error {
	if err := c.channel.send(msgGo, nil); err != nil {
		return c.blame(err)
	}
	m, err := c.channel.receive()
	switch {
	case errors.Is(err, io.EOF):
		return nil
	case err != nil:
		return err
	case m.kind == msgError:
		return unpack(m.body)
	}
	return fmt.Errorf("init sent a message of kind %q out of turn", m.kind)
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
