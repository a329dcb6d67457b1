package bundle

import (
	"fmt"

	specs "github.com/opencontainers/runtime-spec/specs-go"
)

// rules holds for a configuration as a whole. What a package checks of its own
// part, when it plans, is not here.
func rules(spec *specs.Spec) []Finding {
	var r ruling
	if spec.Root == nil {
		r.refuse("/root", "missing: it says which directory becomes the container's root")
	} else if spec.Root.Path == "" {
		r.refuse("/root/path", "empty: it is the directory that becomes the container's root")
	}
	if spec.Process == nil {
		r.refuse("/process", "missing: it says what to run")
	} else {
		r.process(spec.Process)
	}
	for i, m := range spec.Mounts {
		if m.Destination == "" {
			r.refuse(fmt.Sprintf("/mounts/%d/destination", i), "empty: it is the mount's place in the container")
		}
	}
	return r
}

type ruling []Finding

func (r *ruling) refuse(field, format string, args ...any) {
	*r = append(*r, Finding{field, Refused, fmt.Sprintf(format, args...)})
}

func (r *ruling) process(p *specs.Process) {
	switch {
	case len(p.Args) == 0:
		r.refuse("/process/args", "empty: its first element is the program to run")
	case p.Args[0] == "":
		r.refuse("/process/args/0", "empty: it is the program to run")
	}
	switch {
	case p.Cwd == "":
		r.refuse("/process/cwd", "empty: the specification requires it; / is always there")
	case p.Cwd[0] != '/':
		r.refuse("/process/cwd", "%q is relative; it must begin with /", p.Cwd)
	}
	if p.User.Umask != nil && *p.User.Umask > 0o777 {
		r.refuse("/process/user/umask", "%#o has bits that a umask has not; the largest is 0777, in JSON the decimal 511", *p.User.Umask)
	}
	const none = 1<<32 - 1 // (uid_t)-1 means "leave it" to setresuid(2)
	if p.User.UID == none {
		r.refuse("/process/user/uid", "%d is no user: the kernel takes it for no change", p.User.UID)
	}
	if p.User.GID == none {
		r.refuse("/process/user/gid", "%d is no group: the kernel takes it for no change", p.User.GID)
	}
}
