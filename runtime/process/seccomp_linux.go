package process

import (
	"fmt"
	"runtime"
	"strings"
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

// maxSocketPath is what fits sun_path of struct sockaddr_un with its NUL.
const maxSocketPath = 107

// loadFilter puts the calling thread under the filter.
type loadFilter struct {
	note
	filter *Filter
}

func (o loadFilter) Do() error {
	_, err := o.load()
	return err
}

// load gives the listener, if the flags ask for one. It leaves TSYNC out: that
// extends the filter to all threads of the process, and the only one to survive
// execve is this one.
func (o loadFilter) load() (listener int, err error) {
	prog := unix.SockFprog{Len: uint16(len(o.filter.Program)), Filter: &o.filter.Program[0]}
	flags := uintptr(o.filter.Flags) &^ unix.SECCOMP_FILTER_FLAG_TSYNC
	fd, _, errno := unix.RawSyscall(unix.SYS_SECCOMP, unix.SECCOMP_SET_MODE_FILTER, flags, uintptr(unsafe.Pointer(&prog)))
	runtime.KeepAlive(o.filter)
	if errno != 0 {
		return -1, errno
	}
	return int(fd), nil
}

func (o loadFilter) String() string {
	return fmt.Sprintf("seccomp SET_MODE_FILTER %d instructions", len(o.filter.Program))
}

func checkFilter(f *Filter, l *Listener) error {
	const field = "/linux/seccomp"
	switch {
	case f == nil:
		return nil
	case len(f.Program) == 0 || len(f.Program) > maxFilter:
		return refuse(field, "a filter has 1 to %d instructions, not %d", maxFilter, len(f.Program))
	case f.Flags&unix.SECCOMP_FILTER_FLAG_NEW_LISTENER == 0:
		return nil
	case l == nil || l.Path == "":
		return refuse(field+"/listenerPath", "missing: the filter notifies an agent")
	case len(l.Path) > maxSocketPath || strings.ContainsRune(l.Path, 0):
		return refuse(field+"/listenerPath", "a socket's path has %d bytes at most, none of them NUL (unix(7))", maxSocketPath)
	}
	return nil
}
