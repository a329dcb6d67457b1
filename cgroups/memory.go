package cgroups

import "strconv"

// memoryBytes writes a number of bytes, -1 as max.
func memoryBytes(t translation, file string, p *int64) error {
	n, ok := given(p)
	switch {
	case !ok:
		return nil
	case n < -1:
		return t.refuse("%d is not a number of bytes, and -1 is the only other value", n)
	}
	t.write(file, limitText(n))
	return nil
}

func memoryLimit(t translation) error { return memoryBytes(t, "memory.max", t.memory.Limit) }
func memoryReservation(t translation) error {
	return memoryBytes(t, "memory.low", t.memory.Reservation)
}

// checkUsage comes before the limit. Cgroup v1 refused a limit below the
// present use, v2 kills; this setting asks for v1's manners.
func checkUsage(t translation) error {
	limit, ok := given(t.memory.Limit)
	if p := t.memory.CheckBeforeUpdate; p == nil || !*p || !ok || limit < 0 {
		return nil
	}
	t.write("memory.current", strconv.FormatInt(limit, 10)).check = true
	return nil
}

// memorySwap writes the difference of swap (memory plus swap) and limit. With
// limit -1 there is nothing to subtract: swap is taken as it is, and is
// unlimited too if it is not given, as in runc. Where the kernel counts no
// swap (swapaccount=0) the file is missing; that is tolerated for max, and for
// 0 as in runc, because docker and Kubernetes send swap = limit by habit.
func memorySwap(t translation) error {
	limit, limited := given(t.memory.Limit)
	swap, ok := given(t.memory.Swap)
	switch {
	case !ok && limit == -1:
		t.write("memory.swap.max", "max").optional = true
		return nil
	case !ok:
		return nil
	case swap == -1:
		t.write("memory.swap.max", "max").optional = true
		return nil
	case swap < -1:
		return t.refuse("%d is not a number of bytes, and -1 is the only other value", swap)
	case !limited:
		return t.refuse("swap is memory plus swap, so it needs memory/limit as well")
	case limit == -1:
		t.write("memory.swap.max", strconv.FormatInt(swap, 10))
		return nil
	case swap < limit:
		return t.refuse("%d is less than memory/limit (%d), but swap is memory plus swap", swap, limit)
	}
	t.write("memory.swap.max", strconv.FormatInt(swap-limit, 10)).optional = swap == limit
	return nil
}

// noKernelMemory refuses a limit; -1 is none.
func noKernelMemory(t translation) error {
	if n, ok := given(t.memory.Kernel); ok && n != -1 {
		return t.refuse("cgroup v2 counts kernel memory in memory/limit and cannot limit it alone; use memory/limit")
	}
	return nil
}

func noKernelTCP(t translation) error {
	if n, ok := given(t.memory.KernelTCP); ok && n != -1 {
		return t.refuse("cgroup v2 counts socket buffers in memory/limit and cannot limit them alone; use memory/limit, or the sysctl net.ipv4.tcp_mem")
	}
	return nil
}

// noSwappiness refuses 0 too, which means something: do not swap. An unsigned
// -1 is docker's "not set".
func noSwappiness(t translation) error {
	if p := t.memory.Swappiness; p != nil && *p != ^uint64(0) {
		return t.refuse("cgroup v2 has no swappiness of a group; to keep it from swapping set memory/swap to the same value as memory/limit")
	}
	return nil
}

func noOOMDisable(t translation) error {
	if p := t.memory.DisableOOMKiller; p != nil && *p {
		return t.refuse("cgroup v2 cannot switch the OOM killer off; process.oomScoreAdj -1000 spares the process, unified memory.high slows it down instead of killing")
	}
	return nil
}

func onlyHierarchy(t translation) error {
	if p := t.memory.UseHierarchy; p != nil && !*p {
		return t.refuse("cgroup v2 always counts children with their parent; leave the field out")
	}
	return nil
}
