package runtime

import (
	"fmt"
	"os"

	"github.com/opencontainers/runtime-spec/specs-go"
	"golang.org/x/sys/unix"

	"mini/cgroups"
	"mini/runtime/state"
)

// load finds a container that another process has created. It knows the first
// process and the cgroup; its plan has no steps. The status is as of now. The
// caller has to close it.
func load(root, id string) (*Container, specs.ContainerState, error) {
	d, err := state.Open(root, id)
	if err != nil {
		return nil, "", err
	}
	c := &Container{dir: d}
	if c.Record, err = d.Load(); err != nil {
		return nil, "", err
	}
	plan, err := thin(d, c.Record)
	if err != nil {
		return nil, "", fmt.Errorf("%q: read what is kept of it: %w", id, err)
	}
	c.Plan = plan
	plan.child.Pid = c.Record.Pid
	if err := c.find(); err != nil {
		c.close()
		return nil, "", err
	}
	frozen := plan.group != nil && frozenGroup(plan.group)
	return c, statusOf(d, c.Record, c.Pidfd != nil, frozen), nil
}

// find opens what is left of the container: a dead process and a removed
// cgroup are no errors here, the status tells.
func (c *Container) find() (err error) {
	if c.Pidfd, err = (identity{c.Record.Pid, c.Record.Start}).open(); ignore(err, unix.ESRCH) != nil {
		return fmt.Errorf("%q: look at its first process: %w", c.dir.ID, err)
	}
	if c.Record.Cgroup == "" {
		return nil
	}
	if c.Plan.group, err = cgroups.Open(c.Record.Cgroup); err != nil {
		c.Plan.group = nil
		return ignore(err, os.ErrNotExist)
	}
	return nil
}

// withGroup loads a container and does something to its cgroup.
func withGroup(root, id string, do func(*Container, specs.ContainerState) error) error {
	c, status, err := load(root, id)
	if err != nil {
		return err
	}
	defer c.close()
	if status == specs.StateStopped {
		return fmt.Errorf("%q: %w", id, ErrNotRunning)
	}
	if c.Plan.group == nil {
		return fmt.Errorf("%q: has no cgroup: the host could not give it one when it was created", id)
	}
	return do(c, status)
}
