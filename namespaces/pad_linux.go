package namespaces

import (
	"fmt"
	"sync/atomic"
	"unsafe"

	"golang.org/x/sys/unix"

	"mini/namespaces/calls"
)

// pad is a page that we share with the helper of a second clone. The kernel writes
// the pid of the second process on it before that runs (CLONE_PARENT_SETTID,
// clone(2)). So we know of it even if the helper is killed before it can tell: it is
// our child, nobody else could wait for it, and as long as nobody does, process 1 of
// its pid namespace cannot end.
type pad []byte

// padAddress is where a helper has it: below what a hand uses itself.
const padAddress = 0x10000000

// newPad makes one, and returns a descriptor of it.
func newPad() (pad, int, error) {
	fd, err := unix.MemfdCreate("mini", unix.MFD_CLOEXEC)
	if err != nil {
		return nil, -1, fmt.Errorf("memfd_create: %w", err)
	}
	p, err := mapPad(fd)
	if err != nil {
		unix.Close(fd)
		return nil, -1, err
	}
	return p, fd, nil
}

func mapPad(fd int) (pad, error) {
	size := unix.Getpagesize()
	if err := unix.Ftruncate(fd, int64(size)); err != nil {
		return nil, fmt.Errorf("ftruncate: %w", err)
	}
	p, err := unix.Mmap(fd, 0, size, unix.PROT_READ|unix.PROT_WRITE, unix.MAP_SHARED)
	if err != nil {
		return nil, fmt.Errorf("mmap: %w", err)
	}
	pad(p).write(0) // the page is there: the kernel's write cannot fail for want of one
	return p, nil
}

// share has a hand map it, of which it has a descriptor. The second process does not
// get it: it is among those of a container, and who may trace it would write there
// which process of the host we are to take for it.
func (p pad) share(l *calls.List, fd int) {
	const prot, flags = unix.PROT_READ | unix.PROT_WRITE, unix.MAP_SHARED | unix.MAP_FIXED_NOREPLACE
	l.Call("mmap", unix.SYS_MMAP, calls.N(padAddress), calls.N(len(p)), calls.N(prot), calls.N(flags), calls.N(fd), calls.N(0))
	l.Call("madvise MADV_DONTFORK", unix.SYS_MADVISE, calls.N(padAddress), calls.N(len(p)), calls.N(unix.MADV_DONTFORK))
}

func (p pad) number() *int32 { return (*int32)(unsafe.Pointer(&p[0])) }

func (p pad) write(pid int32) { atomic.StoreInt32(p.number(), pid) }

// pid is that of the second process, 0 as long as there is none.
func (p pad) pid() int {
	if p == nil {
		return 0
	}
	return int(atomic.LoadInt32(p.number()))
}

func (p *pad) free() {
	if *p != nil {
		_ = unix.Munmap(*p)
		*p = nil
	}
}
