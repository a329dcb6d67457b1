package rootfs

import (
	"fmt"

	"golang.org/x/sys/unix"
)

// cloneTree makes a detached copy of the mount that path lies in, from there
// on down; it is attached nowhere and vanishes with its descriptor.
func cloneTree(dir int, path string, recursive bool) (int, error) {
	flags := uint(unix.OPEN_TREE_CLONE | unix.OPEN_TREE_CLOEXEC)
	if path == "" {
		flags |= unix.AT_EMPTY_PATH
	}
	if recursive {
		flags |= unix.AT_RECURSIVE
	}
	fd, err := unix.OpenTree(dir, path, flags)
	if err != nil {
		return -1, fmt.Errorf("open_tree: %w", err)
	}
	return fd, nil
}

// apply does the calls on the mount fd.
func apply(fd int, calls []setattr) error {
	for _, c := range calls {
		if err := c.do(fd); err != nil {
			return err
		}
	}
	return nil
}

func (c setattr) do(fd int) error {
	flags := uint(unix.AT_EMPTY_PATH)
	if c.recursive {
		flags |= unix.AT_RECURSIVE
	}
	what := "mount_setattr"
	if c.userns != nil {
		ns, err := c.userns.fd()
		if err != nil {
			return fmt.Errorf("user namespace: %w", err)
		}
		c.attr.Attr_set |= unix.MOUNT_ATTR_IDMAP
		c.attr.Userns_fd = uint64(ns)
		what = "mount_setattr idmap"
	}
	if err := unix.MountSetattr(fd, "", flags, &c.attr); err != nil {
		return fmt.Errorf("%s: %w", what, err)
	}
	return nil
}

// attach puts the detached mount from on the directory or file to. Nothing is
// looked up: both are descriptors.
func attach(from, to int) error {
	const flags = unix.MOVE_MOUNT_F_EMPTY_PATH | unix.MOVE_MOUNT_T_EMPTY_PATH
	if err := unix.MoveMount(from, "", to, "", flags); err != nil {
		return fmt.Errorf("move_mount: %w", err)
	}
	return nil
}
