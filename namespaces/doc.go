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
// New namespaces, joined ones, mixtures, and exec all take the same path: a clone3
// whose child shares our memory and executes a hand (package calls) at once, while we
// wait (vfork(2)): there are no page tables to copy, and no pages of ours to be copied
// when we go on. The hand does the rest, by a list of system calls. os/exec would do
// for new namespaces alone, but entering a user or time namespace needs a caller with
// one thread, and a Go program never is one; two ways would have two sets of faults.
// runc and crun do this part in C.
//
// Where all is new, but no user namespace, the hand is born in the new namespaces. Else
// it is a helper, and clones: pid and time namespaces take effect for children only,
// and who makes a user namespace can execute nothing in it before the maps are written.
//
//	parent                          hand
//	clone3(pid,mnt,uts) ──────────► execveat(hand)
//	list ─────────────────────────► unshare(ipc,net,cgroup)
//
//	parent                          helper                     process
//	clone3() ─────────────────────► execveat(hand)
//	list ─────────────────────────► clone3(CLONE_PARENT,user,pid,mnt,uts)
//	   ◄────────────────────────────────────────────────────── there
//	write uid_map, gid_map
//	list ────────────────────────────────────────────────────► become root, unshare(ipc,net,cgroup)
//
//	parent                          helper                     process
//	clone3() ─────────────────────► execveat(hand)
//	list ─────────────────────────► setns each, unshare(user,time)
//	   ◄───────────────────── there                            if there is something
//	write maps, clock offsets                                  to be written
//	list ─────────────────────────► become root, unshare(rest)
//	                                clone3(CLONE_PARENT) ────► there
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
// gets its sockets from a hand which does nothing else (lend_linux.go).
//
// A hand whose parent dies ends at once: it reads from a socket and sees end of
// file. So nothing here needs an undo on disk.
package namespaces
