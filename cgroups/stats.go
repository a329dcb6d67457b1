package cgroups

// Stats is what the kernel counted for a group and everything below it. What a
// kernel or host does not count is zero or nil: controllers that are not
// enabled, and files newer than the kernel. Limits are math.MaxUint64 for none.
type Stats struct {
	CPU     CPUStats
	Memory  MemoryStats
	Pids    PidsStats
	IO      []IODevice
	Hugetlb map[string]HugetlbStats // by page size, "2MB"
	// Pressure stall information; nil where the kernel has it switched off.
	CPUPressure, MemoryPressure, IOPressure *Pressure
}

// CPUStats is cpu.stat. Times are in microseconds.
type CPUStats struct {
	Usage, User, System uint64
	Periods             uint64 // periods in which something ran, with a quota set
	Throttled           uint64 // of those, how many ran into the quota
	ThrottledTime       uint64
	Limit               float64 // of cpu.max, in processors; 0: none. Of Glance only
}

// MemoryStats is memory.* in bytes.
type MemoryStats struct {
	Current, Limit         uint64
	Peak                   uint64 // since Linux 5.19
	SwapCurrent, SwapLimit uint64
	SwapPeak               uint64            // since Linux 6.5
	Stat                   map[string]uint64 // memory.stat: bytes, and event counts where the name begins with pg or workingset
}

// PidsStats is pids.*, in tasks: threads count.
type PidsStats struct {
	Current, Limit uint64
	Peak           uint64 // since Linux 6.10
}

// IODevice is one line of io.stat: bytes and numbers of operations.
type IODevice struct {
	Major, Minor                            uint32
	ReadBytes, WrittenBytes, DiscardedBytes uint64
	Reads, Writes, Discards                 uint64
}

// HugetlbStats is hugetlb.<size>.*, in bytes.
type HugetlbStats struct {
	Current, Limit uint64
	Failures       uint64 // how often an allocation ran into the limit
}

// Pressure says for how long tasks waited for a resource: Some of them, or all
// at once (Full).
type Pressure struct{ Some, Full Stall }

// Stall has averages in percent of the last 10, 60 and 300 seconds, and the
// total in microseconds.
type Stall struct {
	Avg10, Avg60, Avg300 float64
	Total                uint64
}

// Events are counts of what happened to the group since it was made, and its
// present state.
type Events struct {
	Populated, Frozen bool         // cgroup.events
	Memory            MemoryEvents // memory.events: in the group and below
	MemoryLocal       MemoryEvents // memory.events.local: by the group's own limits (Linux 5.2)
	PidsMax           uint64       // pids.events: forks that failed for pids.max
}

// MemoryEvents is one file of memory events; each field counts occurrences.
type MemoryEvents struct {
	Low          uint64 // reclaimed in spite of memory.low
	High         uint64 // slowed down by memory.high
	Max          uint64 // about to go over memory.max
	OOM          uint64 // memory.max reached and nothing to reclaim
	OOMKill      uint64 // processes killed by any OOM killer
	OOMGroupKill uint64 // whole groups killed (Linux 5.17)
}

func cpuStats(m map[string]uint64) CPUStats {
	return CPUStats{
		Usage: m["usage_usec"], User: m["user_usec"], System: m["system_usec"],
		Periods: m["nr_periods"], Throttled: m["nr_throttled"], ThrottledTime: m["throttled_usec"],
	}
}

func memoryEvents(m map[string]uint64) MemoryEvents {
	return MemoryEvents{
		Low: m["low"], High: m["high"], Max: m["max"], OOM: m["oom"],
		OOMKill: m["oom_kill"], OOMGroupKill: m["oom_group_kill"],
	}
}
