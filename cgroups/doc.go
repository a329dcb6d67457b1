// Package cgroups turns the resources of an OCI config into operations on
// cgroup v2, and holds the container's cgroup afterwards.
//
// It knows the names of the kernel's files, which controller each belongs to,
// how the settings of the specification (made for cgroup v1) translate to
// them, how a device list becomes an eBPF program, and how to kill, freeze,
// measure and remove a group. It does not know containers, processes other
// than by pid, or cgroup v1 beyond explaining why it is in the way. Of systemd it
// knows how to ask for a unit; see systemd.go.
//
// # Planning
//
// [Plan] and [Update] are pure: what they need of the host comes in [Facts].
// Settings that docker and others send with a zero or empty value (blkio
// weight 0, cpu shares 0, memory 0 …) are no setting: they make no operation
// and need no controller. Two zeros are limits: pids 0 (runtime-spec 1.3) and
// hugepage limit 0. What v2 does not have is refused by its JSON pointer.
//
// # Order
//
// The directory is made first and is the only journalled step. Then the
// controllers are enabled from the top down; a directory that exists already
// gets the files of a new controller at once, so nothing is lost by that, and
// a run that dies at any point has left nothing but the directory. Enabled
// controllers stay enabled in directories that are not ours: whoever else uses
// them could not be told. They vanish with the directories that are ours.
//
// # No processes in inner cgroups
//
// A cgroup other than the real root may either contain processes or distribute
// resources of domain controllers (memory, io …) to children, never both
// (cgroups(7), "Cgroups v2 no internal processes rule"). The kernel says EBUSY
// to +memory in cgroup.subtree_control then. It happens where mini runs in a
// delegated cgroup, or in a container whose root is the root of its cgroup
// namespace only. If the one process in the way is mini itself, it moves into
// a child named mini.leaf and tries again. If there are others, they are not
// ours to move: the error names them. The leaf stays as long as mini is in it;
// it disappears with the delegated cgroup.
//
// # Devices
//
// Rules are evaluated for each of r, w and m by itself: the last rule which
// matches the device and has that letter decides, and without one the answer
// is no (as runc and crun have it). Type a matches both types, numbers are
// honoured with it; a number of -1 is a wildcard as null is. No rules at all
// (null or empty) attach no program; runc then denies all but the default
// devices, while we take a list that is not there as no wish: engines, and
// `mini spec`, always send a list that begins with deny-all.
//
// The program is written with raw instructions and loaded by bpf(2). The
// libraries for that are good, but not free: importing containerd/cgroups/v3
// adds 0.75 ms to each start of a Go program (measured here), cilium/ebpf
// 0.27 ms, and a whole container start should stay below 10 ms.
//
// # Alarms
//
// An [Alarm] waits for pressure or for a counter of an event file to grow, with
// a goroutine and no thread or timer. How the kernel tells, and what is lost on
// the way to Go's poller, is in bell_linux.go.
//
// # Tests
//
// Tests named TestVM… need cgroup v2 controllers and two CPUs:
//
//	CGO_ENABLED=0 go test -c -o /tmp/cg.test ./cgroups
//	MINI_VM=1 hack/vmrun -c 2 -- /tmp/cg.test -test.run VM
package cgroups
