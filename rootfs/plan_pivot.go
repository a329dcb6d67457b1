package rootfs

import (
	"errors"
	"fmt"

	"golang.org/x/sys/unix"
)

// pivot plans the change of roots.
func (p *planner) pivot() error {
	p.pivots = append(p.pivots,
		&pivotRoot{
			note: note{"/root/path", "Makes the new root the root of this mount namespace, with the old one on top of it (pivot_root(2))"},
			tree: p.tree,
		},
		&detachOld{note{"/root/path", "Takes the host's tree away: from here on no path leads there (umount2(2))"}})
	return nil
}

// paths plans the read-only and the masked paths. They are resolved in the
// final root, and a mask may lie on what is read-only.
func (p *planner) paths() error {
	for i, name := range p.c.ReadonlyPaths {
		field := fmt.Sprintf("/linux/readonlyPaths/%d", i)
		dest, err := restricted(name)
		if err != nil {
			return &FieldError{field, err}
		}
		p.seals = append(p.seals, &readonlyPath{
			note: note{field, "Makes a path read-only, keeping its other attributes (mount_setattr(2))"},
			path: dest, tree: p.tree,
		})
	}
	if len(p.c.MaskedPaths) == 0 {
		return nil
	}
	covers := &masks{null: p.null, nullAttached: cell{known: 1}, label: p.c.MountLabel}
	if p.null == nil {
		covers.nullAttached.known = 0
		covers.null = p.hostDevice(defaultDevices[0], "/linux/maskedPaths", coverAttrs)
	}
	for i, name := range p.c.MaskedPaths {
		field := fmt.Sprintf("/linux/maskedPaths/%d", i)
		dest, err := restricted(name)
		if err != nil {
			return &FieldError{field, err}
		}
		p.seals = append(p.seals, &mask{
			note: note{field, "Covers a path: a file with the host's /dev/null, a directory with an empty one (move_mount(2))"},
			path: dest, masks: covers, tree: p.tree,
		})
	}
	return nil
}

func restricted(name string) (string, error) {
	dest, err := inside(name)
	if err == nil && name[0] != '/' {
		err = errors.New("is not an absolute path")
	}
	if err == nil && dest == "/" {
		err = errors.New("is the root itself; set root.readonly instead")
	}
	return dest, err
}

// seal plans the final attributes of the root mount, when nothing has to be
// made in it any more.
func (p *planner) seal() error {
	attr := func(field, why, word string, call setattr) {
		p.seals = append(p.seals, &rootAttrs{note: note{field, why}, words: []string{word}, call: call, tree: p.tree})
	}
	const whyShared = "Lets mounts that are made later spread among those who share the root (mount_namespaces(7))"
	switch p.c.Propagation {
	case "shared", "rshared":
		attr("/linux/rootfsPropagation", whyShared, p.c.Propagation, setattr{
			recursive: p.c.Propagation == "rshared", attr: unix.MountAttr{Propagation: unix.MS_SHARED}})
	case "unbindable", "runbindable":
		attr("/linux/rootfsPropagation", "Forbids bind mounts of the root (mount_namespaces(7))", p.c.Propagation, setattr{
			recursive: p.c.Propagation == "runbindable", attr: unix.MountAttr{Propagation: unix.MS_UNBINDABLE}})
	}
	if p.c.Root.Readonly {
		attr("/root/readonly", "Forbids writing to the root, but not to what is mounted below it (mount_setattr(2))", "ro",
			setattr{attr: unix.MountAttr{Attr_set: unix.MOUNT_ATTR_RDONLY}})
	}
	return nil
}
