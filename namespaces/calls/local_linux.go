package calls

import (
	"os"
	"runtime"
	"syscall"
	"unsafe"

	"golang.org/x/sys/unix"
)

// local does an image in this process, as hand_*.s does it in another.
type local struct{ pin runtime.Pinner }

func (d *local) base(p []byte) uint64 {
	d.pin.Pin(&p[0])
	return uint64(uintptr(unsafe.Pointer(&p[0])))
}

func (d *local) send(p []byte) error {
	defer d.pin.Unpin()
	at, count := get(p, headAt), get(p, headCount)
	for ; at < count; at++ {
		c := p[headSize+callSize*at:]
		r := one(c)
		put(c, callResult, uint64(r))
		if r >= 0 || r < -4095 {
			continue
		}
		if want := get(c, callErrno); want != anyErrno && want != uint64(-r) {
			put(p, headResult, uint64(r))
			break
		}
		at += get(c, callSkip)
	}
	put(p, headAt, at)
	return nil
}

func (d *local) socket() int { return -1 }

func (d *local) receive([]byte) ([]int, error) { return nil, nil }

func (d *local) give(l *List, fd Arg) Ref { return l.Dup(fd, 3) }

func (d *local) lend(l *List, files []*os.File) []Arg {
	args := make([]Arg, len(files))
	for i, f := range files {
		args[i] = l.Dup(N(f.Fd()), 3).Arg()
	}
	return args
}

// word is the memory at an address that an image holds: part of the image.
//
//go:nocheckptr
func word(addr uint64) unsafe.Pointer { return *(*unsafe.Pointer)(unsafe.Pointer(&addr)) }

func one(c []byte) int64 {
	var a [6]uintptr
	refs := get(c, callRefs)
	for i := range a {
		v := get(c, callArgs+8*i)
		if refs&(1<<i) != 0 {
			v = *(*uint64)(word(v))
		}
		a[i] = uintptr(v)
	}
	switch trap := get(c, callTrap); trap {
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
		r, _, errno := syscall.Syscall6(uintptr(trap), a[0], a[1], a[2], a[3], a[4], a[5])
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
