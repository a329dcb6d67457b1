package rootfs

import (
	"errors"
	"fmt"

	"golang.org/x/sys/unix"
)

// pivotRoot changes roots without a directory for the old one: both names of
// pivot_root(2) are ".", and the old root ends up on top of the new.
type pivotRoot struct {
	note
	tree *tree
}

func (o *pivotRoot) Do() error {
	o.tree.forget()
	root, err := o.tree.fd()
	if err != nil {
		return err
	}
	if err := unix.Fchdir(root); err != nil {
		return fmt.Errorf("fchdir: %w", err)
	}
	if err := unix.PivotRoot(".", "."); err != nil {
		return fmt.Errorf("pivot_root: %w", err)
	}
	return nil
}

func (o *pivotRoot) String() string { return "pivot_root . ." }
func (o *pivotRoot) Shell() string  { return `cd "$R" && pivot_root . .` }

// detachOld takes the old root away. "." is the new one, and umount2 takes the
// topmost mount there. It does not spread to the host, whose mounts ours are at
// most slaves of.
type detachOld struct{ note }

func (o *detachOld) Do() error {
	if err := unix.Unmount(".", unix.MNT_DETACH); err != nil {
		return fmt.Errorf("umount2: %w", err)
	}
	if err := unix.Chdir("/"); err != nil {
		return fmt.Errorf("chdir: %w", err)
	}
	return nil
}

func (o *detachOld) String() string { return "umount . (MNT_DETACH)" }
func (o *detachOld) Shell() string  { return "umount -l . && cd /" }

// readonlyPath puts a read-only view of a path over the path itself.
type readonlyPath struct {
	note
	path string
	tree *tree
}

func (o *readonlyPath) Do() error {
	at, err := o.tree.openFixed(o.path)
	if missing(err) {
		return nil
	}
	if err != nil {
		return err
	}
	defer unix.Close(at)
	// Recursive: what is mounted below stays visible, and keeps its attributes.
	fd, err := cloneTree(at, "", true)
	if err != nil {
		return err
	}
	defer unix.Close(fd)
	if err := apply(fd, []setattr{{attr: unix.MountAttr{Attr_set: unix.MOUNT_ATTR_RDONLY}}}); err != nil {
		return err
	}
	return attach(fd, at)
}

// missing: there is nothing to protect where there is nothing.
func missing(err error) bool {
	return errors.Is(err, unix.ENOENT) || errors.Is(err, unix.ENOTDIR)
}

func (o *readonlyPath) String() string { return "readonly " + o.path }

func (o *readonlyPath) Shell() string {
	at := inRoot(o.path)
	return "if [ -e " + at + " ]; then mount --rbind " + at + " " + at + " && mount -o remount,bind,ro " + at + "; fi"
}

// masks are the two things that cover paths. The first use of each attaches it;
// the others attach clones, which before Linux 6.15 only attached mounts have.
type masks struct {
	null         *slot
	nullAttached bool
	dir          slot
	label        string
}

// over puts a cover over a file or a directory.
func (m *masks) over(at int, dir bool) error {
	if dir {
		return m.overDir(at)
	}
	fd, err := m.null.fd()
	if err != nil {
		return err
	}
	if m.nullAttached {
		return attachClone(fd, at)
	}
	m.nullAttached = true
	return attach(fd, at)
}

func (m *masks) overDir(at int) error {
	if m.dir.file != nil {
		return attachClone(int(m.dir.file.Fd()), at)
	}
	const attrs = unix.MOUNT_ATTR_RDONLY | unix.MOUNT_ATTR_NOSUID | unix.MOUNT_ATTR_NODEV | unix.MOUNT_ATTR_NOEXEC
	params := []param{{key: "mode", value: "0755"}, {key: "nr_inodes", value: "1"}}
	if m.label != "" {
		params = append(params, param{key: "context", value: m.label})
	}
	fd, err := newFS("tmpfs", params, attrs)
	if err != nil {
		return err
	}
	m.dir.set(fd)
	return attach(fd, at)
}

func attachClone(fd, at int) error {
	clone, err := cloneTree(fd, "", false)
	if err != nil {
		return err
	}
	defer unix.Close(clone)
	return attach(clone, at)
}

// mask covers a path so that nothing of it can be read. The null device is the
// host's, opened and checked before anything of the image could stand in for
// it (CVE-2025-31133).
type mask struct {
	note
	*masks
	path string
	tree *tree
}

func (o *mask) Do() error {
	at, err := o.tree.openFixed(o.path)
	if missing(err) {
		return nil
	}
	if err != nil {
		return err
	}
	defer unix.Close(at)
	dir, err := isDir(at)
	if err != nil {
		return err
	}
	return o.over(at, dir)
}

func (o *mask) String() string { return "mask " + o.path }

func (o *mask) Shell() string {
	at := inRoot(o.path)
	return "if [ -d " + at + " ]; then mount -t tmpfs -o ro,nosuid,nodev,noexec,mode=755,nr_inodes=1 tmpfs " + at + "; elif [ -e " + at +
		" ]; then mount --bind /dev/null " + at + "; fi"
}
