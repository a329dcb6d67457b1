package cgroups

// ownedFiles are those that a delegated cgroup needs to be of use, if the kernel
// does not list them (config-linux.md, "Cgroup ownership").
const ownedFiles = "cgroup.procs\ncgroup.subtree_control\ncgroup.threads\n"

// owner plans to give the group to the user of the container, who can then make
// groups below it but not change its own limits.
func (c Config) owner(g *Group) []Op {
	if c.Owner == nil {
		return nil
	}
	return []Op{&chown{
		note:  note{"/linux/cgroupsPath", "the container may divide its own cgroup, whose limits stay the host's (cgroups(7), \"Cgroup delegation\")"},
		group: g, uid: *c.Owner,
	}}
}

// chown gives a group away, with the files that the kernel says go with it.
type chown struct {
	note
	group *Group
	uid   uint32
}
