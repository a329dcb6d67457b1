package namespaces

import "syscall"

// rule is what the child does with the result of a step.
type rule uintptr

const (
	must      rule = iota // an error is reported, and is the end
	mayFail               // EPERM is noted under the step's mask
	retry                 // as must, but only if EPERM was noted under the mask
	oneByte               // the result must be 1: the parent said go; else it died
	zero                  // the result must be 0: the parent is still there
	anyhow                // an error changes nothing
	forkChild             // the result 0 is the child's, it goes on; else report it and end
)

// step is one system call of the child.
type step struct {
	trap uintptr
	args [5]uintptr
	rule rule
	mask uintptr
}

// message is what the child tells the parent, in one packet.
type message struct {
	kind  uintptr
	step  uintptr
	value uintptr // errno or pid
}

const (
	messageReady uintptr = iota + 1
	messageError
	messagePid
)

// program is all that the child needs, prepared by the parent. The addresses
// are those of pinned memory; the child has a copy of it at the same place.
type program struct {
	args, argsSize uintptr // struct clone_args
	steps          []step
	message        *message
	messageAddr    uintptr
	messageSize    uintptr
	sock           uintptr // the child's end of the link
}

// rawClone creates a process and, in it, runs the program, which ends in an
// execve. It returns in the parent only.
//
// The child is a copy of one thread of a Go program: no scheduler, no garbage
// collector, perhaps a lock held by a thread that it does not have. So it may
// do nothing that could reach the runtime: no call but RawSyscall6 (a test over
// the syntax tree holds that), no allocation, no pointer stored. What looks
// like a loop over data is meant so: all decisions have been made before.
//
// It is one function, since helpers would have to be nosplit and the chain then
// is too deep for the linker in builds without optimisation. It needs no
// nosplit itself: its stack check happens before the clone. The race detector
// has no business in a process without its threads. (Only -race and -cover
// together bring it back: then coverage counts by calls into it, and a child may
// hang on a lock of a thread that it does not have, about one in a thousand.)
//
//go:noinline
//go:norace
func rawClone(p *program) (pid uintptr, errno syscall.Errno) {
	pid, _, errno = syscall.RawSyscall6(syscallClone3, p.args, p.argsSize, 0, 0, 0, 0)
	if errno != 0 || pid != 0 {
		return pid, errno
	}

	// In the child.
	denied := uintptr(0)
	steps := p.steps // the compiler sees that i is within these bounds
	for i := range steps {
		s := &steps[i]
		if s.rule == retry && denied&s.mask == 0 {
			continue
		}
		r, _, e := syscall.RawSyscall6(s.trap, s.args[0], s.args[1], s.args[2], s.args[3], s.args[4], 0)
		if e == syscall.EPERM && s.rule == mayFail {
			denied |= s.mask
			continue
		}
		if s.rule == anyhow {
			continue
		}
		if e != 0 {
			p.message.kind, p.message.step, p.message.value = messageError, uintptr(i), uintptr(e)
		} else if s.rule == forkChild && r != 0 {
			p.message.kind, p.message.step, p.message.value = messagePid, uintptr(i), r
		} else if s.rule == oneByte && r != 1 || s.rule == zero && r != 0 {
			break
		} else {
			continue
		}
		syscall.RawSyscall6(syscall.SYS_WRITE, p.sock, p.messageAddr, p.messageSize, 0, 0, 0)
		break
	}
	for {
		syscall.RawSyscall6(syscall.SYS_EXIT_GROUP, 127, 0, 0, 0, 0, 0)
	}
}
