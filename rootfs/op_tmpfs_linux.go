package rootfs

import (
	"encoding/binary"
	"errors"
	"fmt"
	"slices"
	"strings"

	"golang.org/x/sys/unix"

	"mini/namespaces/calls"
)

// freshTmpfs attaches a tmpfs over a directory of the image, which decides what
// the configuration leaves open: the mode.
type freshTmpfs struct {
	mountFS
	mode bool // the options have one
}

func (o *freshTmpfs) Calls(l *calls.List) {
	switch {
	case o.mode:
		o.mountFS.Calls(l)
	case slices.ContainsFunc(o.params, func(p param) bool { return p.key == "ro" }):
		o.attach(l, o.make(l, o.exactParams(l), o.attrs).Arg())
	default:
		o.attach(l, o.dressed(l).Arg())
	}
}

func (o *freshTmpfs) Do() error { return calls.Do(o) }

// dressed makes the tmpfs and gives it its mode, before it is read-only.
func (o *freshTmpfs) dressed(l *calls.List) calls.Ref {
	mode := o.modelMode(l)
	fd := o.make(l, o.params, o.attrs&^unix.MOUNT_ATTR_RDONLY)
	l.Call("fchmodat", unix.SYS_FCHMODAT, fd.Arg(), l.Text("."), l.Load(mode.Arg()).Arg())
	if o.attrs&unix.MOUNT_ATTR_RDONLY != 0 {
		setattr{attr: unix.MountAttr{Attr_set: unix.MOUNT_ATTR_RDONLY}}.apply(l, fd.Arg())
	}
	return fd
}

// modelMode is the mode of the directory that the tmpfs will cover, as in runc
// (crun 1.8 leaves it at 1777): /tmp stays everybody's, /run does not become so. If
// there is none yet it is the usual one. It may have bits of the file's type.
func (o *freshTmpfs) modelMode(l *calls.List) calls.Memory {
	mode := l.Words(calls.N(0o1777))
	model, end := o.tree.openPresent(l, o.dest, unix.O_DIRECTORY)
	stat, _ := l.Fstat(model.Arg())
	l.Store(mode.Arg(), l.Load(stat.At(statMode)).Arg())
	l.Close(model.Arg())
	end()
	return mode
}

// exactParams are for a file system that is read-only from its beginning: the mode
// must be known before.
func (o *freshTmpfs) exactParams(l *calls.List) []param {
	m := o.modelMode(l)
	if l.Flush() != nil {
		return nil
	}
	mode := fmt.Sprintf("%04o", binary.LittleEndian.Uint32(m.Bytes())&0o7777)
	return append(o.params[:len(o.params):len(o.params)], param{key: "mode", value: mode})
}

// Shell has mount(8) make the mount point first.
func (o *freshTmpfs) Shell() string {
	line, at := o.mountFS.Shell(), inRoot(o.dest)
	if !o.mode {
		line = "mode=$(stat -c %a " + at + " 2>/dev/null || echo 1777)\n" + line + "\nchmod $mode " + at
	}
	return line
}

// copiedTmpfs is a tmpfs that begins with a copy of what it covers (tmpcopyup). It
// is not system calls, for the copying is a program's.
type copiedTmpfs struct {
	note
	fresh freshTmpfs
}

func (o *copiedTmpfs) Do() error {
	l, attrs := calls.New(), o.fresh.attrs
	root := o.fresh.tree.rooted(l, 0)
	if err := l.Flush(); err != nil {
		return err
	}
	model, err := root.open(o.fresh.dest, unix.O_DIRECTORY)
	if errors.Is(err, unix.ENOENT) {
		return o.fresh.mountFS.Do()
	}
	if err != nil {
		return err
	}
	defer unix.Close(model)
	fd, err := o.fresh.make(l, o.fresh.params, attrs&^unix.MOUNT_ATTR_RDONLY).Value()
	if err != nil {
		return err
	}
	if err := copyDir(model, fd, attrs&unix.MOUNT_ATTR_RDONLY != 0); err != nil {
		return fmt.Errorf("copy up: %w", err)
	}
	o.fresh.attach(l, calls.N(fd))
	return l.Flush()
}

// Shell copies by way of a second mount.
func (o *copiedTmpfs) Shell() string {
	at, plain := inRoot(o.fresh.dest), o.fresh
	plain.words = slices.DeleteFunc(slices.Clone(plain.words), func(w string) bool { return w == "tmpcopyup" })
	return strings.TrimSpace("below=$(mktemp -d) && mount --bind " + at + ` "$below"` + "\n" + plain.Shell() + "\n" +
		"cp -a \"$below\"/. " + at + ` && umount "$below" && rmdir "$below"`)
}

func (o *copiedTmpfs) String() string { return o.fresh.String() }
