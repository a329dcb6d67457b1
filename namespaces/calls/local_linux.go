package calls

import (
	"os"
	"runtime"
	"syscall"
	"unsafe"

	"golang.org/x/sys/unix"
)

// local does a list in this process, as hand_*.s does it in another. Addresses of a
// hand's memory become those of the list's here.
type local struct{}

func (d local) send(l *List) error {
	var pin runtime.Pinner
	defer pin.Unpin()
	pin.Pin(&l.data[0])
	for _, k := range l.links {
		put(l.data, k.at, uint64(l.address(handData+uint64(k.to))))
	}
	h := l.head()
	for ; h.at < h.count; h.at++ {
		c := &l.calls[h.at]
		r := c.do(l)
		l.setResult(int(h.at), int(r))
		if r >= 0 || r < -4095 {
			continue
		}
		if c.errno != anyErrno && c.errno != uint64(-r) {
			h.errno = uint64(r)
			break
		}
		h.at += c.skip
	}
	return nil
}

// address is where a place in a hand's data is here.
func (l *List) address(there uint64) uintptr {
	return uintptr(unsafe.Pointer(unsafe.SliceData(l.data))) + uintptr(there-handData)
}

func (d local) socket() int { return -1 }

func (d local) receive(*List) ([]int, error) { return nil, nil }

func (d local) give(l *List, fd Arg) Ref { return l.Dup(fd, 3) }

func (d local) lend(l *List, files []*os.File) []Arg {
	args := make([]Arg, len(files))
	for i, f := range files {
		args[i] = l.Dup(N(f.Fd()), 3).Arg()
	}
	return args
}

// word is the memory at an address that a list holds: part of its data, mostly.
//
//go:nocheckptr
func word(addr uint64) unsafe.Pointer { return *(*unsafe.Pointer)(unsafe.Pointer(&addr)) }

func (c *call) do(l *List) int64 {
	var a [6]uintptr
	for i, v := range c.args {
		switch {
		case c.kinds&(1<<i) != 0:
			v = get(l.data, int(v-handData))
		case c.kinds&(1<<(8+i)) != 0:
			v = uint64(l.address(v))
		}
		a[i] = uintptr(v)
	}
	switch c.trap {
	case trapCheck:
		if *(*uint64)(word(uint64(a[0])))&uint64(a[1]) == uint64(a[2]) {
			return 0
		}
		return -int64(a[3])
	case trapStore:
		*(*uint32)(word(uint64(a[0]))) = uint32(a[1])
		return 0
	case trapLoad:
		return int64(*(*uint32)(word(uint64(a[0]))))
	case trapAnswer:
		return 0
	case unix.SYS_EXECVE:
		return execve(a)
	case unix.SYS_PRLIMIT64:
		return prlimit(a)
	default:
		r, _, errno := syscall.Syscall6(uintptr(c.trap), a[0], a[1], a[2], a[3], a[4], a[5])
		if errno != 0 {
			return -int64(errno)
		}
		return int64(r)
	}
}

// execve and prlimit are done by the wrappers that package syscall wants: the one
// lets no thread be made meanwhile, the other ends its own care for RLIMIT_NOFILE,
// which would be a system call right before the execve.
func execve(a [6]uintptr) int64 {
	path := unix.BytePtrToString((*byte)(word(uint64(a[0]))))
	return negative(syscall.Exec(path, stringsAt(a[1]), stringsAt(a[2])))
}

func prlimit(a [6]uintptr) int64 {
	set, old := (*unix.Rlimit)(word(uint64(a[2]))), (*unix.Rlimit)(word(uint64(a[3])))
	return negative(unix.Prlimit(int(a[0]), int(a[1]), set, old))
}

func negative(err error) int64 {
	errno, _ := err.(syscall.Errno)
	return -int64(errno)
}

// stringsAt is the array of strings at an address, which ends with a null.
func stringsAt(addr uintptr) (list []string) {
	for addr != 0 && *(*uint64)(word(uint64(addr))) != 0 {
		list = append(list, unix.BytePtrToString(*(**byte)(word(uint64(addr)))))
		addr += 8
	}
	return list
}
