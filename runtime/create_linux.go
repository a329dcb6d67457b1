package runtime

import (
	"cmp"
	"errors"
	"os"
	"slices"
	"time"

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
	inside  insider
	told    time.Time // when a step inside was last heard of
	mounts  int       // a descriptor of its mount namespace; 0: not held
	watch   Watch
	first   int             // pid of the container's first process, if this is another
	levels  []cgroups.Level // memory events above the container before it ran
	adopted bool            // it is not our child
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
	if err := c.besides(); err != nil {
		return c, cmp.Or(c.running(), err) // the first may be why
	}
	c.inside.ahead()
	if err := c.running(); err != nil {
		return c, err
	}
	return c, c.finish()
}

// besides is all that is done while init comes up and builds the root.
func (c *Container) besides() error {
	if err := c.furnish(); err != nil {
		return err
	}
	if err := c.beside(); err != nil {
		return err
	}
	return nil
}

// running waits until init has been executed. What hinders it comes from the step
// that let it go.
func (c *Container) running() error {
	err := c.Plan.child.Await()
	if err == nil {
		return nil
	}
	for _, s := range slices.Backward(c.Plan.Steps) {
		if s.Stage == Spawn && s.Name() == "namespaces.release" {
			return stepError(s, err)
		}
	}
	return err
}

// spawn clones init and tells the journal of it. From here on init lives
// only as long as its end of the channel has a reader.
func (c *Container) spawn() error {
	p := c.Plan
	theirs, err := c.link()
	if err != nil {
		return err
	}
	defer theirs.Close()
	kept, err := inherited(p.config.Fds)
	if err != nil {
		return err
	}
	defer closeFiles(kept)
	p.child.Files = slices.Concat(p.standard(), kept, []*os.File{theirs})
	if p.gate != nil {
		defer p.gate.gate.Close()
		p.child.Files = append(p.child.Files, p.gate.gate)
	}
	if p.group != nil {
		p.child.Cgroup = p.group.Dir()
	}
	if p.config.mortal() {
		p.child.Pdeathsig = unix.SIGKILL
	}
	// Devices are moved into a network namespace that has to be there.
	p.child.Ahead = len(p.linux().NetDevices) == 0
	if err := p.execute(Spawn, c.watch, p.dir.Journal); err != nil {
		return err
	}
	if !p.child.Known() {
		if err := c.running(); err != nil {
			return err
		}
	}
	c.Pidfd = p.child.Pidfd
	return c.note()
}

// note writes down which process it is.
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
	return nil
}

// furnish opens what only the parent can; then init builds the root.
func (c *Container) furnish() error {
	if err := c.Plan.execute(Open, c.watch, c.Plan.dir.Journal); err != nil {
		return c.blame(err)
	}
	if c.Plan.config.Spec.Hooks != nil || c.watch.Before != nil {
		return c.inside.build(Mount)
	}
	return c.inside.build(Pivot)
}

// beside is what need not be done before init builds the root, but before
// anybody else's code runs in the container.
func (c *Container) beside() error {
	p := c.Plan
	// Without hooks nobody looks before all is done: it is written down then.
	if p.config.Spec.Hooks != nil {
		if err := c.dir.Save(c.Record); err != nil {
			return err
		}
	}
	c.holdMounts()
	if p.group != nil {
		c.levels, _ = p.group.MemoryLevels() // for the account of its death
	}
	if err := p.execute(Beside, c.watch, p.dir.Journal); err != nil {
		return err
	}
	return p.notePoststop()
}

// finish runs the hooks between init's two halves.
func (c *Container) finish() error {
	if err := c.inside.built(); err != nil {
		return err
	}
	if err := c.Plan.execute(Between, c.watch, c.dir.Journal); err != nil {
		return err
	}
	if err := c.inside.change(); err != nil {
		return err
	}
	if err := c.Plan.execute(Late, c.watch, c.dir.Journal); err != nil {
		return err
	}
	if err := c.inside.wait(); err != nil {
		return err
	}
	c.Record.Ready = true
	if c.Plan.gate == nil {
		return nil // who sends the last steps has the time to write it down
	}
	return c.dir.Save(c.Record)
}

// blame prefers init's own account of a failure to the broken pipe, or the shut
// gate, that it caused.
func (c *Container) blame(err error) error {
	if !errors.Is(err, unix.EPIPE) && !errors.Is(err, unix.ECONNRESET) && !errors.Is(err, unix.ECONNREFUSED) {
		return err
	}
	if own := c.inside.built(); own != nil {
		return own
	}
	return err
}
