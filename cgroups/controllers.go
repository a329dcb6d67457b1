package cgroups

import (
	"fmt"
	"strings"
)

// controllerOf says which controller must be enabled for a file to exist:
// what is before the dot. Core files (cgroup.max.depth) need none.
func controllerOf(file string) string {
	name, _, _ := strings.Cut(file, ".")
	if name == "cgroup" || name == "irq" {
		return ""
	}
	return name
}

// missing explains why a controller cannot be had. Mode and list come from the
// host, so the text says where it looked.
func missing(controller string, f Facts) error {
	return fmt.Errorf("controller %s is not available: %s; mini doctor shows the host's controllers", controller, absence(controller, f))
}

func absence(controller string, f Facts) string {
	v1 := controller
	if controller == "io" {
		v1 = "blkio" // its name in cgroup v1
	}
	switch id, bound := f.V1[v1]; {
	case f.Mode == Hybrid && bound:
		return fmt.Sprintf("the host is hybrid and has it in cgroup v1 (hierarchy %d in /proc/self/cgroup), where v2 cannot use it", id)
	case f.Mode == Hybrid:
		return "the host is hybrid, with its controllers in cgroup v1"
	case f.Mode == Legacy:
		return "the host has cgroup v1 only, and mini needs v2"
	case f.Mode != Unified:
		return "no cgroup file system is mounted"
	case f.Base == "":
		return "we may not make cgroups: not root, and none was delegated to us"
	case f.Base != "/":
		return fmt.Sprintf("it was not delegated to us, %s%s/cgroup.controllers does not list it", f.Mountpoint, f.Base)
	}
	return fmt.Sprintf("%s/cgroup.controllers does not list it (not built into the kernel, or cgroup_disable=%s on its command line)", f.Mountpoint, controller)
}
