package rootfs

import (
	"errors"

	"golang.org/x/sys/unix"

	"mini/namespaces/calls"
)

// pivotRoot changes roots without a directory for the old one: both names of
// pivot_root(2) are ".", and the old root ends up on top of the new.
type pivotRoot struct {
	note
	tree *tree
}

func (o *pivotRoot) Calls(l *calls.List) {
	o.tree.forget(l)
	l.Fchdir(o.tree.fd(l))
	l.PivotRoot(".", ".")
}

func (o *pivotRoot) Do() error { return calls.Do(o) }

func (o *pivotRoot) String() string { return "pivot_root . ." }
func (o *pivotRoot) Shell() string  { return `cd "$R" && pivot_root . .` }

// detachOld takes the old root away. "." is the new one, and umount2 takes the
// topmost mount there. It does not spread to the host, whose mounts ours are at
// most slaves of.
type detachOld struct{ note }

func (o *detachOld) Calls(l *calls.List) {
	l.Umount2(".", unix.MNT_DETACH)
	l.Chdir("/")
}

func (o *detachOld) Do() error { return calls.Do(o) }

func (o *detachOld) String() string { return "umount . (MNT_DETACH)" }
func (o *detachOld) Shell() string  { return "umount -l . && cd /" }

// readonlyPath puts a read-only view of a path over the path itself.
type readonlyPath struct {
	note
	path string
	tree *tree
}

func (o *readonlyPath) Calls(l *calls.List) {
	path, end := o.tree.openPresent(l, o.path, 0)
	at := path.Arg()
	// Recursive: what is mounted below stays visible, and keeps its attributes.
	fd := cloneTree(l, at, "", true).Arg()
	setattr{attr: unix.MountAttr{Attr_set: unix.MOUNT_ATTR_RDONLY}}.apply(l, fd)
	attach(l, fd, at)
	l.Close(fd)
	l.Close(at)
	end()
}

func (o *readonlyPath) Do() error { return calls.Do(o) }

// missing: there is nothing to protect where there is nothing.
func missing(err error) bool {
	return errors.Is(err, unix.ENOENT) || errors.Is(err, unix.ENOTDIR)
}

func (o *readonlyPath) String() string { return "readonly " + o.path }

func (o *readonlyPath) Shell() string {
	at := inRoot(o.path)
	return "if [ -e " + at + " ]; then mount --rbind " + at + " " + at + " && mount -o remount,bind,ro " + at + "; fi"
}
