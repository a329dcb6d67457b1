package cgroups

import (
	"math"
	"strconv"
	"strings"
)

// cpuWeight turns v1 shares (2 to 262144, normally 1024) into v2 weight (1 to
// 10000, normally 100). The curve is a parabola in the logarithms through the
// three pairs (2, 1), (1024, 100) and (262144, 10000), as runc has it since
// 1.3.2 and crun since 1.23. The linear map before gave the default of 1024
// shares the weight 39.
func cpuWeight(shares uint64) uint64 {
	switch {
	case shares <= 2:
		return 1
	case shares >= 1<<18:
		return 10000
	}
	l := math.Log2(float64(shares))
	return uint64(math.Ceil(math.Pow(10, (l*l+125*l)/612-7.0/34)))
}

// cpuIdle is written for 0 too, as an update takes idle back by it. Kernels
// before 5.15 have no such file and no idle groups.
func cpuIdle(t translation) error {
	p := t.cpu.Idle
	switch {
	case p == nil:
		return nil
	case *p != 0 && *p != 1:
		return t.refuse("%d is neither 0 nor 1", *p)
	}
	t.write("cpu.idle", strconv.FormatInt(*p, 10)).optional = *p == 0
	return nil
}

func cpuShares(t translation) error {
	shares, ok := given(t.cpu.Shares)
	if !ok {
		return nil
	}
	if p := t.cpu.Idle; p != nil && *p == 1 {
		return t.refuse("an idle group (cpu/idle 1) has no weight; leave one of the two out")
	}
	t.write("cpu.weight", strconv.FormatUint(cpuWeight(shares), 10))
	return nil
}

// The kernel's bounds, in microseconds (kernel/sched/core.c,
// tg_set_cfs_bandwidth): a quota or period below 1 ms, or a period above 1 s,
// is EINVAL.
const (
	minCPUTime    = 1000
	maxCPUPeriod  = 1000000
	defaultPeriod = 100000
)

// cpuMax writes quota and period. A quota below 0 is none, and then an
// absent period keeps the one the group has.
func cpuMax(t translation) error {
	quota, limited := given(t.cpu.Quota)
	if !limited {
		return nil
	}
	period, ok := given(t.cpu.Period)
	switch {
	case quota < 0 && !ok:
		t.write("cpu.max", "max")
		return nil
	case quota < 0:
		return writePeriod(t, period)
	case quota < minCPUTime:
		return t.refuse("%d µs is below the kernel's minimum of %d", quota, minCPUTime)
	case !ok:
		period = defaultPeriod
	}
	if err := checkPeriod(t, period); err != nil {
		return err
	}
	t.write("cpu.max", strconv.FormatInt(quota, 10)+" "+strconv.FormatUint(period, 10))
	return nil
}

// cpuPeriodAlone is for a period without a quota.
func cpuPeriodAlone(t translation) error {
	_, limited := given(t.cpu.Quota)
	period, ok := given(t.cpu.Period)
	if limited || !ok {
		return nil
	}
	return writePeriod(t, period)
}

func writePeriod(t translation, period uint64) error {
	if err := checkPeriod(t, period); err != nil {
		return err
	}
	t.write("cpu.max", "max "+strconv.FormatUint(period, 10))
	return nil
}

func checkPeriod(t translation, period uint64) error {
	if period < minCPUTime || period > maxCPUPeriod {
		return refuse(resourceField("cpu/period"), "%d µs is not between %d and %d", period, minCPUTime, maxCPUPeriod)
	}
	return nil
}

// cpuBurst writes 0 only beside a quota; alone it is the default.
func cpuBurst(t translation) error {
	p := t.cpu.Burst
	quota, limited := given(t.cpu.Quota)
	switch {
	case p == nil, *p == 0 && !limited:
		return nil
	case quota > 0 && *p > uint64(quota):
		return t.refuse("%d µs is more than cpu/quota (%d)", *p, quota)
	}
	t.write("cpu.max.burst", strconv.FormatUint(*p, 10)).optional = *p == 0
	return nil
}

// resetBurst is for a group that has a burst already: the kernel refuses a
// quota below the burst in force, so an update that sets both makes it 0 first.
func (w wanted) resetBurst(g *Group) []Op {
	for _, s := range w.settings {
		if s.file == "cpu.max.burst" && s.field == resourceField("cpu/burst") {
			s.value, s.optional = "0", true
			return []Op{s.op(g)}
		}
	}
	return nil
}

func runtimeOf(t translation) bool { _, ok := given(t.cpu.RealtimeRuntime); return ok }
func periodOf(t translation) bool  { _, ok := given(t.cpu.RealtimePeriod); return ok }

func noRealtime(asked func(translation) bool) func(translation) error {
	return func(t translation) error {
		if asked(t) {
			return t.refuse("cgroup v2 gives no realtime time to groups; use process.scheduler (SCHED_DEADLINE has runtime and period) or cpu/quota")
		}
		return nil
	}
}

func cpus(t translation) error { return cpuset(t, "cpuset.cpus", t.cpu.Cpus) }
func mems(t translation) error { return cpuset(t, "cpuset.mems", t.cpu.Mems) }

func cpuset(t translation, file, list string) error {
	if list == "" {
		return nil
	}
	if bad := badRange(list); bad != "" {
		return t.refuse("%q: %q is not a number or a range like 0-3", list, bad)
	}
	t.write(file, list)
	return nil
}

// badRange returns the first element of a list that is not in the kernel's
// format (cpuset(7), "List format"), or "".
func badRange(list string) string {
	for part := range strings.SplitSeq(list, ",") {
		first, last, isRange := strings.Cut(part, "-")
		a, err := strconv.ParseUint(first, 10, 31)
		b := a
		if err == nil && isRange {
			b, err = strconv.ParseUint(last, 10, 31)
		}
		if err != nil || b < a {
			if part == "" {
				return ","
			}
			return part
		}
	}
	return ""
}
