package rootfs

import (
	"errors"
	"fmt"
	"path"
	"strconv"

	"golang.org/x/sys/unix"
)

var errOtherFile = errors.New("something else is there")

func (d device) format() uint32 {
	switch d.kind {
	case 'b':
		return unix.S_IFBLK
	case 'p':
		return unix.S_IFIFO
	}
	return unix.S_IFCHR
}

func (d device) is(st *unix.Stat_t) bool {
	return st.Mode&unix.S_IFMT == d.format() &&
		(d.kind == 'p' || st.Rdev == unix.Mkdev(d.major, d.minor))
}

// check refuses a descriptor that is not of this device.
func (d device) check(fd int) error {
	var st unix.Stat_t
	if err := unix.Fstat(fd, &st); err != nil {
		return fmt.Errorf("fstat: %w", err)
	}
	if !d.is(&st) {
		return fmt.Errorf("is not the device %s: %w", d.number(), unix.ENODEV)
	}
	return nil
}

// number is how mknod(1) wants to be told: c 1:3.
func (d device) number() string {
	if d.kind == 'p' {
		return "p"
	}
	return fmt.Sprintf("%c %d:%d", d.kind, d.major, d.minor)
}

// makeNode makes a device node.
type makeNode struct {
	note
	device
	tree *tree
}

func (o *makeNode) Do() error {
	dir, err := o.tree.in(path.Dir(o.path))
	if err != nil {
		return err
	}
	name := path.Base(o.path)
	err = unix.Mknodat(dir, name, o.format()|o.mode, int(unix.Mkdev(o.major, o.minor)))
	if err == unix.EEXIST {
		return o.accept(dir, name)
	}
	if err != nil {
		return fmt.Errorf("mknodat: %w", err)
	}
	return o.own(dir, name)
}

// accept takes a node that is there already, if it is the right one.
func (o *makeNode) accept(dir int, name string) error {
	var st unix.Stat_t
	if err := unix.Fstatat(dir, name, &st, unix.AT_SYMLINK_NOFOLLOW); err != nil {
		return fmt.Errorf("fstatat: %w", err)
	}
	if !o.is(&st) {
		return fmt.Errorf("mknodat: %w: %w", unix.EEXIST, errOtherFile)
	}
	return o.own(dir, name)
}

// own sets owner and mode; the mode last, and in any case, since the umask has
// cut it and a change of owner may.
func (o *makeNode) own(dir int, name string) error {
	if o.uid != 0 || o.gid != 0 {
		if err := unix.Fchownat(dir, name, int(o.uid), int(o.gid), unix.AT_SYMLINK_NOFOLLOW); err != nil {
			return fmt.Errorf("fchownat: %w", err)
		}
	}
	if err := unix.Fchmodat(dir, name, o.mode, 0); err != nil {
		return fmt.Errorf("fchmodat: %w", err)
	}
	return nil
}

func (o *makeNode) String() string {
	s := fmt.Sprintf("mknod %s %s %04o", o.path, o.number(), o.mode)
	if o.uid != 0 || o.gid != 0 {
		s += fmt.Sprintf(" %d:%d", o.uid, o.gid)
	}
	return s
}

func (o *makeNode) Shell() string {
	line := "mkdir -p " + inRoot(path.Dir(o.path)) + " && mknod -m " + strconv.FormatUint(uint64(o.mode), 8) +
		" " + inRoot(o.path) + " " + string(o.kind)
	if o.kind != 'p' {
		line += fmt.Sprintf(" %d %d", o.major, o.minor)
	}
	if o.uid != 0 || o.gid != 0 {
		line += fmt.Sprintf(" && chown %d:%d %s", o.uid, o.gid, inRoot(o.path))
	}
	return line
}

// bindNode shows a device node of the host.
type bindNode struct {
	note
	device
	from *slot
	tree *tree
}

func (o *bindNode) Do() error {
	from, err := o.from.fd()
	if err != nil {
		return err
	}
	dir, err := o.tree.in(path.Dir(o.path))
	if err != nil {
		return err
	}
	name := path.Base(o.path)
	if err := unix.Mknodat(dir, name, unix.S_IFREG|0o644, 0); err != nil && err != unix.EEXIST {
		return fmt.Errorf("mknodat: %w", err)
	}
	// Without MOVE_MOUNT_T_SYMLINKS the last component is not followed.
	if err := unix.MoveMount(from, "", dir, name, unix.MOVE_MOUNT_F_EMPTY_PATH); err != nil {
		return fmt.Errorf("move_mount: %w", err)
	}
	return nil
}

func (o *bindNode) String() string { return "bind " + o.path + " on " + o.path }

func (o *bindNode) Shell() string {
	return "mkdir -p " + inRoot(path.Dir(o.path)) + " && : >>" + inRoot(o.path) + "\n" +
		shellMount("--bind", nil, quote(o.path), inRoot(o.path))
}

// symlink makes a link, in the place of another file if need be.
type symlink struct {
	note
	path, target string
	tree         *tree
}

func (o *symlink) Do() error {
	dir, err := o.tree.in(path.Dir(o.path))
	if err != nil {
		return err
	}
	name := path.Base(o.path)
	err = unix.Symlinkat(o.target, dir, name)
	if err == unix.EEXIST && !o.present(dir, name) {
		if err := unix.Unlinkat(dir, name, 0); err != nil {
			return fmt.Errorf("unlinkat: %w", err)
		}
		err = unix.Symlinkat(o.target, dir, name)
	} else if err == unix.EEXIST {
		return nil
	}
	if err != nil {
		return fmt.Errorf("symlinkat: %w", err)
	}
	return nil
}

func (o *symlink) present(dir int, name string) bool {
	have := make([]byte, len(o.target)+1)
	n, err := unix.Readlinkat(dir, name, have)
	return err == nil && string(have[:n]) == o.target
}

func (o *symlink) String() string { return "symlink " + o.path + " -> " + o.target }
func (o *symlink) Shell() string  { return "ln -sf " + quote(o.target) + " " + inRoot(o.path) }
