package process

import (
	"fmt"
	"syscall"

	"golang.org/x/sys/unix"
)

// Facts is what the plan must know of this machine and of mini itself.
type Facts struct {
	LastCap   int    // highest capability number of the kernel
	Permitted Caps   // what mini may grant without a user namespace of the container's own
	SoftFiles uint64 // soft RLIMIT_NOFILE mini was started with, before Go raised it
}

// Probe asks the kernel, in five system calls or so, for the parent process:
// init gets the parent's Facts. It also gives back the soft RLIMIT_NOFILE that
// the Go runtime raised for itself, so that processes started by a raw fork
// inherit the limit that mini was given.
func Probe() (Facts, error) {
	_, permitted, _, err := capget()
	if err != nil {
		return Facts{}, fmt.Errorf("capget: %w", err)
	}
	soft, err := giveBackSoftFiles()
	if err != nil {
		return Facts{}, fmt.Errorf("prlimit RLIMIT_NOFILE: %w", err)
	}
	return Facts{LastCap: lastCap(), Permitted: permitted, SoftFiles: soft}, nil
}

// lastCap walks from the newest capability this package knows, as cap_last_cap
// of proc_sys_kernel(5) would say, without needing /proc.
func lastCap() int {
	n := len(capNames) - 1
	for n < 63 && hasCap(n+1) {
		n++
	}
	for n > 0 && !hasCap(n) {
		n--
	}
	return n
}

func hasCap(n int) bool { return prctl(unix.PR_CAPBSET_READ, uintptr(n), 0) == nil }

// giveBackSoftFiles undoes what package syscall does at start, and returns the
// soft limit from before. The old value is kept in a variable nobody else can
// read; syscall.Exec restores it before it calls execve, and an execve of "" is
// certain to fail. From then on the package leaves the limit alone.
func giveBackSoftFiles() (uint64, error) {
	if err := syscall.Exec("", []string{""}, nil); err != syscall.ENOENT {
		return 0, err
	}
	var limit unix.Rlimit
	err := unix.Prlimit(0, unix.RLIMIT_NOFILE, nil, &limit)
	return limit.Cur, err
}
