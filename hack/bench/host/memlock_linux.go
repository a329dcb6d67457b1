package host

import (
	"fmt"
	"unsafe"

	"golang.org/x/sys/unix"
)

// AllowMemlock makes the kernel say yes, and do nothing, when a runtime raises
// RLIMIT_MEMLOCK. crun and old releases of runc do so before they load a device
// program; crun 1.8 gives up where root has no CAP_SYS_RESOURCE, as in many
// virtual machines for hire. Since Linux 5.11 BPF is not charged to that limit,
// so the measured work is the same. All runtimes run behind this filter, if one
// does (seccomp(2)).
func AllowMemlock() error {
	var limit unix.Rlimit
	if err := unix.Getrlimit(unix.RLIMIT_MEMLOCK, &limit); err != nil || limit.Max == unix.RLIM_INFINITY {
		return err
	}
	limit.Max++
	if unix.Setrlimit(unix.RLIMIT_MEMLOCK, &limit) == nil {
		return nil // we have the capability
	}
	filter := []unix.SockFilter{
		load(0), // the system call's number
		equal(unix.SYS_PRLIMIT64, 1),
		accept(unix.SECCOMP_RET_ALLOW),
		load(16 + 8), // its second argument
		equal(unix.RLIMIT_MEMLOCK, 1),
		accept(unix.SECCOMP_RET_ALLOW),
		load(16 + 16), // the third: the new limit's address, null to ask only
		equal(0, 1),
		accept(unix.SECCOMP_RET_ERRNO), // errno 0: success
		accept(unix.SECCOMP_RET_ALLOW),
	}
	program := unix.SockFprog{Len: uint16(len(filter)), Filter: &filter[0]}
	if _, _, errno := unix.Syscall(unix.SYS_SECCOMP, unix.SECCOMP_SET_MODE_FILTER,
		unix.SECCOMP_FILTER_FLAG_TSYNC, uintptr(unsafe.Pointer(&program))); errno != 0 {
		return fmt.Errorf("seccomp: %w", errno)
	}
	return nil
}

// load reads 32 bits of struct seccomp_data, the low half of a long on the
// machines that mini is for.
func load(offset uint32) unix.SockFilter {
	return unix.SockFilter{Code: unix.BPF_LD | unix.BPF_W | unix.BPF_ABS, K: offset}
}

// equal skips some instructions if the value is that, none if it is not.
func equal(value uint32, skip uint8) unix.SockFilter {
	return unix.SockFilter{Code: unix.BPF_JMP | unix.BPF_JEQ | unix.BPF_K, Jt: skip, K: value}
}

func accept(action uint32) unix.SockFilter {
	return unix.SockFilter{Code: unix.BPF_RET | unix.BPF_K, K: action}
}
