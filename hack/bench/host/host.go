// Package host makes a machine fit for the engines and runtimes that are
// measured beside mini. It changes only the process that asks, and its children.
package host

import (
	"os"
	"syscall"

	"golang.org/x/sys/unix"
)

// PlainCgroup starts this program again behind hack/private-cgroup2 where cgroups
// are not of v2 alone. The working directory is to be the project's.
func PlainCgroup() error {
	var fs unix.Statfs_t
	if err := unix.Statfs("/sys/fs/cgroup", &fs); err != nil || fs.Type == unix.CGROUP2_SUPER_MAGIC {
		return err
	}
	self, err := os.Executable()
	if err != nil {
		return err
	}
	return syscall.Exec("hack/private-cgroup2", append([]string{"private-cgroup2", self}, os.Args[1:]...), os.Environ())
}
