package runtime

import (
	"fmt"
	"strconv"
	"strings"

	"mini/cgroups"
)

// String tells in a line how it ended and why, as far as the kernel knows.
func (d Death) String() string {
	parts := []string{d.ID + ": " + d.how()}
	if d.By != "" {
		parts[0] += " (" + d.By + ")"
	}
	if oom := d.oom(); oom != "" {
		parts = append(parts, oom)
	}
	if n := d.Pids.Refused; n > 0 {
		parts = append(parts, fmt.Sprintf("pids.max refused %s [/linux/resources/pids/limit]", count(int(n), "fork")))
	}
	return strings.Join(append(parts, d.use()), "; ")
}

func (d Death) how() string {
	switch {
	case d.Signal != "":
		return "killed by " + d.Signal
	case d.Status == Unknown:
		return "ended, nobody knows with which status"
	}
	return "exited with status " + strconv.Itoa(d.Status)
}

// oom says whose memory ran out.
func (d Death) oom() string {
	if d.OOM == nil {
		return ""
	}
	switch cgroups.Culprit(d.OOM.Limit) {
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
	s := fmt.Sprintf("after %s, %s of CPU", d.Lived, d.CPU.Used)
	if d.CPU.Throttled > 0 {
		s += fmt.Sprintf(" (held back for %s by cpu.max)", d.CPU.Throttled)
	}
	if d.Memory.Peak > 0 {
		s += ", memory peak " + size(d.Memory.Peak)
	}
	return s
}

// Details are further lines, of what stands out.
func (d Death) Details() []string {
	var lines []string
	for _, p := range []struct {
		what   string
		waited *Waited
	}{{"memory", d.Pressure.Memory}, {"io", d.Pressure.IO}, {"cpu", d.Pressure.CPU}} {
		throttled := p.what == "cpu" && d.CPU.Throttled > 0 // has been said
		if p.waited != nil && !throttled && p.waited.Some > d.Lived/10 {
			lines = append(lines, fmt.Sprintf("waited for %s for %s, with all its tasks for %s", p.what, p.waited.Some, p.waited.Full))
		}
	}
	if d.Pids.Refused > 0 && d.Pids.Peak > 0 {
		lines = append(lines, fmt.Sprintf("had %d processes and threads at most, of %d", d.Pids.Peak, d.Pids.Limit))
	}
	for _, p := range d.Probes {
		if p.Kind != "success" {
			lines = append(lines, p.String(d))
		}
	}
	return lines
}

// String is a line about a probe before a death.
func (p ProbeResult) String(d Death) string {
	s := fmt.Sprintf("%s: %s", p.Check, p.Kind)
	if before := d.Ended.Sub(p.At); before > 0 {
		s += fmt.Sprintf(" %s before", Seconds(before))
	}
	if out, _, _ := strings.Cut(strings.TrimSpace(p.Output), "\n"); out != "" {
		s += ": " + out
	}
	return s
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
