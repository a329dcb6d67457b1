package runtime

import (
	"time"

	"github.com/opencontainers/runtime-spec/specs-go"

	"mini/cgroups"
)

// Stats tells once what a container has used.
func Stats(root, id string, emit func(Event) error) error {
	return withGroup(root, id, func(c *Container, _ specs.ContainerState) error {
		return c.emitStats(emit)
	})
}

// Events tells what a container uses, once an interval, and whenever a process
// of it was killed for lack of memory, until it ends.
func Events(root, id string, interval time.Duration, emit func(Event) error) error {
	return withGroup(root, id, func(c *Container, _ specs.ContainerState) error {
		w, err := c.Plan.group.Watch()
		if err != nil {
			return err
		}
		defer w.Close()
		return c.observe(w, interval, emit)
	})
}

// observe lasts until the cgroup is empty.
func (c *Container) observe(w *cgroups.Watch, interval time.Duration, emit func(Event) error) error {
	before, err := c.Plan.group.Events()
	if err != nil {
		return err
	}
	for next := time.Now().Add(interval); ; {
		now, err := w.Next(time.Until(next))
		if err != nil {
			return err
		}
		for kills := before.Memory.OOMKill; kills < now.Memory.OOMKill; kills++ {
			if err := emit(Event{Type: "oom", ID: c.Record.ID}); err != nil {
				return err
			}
		}
		if !now.Populated {
			return nil
		}
		before = now
		if time.Now().Before(next) {
			continue
		}
		next = time.Now().Add(interval)
		if err := c.emitStats(emit); err != nil {
			return err
		}
	}
}

func (c *Container) emitStats(emit func(Event) error) error {
	stats, err := c.Plan.group.Stats()
	if err != nil {
		return err
	}
	return emit(Event{Type: "stats", ID: c.Record.ID, Data: usageOf(stats)})
}
