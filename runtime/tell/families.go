package tell

import (
	"math"
	"slices"
	"strconv"
	"time"
)

// families are all metrics, in the order of the text. Names that begin with
// container_ are cAdvisor's and mean what they mean there, so that what was made
// for it shows mini's containers too; what cAdvisor has not begins with mini_.
// The table is made when it is asked for: few commands do, and all would make it.
func families() []family {
	return slices.Concat(usageFamilies(), limitFamilies(), healthFamilies())
}

// usageFamilies are what the cgroup counts.
func usageFamilies() []family {
	return []family{
		{"container_last_seen", gauge, "When the numbers were taken, seconds since 1970.", func(s Sample, p put) { stamp(p, s.At) }},
		{"container_start_time_seconds", gauge, "When the present run began, seconds since 1970.", func(s Sample, p put) { stamp(p, s.Start) }},

		{"container_cpu_usage_seconds_total", counter, "CPU time used.", ofCPU(func(c *CPU, p put) { p(seconds(c.Usage), "cpu", "total") })},
		{"container_cpu_user_seconds_total", counter, "CPU time used in user mode.", ofCPU(func(c *CPU, p put) { p(seconds(c.User)) })},
		{"container_cpu_system_seconds_total", counter, "CPU time used in the kernel.", ofCPU(func(c *CPU, p put) { p(seconds(c.System)) })},
		{"container_cpu_cfs_periods_total", counter, "Periods of cpu.max in which something ran.", ofQuota(func(c *CPU, p put) { p(float64(c.Periods)) })},
		{"container_cpu_cfs_throttled_periods_total", counter, "Periods in which the quota was used up.", ofQuota(func(c *CPU, p put) { p(float64(c.Throttled)) })},
		{"container_cpu_cfs_throttled_seconds_total", counter, "Time for which cpu.max held it back.", ofQuota(func(c *CPU, p put) { p(seconds(c.ThrottledMicros)) })},

		{"container_memory_usage_bytes", gauge, "Memory used, page cache included.", ofMemory(func(m *Memory, p put) { p(float64(m.Current)) })},
		{"container_memory_working_set_bytes", gauge, "Memory used without the inactive page cache.", ofMemory(func(m *Memory, p put) { p(float64(m.Current - min(m.InactiveFile, m.Current))) })},
		{"container_memory_rss", gauge, "Anonymous memory in bytes.", ofMemory(func(m *Memory, p put) { p(float64(m.Anon)) })},
		{"container_memory_cache", gauge, "Page cache in bytes.", ofMemory(func(m *Memory, p put) { p(float64(m.File)) })},
		{"container_memory_mapped_file", gauge, "Memory mapped files in bytes.", ofMemory(func(m *Memory, p put) { p(float64(m.Mapped)) })},
		{"container_memory_kernel_usage", gauge, "Memory that the kernel uses for it, in bytes.", ofMemory(func(m *Memory, p put) { p(float64(m.Kernel)) })},
		{"container_memory_swap", gauge, "Swap used in bytes.", ofMemory(func(m *Memory, p put) { p(float64(m.Swap)) })},
		{"container_memory_max_usage_bytes", gauge, "The most memory that was ever used.", ofMemory(func(m *Memory, p put) { some(p, m.Peak) })},
		{"container_memory_failcnt", counter, "How often it ran into memory.max.", ofMemory(func(m *Memory, p put) { p(float64(m.LimitHits)) })},
		{"container_memory_failures_total", counter, "Page faults.", ofMemory(func(m *Memory, p put) {
			p(float64(m.PageFaults), "failure_type", "pgfault", "scope", "hierarchy")
			p(float64(m.MajorFaults), "failure_type", "pgmajfault", "scope", "hierarchy")
		})},
		{"container_oom_events_total", counter, "Processes killed for lack of memory.", ofUsage(func(u *Usage, p put) {
			if u.OOMKills != nil {
				p(float64(*u.OOMKills))
			}
		})},

		{"container_processes", gauge, "Processes.", ofPids(func(n *Pids, p put) { some(p, n.Processes) })},
		{"container_threads", gauge, "Threads.", ofPids(func(n *Pids, p put) { p(float64(n.Current)) })},
		{"container_threads_max", gauge, "How many threads there may be, 0 for any number.", ofPids(func(n *Pids, p put) { p(limit(n.Limit)) })},

		{"container_fs_reads_bytes_total", counter, "Bytes read from the device.", ofDevices(func(d Device, p put) { p(float64(d.ReadBytes), "device", d.name()) })},
		{"container_fs_reads_total", counter, "Reads from the device.", ofDevices(func(d Device, p put) { p(float64(d.Reads), "device", d.name()) })},
		{"container_fs_writes_bytes_total", counter, "Bytes written to the device.", ofDevices(func(d Device, p put) { p(float64(d.WrittenBytes), "device", d.name()) })},
		{"container_fs_writes_total", counter, "Writes to the device.", ofDevices(func(d Device, p put) { p(float64(d.Writes), "device", d.name()) })},

		{"container_hugetlb_usage_bytes", gauge, "Huge pages used in bytes.", ofHuge(func(h Huge, p put) { p(float64(h.Current), "pagesize", h.Size) })},
		{"container_hugetlb_failcnt", counter, "How often it ran into the limit of huge pages.", ofHuge(func(h Huge, p put) { p(float64(h.Failures), "pagesize", h.Size) })},

		{"container_pressure_cpu_waiting_seconds_total", counter, "Time for which some task waited for the CPU.", ofUsage(func(u *Usage, p put) { waiting(p, u.CPUPressure) })},
		{"container_pressure_cpu_stalled_seconds_total", counter, "Time for which all tasks waited for the CPU.", ofUsage(func(u *Usage, p put) { stalled(p, u.CPUPressure) })},
		{"container_pressure_memory_waiting_seconds_total", counter, "Time for which some task waited for memory.", ofUsage(func(u *Usage, p put) { waiting(p, u.MemoryPressure) })},
		{"container_pressure_memory_stalled_seconds_total", counter, "Time for which all tasks waited for memory.", ofUsage(func(u *Usage, p put) { stalled(p, u.MemoryPressure) })},
		{"container_pressure_io_waiting_seconds_total", counter, "Time for which some task waited for input and output.", ofUsage(func(u *Usage, p put) { waiting(p, u.IOPressure) })},
		{"container_pressure_io_stalled_seconds_total", counter, "Time for which all tasks waited for input and output.", ofUsage(func(u *Usage, p put) { stalled(p, u.IOPressure) })},
	}
}

// limitFamilies are what was allowed. As in cAdvisor 0 bytes are no limit, and a
// quota is there only where there is one.
func limitFamilies() []family {
	return []family{
		{"container_spec_cpu_period", gauge, "The period of cpu.max in microseconds.", ofCPU(func(c *CPU, p put) { some(p, c.Period) })},
		{"container_spec_cpu_quota", gauge, "The quota of cpu.max in microseconds.", ofQuota(func(c *CPU, p put) { p(float64(c.Quota)) })},
		{"container_spec_cpu_shares", gauge, "The weight of its CPU time, 1024 by default.", ofCPU(func(c *CPU, p put) { some(p, c.Shares) })},
		{"container_spec_memory_limit_bytes", gauge, "memory.max, 0 for none.", ofMemory(func(m *Memory, p put) { p(limit(m.Limit)) })},
		{"container_spec_memory_swap_limit_bytes", gauge, "memory.swap.max, 0 for none.", ofMemory(func(m *Memory, p put) { p(limit(m.SwapLimit)) })},
		{"container_spec_memory_reservation_limit_bytes", gauge, "memory.low, 0 for none.", ofMemory(func(m *Memory, p put) { p(limit(m.Reservation)) })},
	}
}

const (
	gauge   = "gauge"
	counter = "counter"
)

func ofUsage(f func(*Usage, put)) func(Sample, put) {
	return func(s Sample, p put) {
		if s.Usage != nil {
			f(s.Usage, p)
		}
	}
}

func ofCPU(f func(*CPU, put)) func(Sample, put) {
	return ofUsage(func(u *Usage, p put) {
		if u.CPU != nil {
			f(u.CPU, p)
		}
	})
}

// ofQuota is for what makes sense where there is a quota.
func ofQuota(f func(*CPU, put)) func(Sample, put) {
	return ofCPU(func(c *CPU, p put) {
		if c.Quota > 0 {
			f(c, p)
		}
	})
}

func ofMemory(f func(*Memory, put)) func(Sample, put) {
	return ofUsage(func(u *Usage, p put) {
		if u.Memory != nil {
			f(u.Memory, p)
		}
	})
}

func ofPids(f func(*Pids, put)) func(Sample, put) {
	return ofUsage(func(u *Usage, p put) {
		if u.Pids != nil {
			f(u.Pids, p)
		}
	})
}

func ofDevices(f func(Device, put)) func(Sample, put) {
	return ofUsage(func(u *Usage, p put) {
		for _, d := range u.Devices {
			f(d, p)
		}
	})
}

func ofHuge(f func(Huge, put)) func(Sample, put) {
	return ofUsage(func(u *Usage, p put) {
		for _, h := range u.Huge {
			f(h, p)
		}
	})
}

func waiting(p put, s *Pressure) {
	if s != nil {
		p(seconds(s.Some))
	}
}

func stalled(p put, s *Pressure) {
	if s != nil {
		p(seconds(s.Full))
	}
}

// some leaves out what is not known.
func some(p put, n uint64) {
	if n > 0 {
		p(float64(n))
	}
}

func stamp(p put, t time.Time) {
	if !t.IsZero() {
		p(float64(t.UnixMilli()) / 1000)
	}
}

func seconds(micros uint64) float64 { return float64(micros) / 1e6 }

// limit is 0 for none.
func limit(n uint64) float64 {
	if n == math.MaxUint64 {
		return 0
	}
	return float64(n)
}

// name is what the label device says.
func (d Device) name() string {
	if d.Name != "" {
		return d.Name
	}
	return strconv.FormatUint(uint64(d.Major), 10) + ":" + strconv.FormatUint(uint64(d.Minor), 10)
}
