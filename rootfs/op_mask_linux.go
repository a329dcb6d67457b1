package rootfs

import (
	"encoding/binary"

	"golang.org/x/sys/unix"

	"mini/namespaces/calls"
)

// mask covers a path so that nothing of it can be read. The null device is the
// host's, opened and checked before anything of the image could stand in for
// it (CVE-2025-31133).
type mask struct {
	note
	*masks
	path string
	tree *tree
}

// coverAttrs are those of a mount that covers. Without a user namespace the container's
// root owns the host's null device: a chmod of it must fail (EROFS). What is written to
// a device is none of a read-only mount's business.
const coverAttrs = unix.MOUNT_ATTR_RDONLY | unix.MOUNT_ATTR_NOSUID | unix.MOUNT_ATTR_NOEXEC

// masks are the two things that cover paths. The first use of each attaches it;
// the others attach clones, which only attached mounts have before Linux 6.15, and
// since then those of the same mount namespace.
type masks struct {
	null         *slot
	nullAttached cell
	dir          slot
	dirAttached  cell
	label        string
}

func (o *mask) Calls(l *calls.List) {
	null, empty := o.null.fd(l, ""), o.empty(l)
	path, end := o.tree.openPresent(l, o.path, 0)
	at := path.Arg()
	stat, _ := l.Fstat(at)
	dir := ofType(l, stat, unix.S_IFDIR, notSo)
	over(l, empty, o.dirAttached.in(l), at)
	done := l.Jump()
	dir.SkipTo(notSo)
	over(l, null, o.nullAttached.in(l), at)
	done.Here()
	l.Close(at)
	end()
}

func (o *mask) Do() error { return calls.Do(o) }

// empty is the directory that covers others.
func (m *masks) empty(l *calls.List) calls.Arg {
	if m.dir.open {
		return m.dir.arg
	}
	params := []param{{key: "mode", value: "0755"}, {key: "nr_inodes", value: "1"}}
	if m.label != "" {
		params = append(params, param{key: "context", value: m.label})
	}
	m.dir.hold(newFS(l, "tmpfs", params, coverAttrs|unix.MOUNT_ATTR_NODEV))
	return m.dir.arg
}

// over puts a cover over what at is: itself, if attached says that it is not in use
// yet, else a clone.
func over(l *calls.List, cover calls.Arg, attached calls.Memory, at calls.Arg) {
	first := l.Check("", attached.Arg(), ^uint64(0), 0, notSo)
	attach(l, cover, at)
	l.Store(attached.Arg(), calls.N(1))
	done := l.Jump()
	first.SkipTo(notSo)
	clone := cloneTree(l, cover, "", false).Arg()
	attach(l, clone, at)
	l.Close(clone)
	done.Here()
}

// cell is a number of 32 bits that operations hand on. It is known only where their
// calls are done.
type cell struct {
	known uint32       // to begin with
	list  *calls.List  // that has it; nil: none yet
	at    calls.Memory // 64 bits
}

// in is the cell in the memory of l. From another list it is taken over when that has
// been done.
func (c *cell) in(l *calls.List) calls.Memory {
	if c.list == l {
		return c.at
	}
	if c.list != nil {
		c.known = binary.LittleEndian.Uint32(c.at.Bytes())
	}
	c.list, c.at = l, l.Words(calls.N(c.known))
	return c.at
}

func (o *mask) String() string { return "mask " + o.path }

func (o *mask) Shell() string {
	at := inRoot(o.path)
	return "if [ -d " + at + " ]; then mount -t tmpfs -o ro,nosuid,nodev,noexec,mode=755,nr_inodes=1 tmpfs " + at + "; elif [ -e " + at +
		" ]; then mount -o bind,ro,nosuid,noexec /dev/null " + at + "; fi"
}
