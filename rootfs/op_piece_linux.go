package rootfs

import (
	"fmt"
	"path"

	"golang.org/x/sys/unix"
)

// makeBase makes a root directory in the scratch space, as a mount of its own.
type makeBase struct {
	note
	scratch *scratchDir
	made    slot
}

func (o *makeBase) Do() error {
	s, err := o.scratch.fd()
	if err != nil {
		return fmt.Errorf("scratch space: %w", err)
	}
	if err := makeDir(s, "root", 0o755); err != nil {
		return err
	}
	fd, err := cloneTree(s, "root", false)
	if err != nil {
		return err
	}
	o.made.set(fd)
	return nil
}

func (o *makeBase) String() string { return "mkdir root in scratch space" }
func (o *makeBase) Shell() string  { return `mkdir "$S"/root && mount --bind "$S"/root "$R"` }

// makeDirectory makes a directory of the root.
type makeDirectory struct {
	note
	path string
	mode uint32
	tree *tree
}

func (o *makeDirectory) Do() error {
	dir, err := o.tree.in(path.Dir(o.path))
	if err != nil {
		return err
	}
	return makeDir(dir, path.Base(o.path), o.mode)
}

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

func (o *sealPiece) Do() error {
	fd, err := o.from.fd()
	if err != nil {
		return err
	}
	defer o.from.close()
	call := setattr{attr: unix.MountAttr{Attr_set: unix.MOUNT_ATTR_RDONLY}}
	return call.do(fd)
}

func (o *sealPiece) String() string { return "remount " + o.dest + " (ro)" }
func (o *sealPiece) Shell() string {
	return shellMount("", []string{"remount", "bind", "ro"}, "", inRoot(o.dest))
}
