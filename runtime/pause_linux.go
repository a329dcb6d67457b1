package runtime

import (
	"errors"
	"fmt"

	"github.com/opencontainers/runtime-spec/specs-go"
)

// ErrNotPaused says that a container cannot be resumed.
var ErrNotPaused = errors.New("container not paused")

// Pause stops every process of a running or created container by the cgroup's
// freezer, and returns when all have stopped.
func Pause(root, id string) error {
	return withGroup(root, id, func(c *Container, status specs.ContainerState) error {
		if status != specs.StateRunning && status != specs.StateCreated {
			return fmt.Errorf("%q: container not running or created: it is %s", id, status)
		}
		return c.Plan.group.Freeze()
	})
}

// Resume lets the processes of a paused container go on.
func Resume(root, id string) error {
	return withGroup(root, id, func(c *Container, status specs.ContainerState) error {
		if frozen, err := c.Plan.group.Frozen(); err != nil {
			return err
		} else if !frozen {
			return fmt.Errorf("%q: %w", id, ErrNotPaused)
		}
		return c.Plan.group.Thaw()
	})
}

// Processes gives the pids of a container's processes in our pid namespace, of
// those in cgroups below its own too. A container that has stopped has none.
func Processes(root, id string) ([]int, error) {
	c, status, err := load(root, id)
	if err != nil {
		return nil, err
	}
	defer c.close()
	switch {
	case c.Plan.group != nil:
		pids, err := c.Plan.group.Tree()
		return append([]int{}, pids...), err
	case status == specs.StateStopped:
		return []int{}, nil
	}
	return nil, fmt.Errorf("%q: has no cgroup that could tell its processes", id)
}
