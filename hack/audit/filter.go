package main

import (
	"errors"
	"fmt"
	"os"
	"runtime"
	"strconv"
	"strings"
	"unsafe"

	"golang.org/x/sys/unix"
)

// filters reads the system call filters of a process out of the kernel
// (ptrace(2), PTRACE_SECCOMP_GET_FILTER) and says what they let through.
func filters(pid int) error {
	all, err := fetch(pid)
	if err != nil {
		return err
	}
	if len(all) == 0 {
		answer("system calls", "all: no filter")
		return nil
	}
	allowed, depends := 0, 0
	var refused []string
	for nr := range uint32(lastCall + 1) {
		if nr > lastOld && nr < firstNew {
			continue
		}
		switch judge(all, archX8664, nr) {
		case always:
			allowed++
		case sometimes:
			depends++
		case never:
			refused = append(refused, strconv.Itoa(int(nr)))
		}
	}
	fmt.Fprintln(os.Stderr, "refused system calls:", strings.Join(refused, " "))
	answer("system calls", "%d of %d, and %d by their arguments", allowed, lastOld+1+lastCall-firstNew+1, depends)
	refused = nil
	for nr := range uint32(lastCall + 1) {
		if judge(all, archI386, nr) == never {
			refused = append(refused, strconv.Itoa(int(nr)))
		}
	}
	fmt.Fprintln(os.Stderr, "refused system calls of 32-bit programs:", strings.Join(refused, " "))
	answer("system calls of 32-bit programs", "%d", lastCall+1-len(refused))
	return nil
}

// The numbers of x86-64: two ranges, the second one common to all architectures.
const (
	lastOld, firstNew, lastCall = 334, 424, 462

	archX8664, archI386 = 0xc000003e, 0x40000003
)

// fetch stops a process for a moment. All its requests must come from one thread.
func fetch(pid int) ([][]unix.SockFilter, error) {
	runtime.LockOSThread()
	defer runtime.UnlockOSThread()
	if err := unix.PtraceSeize(pid); err != nil {
		return nil, fmt.Errorf("ptrace %d: %w", pid, err)
	}
	if err := unix.PtraceInterrupt(pid); err != nil {
		return nil, fmt.Errorf("stop %d: %w", pid, err)
	}
	var ws unix.WaitStatus
	if _, err := unix.Wait4(pid, &ws, unix.WALL, nil); err != nil {
		return nil, fmt.Errorf("wait for %d: %w", pid, err)
	}
	defer func() { _ = unix.PtraceDetach(pid) }()
	var all [][]unix.SockFilter
	for {
		f, err := one(pid, len(all))
		if errors.Is(err, unix.ENOENT) || errors.Is(err, unix.EINVAL) { // no more, or none
			return all, nil
		}
		if err != nil {
			return nil, fmt.Errorf("read the filter of %d: %w", pid, err)
		}
		all = append(all, f)
	}
}

func one(pid, index int) ([]unix.SockFilter, error) {
	n, _, errno := unix.Syscall6(unix.SYS_PTRACE, unix.PTRACE_SECCOMP_GET_FILTER, uintptr(pid), uintptr(index), 0, 0, 0)
	if errno != 0 {
		return nil, errno
	}
	f := make([]unix.SockFilter, n)
	_, _, errno = unix.Syscall6(unix.SYS_PTRACE, unix.PTRACE_SECCOMP_GET_FILTER, uintptr(pid), uintptr(index), uintptr(unsafe.Pointer(&f[0])), 0, 0)
	if errno != 0 {
		return nil, errno
	}
	return f, nil
}

// verdict is what becomes of a system call, whatever its arguments.
type verdict int

const (
	never verdict = iota
	sometimes
	always
)

// judge is the strictest of all filters.
func judge(all [][]unix.SockFilter, arch, nr uint32) verdict {
	result := always
	for _, f := range all {
		w := walker{program: f, arch: arch, nr: nr, seen: map[[2]uint32]bool{}}
		w.from(0, 0, false)
		switch {
		case !w.allows:
			return never
		case w.denies:
			result = sometimes
		}
	}
	return result
}

// walker goes all ways through a filter that a system call can take: where a
// condition is on an argument it goes both.
type walker struct {
	program        []unix.SockFilter
	arch, nr       uint32
	memory         [16]uint32
	allows, denies bool
	seen           map[[2]uint32]bool
}

func (w *walker) from(pc, a uint32, known bool) {
	for {
		in := w.program[pc]
		pc++
		switch in.Code {
		case unix.BPF_LD | unix.BPF_W | unix.BPF_ABS:
			a, known = map[uint32]uint32{0: w.nr, 4: w.arch}[in.K], in.K == 0 || in.K == 4
		case unix.BPF_RET | unix.BPF_K:
			// LOG lets it through as well.
			through := in.K&0xffff0000 == unix.SECCOMP_RET_ALLOW || in.K&0xffff0000 == unix.SECCOMP_RET_LOG
			w.allows, w.denies = w.allows || through, w.denies || !through
			return
		case unix.BPF_JMP | unix.BPF_JA:
			pc += in.K
		case unix.BPF_ALU | unix.BPF_AND | unix.BPF_K:
			a &= in.K
		case unix.BPF_ST:
			w.memory[in.K&15] = a
		case unix.BPF_LD | unix.BPF_MEM:
			a = w.memory[in.K&15]
		default:
			if known {
				pc += jump(in, a)
				continue
			}
			// Both ways; each place once, or the number of ways would explode.
			if key := [2]uint32{pc, 0}; w.seen[key] {
				return
			} else {
				w.seen[key] = true
			}
			w.from(pc+uint32(in.Jt), 0, false)
			pc += uint32(in.Jf)
		}
	}
}

// jump is how far a condition on a known value goes.
func jump(in unix.SockFilter, a uint32) uint32 {
	holds := false
	switch in.Code {
	case unix.BPF_JMP | unix.BPF_JEQ | unix.BPF_K:
		holds = a == in.K
	case unix.BPF_JMP | unix.BPF_JGT | unix.BPF_K:
		holds = a > in.K
	case unix.BPF_JMP | unix.BPF_JGE | unix.BPF_K:
		holds = a >= in.K
	case unix.BPF_JMP | unix.BPF_JSET | unix.BPF_K:
		holds = a&in.K != 0
	}
	if holds {
		return uint32(in.Jt)
	}
	return uint32(in.Jf)
}
