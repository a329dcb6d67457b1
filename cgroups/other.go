package cgroups

import (
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"
)

// pidsLimit writes 0 as well: since runtime-spec 1.3 that is a limit. runc
// writes 1 for it, which comes to the same thing for one process that must not
// fork, but needs no Late step.
func pidsLimit(t translation) error {
	switch p := t.res.Pids; {
	case p == nil || p.Limit == nil:
	case *p.Limit < -1:
		return t.refuse("%d is not a number of tasks, and -1 (no limit) is the only other value", *p.Limit)
	default:
		t.write("pids.max", limitText(*p.Limit))
	}
	return nil
}

// hugepages limits pages in use and, where the kernel has that (5.7), pages
// reserved; a limit that holds at reservation time makes mmap fail instead of
// a later page fault. 0 is a limit.
func hugepages(t translation) error {
	for i, h := range t.res.HugepageLimits {
		t := t.at(strconv.Itoa(i))
		if !isPageSize(h.Pagesize) {
			return t.at("pageSize").refuse("%q is not a page size such as 64KB, 2MB or 1GB", h.Pagesize)
		}
		limit := strconv.FormatUint(h.Limit, 10)
		t.write("hugetlb."+h.Pagesize+".max", limit)
		t.write("hugetlb."+h.Pagesize+".rsvd.max", limit).optional = true
	}
	return nil
}

func isPageSize(s string) bool {
	digits := strings.TrimRight(s, "KMGB")
	n, err := strconv.ParseUint(digits, 10, 32)
	unit := strings.TrimPrefix(s, digits)
	return err == nil && n > 0 && digits[0] != '0' && slices.Contains([]string{"KB", "MB", "GB"}, unit)
}

func noClassID(t translation) error {
	if _, ok := given(t.network.ClassID); ok {
		return t.refuse("cgroup v2 has no net_cls; match the cgroup itself with nftables (socket cgroupv2) or an eBPF program at tc")
	}
	return nil
}

func noPriorities(t translation) error {
	if len(t.network.Priorities) > 0 {
		return t.refuse("cgroup v2 has no net_prio; set the priority with nftables (socket cgroupv2 … meta priority set)")
	}
	return nil
}

func rdma(t translation) error {
	for _, name := range slices.Sorted(maps.Keys(t.res.Rdma)) {
		limits, t := t.res.Rdma[name], t.at(escape(name))
		if name == "" || strings.ContainsAny(name, " \t\n\x00/=") {
			return t.refuse("%q is not the name of an RDMA device", name)
		}
		line := name
		if limits.HcaHandles != nil {
			line += fmt.Sprintf(" hca_handle=%d", *limits.HcaHandles)
		}
		if limits.HcaObjects != nil {
			line += fmt.Sprintf(" hca_object=%d", *limits.HcaObjects)
		}
		if line == name {
			return t.refuse("neither hcaHandles nor hcaObjects is given")
		}
		t.write("rdma.max", line)
	}
	return nil
}

// escape makes a name part of a JSON pointer (RFC 6901).
func escape(s string) string {
	return strings.NewReplacer("~", "~0", "/", "~1").Replace(s)
}
