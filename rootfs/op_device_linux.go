package rootfs

import (
	"errors"
	"fmt"
	"path"
	"strconv"

	"golang.org/x/sys/unix"

	"mini/namespaces/calls"
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
func (d device) check(l *calls.List, fd calls.Arg) {
	other := func(unix.Errno) error { return fmt.Errorf("is not the device %s: %w", d.number(), unix.ENODEV) }
	stat, _ := l.Fstat(fd)
	ofType(l, stat, d.format(), unix.ENODEV).Else(0, other)
	if d.kind != 'p' {
		l.Check("", stat.At(statRdev), ^uint64(0), unix.Mkdev(d.major, d.minor), unix.ENODEV).Else(0, other)
	}
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

func (o *makeNode) Calls(l *calls.List) {
	dir, name := o.tree.in(l, path.Dir(o.path)), path.Base(o.path)
	made := l.Mknodat(dir, name, o.format()|o.mode, unix.Mkdev(o.major, o.minor))
	made.Else(unix.EEXIST, func(unix.Errno) error { return o.accept(l.Beside(), dir, name) })
	o.own(l, dir, name)
}

func (o *makeNode) Do() error { return calls.Do(o) }

// accept takes a node that is there already, if it is the right one.
func (o *makeNode) accept(l *calls.List, dir calls.Arg, name string) error {
	fd := l.Openat2(dir, name, how(unix.O_NOFOLLOW, 0)).Arg()
	stat, _ := l.Fstat(fd)
	l.Close(fd)
	if err := l.Flush(); err != nil {
		return err
	}
	if st := calls.ReadStruct[unix.Stat_t](stat); !o.is(&st) {
		return fmt.Errorf("mknodat: %w: %w", unix.EEXIST, errOtherFile)
	}
	return nil
}

// own sets owner and mode; the mode last, and in any case, since the umask has
// cut it and a change of owner may.
func (o *makeNode) own(l *calls.List, dir calls.Arg, name string) {
	if o.uid != 0 || o.gid != 0 {
		l.Fchownat(dir, name, o.uid, o.gid, unix.AT_SYMLINK_NOFOLLOW)
	}
	l.Fchmodat(dir, name, o.mode)
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

func (o *bindNode) Calls(l *calls.List) {
	from := o.from.fd(l, "")
	dir, name := o.tree.in(l, path.Dir(o.path)), path.Base(o.path)
	l.Mknodat(dir, name, unix.S_IFREG|0o644, 0).Skip(unix.EEXIST, 0)
	// Without MOVE_MOUNT_T_SYMLINKS the last component is not followed.
	l.MoveMount(from, "", dir, name, unix.MOVE_MOUNT_F_EMPTY_PATH)
}

func (o *bindNode) Do() error { return calls.Do(o) }

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

func (o *symlink) Calls(l *calls.List) {
	dir, name := o.tree.in(l, path.Dir(o.path)), path.Base(o.path)
	l.Symlinkat(o.target, dir, name).Else(unix.EEXIST, func(unix.Errno) error {
		if o.present(l.Beside(), dir, name) {
			return nil
		}
		k := l.Beside()
		k.Unlinkat(dir, name, 0)
		k.Symlinkat(o.target, dir, name)
		return k.Flush()
	})
}

func (o *symlink) Do() error { return calls.Do(o) }

func (o *symlink) present(l *calls.List, dir calls.Arg, name string) bool {
	have := l.Space(len(o.target) + 1)
	n, err := l.Readlinkat(dir, name, have).Value()
	return err == nil && string(have.Begin(n)) == o.target
}

func (o *symlink) String() string { return "symlink " + o.path + " -> " + o.target }
func (o *symlink) Shell() string  { return "ln -sf " + quote(o.target) + " " + inRoot(o.path) }
