package rootfs

import (
	"fmt"
	"path"

	"golang.org/x/sys/unix"

	"mini/namespaces/calls"
)

// makeBase makes a root directory in the scratch space, as a mount of its own.
type makeBase struct {
	note
	scratch *scratchDir
	made    slot
}

func (o *makeBase) Calls(l *calls.List) {
	s := o.scratch.fd(l, "scratch space")
	newDir(l, s, "root", 0o755)
	o.made.hold(cloneTree(l, s, "root", false))
}

func (o *makeBase) Do() error { return calls.Do(o) }

func (o *makeBase) String() string { return "mkdir root in scratch space" }
func (o *makeBase) Shell() string  { return `mkdir "$S"/root && mount --bind "$S"/root "$R"` }

// makeDirectory makes a directory of the root.
type makeDirectory struct {
	note
	path string
	mode uint32
	tree *tree
}

func (o *makeDirectory) Calls(l *calls.List) {
	newDir(l, o.tree.in(l, path.Dir(o.path)), path.Base(o.path), o.mode)
}

// newDir makes a directory with exactly this mode, whatever the umask.
func newDir(l *calls.List, dir calls.Arg, name string, mode uint32) {
	l.Mkdirat(dir, name, mode).Named("mkdirat " + name)
	l.Fchmodat(dir, name, mode).Named("fchmodat " + name)
}

func (o *makeDirectory) Do() error { return calls.Do(o) }

func (o *makeDirectory) String() string { return fmt.Sprintf("mkdir %s (mode=%04o)", o.path, o.mode) }
func (o *makeDirectory) Shell() string {
	return fmt.Sprintf("mkdir -p -m %04o %s", o.mode, inRoot(o.path))
}

// sealPiece makes an attached overlay read-only, whatever has been mounted on
// top of it meanwhile.
type sealPiece struct {
	note
	dest string
	from *slot
}

func (o *sealPiece) Calls(l *calls.List) {
	setattr{attr: unix.MountAttr{Attr_set: unix.MOUNT_ATTR_RDONLY}}.apply(l, o.from.fd(l, ""))
	o.from.close(l)
}

func (o *sealPiece) Do() error { return calls.Do(o) }

func (o *sealPiece) String() string { return "remount " + o.dest + " (ro)" }
func (o *sealPiece) Shell() string {
	return shellMount("", []string{"remount", "bind", "ro"}, "", inRoot(o.dest))
}
