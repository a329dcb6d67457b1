package rootfs

import (
	"errors"
	"fmt"
	"io"
	"os"
	"path"
	"strings"

	"golang.org/x/sys/unix"

	"mini/namespaces/calls"
)

// copier copies a tree of the image into a new file system. Nothing of the
// image runs yet, but its links may lead anywhere: every name is looked up in
// the directory it was listed in, and never followed. Hard links become files of
// their own.
type copier struct{ buf []byte }

// contents copies what is in the directory from; at is its name, for errors.
func (c *copier) contents(from, to int, at string) error {
	fd, err := unix.Openat(from, ".", unix.O_RDONLY|unix.O_DIRECTORY|unix.O_CLOEXEC, 0)
	if err != nil {
		return fmt.Errorf("open %s: %w", at, err)
	}
	dir := os.NewFile(uintptr(fd), at)
	defer dir.Close()
	if err := copyAttributes(fd, to); err != nil {
		return fmt.Errorf("attributes of %s: %w", at, err)
	}
	names, err := dir.Readdirnames(-1)
	if err != nil {
		return err
	}
	for _, name := range names {
		if err := c.entry(fd, to, name, path.Join(at, name)); err != nil {
			return err
		}
	}
	return nil
}

// entry copies one file of whatever type.
func (c *copier) entry(from, to int, name, at string) error {
	var st unix.Stat_t
	if err := unix.Fstatat(from, name, &st, unix.AT_SYMLINK_NOFOLLOW); err != nil {
		return fmt.Errorf("stat %s: %w", at, err)
	}
	var err error
	switch st.Mode & unix.S_IFMT {
	case unix.S_IFDIR:
		err = c.dir(from, to, name, at)
	case unix.S_IFREG:
		err = c.file(from, to, name)
	case unix.S_IFLNK:
		err = copyLink(from, to, name)
	default: // what is a device to the image needs the right to make one
		err = unix.Mknodat(to, name, st.Mode, int(st.Rdev))
	}
	if err != nil {
		return fmt.Errorf("%s: %w", at, err)
	}
	return dress(to, name, &st)
}

func (c *copier) dir(from, to int, name, at string) error {
	if err := unix.Mkdirat(to, name, 0o700); err != nil {
		return fmt.Errorf("mkdirat: %w", err)
	}
	const flags = unix.O_PATH | unix.O_DIRECTORY | unix.O_NOFOLLOW | unix.O_CLOEXEC
	source, err := unix.Openat(from, name, flags, 0)
	if err != nil {
		return err
	}
	defer unix.Close(source)
	target, err := unix.Openat(to, name, flags&^unix.O_PATH|unix.O_RDONLY, 0)
	if err != nil {
		return err
	}
	defer unix.Close(target)
	return c.contents(source, target, at)
}

func (c *copier) file(from, to int, name string) error {
	source, err := unix.Openat(from, name, unix.O_RDONLY|unix.O_NOFOLLOW|unix.O_CLOEXEC|unix.O_NONBLOCK, 0)
	if err != nil {
		return err
	}
	in := os.NewFile(uintptr(source), name)
	defer in.Close()
	target, err := unix.Openat(to, name, unix.O_WRONLY|unix.O_CREAT|unix.O_EXCL|unix.O_CLOEXEC, 0o600)
	if err != nil {
		return err
	}
	out := os.NewFile(uintptr(target), name)
	defer out.Close()
	if _, err := io.CopyBuffer(struct{ io.Writer }{out}, struct{ io.Reader }{in}, c.buf); err != nil {
		return err
	}
	return copyAttributes(source, target)
}

func copyLink(from, to int, name string) error {
	buf := make([]byte, unix.PathMax)
	n, err := unix.Readlinkat(from, name, buf)
	if err != nil {
		return err
	}
	return unix.Symlinkat(string(buf[:n]), to, name)
}

// dress gives a copy the owner, mode and times of what it is a copy of. An owner
// that this user namespace has no number for stays root, as EINVAL says.
func dress(dir int, name string, st *unix.Stat_t) error {
	err := unix.Fchownat(dir, name, int(st.Uid), int(st.Gid), unix.AT_SYMLINK_NOFOLLOW)
	if err != nil && !errors.Is(err, unix.EINVAL) {
		return fmt.Errorf("fchownat %s: %w", name, err)
	}
	if st.Mode&unix.S_IFMT != unix.S_IFLNK { // after chown, which clears set-user-ID
		if err := unix.Fchmodat(dir, name, st.Mode&0o7777, 0); err != nil {
			return fmt.Errorf("fchmodat %s: %w", name, err)
		}
	}
	times := []unix.Timespec{st.Atim, st.Mtim}
	if err := unix.UtimesNanoAt(dir, name, times, unix.AT_SYMLINK_NOFOLLOW); err != nil {
		return fmt.Errorf("utimensat %s: %w", name, err)
	}
	return nil
}

// copyAttributes copies extended attributes, but for the labels of SELinux,
// which are the mount's. Before Linux 6.6 a tmpfs has no user.* (EOPNOTSUPP).
func copyAttributes(from, to int) error {
	list := make([]byte, 64<<10) // XATTR_LIST_MAX
	n, err := unix.Flistxattr(from, list)
	if err != nil || n == 0 {
		return ignoring(err, unix.EOPNOTSUPP)
	}
	value := make([]byte, 64<<10) // XATTR_SIZE_MAX
	for name := range strings.SplitSeq(strings.TrimSuffix(string(list[:n]), "\x00"), "\x00") {
		if name == "security.selinux" {
			continue
		}
		size, err := unix.Fgetxattr(from, name, value)
		if err == nil {
			err = unix.Fsetxattr(to, name, value[:size], 0)
		}
		if ignoring(err, unix.EOPNOTSUPP) != nil {
			return fmt.Errorf("xattr %s: %w", name, err)
		}
	}
	return nil
}

func ignoring(err error, expected unix.Errno) error {
	if errors.Is(err, expected) {
		return nil
	}
	return err
}

// copyDir fills the new file system to and, if it is to be, makes it read-only
// then.
func copyDir(from, to int, readonly bool) error {
	top, err := unix.Openat(to, ".", unix.O_RDONLY|unix.O_DIRECTORY|unix.O_CLOEXEC, 0)
	if err != nil {
		return fmt.Errorf("open: %w", err)
	}
	defer unix.Close(top)
	c := copier{buf: make([]byte, 64<<10)}
	if err := c.contents(from, top, "."); err != nil {
		return err
	}
	var st unix.Stat_t
	if err := unix.Fstat(from, &st); err != nil {
		return fmt.Errorf("fstat: %w", err)
	}
	if err := dress(to, ".", &st); err != nil {
		return err
	}
	if !readonly {
		return nil
	}
	l := calls.New()
	setattr{attr: unix.MountAttr{Attr_set: unix.MOUNT_ATTR_RDONLY}}.apply(l, calls.N(to))
	return l.Flush()
}
