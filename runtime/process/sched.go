package process

import (
	"fmt"

	"github.com/opencontainers/runtime-spec/specs-go"
	"golang.org/x/sys/unix"
)

var schedPolicies = []entry[specs.LinuxSchedulerPolicy, uint32]{
	{specs.SchedOther, unix.SCHED_NORMAL},
	{specs.SchedFIFO, unix.SCHED_FIFO},
	{specs.SchedRR, unix.SCHED_RR},
	{specs.SchedBatch, unix.SCHED_BATCH},
	{specs.SchedIdle, unix.SCHED_IDLE},
	{specs.SchedDeadline, unix.SCHED_DEADLINE},
}

var schedFlags = []entry[specs.LinuxSchedulerFlag, uint64]{
	{specs.SchedFlagResetOnFork, unix.SCHED_FLAG_RESET_ON_FORK},
	{specs.SchedFlagReclaim, unix.SCHED_FLAG_RECLAIM},
	{specs.SchedFlagDLOverrun, unix.SCHED_FLAG_DL_OVERRUN},
	{specs.SchedFlagKeepPolicy, unix.SCHED_FLAG_KEEP_POLICY},
	{specs.SchedFlagKeepParams, unix.SCHED_FLAG_KEEP_PARAMS},
	{specs.SchedFlagUtilClampMin, unix.SCHED_FLAG_UTIL_CLAMP_MIN},
	{specs.SchedFlagUtilClampMax, unix.SCHED_FLAG_UTIL_CLAMP_MAX},
}

// planScheduler translates /process/scheduler to the struct of sched_setattr(2).
func planScheduler(s *specs.Scheduler) (unix.SchedAttr, error) {
	const field = "/process/scheduler"
	attr := unix.SchedAttr{
		Nice:     s.Nice,
		Priority: uint32(s.Priority),
		Runtime:  s.Runtime,
		Deadline: s.Deadline,
		Period:   s.Period,
	}
	var ok bool
	if attr.Policy, ok = lookUp(schedPolicies, s.Policy); !ok {
		return attr, refuse(field+"/policy", "%s", unknownPolicy(s.Policy))
	}
	for i, f := range s.Flags {
		bit, ok := lookUp(schedFlags, f)
		if !ok {
			return attr, refuse(fmt.Sprintf("%s/flags/%d", field, i), "unknown flag %q", f)
		}
		attr.Flags |= bit
	}
	return attr, checkScheduler(field, s)
}

func unknownPolicy(p specs.LinuxSchedulerPolicy) string {
	switch p {
	case "":
		return "a policy is needed, such as SCHED_OTHER"
	case specs.SchedISO:
		return "SCHED_ISO is reserved, Linux does not have it"
	}
	return fmt.Sprintf("unknown policy %q", p)
}

// checkScheduler finds what the kernel would answer with a bare EINVAL or, for
// a priority with the wrong policy, ignore.
func checkScheduler(field string, s *specs.Scheduler) error {
	realtime := s.Policy == specs.SchedFIFO || s.Policy == specs.SchedRR
	deadline := s.Policy == specs.SchedDeadline
	switch {
	case s.Nice < -20 || s.Nice > 19:
		return refuse(field+"/nice", "%d is not between -20 and 19", s.Nice)
	case realtime && (s.Priority < 1 || s.Priority > 99):
		return refuse(field+"/priority", "%s needs a priority between 1 and 99, not %d", s.Policy, s.Priority)
	case !realtime && s.Priority != 0:
		return refuse(field+"/priority", "only SCHED_FIFO and SCHED_RR have a priority")
	case !deadline && (s.Runtime != 0 || s.Deadline != 0 || s.Period != 0):
		return refuse(field, "only SCHED_DEADLINE has runtime, deadline and period")
	case deadline && (s.Runtime == 0 || s.Deadline < s.Runtime):
		return refuse(field, "SCHED_DEADLINE needs runtime, and deadline not below it")
	}
	return nil
}

var ioClasses = []entry[specs.IOPriorityClass, int]{
	{specs.IOPRIO_CLASS_RT, 1},
	{specs.IOPRIO_CLASS_BE, 2},
	{specs.IOPRIO_CLASS_IDLE, 3},
}

// planIOPriority packs class and level as ioprio_set(2) takes them.
func planIOPriority(p *specs.LinuxIOPriority) (int, error) {
	class, ok := lookUp(ioClasses, p.Class)
	if !ok {
		return 0, refuse("/process/ioPriority/class", "unknown class %q", p.Class)
	}
	if p.Priority < 0 || p.Priority > 7 {
		return 0, refuse("/process/ioPriority/priority", "%d is not between 0 (highest) and 7", p.Priority)
	}
	return class<<13 | p.Priority, nil
}
