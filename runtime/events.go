package runtime

import (
	"math"

	"mini/cgroups"
)

// Event is one line of `mini events`, as engines know it of runc.
type Event struct {
	Type string `json:"type"` // stats or oom
	ID   string `json:"id"`
	Data *Usage `json:"data,omitempty"` // of stats
}

// Usage is what a container has used. Times are in nanoseconds, the rest in
// bytes or counts. What cgroup v2 does not count stays away or is zero.
type Usage struct {
	CPU        cpuUsage                `json:"cpu"`
	CPUSet     cpusetUsage             `json:"cpuset"`
	Memory     memoryUsage             `json:"memory"`
	Pids       pidsUsage               `json:"pids"`
	IO         ioUsage                 `json:"blkio"`
	Hugetlb    map[string]hugetlbUsage `json:"hugetlb"`
	IntelRdt   struct{}                `json:"intel_rdt"`
	Interfaces []struct{}              `json:"network_interfaces"`
}

type cpuUsage struct {
	Usage struct {
		Total  uint64 `json:"total,omitempty"`
		Kernel uint64 `json:"kernel"`
		User   uint64 `json:"user"`
	} `json:"usage"`
	Throttling struct {
		Periods   uint64 `json:"periods,omitempty"`
		Throttled uint64 `json:"throttledPeriods,omitempty"`
		Time      uint64 `json:"throttledTime,omitempty"`
	} `json:"throttling"`
	Pressure *pressure `json:"psi,omitempty"`
}

// cpusetUsage is of cgroup v1. runc has the keys with v2 as well, all zero, and who
// reads its lines may want them there.
type cpusetUsage struct {
	CPUExclusive     uint64 `json:"cpu_exclusive"`
	MemHardwall      uint64 `json:"mem_hardwall"`
	MemExclusive     uint64 `json:"mem_exclusive"`
	MemoryMigrate    uint64 `json:"memory_migrate"`
	MemorySpreadPage uint64 `json:"memory_spread_page"`
	MemorySpreadSlab uint64 `json:"memory_spread_slab"`
	MemoryPressure   uint64 `json:"memory_pressure"`
	LoadBalance      uint64 `json:"sched_load_balance"`
	RelaxDomainLevel int64  `json:"sched_relax_domain_level"`
}

type memoryUsage struct {
	Cache     uint64            `json:"cache,omitempty"`
	Usage     memoryEntry       `json:"usage"`
	Swap      memoryEntry       `json:"swap"`
	Kernel    memoryEntry       `json:"kernel"`
	KernelTCP memoryEntry       `json:"kernelTCP"`
	Raw       map[string]uint64 `json:"raw,omitempty"`
	Pressure  *pressure         `json:"psi,omitempty"`
}

type memoryEntry struct {
	Limit   uint64 `json:"limit"`
	Usage   uint64 `json:"usage,omitempty"`
	Max     uint64 `json:"max,omitempty"`
	Failcnt uint64 `json:"failcnt"`
}

type pidsUsage struct {
	Current uint64 `json:"current,omitempty"`
	Limit   uint64 `json:"limit,omitempty"` // 0: none
}

type ioUsage struct {
	Bytes      []ioEntry `json:"ioServiceBytesRecursive,omitempty"`
	Operations []ioEntry `json:"ioServicedRecursive,omitempty"`
	Pressure   *pressure `json:"psi,omitempty"`
}

type ioEntry struct {
	Major uint64 `json:"major,omitempty"`
	Minor uint64 `json:"minor,omitempty"`
	Op    string `json:"op,omitempty"`
	Value uint64 `json:"value,omitempty"`
}

type hugetlbUsage struct {
	Usage   uint64 `json:"usage,omitempty"`
	Max     uint64 `json:"max,omitempty"`
	Failcnt uint64 `json:"failcnt"`
}

// pressure is as cgroups.Pressure.
type pressure struct {
	Some stall `json:"some"`
	Full stall `json:"full"`
}

type stall struct {
	Avg10  float64 `json:"avg10"`
	Avg60  float64 `json:"avg60"`
	Avg300 float64 `json:"avg300"`
	Total  uint64  `json:"total"`
}

// usageOf puts the kernel's counters into the form of events.
func usageOf(s cgroups.Stats) *Usage {
	u := &Usage{Hugetlb: map[string]hugetlbUsage{}, Interfaces: []struct{}{}}
	u.CPU = cpuOf(s.CPU)
	u.CPU.Pressure = pressureOf(s.CPUPressure)
	u.Memory = memoryOf(s.Memory)
	u.Memory.Pressure = pressureOf(s.MemoryPressure)
	u.Pids.Current = s.Pids.Current
	if s.Pids.Limit != math.MaxUint64 {
		u.Pids.Limit = s.Pids.Limit
	}
	u.IO = ioOf(s.IO)
	u.IO.Pressure = pressureOf(s.IOPressure)
	for size, h := range s.Hugetlb {
		u.Hugetlb[size] = hugetlbUsage{Usage: h.Current, Failcnt: h.Failures}
	}
	return u
}

func cpuOf(s cgroups.CPUStats) (u cpuUsage) {
	const µs = 1000
	u.Usage.Total, u.Usage.Kernel, u.Usage.User = s.Usage*µs, s.System*µs, s.User*µs
	u.Throttling.Periods, u.Throttling.Throttled, u.Throttling.Time = s.Periods, s.Throttled, s.ThrottledTime*µs
	return u
}

// memoryOf reports swap as cgroup v1 did, memory included, as engines expect.
func memoryOf(s cgroups.MemoryStats) memoryUsage {
	u := memoryUsage{
		Cache: s.Stat["file"], Raw: s.Stat,
		Usage: memoryEntry{Limit: s.Limit, Usage: s.Current, Max: s.Peak},
		Swap:  memoryEntry{Limit: math.MaxUint64, Usage: s.SwapCurrent + s.Current},
	}
	if s.Limit != math.MaxUint64 && s.SwapLimit != math.MaxUint64 {
		u.Swap.Limit = s.Limit + s.SwapLimit
	}
	return u
}

func ioOf(devices []cgroups.IODevice) (u ioUsage) {
	for _, d := range devices {
		entry := func(op string, value uint64) ioEntry {
			return ioEntry{uint64(d.Major), uint64(d.Minor), op, value}
		}
		u.Bytes = append(u.Bytes, entry("Read", d.ReadBytes), entry("Write", d.WrittenBytes), entry("Discard", d.DiscardedBytes))
		u.Operations = append(u.Operations, entry("Read", d.Reads), entry("Write", d.Writes), entry("Discard", d.Discards))
	}
	return u
}

func pressureOf(p *cgroups.Pressure) *pressure {
	if p == nil {
		return nil
	}
	return &pressure{stall(p.Some), stall(p.Full)}
}
