package runtime

import (
	"context"
	"os"

	"golang.org/x/sys/unix"

	"mini/cgroups"
)

// takeOver is start for a supervisor that comes after one that was killed. The
// container is the one that runs, or if none does one that has ended just now
// with a status that nobody knows: what follows is decided as after any end.
func (s *supervisor) takeOver(context.Context) error {
	p, err := NewPlan(s.config, s.facts)
	if err != nil {
		return err
	}
	c := &Container{Plan: p, dir: p.dir, watch: s.Watch, adopted: true}
	if c.Record, err = c.dir.Load(); err != nil {
		return err
	}
	p.child.Pid = c.Record.Pid
	if err := c.regroup(); err != nil {
		return err
	}
	c.forgetProbes()
	with, err := s.rejoin(c)
	if err != nil {
		return err
	}
	s.mu.Lock()
	s.now, s.with, s.starts = c, with, 1
	s.mu.Unlock()
	if s.detached.dir.StopAsked() {
		s.ask(unix.SIGTERM, "mini stop")
	}
	s.Say(s.config.ID + ": its supervisor was killed; this is another")
	return nil
}

// rejoin takes up again what goes with a run, if there is one: else the container
// is left without a pidfd.
func (s *supervisor) rejoin(c *Container) (company, error) {
	if c.Record.Ready && !waiting(c.dir) {
		var err error
		c.Pidfd, err = identity{c.Record.Pid, c.Record.Start}.open()
		if err != nil && !isGone(err) {
			return company{}, err
		}
	}
	if c.Pidfd == nil {
		c.Plan.notify = nil
		return company{drain: func() error { return nil }}, nil
	}
	if c.Plan.notify != nil {
		if err := c.Plan.notify.Do(); err != nil {
			return company{}, err
		}
	}
	out, err := s.detached.hub.resume()
	if err != nil {
		return company{}, err
	}
	return s.accompany(c, out.drain), nil
}

// forgetProbes ends those of the supervisor that was killed: nobody waits for what
// they say, nor for their time-out.
func (c *Container) forgetProbes() {
	if c.Plan.group == nil {
		return
	}
	if err := c.Plan.group.EndLeaves(cgroups.ForProbe, leafPatience); err != nil {
		c.watch.say(c.dir.ID + ": a probe of the supervisor that was killed is still there: " + Explain(err))
	}
}

// regroup finds the container's cgroup. What ran out of memory above it before we
// came is not to be counted.
func (c *Container) regroup() (err error) {
	if c.Record.Cgroup == "" {
		return nil
	}
	if c.Plan.group, err = cgroups.Open(c.Record.Cgroup); err != nil {
		c.Plan.group = nil
		return ignore(err, os.ErrNotExist)
	}
	if levels, err := c.Plan.group.MemoryLevels(); err == nil && len(levels) > 0 {
		c.levels = levels[1:]
	}
	return nil
}
