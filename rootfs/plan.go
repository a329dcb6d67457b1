package rootfs

import (
	"errors"
	"fmt"
	"path"
	"slices"
	"strings"

	"golang.org/x/sys/unix"
)

// Plan lists the operations that build the container's root. It is pure: it
// reads its arguments and nothing else, and calls neither kernel nor clock.
//
// pid is a cell for the process id of init, filled by the time the operations
// of Open run; the user namespace of that process is the one that mounts are
// idmapped to. An error is a *FieldError wherever a setting is to blame.
func Plan(c Config, f Facts, pid *int) (Steps, error) {
	p := &planner{c: c, f: f, pid: pid, tree: &tree{}, sources: &Sources{}}
	for _, part := range []func() error{
		p.check, p.propagation, p.root, p.mounts, p.devices, p.pivot, p.paths, p.seal, p.borrowed,
	} {
		if err := part(); err != nil {
			return Steps{}, err
		}
	}
	return p.steps(), nil
}

// planner gathers the operations of the three stages.
type planner struct {
	c   Config
	f   Facts
	pid *int

	open, mount, pivots, seals []Op
	sources                    *Sources
	warnings                   []Warning
	needsGo                    bool

	tree       *tree            // the new root, in init
	userns     *slot            // the container's user namespace, in the parent
	namespaces map[string]*slot // user namespaces made for the mappings of single mounts
	null       *slot            // the host's /dev/null, if it is bound
	slave      propagationMode  // what every clone of a host mount becomes
}

// steps puts the operations together. An ordinary user's parent could not open
// anything for init; then init does it, as root of its user namespace, right
// after its first step, which makes the mounts its own. What is journalled stays
// with the parent, who has the journal.
func (p *planner) steps() Steps {
	s := Steps{Open: p.open, Mount: p.mount, Pivot: p.pivots, Seal: p.seals, Sources: p.sources, Warnings: p.warnings, NeedsGo: p.needsGo}
	if !p.f.Privileged {
		journalled := func(op Op) bool { return op.Journal() != "" }
		inits := slices.DeleteFunc(slices.Clone(p.open), journalled)
		s.Open = slices.DeleteFunc(p.open, func(op Op) bool { return !journalled(op) })
		s.Mount = slices.Insert(p.mount, 1, inits...)
		s.Sources = &Sources{}
	}
	return s
}

func (p *planner) check() error {
	if p.c.Root == nil || p.c.Root.Path == "" {
		return &FieldError{"/root/path", errors.New("is missing: a container needs a root directory")}
	}
	if err := p.checkLabel(); err != nil {
		return err
	}
	if o := p.c.Overlay; o != nil && p.c.UserNS && p.f.Privileged && !p.f.IdmappedLayers {
		return &FieldError{"/root/path", errors.New(
			"an overlay in a user namespace needs idmapped layers, which Linux has since 5.19")}
	}
	return nil
}

// propagationMode is what becomes of the ties between a mount and its peers.
type propagationMode struct {
	word string
	kind uint64
}

// propagation cuts init's copy of the host's mounts off: what init mounts must
// never appear on the host. That copy is gone after the pivot, so rslave does
// for it always; the configured mode is for what stays.
func (p *planner) propagation() error {
	p.slave = propagationMode{"rslave", unix.MS_SLAVE}
	switch p.c.Propagation {
	case "", "slave", "rslave", "shared", "rshared":
	case "private", "rprivate", "unbindable", "runbindable":
		p.slave = propagationMode{"rprivate", unix.MS_PRIVATE}
	default:
		return &FieldError{"/linux/rootfsPropagation",
			fmt.Errorf("%q is none of shared, slave, private, unbindable", p.c.Propagation)}
	}
	field := ""
	if p.c.Propagation != "" {
		field = "/linux/rootfsPropagation"
	}
	p.mount = append(p.mount, &setPropagation{
		note: note{field, "Cuts init's copy of the host's mounts off, so that nothing mounted here appears there (mount_setattr(2), mount_namespaces(7))"},
		mode: p.slave,
	})
	return nil
}

// source makes a slot for a host path; it crosses to init.
func (p *planner) source() *slot {
	s := &slot{}
	p.sources.slots = append(p.sources.slots, s)
	return s
}

// hostPath is the absolute path on the host of what the configuration names.
func (p *planner) hostPath(name string) string {
	if path.IsAbs(name) {
		return path.Clean(name)
	}
	return path.Join(p.c.Bundle, name)
}

// inside checks and cleans a path in the container. There a ".." at the top
// stays at the top, and a relative path starts at "/" (config.md, "Mounts").
func inside(name string) (string, error) {
	switch {
	case name == "":
		return "", errors.New("is missing")
	case strings.Contains(name, "\x00"):
		return "", errors.New("contains a NUL byte")
	}
	return path.Clean("/" + name), nil
}

// onHost checks a path on the host.
func onHost(name string) error {
	if strings.Contains(name, "\x00") {
		return errors.New("contains a NUL byte")
	}
	return nil
}
