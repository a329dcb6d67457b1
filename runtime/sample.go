package runtime

import (
	"github.com/opencontainers/runtime-spec/specs-go"

	"mini/cgroups"
	"mini/runtime/tell"
)

// usage is what a running container's cgroup counts, in the form of metrics;
// nil if there is no cgroup or it is going away. It has a handle of its own:
// the container's may be closed meanwhile.
func (c *Container) usage() *tell.Usage {
	if c.Record.Cgroup == "" {
		return nil
	}
	group, err := cgroups.Open(c.Record.Cgroup)
	if err != nil {
		return nil
	}
	defer group.Close()
	stats, err := group.Stats()
	if err != nil {
		return nil
	}
	u := usageSample(stats)
	if events, err := group.Events(); err == nil && u.Memory != nil {
		u.OOMKills, u.Memory.LimitHits = &events.Memory.OOMKill, events.Memory.Max
	}
	if pids, err := group.Tree(); err == nil && u.Pids != nil {
		u.Pids.Processes = uint64(len(pids))
	}
	if spec := c.Plan.config.Spec; spec.Linux != nil && spec.Linux.Resources != nil {
		allowed(u, spec.Linux.Resources)
	}
	return u
}

// usageSample translates. A controller that the group does not have counts
// nothing: its part stays away.
func usageSample(s cgroups.Stats) *tell.Usage {
	u := &tell.Usage{
		CPUPressure: totals(s.CPUPressure), MemoryPressure: totals(s.MemoryPressure), IOPressure: totals(s.IOPressure),
		CPU: &tell.CPU{
			Usage: s.CPU.Usage, User: s.CPU.User, System: s.CPU.System,
			Periods: s.CPU.Periods, Throttled: s.CPU.Throttled, ThrottledMicros: s.CPU.ThrottledTime,
		},
	}
	if m := s.Memory; m.Stat != nil {
		u.Memory = &tell.Memory{
			Current: m.Current, Peak: m.Peak, Limit: m.Limit, Swap: m.SwapCurrent, SwapLimit: m.SwapLimit,
			File: m.Stat["file"], Anon: m.Stat["anon"], InactiveFile: m.Stat["inactive_file"], Mapped: m.Stat["file_mapped"],
			Kernel: m.Stat["kernel"], PageFaults: m.Stat["pgfault"], MajorFaults: m.Stat["pgmajfault"],
		}
	}
	if s.Pids.Current > 0 {
		u.Pids = &tell.Pids{Current: s.Pids.Current, Limit: s.Pids.Limit}
	}
	for _, d := range s.IO {
		u.Devices = append(u.Devices, tell.Device{
			Major: d.Major, Minor: d.Minor, ReadBytes: d.ReadBytes, WrittenBytes: d.WrittenBytes, Reads: d.Reads, Writes: d.Writes,
		})
	}
	for size, h := range s.Hugetlb {
		u.Huge = append(u.Huge, tell.Huge{Size: size, Current: h.Current, Failures: h.Failures})
	}
	return u
}

// allowed adds the limits that the kernel's counters do not come with.
func allowed(u *tell.Usage, r *specs.LinuxResources) {
	if c := r.CPU; c != nil {
		u.CPU.Quota, u.CPU.Period, u.CPU.Shares = uint64(max(0, given(c.Quota))), given(c.Period), given(c.Shares)
	}
	if m := r.Memory; m != nil && u.Memory != nil {
		u.Memory.Reservation = uint64(max(0, given(m.Reservation)))
	}
}

// given is what a setting says, zero if it is not there.
func given[T any](setting *T) (value T) {
	if setting != nil {
		value = *setting
	}
	return value
}

func totals(p *cgroups.Pressure) *tell.Pressure {
	if p == nil {
		return nil
	}
	return &tell.Pressure{Some: p.Some.Total, Full: p.Full.Total}
}
