package runtime

import (
	"os"

	"golang.org/x/sys/unix"

	"mini/rootfs"
)

// MaxFiles is the caller's hard RLIMIT_NOFILE (getrlimit(2)): no default may
// exceed it, since raising it takes a privilege.
func MaxFiles() uint64 {
	var limit unix.Rlimit
	if err := unix.Getrlimit(unix.RLIMIT_NOFILE, &limit); err != nil {
		return 0
	}
	return limit.Max
}

// Interactive says whether a person sits at both stdin and stdout.
func Interactive() bool {
	return isTerminal(os.Stdin) && isTerminal(os.Stdout)
}

func isTerminal(f *os.File) bool {
	_, err := unix.IoctlGetTermios(int(f.Fd()), unix.TCGETS)
	return err == nil
}

// Submounts lists the disks that are mounted below root on this host: an
// overlay shows one file system only.
func Submounts(root string) ([]string, error) { return rootfs.Submounts(root) }
