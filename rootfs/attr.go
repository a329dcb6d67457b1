package rootfs

import "golang.org/x/sys/unix"

// setattr is one mount_setattr(2) on a mount that is at hand as a descriptor.
type setattr struct {
	recursive bool // AT_RECURSIVE
	attr      unix.MountAttr
	userns    *slot // idmap to it; nil: not
}

func (s setattr) empty() bool { return s.attr == unix.MountAttr{} && s.userns == nil }

// setattrs turns options into the fewest calls: one for the whole tree, one for
// the mount itself, one for each word of propagation. A clone of a single mount
// is its whole tree, so the first two become one. mode is what a clone's
// propagation becomes before its own words count.
func setattrs(o options, userns *slot, mode propagationMode) []setattr {
	all := setattr{recursive: true, attr: unix.MountAttr{Attr_set: o.tree.set, Attr_clr: o.tree.clear, Propagation: mode.kind}}
	own := setattr{attr: unix.MountAttr{Attr_set: o.own.set, Attr_clr: o.own.clear}, userns: userns}
	if o.bind && !o.remount && !o.recursive {
		a := o.tree.then(o.own)
		all = setattr{attr: unix.MountAttr{Attr_set: a.set, Attr_clr: a.clear, Propagation: mode.kind}, userns: userns}
		own = setattr{}
	} else if o.ridmap {
		all.userns, own.userns = userns, nil
	}
	calls := []setattr{all, own}
	for _, p := range o.propagation {
		calls = append(calls, setattr{recursive: p.recursive, attr: unix.MountAttr{Propagation: p.kind}})
	}
	kept := calls[:0]
	for _, c := range calls {
		if !c.empty() {
			kept = append(kept, c)
		}
	}
	return kept
}
