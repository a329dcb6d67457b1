package process

import (
	"fmt"
	"strings"

	"github.com/opencontainers/runtime-spec/specs-go"
	"golang.org/x/sys/unix"
)

// target is the thread an op acts on: init's first one by its pid when the
// parent does it, the calling thread when init does (pid is nil).
type target struct{ pid *int }

func (t target) id() (int, error) {
	switch {
	case t.pid == nil:
		return 0, nil
	case *t.pid == 0:
		return 0, errNoPid
	}
	return *t.pid, nil
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

func (o setScheduler) Do() error {
	id, err := o.id()
	if err != nil {
		return err
	}
	return unix.SchedSetAttr(id, &o.attr, 0)
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

func (o setIOPriority) Do() error {
	id, err := o.id()
	if err != nil {
		return err
	}
	return raw(unix.SYS_IOPRIO_SET, ioprioWhoProcess, uintptr(id), uintptr(o.value))
}

func (o setIOPriority) String() string {
	return fmt.Sprintf("ioprio_set %v %s %d", o.target, o.spec.Class, o.spec.Priority)
}

func (o setIOPriority) Shell() string {
	return fmt.Sprintf("ionice --class %d --classdata %d --pid %s", o.value>>13, o.spec.Priority, o.shell())
}
