package namespaces

import (
	"fmt"
	"sync/atomic"
	"unsafe"

	"golang.org/x/sys/unix"
)

// pad is a page that we share with the helper of a second clone. The kernel writes
// the pid of the second process on it before that runs (CLONE_PARENT_SETTID,
// clone(2)). So we know of it even if the helper is killed before it can tell: it is
// our child, nobody else could wait for it, and as long as nobody does, process 1 of
// its pid namespace cannot end.
type pad []byte

func newPad() (pad, error) {
	p, err := unix.Mmap(-1, 0, unix.Getpagesize(), unix.PROT_READ|unix.PROT_WRITE, unix.MAP_SHARED|unix.MAP_ANONYMOUS)
	if err != nil {
		return nil, fmt.Errorf("mmap: %w", err)
	}
	pad(p).write(0) // the page is there: the kernel's write cannot fail for want of one
	return p, nil
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

// address is valid in the helper, too.
func (p pad) address() uintptr { return uintptr(unsafe.Pointer(p.number())) }

func (p *pad) free() {
	if *p != nil {
		_ = unix.Munmap(*p)
		*p = nil
	}
}
