package runtime

import (
	"errors"
	"fmt"
	"os"
	"slices"
	"time"

	"github.com/opencontainers/runtime-spec/specs-go"
	"golang.org/x/sys/unix"

	"mini/cgroups"
	"mini/runtime/state"
)

// Container is one that this process has created.
type Container struct {
	Plan   *Plan
	Record state.Record
	Pidfd  *os.File
	Pty    *os.File // the master of its terminal, nil without one

	dir     *state.Dir
	channel channel
	watch   Watch
	told    time.Time       // when init last reported a step
	first   int             // pid of the container's first process, if this is another
	self    *os.File        // our own binary, for init and for exec
	levels  []cgroups.Level // memory events above the container before it ran
}

// boot is what init is told.
type boot struct {
	Config  Config
	Facts   Facts
	Process *specs.Process // not the first: it has joined
	Agent   []byte         // what to tell the seccomp agent
	Watched bool           // report each step
	Stepped bool           // wait before each step
}

// Create does all of the plan up to the gate: on return init waits there, and
// the container is "created". On an error nothing is left.
func Create(p *Plan, w Watch) (c *Container, err error) {
	c = &Container{Plan: p, dir: p.dir, watch: faulty(w)}
	defer func() {
		if err != nil && !errors.Is(err, state.ErrExists) {
			err = errors.Join(err, c.dismantle())
		}
	}()
	if err := p.execute(Prepare, c.watch, p.dir.Journal); err != nil {
		return c, err
	}
	if err := c.spawn(); err != nil {
		return c, err
	}
	if err := c.furnish(); err != nil {
		return c, err
	}
	return c, c.finish()
}

// spawn clones init and tells the journal of it. From here on init lives
// only as long as its end of the channel has a reader.
func (c *Container) spawn() error {
	p := c.Plan
	var err error
	if c.self, err = openSelf(p.config.Root); err != nil {
		return fmt.Errorf("open the own binary: %w", err)
	}
	ours, theirs, err := pair()
	if err != nil {
		return err
	}
	c.channel = ours
	defer theirs.f.Close()
	defer p.gate.gate.Close()
	p.child.Exe = c.self
	kept, err := inherited(p.config.Fds)
	if err != nil {
		return err
	}
	defer closeFiles(kept)
	p.child.Args = initArgs(p.config.Fds)
	p.child.Env = initEnv()
	p.child.Files = slices.Concat(p.standard(), kept, []*os.File{theirs.f, p.gate.gate})
	if p.group != nil {
		p.child.Cgroup = p.group.Dir()
		c.levels, _ = p.group.MemoryLevels() // for the account of its death
	}
	if p.config.Supervised {
		p.child.Pdeathsig = unix.SIGKILL
	}
	if err := p.execute(Spawn, c.watch, p.dir.Journal); err != nil {
		return err
	}
	c.Pidfd = p.child.Pidfd
	return c.note()
}

// note writes down which process it is, in the journal and in the record.
func (c *Container) note() error {
	p := c.Plan
	id, err := identify(p.child.Pid)
	if err != nil {
		return err
	}
	if err := c.dir.Journal("process " + id.String()); err != nil {
		return err
	}
	c.Record = state.Record{
		Version: p.config.Spec.Version,
		ID:      p.config.ID, Bundle: p.config.Bundle,
		Pid: id.pid, Start: id.start,
		Created: time.Now().UTC(), Supervised: p.config.Supervised,
		Rootfs: p.config.RootPath(), Cgroup: p.cgroupPath(),
		Annotations: p.config.Spec.Annotations,
	}
	return c.dir.Save(c.Record)
}

// furnish opens what only the parent can and hands it over with the
// configuration; then init builds the root.
func (c *Container) furnish() error {
	p := c.Plan
	if err := p.execute(Open, c.watch, p.dir.Journal); err != nil {
		return c.blame(err)
	}
	if err := c.channel.sendFiles(p.sources.Files()); err != nil {
		return c.blame(err)
	}
	p.sources.Close()
	b := boot{Config: p.config, Facts: p.facts, Watched: c.watch.After != nil, Stepped: c.watch.Before != nil}
	return c.blame(c.brief(b))
}

// finish runs the hooks between init's two halves.
func (c *Container) finish() error {
	if _, err := c.await(msgMounted); err != nil {
		return err
	}
	if err := c.Plan.notePoststop(); err != nil {
		return err
	}
	if err := c.Plan.execute(Hooks, c.watch, c.dir.Journal); err != nil {
		return err
	}
	if err := c.channel.send(msgGo, nil); err != nil {
		return c.blame(err)
	}
	ready, err := c.await(msgReady)
	if err != nil {
		return err
	}
	c.takeTerminal(ready)
	if err := c.Plan.execute(Late, c.watch, c.dir.Journal); err != nil {
		return err
	}
	c.Record.Ready = true
	return c.dir.Save(c.Record)
}

// blame prefers init's own account of a failure to the broken pipe that it
// caused.
func (c *Container) blame(err error) error {
	if !errors.Is(err, unix.EPIPE) && !errors.Is(err, unix.ECONNRESET) {
		return err
	}
	if _, own := c.await(msgMounted); own != nil {
		return own
	}
	return err
}
