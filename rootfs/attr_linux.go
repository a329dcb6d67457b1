package rootfs

import (
	"golang.org/x/sys/unix"

	"mini/namespaces/calls"
)

// cloneTree makes a detached copy of the mount that path lies in, from there
// on down; it is attached nowhere and vanishes with its descriptor.
func cloneTree(l *calls.List, dir calls.Arg, path string, recursive bool) calls.Ref {
	flags := uint(unix.OPEN_TREE_CLONE)
	if path == "" {
		flags |= unix.AT_EMPTY_PATH
	}
	if recursive {
		flags |= unix.AT_RECURSIVE
	}
	return l.OpenTree(dir, path, flags)
}

// apply sets attributes of the mount fd, one after another.
func apply(l *calls.List, fd calls.Arg, list []setattr) {
	for _, c := range list {
		c.apply(l, fd)
	}
}

func (c setattr) apply(l *calls.List, fd calls.Arg) {
	flags := uint(unix.AT_EMPTY_PATH)
	if c.recursive {
		flags |= unix.AT_RECURSIVE
	}
	if c.userns == nil {
		l.MountSetattr(fd, "", flags, c.attr, calls.Arg{})
		return
	}
	c.attr.Attr_set |= unix.MOUNT_ATTR_IDMAP
	l.MountSetattr(fd, "", flags, c.attr, c.userns.fd(l, "user namespace")).Named("mount_setattr idmap")
}

// attach puts the detached mount from on the directory or file to. Nothing is
// looked up: both are descriptors.
func attach(l *calls.List, from, to calls.Arg) calls.Ref {
	return l.MoveMount(from, "", to, "", unix.MOVE_MOUNT_F_EMPTY_PATH|unix.MOVE_MOUNT_T_EMPTY_PATH)
}

// cover puts the detached mount from over "/". Absolute paths go on to mean what is
// beneath: a process's root is not looked up again.
func cover(l *calls.List, from calls.Arg) calls.Ref {
	return l.MoveMount(from, "", calls.CWD, "/", unix.MOVE_MOUNT_F_EMPTY_PATH)
}
