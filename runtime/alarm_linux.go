package runtime

import (
	"errors"
	"time"

	"mini/cgroups"
	"mini/runtime/checks"
)

// errNoCgroup says that the kernel has nothing to tell of a container.
var errNoCgroup = errors.New("the container has no cgroup")

// alarm is what the kernel tells of by itself for a check.
func (c *Container) alarm(k checks.Check) (*cgroups.Alarm, error) {
	group := c.Plan.group
	switch {
	case group == nil:
		return nil, errNoCgroup
	case k.Pressure != nil:
		return group.PressureAlarm(cgroups.Trigger{
			Resource: k.Pressure.Resource, Full: k.Pressure.Kind == "full",
			Stall: time.Duration(k.Pressure.Stall), Window: time.Duration(k.Pressure.Window),
		})
	}
	return group.EventsAlarm(k.Events.File, k.Events.Key)
}
