// Package namespaces starts a program inside Linux namespaces, new ones or
// those of others, and makes them usable.
//
// It knows which namespaces there are, who must own which, in what order they
// can be entered, what has to be written from outside before a process in them
// may go on (id maps, clock offsets), and the settings that live in a namespace
// itself: host name, loopback interface, sysctls.
//
// It does not know what the program is, what it sees as / (package rootfs),
// what it may do (runtime/process) or that it belongs to a container.
//
// # One way to start a process
//
// New namespaces, joined ones, mixtures, and later exec all take the same path:
// a raw clone3 (fork_linux.go) whose child does nothing but the system calls of
// a list prepared beforehand (program_linux.go) and ends in execveat. os/exec
// would do for new namespaces alone, but entering a user or time namespace
// needs a caller with one thread, and a Go program never is one; two ways
// would have two sets of faults. runc and crun do this part in C.
//
// The common case is one clone. A second one is made if a namespace is joined
// or the time namespace is new, because pid and time namespaces only take
// effect for children:
//
//	parent                          first process
//	clone3(user,pid,mnt,uts) ─────► wait
//	write uid_map, gid_map
//	go ───────────────────────────► become root, unshare(ipc,net,cgroup), execveat
//
//	parent                          helper                     first process
//	clone3() ─────────────────────► setns each, unshare(user,time)
//	   ◄───────────────────── ready
//	write maps, clock offsets
//	go ───────────────────────────► become root, unshare(rest)
//	   ◄──────────────────────────  clone3(CLONE_PARENT) ────► execveat
//
// ipc and net are made late, by a process which is already root in its user
// namespace, so that what the kernel creates along with them (/proc/net, the
// mqueue root) belongs to that root; and so that the time a network namespace
// takes is not the parent's. cgroup is made late because CLONE_NEWCGROUP takes
// the cgroup of the caller of clone, not the one CLONE_INTO_CGROUP names, as
// the root of the new namespace.
//
// An ordinary user may map one id to their own. Maps of more are written by
// newuidmap(1) and newgidmap(1), as far as /etc/subuid and /etc/subgid grant it
// (grant.go); where the group map has one line only, setgroups is given up.
//
// # Asking a service inside
//
// A [Peer] connects to what listens in the network namespace or below the root
// of a running process, without a process in there: a socket stays in the
// network namespace that it was made in, so a thread goes there for the time of
// one socket(2) (socket_linux.go). A supervisor without the privilege for that
// gets its sockets from a child which does nothing else (lend_linux.go).
//
// A child whose parent dies before it was let go ends at once: it waits on a
// socket and sees end of file. So nothing here needs an undo on disk.
package namespaces
