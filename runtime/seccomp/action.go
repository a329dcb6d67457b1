package seccomp

import (
	"fmt"

	"github.com/opencontainers/runtime-spec/specs-go"
	"golang.org/x/sys/unix"
)

// maxErrno is MAX_ERRNO of linux/err.h: the kernel cuts larger ones down to it.
const maxErrno = 4095

// entryAction returns the return value for number i of the profile's syscalls.
func entryAction(s *specs.LinuxSyscall, i int) (uint32, error) {
	if s.Action == specs.ActAllow && s.ErrnoRet == nil { // nearly all: spare the two strings
		return unix.SECCOMP_RET_ALLOW, nil
	}
	field := fmt.Sprintf("/syscalls/%d/", i)
	return action(s.Action, s.ErrnoRet, field+"action", field+"errnoRet")
}

// action returns the filter's return value for an action of the profile. The
// specification wants an errno refused where it has no effect.
func action(a specs.LinuxSeccompAction, errno *uint, actionField, errnoField string) (uint32, error) {
	var ret uint32
	switch a {
	case specs.ActKill, specs.ActKillThread:
		ret = unix.SECCOMP_RET_KILL_THREAD
	case specs.ActKillProcess:
		ret = unix.SECCOMP_RET_KILL_PROCESS
	case specs.ActTrap:
		ret = unix.SECCOMP_RET_TRAP
	case specs.ActAllow:
		ret = unix.SECCOMP_RET_ALLOW
	case specs.ActLog:
		ret = unix.SECCOMP_RET_LOG
	case specs.ActErrno:
		return withData(unix.SECCOMP_RET_ERRNO, errno, maxErrno, errnoField)
	case specs.ActTrace:
		return withData(unix.SECCOMP_RET_TRACE, errno, unix.SECCOMP_RET_DATA, errnoField)
	case specs.ActNotify:
		ret = unix.SECCOMP_RET_USER_NOTIF
	default:
		return 0, fieldError(actionField, "unknown action %q", a)
	}
	if errno != nil {
		return 0, fieldError(errnoField, "%s returns no errno: remove it, or use SCMP_ACT_ERRNO", a)
	}
	return ret, nil
}

// withData puts an errno, or EPERM, into the lower half of a return value.
func withData(ret uint32, errno *uint, limit uint, field string) (uint32, error) {
	if errno == nil {
		return ret | uint32(unix.EPERM), nil
	}
	if *errno > limit {
		return 0, fieldError(field, "%d is out of range, the largest is %d", *errno, limit)
	}
	return ret | uint32(*errno), nil
}

// checkArgs checks the conditions of number i of the profile's syscalls.
func checkArgs(args []specs.LinuxSeccompArg, i int) error {
	for k, a := range args {
		if a.Index > 5 {
			return fieldError(fmt.Sprintf("/syscalls/%d/args/%d/index", i, k), "%d is out of range: a system call has arguments 0 to 5", a.Index)
		}
		switch a.Op {
		case specs.OpNotEqual, specs.OpLessThan, specs.OpLessEqual, specs.OpEqualTo,
			specs.OpGreaterEqual, specs.OpGreaterThan, specs.OpMaskedEqual:
		default:
			return fieldError(fmt.Sprintf("/syscalls/%d/args/%d/op", i, k), "unknown operator %q", a.Op)
		}
	}
	return nil
}
