package rootfs

import (
	"fmt"

	"golang.org/x/sys/unix"
)

// setPropagation sets the propagation of all that init sees of the host.
type setPropagation struct {
	note
	mode propagationMode
}

func (o *setPropagation) Do() error {
	attr := unix.MountAttr{Propagation: o.mode.kind}
	if err := unix.MountSetattr(unix.AT_FDCWD, "/", unix.AT_RECURSIVE, &attr); err != nil {
		return fmt.Errorf("mount_setattr: %w", err)
	}
	return nil
}

func (o *setPropagation) String() string { return "propagation of / (" + o.mode.word + ")" }
func (o *setPropagation) Shell() string  { return "mount --make-" + o.mode.word + " /" }

// dropScratch takes the topmost mount off "/", which is the scratch space, and
// the layers below it.
type dropScratch struct{ note }

func (o *dropScratch) Do() error {
	if err := unix.Unmount("/", unix.MNT_DETACH); err != nil {
		return fmt.Errorf("umount2: %w", err)
	}
	return nil
}

func (o *dropScratch) String() string { return "umount scratch space (MNT_DETACH)" }
func (o *dropScratch) Shell() string  { return `umount -l "$S"` }

// enterRoot puts the new root over "/" and keeps its descriptor, from which
// every path in the container is resolved from now on.
type enterRoot struct {
	note
	name string // what it is
	from *slot
	tree *tree
}

func (o *enterRoot) Do() error {
	fd, err := o.from.fd()
	if err != nil {
		return err
	}
	if err := unix.MoveMount(fd, "", unix.AT_FDCWD, "/", unix.MOVE_MOUNT_F_EMPTY_PATH); err != nil {
		return fmt.Errorf("move_mount: %w", err)
	}
	o.tree.root = o.from
	return nil
}

func (o *enterRoot) String() string { return "attach " + o.name + " as the new root" }

// Shell is empty for an overlay, which the shell has mounted in its place.
func (o *enterRoot) Shell() string {
	if o.from.shell == "" {
		return ""
	}
	return "mount --rbind " + o.from.shell + ` "$R"`
}

// rootAttrs sets attributes of the root mount itself, in its final state.
type rootAttrs struct {
	note
	words []string
	call  setattr
	tree  *tree
}

func (o *rootAttrs) Do() error {
	root, err := o.tree.fd()
	if err != nil {
		return err
	}
	return o.call.do(root)
}

func (o *rootAttrs) String() string { return "remount /" + inBrackets(o.words) }

func (o *rootAttrs) Shell() string {
	if o.call.attr.Propagation != 0 {
		return "mount --make-" + o.words[0] + ` "$R"`
	}
	return shellMount("", append([]string{"remount", "bind"}, o.words...), "", `"$R"`)
}
