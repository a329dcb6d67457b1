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

// LookBelow notes what is mounted below the root on this host, for an overlay
// of it shows one file system only. For the host's root those are further disks,
// looked for if disks is set. To anybody else the kernel gives no overlay of a
// directory with mounts in it, so there the root is taken apart.
func (c *Config) LookBelow(f Facts, disks bool) (err error) {
	switch {
	case c.Overlay == nil || c.Spec.Root == nil:
	case f.Rootless():
		c.Pieces, err = rootfs.Pieces(c.RootPath())
	case disks:
		c.Submounts, err = rootfs.Submounts(c.RootPath())
	}
	return err
}
