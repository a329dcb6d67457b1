package process

import (
	"fmt"
	"strings"

	"github.com/opencontainers/runtime-spec/specs-go"
	"golang.org/x/sys/unix"

	"mini/namespaces/calls"
)

// target is the thread an op acts on: init's first one by its pid when the
// parent does it, the calling thread when init does (pid is nil).
type target struct{ pid *int }

func (t target) id(l *calls.List) calls.Arg {
	switch {
	case t.pid == nil:
		return calls.N(0)
	case *t.pid == 0:
		l.Fail(errNoPid)
	}
	return calls.N(*t.pid)
}

func (t target) String() string {
	if t.pid == nil {
		return "self"
	}
	return "init"
}

// shell is what chrt(1) and ionice(1) take.
func (t target) shell() string {
	if t.pid == nil {
		return "$$"
	}
	return `"$pid"`
}

type setScheduler struct {
	note
	target
	attr unix.SchedAttr
	spec *specs.Scheduler
}

func (o setScheduler) Do() error { return calls.Do(o) }

func (o setScheduler) Calls(l *calls.List) {
	attr := o.attr
	attr.Size = unix.SizeofSchedAttr
	l.Call("", unix.SYS_SCHED_SETATTR, o.id(l), calls.Struct(l, &attr).Arg(), calls.N(0))
}

func (o setScheduler) String() string {
	s := fmt.Sprintf("sched_setattr %v %s", o.target, o.spec.Policy)
	for _, f := range []struct {
		name  string
		value int64
	}{
		{"nice", int64(o.spec.Nice)}, {"priority", int64(o.spec.Priority)},
		{"runtime", int64(o.spec.Runtime)}, {"deadline", int64(o.spec.Deadline)}, {"period", int64(o.spec.Period)},
	} {
		if f.value != 0 {
			s += fmt.Sprintf(" %s=%d", f.name, f.value)
		}
	}
	if len(o.spec.Flags) > 0 {
		s += fmt.Sprintf(" flags=%v", o.spec.Flags)
	}
	return s
}

func (o setScheduler) Shell() string {
	policy := strings.ToLower(strings.TrimPrefix(string(o.spec.Policy), "SCHED_"))
	chrt := fmt.Sprintf("chrt --%s", policy)
	if o.spec.Policy == specs.SchedDeadline {
		chrt += fmt.Sprintf(" --sched-runtime %d --sched-deadline %d --sched-period %d",
			o.spec.Runtime, o.spec.Deadline, o.spec.Period)
	}
	chrt += fmt.Sprintf(" --pid %d %s", o.spec.Priority, o.shell())
	if o.spec.Nice != 0 {
		chrt += fmt.Sprintf("\nrenice -n %d -p %s", o.spec.Nice, o.shell())
	}
	return chrt
}

type setIOPriority struct {
	note
	target
	value int
	spec  *specs.LinuxIOPriority
}

// ioprioWhoProcess makes ioprio_set(2) take a thread id; children inherit.
const ioprioWhoProcess = 1

func (o setIOPriority) Do() error { return calls.Do(o) }

func (o setIOPriority) Calls(l *calls.List) {
	l.Call("", unix.SYS_IOPRIO_SET, calls.N(ioprioWhoProcess), o.id(l), calls.N(o.value))
}

func (o setIOPriority) String() string {
	return fmt.Sprintf("ioprio_set %v %s %d", o.target, o.spec.Class, o.spec.Priority)
}

func (o setIOPriority) Shell() string {
	return fmt.Sprintf("ionice --class %d --classdata %d --pid %s", o.value>>13, o.spec.Priority, o.shell())
}
