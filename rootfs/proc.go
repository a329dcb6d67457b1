package rootfs

import (
	"errors"
	"slices"
	"strings"
)

// procFiles are the files of procfs that something may be mounted on: those
// that lxcfs and checkpointing replace. Anything else below /proc would let a
// volume fake what the kernel says, attr/exec before all (CVE-2019-16884).
var procFiles = []string{
	"/proc/cpuinfo", "/proc/diskstats", "/proc/meminfo", "/proc/stat",
	"/proc/swaps", "/proc/uptime", "/proc/loadavg", "/proc/slabinfo",
	"/proc/net/dev", "/proc/sys/kernel/ns_last_pid", "/proc/sys/crypto/fips_enabled",
}

var errUnderProc = errors.New("lies in procfs, where only the files of lxcfs may be mounted on")

// onProcFile tells whether dest is one of them.
func onProcFile(dest string) bool { return slices.Contains(procFiles, dest) }

func underProc(dest string) bool { return strings.HasPrefix(dest, "/proc/") }
