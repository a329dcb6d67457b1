package rootfs

import (
	"errors"
	"strings"
)

// procFiles are the files of procfs that something may be mounted on: those
// that lxcfs and checkpointing replace. Anything else below /proc would let a
// volume fake what the kernel says, attr/exec before all (CVE-2019-16884).
var procFiles = map[string]bool{
	"/proc/cpuinfo": true, "/proc/diskstats": true, "/proc/meminfo": true, "/proc/stat": true,
	"/proc/swaps": true, "/proc/uptime": true, "/proc/loadavg": true, "/proc/slabinfo": true,
	"/proc/net/dev": true, "/proc/sys/kernel/ns_last_pid": true, "/proc/sys/crypto/fips_enabled": true,
}

var errUnderProc = errors.New("lies in procfs, where only the files of lxcfs may be mounted on")

func underProc(dest string) bool { return strings.HasPrefix(dest, "/proc/") }
