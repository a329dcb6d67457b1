package rootfs

import (
	"fmt"

	"golang.org/x/sys/unix"
)

// initialUserNS is the name of the first user namespace, whose inode number is
// fixed (PROC_USER_INIT_INO in the kernel's proc_ns.h).
const initialUserNS = "user:[4026531837]"

// Probe asks the kernel for the facts: four system calls.
func Probe() (Facts, error) {
	var name unix.Utsname
	if err := unix.Uname(&name); err != nil {
		return Facts{}, fmt.Errorf("uname: %w", err)
	}
	f := factsOf(parseRelease(unix.ByteSliceToString(name.Release[:])))
	privileged, err := hasSysAdmin()
	f.Privileged = privileged
	f.SELinux = hasSELinux()
	return f, err
}

// hasSELinux looks for its file system, as libselinux does.
func hasSELinux() bool {
	var fs unix.Statfs_t
	return unix.Statfs("/sys/fs/selinux", &fs) == nil && fs.Type == unix.SELINUX_MAGIC
}

// hasSysAdmin tells whether this thread has CAP_SYS_ADMIN over the machine,
// not only over a user namespace.
func hasSysAdmin() (bool, error) {
	var caps [2]unix.CapUserData
	header := unix.CapUserHeader{Version: unix.LINUX_CAPABILITY_VERSION_3}
	if err := unix.Capget(&header, &caps[0]); err != nil {
		return false, fmt.Errorf("capget: %w", err)
	}
	if caps[0].Effective&(1<<unix.CAP_SYS_ADMIN) == 0 {
		return false, nil
	}
	link := make([]byte, 64)
	n, err := unix.Readlink("/proc/self/ns/user", link)
	if err != nil {
		return false, fmt.Errorf("readlink /proc/self/ns/user: %w", err)
	}
	return string(link[:n]) == initialUserNS, nil
}
