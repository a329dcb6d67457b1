package process

import (
	"fmt"
	"strings"
	"unsafe"

	"golang.org/x/sys/unix"

	"mini/namespaces/calls"
)

// Filter is a compiled seccomp profile.
type Filter struct {
	Program []unix.SockFilter
	Flags   uint // SECCOMP_FILTER_FLAG_… of seccomp(2)
}

// flags leave TSYNC out: that extends the filter to all threads of the process, and
// the only one to survive execve is the one that loads it.
func (f *Filter) flags() uint { return f.Flags &^ unix.SECCOMP_FILTER_FLAG_TSYNC }

// maxFilter is BPF_MAXINSNS, the longest program the kernel takes.
const maxFilter = 4096

// maxSocketPath is what fits sun_path of struct sockaddr_un with its NUL.
const maxSocketPath = 107

// loadFilter puts the calling thread under the filter.
type loadFilter struct {
	note
	filter *Filter
}

func (o loadFilter) Do() error { return calls.Do(o) }

func (o loadFilter) Calls(l *calls.List) {
	program := l.Memory(unsafe.Slice((*byte)(unsafe.Pointer(&o.filter.Program[0])), len(o.filter.Program)*unix.SizeofSockFilter))
	fprog := l.Words(calls.N(len(o.filter.Program)), program.Arg()) // struct sock_fprog
	l.Call("", unix.SYS_SECCOMP, calls.N(unix.SECCOMP_SET_MODE_FILTER), calls.N(o.filter.flags()), fprog.Arg())
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
