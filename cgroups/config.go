package cgroups

import (
	"errors"

	"github.com/opencontainers/runtime-spec/specs-go"
)

// Config is what a container wants of its cgroup.
type Config struct {
	// Path is linux.cgroupsPath or a name made by the caller. Absolute: from
	// the root of the cgroup2 mount. Relative: below Facts.Base, so the same
	// for root and different for each user with a delegated cgroup.
	Path string
	// Resources is linux.resources; nil sets nothing.
	Resources *specs.LinuxResources
	// DefaultDevices adds DefaultDevices behind the rules in
	// Resources.Devices, if there are any.
	DefaultDevices bool
	// Tree wants a group though nothing is limited, on a hybrid host too: it can
	// be killed as a whole. Without, such a host makes none for nothing.
	Tree bool
	// Systemd has systemd make the group, of which Path is slice:prefix:name
	// then; nil: we do.
	Systemd *Systemd
	// Owner is the user on the host who is to own the group, so that the
	// container can make others below it; nil: who makes it.
	Owner *uint32
}

// Mode says how the host mounts cgroups.
type Mode string

const (
	Unified Mode = "unified" // cgroup v2 only
	Hybrid  Mode = "hybrid"  // v1 hierarchies have controllers, v2 is mounted beside
	Legacy  Mode = "legacy"  // v1 only
	None    Mode = "none"    // no cgroup file system at hand
)

// Facts is what planning has to know of the host; see Probe.
type Facts struct {
	Mode Mode
	// Mountpoint of cgroup2, normally /sys/fs/cgroup, on a hybrid host
	// /sys/fs/cgroup/unified; empty if it is not mounted.
	Mountpoint string
	// Base is the cgroup below which we may create others: "/" for root, our
	// own one if it was delegated to us, "" if there is none.
	Base string
	// Controllers that v2 offers in Base (cgroup.controllers).
	Controllers []string
	// Own is the cgroup of this process, from the root of the mount.
	Own string
	// User is the cgroup of an ordinary user's own systemd, from the root of the
	// mount, "" if there is none; UserControllers are what it has.
	User            string   `json:",omitempty"`
	UserControllers []string `json:",omitempty"`
	// V1 has, for each controller that is bound to a v1 hierarchy, the number
	// of that hierarchy. For explanations only.
	V1 map[string]int `json:",omitempty"`
}

// Steps is the plan of a new container.
type Steps struct {
	// Prepare makes the group and opens it in Group. To be done before the clone.
	Prepare []Op
	// Limits enables controllers, sets limits and attaches the device program.
	// To be done before the program runs; init, which is ours, may be on its way.
	Limits []Op
	// Late are writes to pids.max. To be done when init needs no more threads,
	// just before the gate can be opened: init is a Go program with several
	// threads, and a small limit would keep it from starting, or from being
	// cloned at all if it is 0. Init runs nobody else's code before that.
	Late []Op
	// Group is nil if no cgroup is possible and none is needed.
	Group *Group
}

// ErrNoCgroup is in the chain of Plan's error if something is asked for that
// needs no controller, only a cgroup, and none can be made: mode legacy or
// none, or an ordinary user without a delegated cgroup. The FieldError around
// it has the setting.
var ErrNoCgroup = errors.New("no cgroup can be made")
