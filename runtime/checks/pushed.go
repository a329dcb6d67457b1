package checks

import (
	"slices"
	"strings"
	"time"
)

// Here is what the kinds that nobody asks need to be true of their settings.

func (n *Notify) complete(role Role) error {
	if role == Startup {
		byDefault(&n.Watchdog, startupWatchdog)
	}
	return within("/watchdog", n.Watchdog, 0, longest)
}

// The bounds of Linux 5.14 (kernel/sched/psi.c); later ones allow more.
const (
	shortestWindow = Duration(500 * time.Millisecond)
	longestWindow  = Duration(10 * time.Second)
	defaultWindow  = Duration(2 * time.Second)
)

func (p *Pressure) complete(role Role) error {
	byDefault(&p.Kind, "some")
	byDefault(&p.Window, defaultWindow)
	byDefault(&p.Calm, calm)
	if err := oneOf("/resource", p.Resource, []string{"cpu", "memory", "io"}); err != nil {
		return err
	}
	if err := oneOf("/kind", p.Kind, []string{"some", "full"}); err != nil {
		return err
	}
	if err := within("/window", p.Window, shortestWindow, longestWindow); err != nil {
		return err
	}
	if err := within("/stall", p.Stall, Duration(time.Microsecond), p.Window); err != nil {
		return err
	}
	return passive(role, p.Calm)
}

// The keys of the files that can be watched, those with a default first
// (Documentation/admin-guide/cgroup-v2.rst).
var (
	memoryCounters = []string{"oom_kill", "low", "high", "max", "oom", "oom_group_kill"}
	pidsCounters   = []string{"max"}
)

func (e *Events) complete(role Role) error {
	byDefault(&e.Calm, calm)
	if err := oneOf("/file", e.File, []string{"memory.events", "pids.events"}); err != nil {
		return err
	}
	keys := memoryCounters
	if e.File == "pids.events" {
		keys = pidsCounters
	}
	byDefault(&e.Key, keys[0])
	if !slices.Contains(keys, e.Key) {
		return fail("/key", "unknown %s; %s has %s", shown(e.Key), e.File, strings.Join(keys, ", "))
	}
	return passive(role, e.Calm)
}

// passive checks are silent as long as all is well.
func passive(role Role, calm Duration) error {
	if role == Startup {
		return fail("", "cannot tell that a service has started up; its role is liveness or readiness")
	}
	return within("/calm", calm, Duration(time.Millisecond), longest)
}
