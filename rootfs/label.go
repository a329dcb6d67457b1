package rootfs

import (
	"errors"
	"slices"
)

// unlabelled are the file systems that have labels of their own, from the
// policy, and do not take that of the container.
var unlabelled = []string{"proc", "sysfs", "cgroup", "cgroup2", "mqueue"}

// checkLabel holds linux.mountLabel against the kernel.
func (p *planner) checkLabel() error {
	const field = "/linux/mountLabel"
	switch {
	case p.c.MountLabel == "":
		return nil
	case !p.f.SELinux:
		return &FieldError{field, errors.New("this kernel has SELinux not enabled (/sys/fs/selinux): leave it out, or boot with selinux=1 security=selinux")}
	case len(p.c.MountLabel) > maxValue || onHost(p.c.MountLabel) != nil:
		return &FieldError{field, errors.New("is no SELinux context: too long, or a NUL byte in it")}
	}
	return nil
}

// label adds the option that gives all files of a new file system the SELinux
// context of the container (mount(8), "context="), unless the configuration
// chose one.
func (p *planner) label(fstype string, params []param) []param {
	if p.c.MountLabel == "" || slices.Contains(unlabelled, fstype) {
		return params
	}
	if slices.ContainsFunc(params, func(d param) bool { return d.key == "context" }) {
		return params
	}
	return append(params, param{key: "context", value: p.c.MountLabel})
}
