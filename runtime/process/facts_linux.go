package process

import (
	"fmt"
	"syscall"

	"golang.org/x/sys/unix"
)

// Facts is what the plan must know of this machine and of mini itself.
type Facts struct {
	LastCap   int      // highest capability number of the kernel
	Permitted Caps     // what mini may grant without a user namespace of the container's own
	SoftFiles uint64   // soft RLIMIT_NOFILE mini was started with, before Go raised it
	Hard      []uint64 // hard limits by the number of the resource, which every process begins with
	AppArmor  bool     // the kernel runs with it
	SELinux   bool
}

// Probe asks the kernel, in some twenty system calls, for the parent process:
// init gets the parent's Facts. It also gives back the soft RLIMIT_NOFILE that
// the Go runtime raised for itself, so that processes that are started
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
	hard, err := hardLimits()
	if err != nil {
		return Facts{}, fmt.Errorf("getrlimit: %w", err)
	}
	return Facts{
		LastCap: lastCap(), Permitted: permitted, SoftFiles: soft, Hard: hard,
		AppArmor: hasAppArmor(), SELinux: hasSELinux(),
	}, nil
}

func hardLimits() ([]uint64, error) {
	hard := make([]uint64, len(rlimitNames))
	for i := range hard {
		var lim unix.Rlimit
		if err := unix.Getrlimit(i, &lim); err != nil {
			return nil, err
		}
		hard[i] = lim.Max
	}
	return hard, nil
}

// reaches says whether a process begins with a hard limit that is high enough.
func (f Facts) reaches(l rlimit) bool {
	return l.resource < len(f.Hard) && f.Hard[l.resource] >= l.hard
}

// hasAppArmor reads what the module says, which is there in a container too.
func hasAppArmor() bool {
	fd, err := unix.Open("/sys/module/apparmor/parameters/enabled", unix.O_RDONLY|unix.O_CLOEXEC, 0)
	if err != nil {
		return false
	}
	defer unix.Close(fd)
	answer := []byte{0}
	n, err := unix.Read(fd, answer)
	return err == nil && n == 1 && answer[0] == 'Y'
}

// hasSELinux looks for its file system, as libselinux does.
func hasSELinux() bool {
	var fs unix.Statfs_t
	return unix.Statfs("/sys/fs/selinux", &fs) == nil && fs.Type == unix.SELINUX_MAGIC
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
