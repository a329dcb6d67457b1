package runtime

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"

	"github.com/opencontainers/runtime-spec/specs-go"
	"golang.org/x/sys/unix"

	"mini/namespaces"
)

// Process is one that was started in a running container beside its first.
type Process struct {
	Pid   int
	Pidfd *os.File
}

// Exec starts proc in all namespaces and the cgroup of a running container,
// under the same last mile as its first process. It returns when the program
// runs, or with the reason why it does not.
func (c *Container) Exec(proc *specs.Process, stdio [3]*os.File) (*Process, error) {
	p, err := c.Plan.exec(proc, c.Record.Pid, c.Pidfd)
	if err != nil {
		return nil, err
	}
	ours, theirs, err := pair()
	if err != nil {
		return nil, err
	}
	defer ours.f.Close()
	defer theirs.f.Close()
	p.child.Exe = c.self
	p.child.Args = []string{"mini", initCommand}
	p.child.Files = []*os.File{stdio[0], stdio[1], stdio[2], theirs.f}
	started := &Container{Plan: p, channel: ours}
	if err := started.enter(proc, theirs); err != nil {
		return nil, errors.Join(err, p.child.Abort())
	}
	return &Process{p.child.Pid, p.child.Pidfd}, nil
}

// exec plans a further process: it joins, and goes the last mile.
func (p *Plan) exec(proc *specs.Process, pid int, pidfd *os.File) (*Plan, error) {
	spec := *p.config.Spec
	spec.Process, spec.Hooks = proc, nil
	e := &Plan{config: p.config, facts: p.facts, group: p.group, child: &namespaces.Child{}}
	e.config.Spec, e.config.Init, e.config.Supervised = &spec, false, false
	if pidfd != nil { // in init: it has joined
		if p.group != nil {
			e.child.Cgroup = p.group.Dir()
		}
		ops, err := namespaces.Join(e.child, pid, pidfd)
		if err != nil {
			return nil, err
		}
		e.add(Spawn, ops...)
	}
	return e, e.process()
}

// enter is the parent's side of a further process's start.
func (c *Container) enter(proc *specs.Process, theirs channel) error {
	p := c.Plan
	if err := p.execute(Spawn, Watch{}, noJournal); err != nil {
		return err
	}
	theirs.f.Close() // or we would not see the end of it
	c.Record.Pid = p.child.Pid
	b, err := json.Marshal(boot{Config: p.config, Facts: p.facts, Process: proc})
	if err != nil {
		return err
	}
	if err := c.channel.send(msgConfig, b); err != nil {
		return c.blame(err)
	}
	if err := c.channel.send(msgSpec, p.config.JSON); err != nil {
		return c.blame(err)
	}
	if _, err := c.await(msgReady); err != nil {
		return err
	}
	if err := p.execute(Late, Watch{}, noJournal); err != nil {
		return err
	}
	return c.let()
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

// Wait reaps the process.
func (p *Process) Wait() (unix.WaitStatus, error) {
	defer p.Pidfd.Close()
	status, _, err := reap(p.Pid)
	return status, err
}

// Kill ends it, and no other.
func (p *Process) Kill() error {
	return unix.PidfdSendSignal(int(p.Pidfd.Fd()), unix.SIGKILL, nil, 0)
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
