package runtime

import (
	"cmp"
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
	gone    bool            // init was told to go on past the hooks: there are none
	conn    *os.File        // the gate, if it was opened before init waits there
	first   int             // pid of the container's first process, if this is another
	self    *ownBinary      // for init and for exec
	levels  []cgroups.Level // memory events above the container before it ran
	adopted bool            // it is not our child
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
	if err := c.besides(); err != nil {
		return c, cmp.Or(c.running(), err) // the first may be why
	}
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
	c.self.settle()
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
	p.child.Exe = c.self.File
	kept, err := inherited(p.config.Fds)
	if err != nil {
		return err
	}
	defer closeFiles(kept)
	p.child.Args = initArgs(p.config.Fds)
	p.child.Env, p.child.Slack = initEnv(), initSlack
	p.child.Files = slices.Concat(p.standard(), kept, []*os.File{theirs.f, p.gate.gate})
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
	if err := c.brief(b); err != nil {
		return c.blame(err)
	}
	// Nothing is to be done between init's two halves, so it need not ask.
	if c.gone = p.config.Spec.Hooks == nil && !b.Stepped; c.gone {
		return c.blame(c.channel.send(msgGo, nil))
	}
	return nil
}

// beside is what need not be done before init builds the root, but before
// anybody else's code runs in the container.
func (c *Container) beside() error {
	p := c.Plan
	if err := c.dir.Save(c.Record); err != nil {
		return err
	}
	if p.group != nil {
		c.levels, _ = p.group.MemoryLevels() // for the account of its death
	}
	if err := p.execute(Beside, c.watch, p.dir.Journal); err != nil {
		return err
	}
	return p.notePoststop()
}

// openEarly opens the gate for an init that is not there yet, if nothing is to be
// done before the start: whoever supervises a container starts it at once.
func (c *Container) openEarly() (err error) {
	if !c.Plan.config.Supervised || c.Plan.has(Late) {
		return nil
	}
	if c.conn, err = openGate(c.dir.Gate()); err == nil {
		return nil
	}
	// It may have failed before we came to knock: then it has said why.
	if _, own := c.await(msgReady); own != nil {
		return own
	}
	return fmt.Errorf("open the gate: %w", err)
}

// finish runs the hooks between init's two halves.
func (c *Container) finish() error {
	if _, err := c.await(msgMounted); err != nil {
		return err
	}
	if err := c.Plan.execute(Between, c.watch, c.dir.Journal); err != nil {
		return err
	}
	if err := c.letOn(); err != nil {
		return err
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

// letOn lets init go on to its second half, and if it has been let already, on to
// the program.
func (c *Container) letOn() error {
	if c.gone {
		return c.openEarly()
	}
	return c.blame(c.channel.send(msgGo, nil))
}

// blame prefers init's own account of a failure to the broken pipe, or the shut
// gate, that it caused.
func (c *Container) blame(err error) error {
	if !errors.Is(err, unix.EPIPE) && !errors.Is(err, unix.ECONNRESET) && !errors.Is(err, unix.ECONNREFUSED) {
		return err
	}
	if _, own := c.await(msgMounted); own != nil {
		return own
	}
	return err
}
