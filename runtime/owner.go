package runtime

import (
	"path"
	"slices"

	"github.com/opencontainers/runtime-spec/specs-go"
)

// cgroupOwner is the host's number of the user that is to own the container's
// cgroup: the one that the program runs as, if the container can see and write
// its own cgroup and nothing above it (config-linux.md, "Cgroup ownership").
// nil leaves it to whoever makes it.
func (p *Plan) cgroupOwner() *uint32 {
	proc := p.config.Spec.Process
	if proc == nil || !p.facts.Namespaces.Privileged || !p.makes(specs.CgroupNamespace) || !writesCgroups(p.config.Spec.Mounts) {
		return nil
	}
	uid, known := p.hostUID(proc.User.UID)
	if !known {
		return nil // of a joined user namespace, or refused by who plans the process
	}
	return &uid
}

// makes says whether the container gets a new namespace of this type.
func (p *Plan) makes(t specs.LinuxNamespaceType) bool {
	return slices.ContainsFunc(p.linux().Namespaces, func(ns specs.LinuxNamespace) bool {
		return ns.Type == t && ns.Path == ""
	})
}

// writesCgroups looks for the mount that the specification describes.
func writesCgroups(mounts []specs.Mount) bool {
	return slices.ContainsFunc(mounts, func(m specs.Mount) bool {
		return m.Source == "cgroup" && path.Clean(m.Destination) == "/sys/fs/cgroup" &&
			!slices.Contains(m.Options, "ro") && !slices.Contains(m.Options, "rro")
	})
}

func (p *Plan) hostUID(uid uint32) (host uint32, known bool) {
	if !p.owns(specs.UserNamespace) {
		return uid, true
	}
	for _, m := range p.linux().UIDMappings {
		if uid >= m.ContainerID && uid-m.ContainerID < m.Size {
			return m.HostID + uid - m.ContainerID, true
		}
	}
	return 0, false
}
