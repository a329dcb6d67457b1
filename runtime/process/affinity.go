package process

import (
	"fmt"
	"strconv"
	"strings"
	"unsafe"

	"golang.org/x/sys/unix"

	"mini/namespaces/calls"
)

// maxCPU is the highest processor that a mask here can name, as in glibc's
// cpu_set_t. The largest kernels have 8192, machines with more than 1024 do
// without the setting.
const maxCPU = 1023

// affinity plans /process/execCPUAffinity, which is for those processes that
// join a container, not for its first.
func (p *planner) affinity() error {
	a := p.config.Process.ExecCPUAffinity
	if a == nil {
		return nil
	}
	const field = "/process/execCPUAffinity"
	initial, err := parseCPUs(a.Initial)
	if err != nil {
		return refuse(field+"/initial", "%w", err)
	}
	final, err := parseCPUs(a.Final)
	if err != nil {
		return refuse(field+"/final", "%w", err)
	}
	if !p.config.Joins {
		return nil
	}
	if a.Initial != "" {
		p.steps.Before = append(p.steps.Before, pin{
			note{field + "/initial", "mini itself runs on these processors until the new process is in the container's cgroup (sched_setaffinity(2))"},
			initial, a.Initial, "mini"})
	}
	if a.Final != "" {
		p.last(pin{note{field + "/final", "the program runs on these processors, as far as its cgroup has them (sched_setaffinity(2))"},
			final, a.Final, "self"})
	}
	return nil
}

// parseCPUs reads the kernel's list format: 0-3,7.
func parseCPUs(list string) (unix.CPUSet, error) {
	var set unix.CPUSet
	if list == "" {
		return set, nil
	}
	for part := range strings.SplitSeq(list, ",") {
		first, last, isRange := strings.Cut(strings.TrimSpace(part), "-")
		if !isRange {
			last = first
		}
		a, errA := strconv.ParseUint(first, 10, 16)
		b, errB := strconv.ParseUint(last, 10, 16)
		if errA != nil || errB != nil || b < a || b > maxCPU {
			return set, fmt.Errorf("%q is no list of processors such as 0-3,7, the highest being %d", list, maxCPU)
		}
		for n := a; n <= b; n++ {
			set.Set(int(n))
		}
	}
	return set, nil
}

// pin binds the calling thread to processors.
type pin struct {
	note
	set  unix.CPUSet
	list string // as written
	who  string
}

func (o pin) Do() error { return calls.Do(o) }

func (o pin) Calls(l *calls.List) {
	l.Call("", unix.SYS_SCHED_SETAFFINITY, calls.N(0), calls.N(unsafe.Sizeof(o.set)), calls.Struct(l, &o.set).Arg())
}

func (o pin) String() string { return "sched_setaffinity " + o.who + " " + o.list }
func (o pin) Shell() string  { return "taskset -cp " + o.list + " $$ >/dev/null" }
