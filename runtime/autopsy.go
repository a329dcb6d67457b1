package runtime

import (
	"cmp"
	"math"
	"time"

	"golang.org/x/sys/unix"

	"mini/cgroups"
)

// autopsy reads what is left of a container whose first process has ended,
// before its cgroup goes. What cannot be read stays zero: the account must not
// hinder the end. By is who or what asked for the end. Unless all is wanted, an
// end that is not remarkable has no more than its time and its status: a dozen
// files that nobody is told of.
func (c *Container) autopsy(status unix.WaitStatus, usage unix.Rusage, by string, all bool) Death {
	now := time.Now()
	d := Death{
		ID: c.Record.ID, Started: c.Record.Created, Ended: now.UTC(), Lived: Seconds(now.Sub(c.Record.Created)),
		Status: status.ExitStatus(),
		CPU:    DeathCPU{Used: Seconds(usage.Utime.Nano() + usage.Stime.Nano())}, By: by,
	}
	if status.Signaled() {
		d.Status, d.Signal = 128+int(status.Signal()), signalName(status.Signal())
	}
	if c.Plan.group != nil && (all || d.Remarkable() || c.troubled()) {
		c.examine(&d)
	}
	return d
}

// troubled says whether a limit stood in its way.
func (c *Container) troubled() bool {
	events, err := c.Plan.group.Troubles()
	return err == nil && (events.Memory.OOMKill > 0 || events.PidsMax > 0)
}

// examine fills in what the cgroup has counted.
func (c *Container) examine(d *Death) {
	stats, events, err := c.Plan.group.Tally()
	if err != nil {
		return
	}
	d.Memory = DeathMemory{stats.Memory.Peak, ceiling(stats.Memory.Limit)}
	d.Pids = DeathPids{events.PidsMax, stats.Pids.Peak, ceiling(stats.Pids.Limit)}
	d.CPU.Used = cmp.Or(d.CPU.Used, micro(stats.CPU.Usage))
	d.CPU.Throttled, d.CPU.Throttles = micro(stats.CPU.ThrottledTime), stats.CPU.Throttled
	d.Pressure = DeathPressure{waited(stats.CPUPressure), waited(stats.MemoryPressure), waited(stats.IOPressure)}
	if events.Memory.OOMKill == 0 {
		return
	}
	levels, err := c.Plan.group.MemoryLevels()
	if err != nil {
		return
	}
	if o := cgroups.Blame(c.levels, levels); o.Kills > 0 {
		d.OOM = &OOM{o.Kills, string(o.Culprit), o.Path}
	}
}

// ceiling is a limit of the kernel's with 0 for none.
func ceiling(n uint64) uint64 {
	if n == math.MaxUint64 {
		return 0
	}
	return n
}

// micro converts the kernel's microseconds.
func micro(µs uint64) Seconds { return Seconds(µs * uint64(time.Microsecond)) }

func waited(p *cgroups.Pressure) *Waited {
	if p == nil {
		return nil
	}
	return &Waited{micro(p.Some.Total), micro(p.Full.Total)}
}

// signalName is the signal's, or its number: real-time signals have no names.
func signalName(sig unix.Signal) string {
	return cmp.Or(unix.SignalName(sig), sig.String())
}
