package cgroups

// row is what becomes of one field of linux.resources. A test walks the
// specification's structs and fails on a field without a row.
type row struct {
	field string                  // below /linux/resources
	parts string                  // of a list or map: the fields of its elements
	why   string                  // of the operations it makes
	apply func(translation) error // nil: done by the row named in why, or by the device program
}

// table is in the order in which settings are written.
func table() []row {
	return append(append(memoryRows(), cpuRows()...), otherRows()...)
}

func memoryRows() []row {
	return []row{
		{"memory/checkBeforeUpdate", "", "with the limit below the present use the kernel would kill at once instead of refusing (cgroup-v2.rst: memory.max)", checkUsage},
		{"memory/limit", "", "beyond this many bytes the kernel reclaims, and if it cannot, kills (cgroup-v2.rst: memory.max)", memoryLimit},
		{"memory/swap", "", "v1 limits memory plus swap, v2 swap alone: this is the difference (cgroup-v2.rst: memory.swap.max)", memorySwap},
		{"memory/reservation", "", "below this many bytes memory is not reclaimed as long as others have some (cgroup-v2.rst: memory.low)", memoryReservation},
		{"memory/kernel", "", "", noKernelMemory},
		{"memory/kernelTCP", "", "", noKernelTCP},
		{"memory/swappiness", "", "", noSwappiness},
		{"memory/disableOOMKiller", "", "", noOOMDisable},
		{"memory/useHierarchy", "", "", onlyHierarchy},
	}
}

func cpuRows() []row {
	return []row{
		{"cpu/idle", "", "an idle group runs only when no other wants the CPU (cgroup-v2.rst: cpu.idle)", cpuIdle},
		{"cpu/shares", "", "the share of the CPU while others want it too, 1 to 10000, normally 100 (cgroup-v2.rst: cpu.weight)", cpuShares},
		{"cpu/quota", "", "so many microseconds of CPU time in each period, over all CPUs (cgroup-v2.rst: cpu.max)", cpuMax},
		{"cpu/period", "", "written with cpu/quota", cpuPeriodAlone},
		{"cpu/burst", "", "unused quota of earlier periods may be spent up to this (cgroup-v2.rst: cpu.max.burst)", cpuBurst},
		{"cpu/realtimeRuntime", "", "", noRealtime(runtimeOf)},
		{"cpu/realtimePeriod", "", "", noRealtime(periodOf)},
		{"cpu/cpus", "", "the CPUs it may run on (cgroup-v2.rst: cpuset.cpus)", cpus},
		{"cpu/mems", "", "the memory nodes it may use (cgroup-v2.rst: cpuset.mems)", mems},
	}
}

func otherRows() []row {
	return []row{
		{"pids/limit", "", "fork fails with EAGAIN when there are so many tasks; threads count (cgroup-v2.rst: pids.max)", pidsLimit},
		{"blockIO/weight", "", "the share of the disk while others want it too (cgroup-v2.rst: io.weight; BFQ: io.bfq.weight)", ioWeight},
		{"blockIO/leafWeight", "", "", noLeafWeight},
		{"blockIO/weightDevice", "major minor weight leafWeight", "the share of this disk while others want it too (cgroup-v2.rst: io.weight; BFQ: io.bfq.weight)", ioWeightDevices},
		{"blockIO/throttleReadBpsDevice", "major minor rate", "bytes read per second from this device (cgroup-v2.rst: io.max)", throttle("rbps")},
		{"blockIO/throttleWriteBpsDevice", "major minor rate", "bytes written per second to this device (cgroup-v2.rst: io.max)", throttle("wbps")},
		{"blockIO/throttleReadIOPSDevice", "major minor rate", "read operations per second on this device (cgroup-v2.rst: io.max)", throttle("riops")},
		{"blockIO/throttleWriteIOPSDevice", "major minor rate", "write operations per second on this device (cgroup-v2.rst: io.max)", throttle("wiops")},
		{"hugepageLimits", "pageSize limit", "bytes of huge pages of this size (cgroup-v2.rst: hugetlb.<size>.max)", hugepages},
		{"network/classID", "", "", noClassID},
		{"network/priorities", "name priority", "", noPriorities},
		{"rdma", "hcaHandles hcaObjects", "handles and objects of this RDMA device (cgroup-v2.rst: rdma.max)", rdma},
		{"unified", "", "the kernel's own file and value, written as given (linux.resources.unified of the runtime specification)", unified},
		{"devices", "allow type major minor access", "becomes the device program", nil},
	}
}
