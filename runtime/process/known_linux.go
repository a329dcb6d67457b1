package process

import "golang.org/x/sys/unix"

// SupportsFilterFlags asks the kernel whether it takes SECCOMP_FILTER_FLAG_*
// bits: with a filter that is nowhere it complains of the address (EFAULT) only
// once it has found the flags good (seccomp(2)).
func SupportsFilterFlags(flags uint) bool {
	return raw(unix.SYS_SECCOMP, unix.SECCOMP_SET_MODE_FILTER, uintptr(flags), 0) == unix.EFAULT
}
