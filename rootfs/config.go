package rootfs

import (
	specs "github.com/opencontainers/runtime-spec/specs-go"
)

// Config is the slice of the OCI configuration that is about files, with what
// the command line adds to it.
type Config struct {
	Bundle        string                 // absolute path; relative sources start here
	Root          *specs.Root            // nil is an error: a container without a root is none
	Mounts        []specs.Mount          // in this order
	Devices       []specs.LinuxDevice    // beside the default ones
	MaskedPaths   []string               // absolute, inside the container
	ReadonlyPaths []string               // absolute, inside the container
	Propagation   string                 // linux.rootfsPropagation; "" is rslave
	MountLabel    string                 // SELinux context of what is mounted anew; "": the policy's
	Overlay       *Overlay               // nil: root.path is used, and written to, as it is
	UIDMappings   []specs.LinuxIDMapping // of the container; for uid= of tmpfs and devpts
	GIDMappings   []specs.LinuxIDMapping

	// Namespaces that are the container's own, new or joined.
	UserNS, NetNS, IPCNS, CgroupNS, PidNS bool

	// HostMountNS has init build the root in a mount namespace of its own, as
	// always, and go back to that of the caller in the end.
	HostMountNS bool

	// CgroupPath is the container's cgroup directory on the host. Without a
	// cgroup namespace a mount of type cgroup shows this subtree.
	CgroupPath string

	// DefaultDevices asks for the nodes and links that the specification
	// promises below /dev (config-linux.md, "Default Devices").
	DefaultDevices bool

	// Submounts are mount points below root.path on the host which get a
	// writable overlay of their own, since an overlay sees one file system
	// only. Used with Overlay alone; see Submounts.
	Submounts []string

	// Pieces are what root.path consists of, for an ordinary user's overlay of
	// a directory with mounts below it; see Pieces. Then Submounts is not used.
	Pieces []Piece
}

// Overlay asks for a copy-on-write view of root.path.
type Overlay struct {
	Layers []string // more lower directories, above root.path, the topmost first
	Upper  string   // host directory that keeps the changes (in upper/); "" is a tmpfs
	Size   uint64   // limit of that tmpfs in bytes; 0 is the kernel's own, half of the memory
}

// Steps is the plan, by the stage in which its operations run.
type Steps struct {
	Open  []Op // parent, after init was cloned and its id maps were written
	Mount []Op // init, up to but not including the pivot
	Pivot []Op // init; the new root becomes /, but can be written to yet
	Seal  []Op // init; read-only and masked paths, the root in its final state

	// NeedsGo says that a step of init's is not system calls: only Go code can do it.
	NeedsGo bool

	// Sources are what Open opened and Mount attaches.
	Sources *Sources

	Warnings []Warning
}

// Warning is a setting that is passed over.
type Warning struct{ Field, Text string }
