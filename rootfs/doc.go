// Package rootfs makes what a container sees as its root directory.
//
// Plan turns the parts of an OCI configuration that are about files (root,
// mounts, devices, masked and read-only paths) into three lists of small
// kernel operations:
//
//	Open   parent, host privileges   every host path becomes a detached mount
//	Mount  init, host tree visible   the new root is built, mount by mount
//	Pivot  init                      the new root becomes "/"
//	Seal   init                      read-only paths, masks, a read-only root
//
// What is done inside is not done by init's own program: the operations of Mount,
// Pivot and Seal are written down as system calls ([calls.List]), one straight list
// for all of them where the image is as expected. What is not stops the list, and is
// gone through call by call (walk). The one that needs a program inside is
// copiedTmpfs.
//
// Four decisions carry the rest:
//
// Only descriptors. A host path is opened once, by open_tree(2), in the
// process that has the right to open it; a path inside the container is
// resolved once, by openat2(2) with RESOLVE_IN_ROOT. From there on both are
// descriptors, so a name that is exchanged for a symbolic link in between
// changes nothing. The mounts are fsopen(2), fsmount(2), move_mount(2) and
// mount_setattr(2); of the older calls only pivot_root(2) and umount2(2) are
// left.
//
// No directory on the host. Everything is attached on top of "/" in init's own
// mount namespace. A lookup of an absolute path starts in the root that the
// process has, below what is mounted over it, so the host's tree stays usable
// until the pivot, and a killed run leaves no directory behind.
//
// No path is trusted twice, and no number of a descriptor is told to the kernel as
// text: the directories of an overlay are named from the scratch space, which is the
// working directory while it is made.
//
// The bundle is not written to. An overlay of its own lies over root.path,
// its upper directory in a tmpfs that no path leads to. In a user namespace the
// lower layers are idmapped, so nothing is ever chowned.
//
// One limit is the kernel's: before Linux 6.6 a tmpfs has no user.* attributes,
// and an overlay in a user namespace has no other place to note that a directory
// hides the one below. There, a directory that was removed cannot be made anew
// (EIO), unless the changes are kept in a directory on a disk.
//
// The package knows nothing of processes, namespaces or cgroups: which
// namespaces are the container's own comes in as flags of Config, and the one
// process it needs, init, as a cell that holds its pid. It does not choose
// defaults either: mounts and masks are those of the configuration. The
// terminal at /dev/console belongs to runtime/stdio.
package rootfs
