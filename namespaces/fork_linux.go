package namespaces

import "syscall"

// step is one system call of a child.
type step struct {
	trap   uintptr
	args   [5]uintptr
	anyhow uintptr // not 0: an error changes nothing
}

// program is all that a child does, prepared by the parent. The addresses are those
// of memory that stays where it is.
type program struct {
	args, argsSize uintptr // struct clone_args
	steps          []step  // the last does not return, if all goes well
	left           uintptr // of a failure: how many steps were left, with the failed one
	errno          uintptr
}

// rawClone creates a process that does the steps, and ends if one fails. It returns in
// the parent only: with CLONE_VFORK when the child has executed a program or is gone.
// If it shares our memory (CLONE_VM) it has written then what has failed.
//
// The child is a copy of one thread of a Go program: no scheduler, no garbage
// collector. So it is machine code (fork_*.s) that makes system calls and nothing else; it
// does not touch the stack, which is the parent's thread's too.
//
//go:noescape
func rawClone(p *program) (pid uintptr, errno syscall.Errno)
