package process

import (
	"fmt"
	"runtime"
	"unsafe"

	"golang.org/x/sys/unix"
)

// Filter is a compiled seccomp profile.
type Filter struct {
	Program []unix.SockFilter
	Flags   uint // SECCOMP_FILTER_FLAG_… of seccomp(2)
}

// maxFilter is BPF_MAXINSNS, the longest program the kernel takes.
const maxFilter = 4096

// loadFilter puts the calling thread under the filter.
type loadFilter struct {
	note
	filter *Filter
}

// Do leaves TSYNC out: it extends the filter to all threads of the process, and
// the only one to survive execve is this one.
func (o loadFilter) Do() error {
	prog := unix.SockFprog{Len: uint16(len(o.filter.Program)), Filter: &o.filter.Program[0]}
	flags := uintptr(o.filter.Flags) &^ unix.SECCOMP_FILTER_FLAG_TSYNC
	err := raw(unix.SYS_SECCOMP, unix.SECCOMP_SET_MODE_FILTER, flags, uintptr(unsafe.Pointer(&prog)))
	runtime.KeepAlive(o.filter)
	return err
}

func (o loadFilter) String() string {
	return fmt.Sprintf("seccomp SET_MODE_FILTER %d instructions", len(o.filter.Program))
}

func checkFilter(f *Filter) error {
	const field = "/linux/seccomp"
	switch {
	case f == nil:
		return nil
	case len(f.Program) == 0 || len(f.Program) > maxFilter:
		return refuse(field, "a filter has 1 to %d instructions, not %d", maxFilter, len(f.Program))
	case f.Flags&unix.SECCOMP_FILTER_FLAG_NEW_LISTENER != 0:
		return refuse(field+"/listenerPath", "notification of a listener is not supported")
	}
	return nil
}
