package runtime

import (
	"github.com/opencontainers/runtime-spec/specs-go"

	"mini/namespaces"
	"mini/runtime/process"
)

// This file is what is otherwise when an ordinary user runs a container.
//
// The user owns the container's user namespace, and with it everything that is
// made inside. Outside they are who they were, so what the host's root does
// for a container either falls away (device rules, idmapped mounts), or is
// done by somebody with the right to do it: newuidmap writes maps of more than
// one id, and limits need a cgroup that was delegated.

// Rootless tells whether containers are run without the rights of the host's
// root: by an ordinary user, or by the root of another user namespace.
func (f Facts) Rootless() bool { return !f.Rootfs.Privileged }

// Maps are the id maps that the caller may write in a new user namespace, for
// a configuration made for them: one's own ids as the container's root and
// after it what subuid(5) and subgid(5) grant, up to the 65536 ids that
// distributions use. Both lists are one line if either grant is missing.
func (f Facts) Maps() (uids, gids []specs.LinuxIDMapping) {
	ns, most := f.Namespaces, uint32(1<<16)
	if ns.UIDs.Helper == "" || ns.GIDs.Helper == "" {
		most = 1
	}
	return idMap(ns.UID, ns.UIDs.Ranges, most), idMap(ns.GID, ns.GIDs.Ranges, most)
}

func idMap(own uint32, ranges []namespaces.Range, most uint32) []specs.LinuxIDMapping {
	lines := []specs.LinuxIDMapping{{ContainerID: 0, HostID: own, Size: 1}}
	for next := uint32(1); next < most && len(ranges) > 0; ranges = ranges[1:] {
		n := min(ranges[0].Count, most-next)
		lines = append(lines, specs.LinuxIDMapping{ContainerID: next, HostID: ranges[0].First, Size: n})
		next += n
	}
	return lines
}

// AsRoot is the facts as the host's root would find them, to plan what only
// root can do and somebody else wants to see.
func (f Facts) AsRoot() Facts {
	f.Namespaces.Privileged, f.Namespaces.UID, f.Namespaces.GID = true, 0, 0
	f.Rootfs.Privileged = true
	f.Process.Permitted = process.Caps(1)<<(f.Process.LastCap+1) - 1
	f.Cgroups = f.Cgroups.AsRoot()
	return f
}

// groupPath is where the container's cgroup is to be: below that which was
// delegated, if the machine's are not ours.
func (p *Plan) groupPath() string {
	switch path := p.linux().CgroupsPath; {
	case path != "", p.config.SystemdCgroup:
		return path
	case p.facts.Cgroups.Base == "" || p.facts.Cgroups.Base == "/":
		return "/mini/" + p.config.ID
	}
	return "mini/" + p.config.ID
}

// resources are the limits that can be asked for. Device rules are left out
// where the program that enforces them cannot be loaded, as runc and crun do:
// no device node can be made in a user namespace, and those of the host that
// are shown inside are protected by their owners and modes.
func (p *Plan) resources() *specs.LinuxResources {
	r := p.linux().Resources
	if r == nil || len(r.Devices) == 0 || !p.facts.Rootless() || !p.owns(specs.UserNamespace) {
		return r
	}
	p.warn("/linux/resources/devices", "left out: only the host's root may load the program that enforces device rules")
	without := *r
	without.Devices = nil
	return &without
}

// denySetgroups tells whether the container's groups cannot be changed.
func (p *Plan) denySetgroups() bool {
	if p.config.Net != nil && p.facts.Rootless() {
		return !p.config.Net.Groups
	}
	for _, ns := range p.linux().Namespaces {
		if ns.Type == specs.UserNamespace && ns.Path == "" {
			return !p.facts.Namespaces.Setgroups(p.linux().GIDMappings)
		}
	}
	return false
}
