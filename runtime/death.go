package runtime

import (
	"fmt"
	"strconv"
	"strings"
	"time"

	"golang.org/x/sys/unix"

	"mini/cgroups"
)

// Death is the account of a container's end, read from its cgroup before
// that is removed.
type Death struct {
	ID        string
	Status    unix.WaitStatus
	Lived     time.Duration
	By        string // why mini ended it: "--timeout", "unhealthy", "signal"; "" if it did not
	OOM       cgroups.OOM
	Memory    cgroups.MemoryStats
	Refused   uint64        // forks that pids.max refused
	Throttled time.Duration // time that cpu.max took away
	CPU       time.Duration // user and system, of the first process and those it waited for
}

// autopsy reads what is left of a container whose first process has ended.
// What cannot be read stays zero: the account must not hinder the end.
func (c *Container) autopsy(status unix.WaitStatus, usage unix.Rusage) Death {
	d := Death{
		ID: c.Record.ID, Status: status, Lived: time.Since(c.Record.Created),
		CPU: time.Duration(usage.Utime.Nano() + usage.Stime.Nano()),
	}
	group := c.Plan.group
	if group == nil {
		return d
	}
	if levels, err := group.MemoryLevels(); err == nil {
		d.OOM = cgroups.Blame(c.levels, levels)
	}
	if stats, err := group.Stats(); err == nil {
		d.Memory, d.Throttled = stats.Memory, time.Duration(stats.CPU.ThrottledTime)*time.Microsecond
	}
	if events, err := group.Events(); err == nil {
		d.Refused = events.PidsMax
	}
	return d
}

// ExitStatus is the program's own, or 128 and the signal that killed it.
func (d Death) ExitStatus() int {
	if d.Status.Signaled() {
		return 128 + int(d.Status.Signal())
	}
	return d.Status.ExitStatus()
}

// Remarkable says whether a person should be told: the program was killed, or
// a limit stood in its way.
func (d Death) Remarkable() bool {
	return d.Status.Signaled() || d.By != "" || d.OOM.Kills > 0 || d.Refused > 0
}

// String tells how it ended and why, as far as the kernel knows.
func (d Death) String() string {
	parts := []string{d.ID + ": " + d.how()}
	if d.By != "" {
		parts[0] += " (" + d.By + ")"
	}
	if oom := d.oom(); oom != "" {
		parts = append(parts, oom)
	}
	if d.Refused > 0 {
		parts = append(parts, fmt.Sprintf("pids.max refused %d forks [/linux/resources/pids/limit]", d.Refused))
	}
	return strings.Join(append(parts, d.use()), "; ")
}

func (d Death) how() string {
	if d.Status.Signaled() {
		return "killed by " + unix.SignalName(d.Status.Signal())
	}
	return "exited with status " + strconv.Itoa(d.Status.ExitStatus())
}

// oom says whose memory ran out.
func (d Death) oom() string {
	switch d.OOM.Culprit {
	case cgroups.NoOOM:
		return ""
	case cgroups.OwnLimit:
		return fmt.Sprintf("out of memory, its own limit memory.max = %s [/linux/resources/memory/limit]", size(d.Memory.Limit))
	case cgroups.InnerLimit:
		return "out of memory, a limit that was set inside the container"
	case cgroups.OuterLimit:
		return "out of memory, the limit of a cgroup above it: " + d.OOM.Path
	}
	return "out of memory: the whole machine was, no limit of the container"
}

// use is what it took.
func (d Death) use() string {
	s := fmt.Sprintf("after %s, %s of CPU", rounded(d.Lived), rounded(d.CPU))
	if d.Throttled > 0 {
		s += fmt.Sprintf(" (held back for %s by cpu.max)", rounded(d.Throttled))
	}
	if d.Memory.Peak > 0 {
		s += fmt.Sprintf(", memory peak %s", size(d.Memory.Peak))
	}
	return s
}

func rounded(d time.Duration) time.Duration {
	if d > time.Second {
		return d.Round(100 * time.Millisecond)
	}
	return d.Round(time.Millisecond)
}

// size writes bytes with one of the units that flags take.
func size(bytes uint64) string {
	for _, u := range []struct {
		shift uint
		name  string
	}{{30, "GiB"}, {20, "MiB"}, {10, "KiB"}} {
		if bytes >= 1<<u.shift {
			return strings.TrimSuffix(fmt.Sprintf("%.1f", float64(bytes)/float64(uint64(1)<<u.shift)), ".0") + " " + u.name
		}
	}
	return fmt.Sprintf("%d bytes", bytes)
}
