package process

import "golang.org/x/sys/unix"

// SupportsFilterFlags asks the kernel whether it takes SECCOMP_FILTER_FLAG_*
// bits: with a filter that is nowhere it complains of the address (EFAULT) only
// once it has found the flags good (seccomp(2)). WAIT_KILLABLE_RECV is none
// without a listener.
func SupportsFilterFlags(flags uint) bool {
	if flags&unix.SECCOMP_FILTER_FLAG_WAIT_KILLABLE_RECV != 0 {
		flags |= unix.SECCOMP_FILTER_FLAG_NEW_LISTENER
	}
	return raw(unix.SYS_SECCOMP, unix.SECCOMP_SET_MODE_FILTER, uintptr(flags), 0) == unix.EFAULT
}
