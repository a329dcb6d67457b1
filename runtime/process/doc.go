// Package process is the last mile: from "inside the container's namespaces
// and root, still its root user" to the execve of the user's program.
//
// It knows who the program runs as (user, groups, capabilities, no_new_privs,
// seccomp), under which terms (limits, scheduling, memory policy, OOM score,
// keyring), where (working directory), and how it is found and started; and it
// can say in words why a program does not start. Its plan is lists:
// Spawn and Ready are done by the parent to init's pid, with the parent's
// privileges on the host; Look is done by init in its new root, and Last by init
// to itself: it ends in execve.
//
// Three rules shape the code. What init does is written as system calls (package
// calls), and those of Last straight on: they are left with a hand before the
// start, when nobody may be there to be asked, so that a list itself finds out
// which file of PATH it executes, and what has failed is explained afterwards, by
// who reads of it ([Words.Explain]). Only what needs more than one thread or a Go
// program has no calls: the agent of a filter, and the reaper. Everything in Last
// is done on one thread, that is locked if a Go program does it: credentials,
// no_new_privs and filters belong to a thread, execve keeps the thread that calls
// it and ends the others, so the wrappers of package syscall that change all
// threads are not used. And nothing that squeezes init comes before it is ready
// to be squeezed: a small RLIMIT_AS or RLIMIT_NOFILE would kill the Go runtime,
// so the parent only raises hard limits and init lowers them as one of its last
// acts.
//
// It does not know how seccomp profiles are compiled (it takes the compiled
// program), which namespaces there are beyond the user namespace, how the root
// was built, what descriptors 0, 1 and 2 are, or what becomes of the program
// afterwards; nor what a security module makes of a label, or an agent of a
// notification.
package process
