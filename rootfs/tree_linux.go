package rootfs

import (
	"errors"
	"fmt"
	"path"
	"strings"

	"golang.org/x/sys/unix"
)

// tree is the new root directory, in init: a cell that enterRoot fills. Every
// path in the container is resolved from its descriptor and cannot leave it.
type tree struct {
	root  *slot // nil: not there yet
	devfd int   // the directory dev, kept open while nodes are made in it; 0: none
	dev   string

	kernel map[string]int // mounts of kernelDirs: see keep
}

var errNoRoot = errors.New("the new root was never attached")

func (t *tree) fd() (int, error) {
	if t.root == nil {
		return -1, errNoRoot
	}
	return t.root.fd()
}

// maxLinks is how many symbolic links a path may go through (path_resolution(7)).
const maxLinks = 40

// open resolves a path in the container as if the container were running:
// links and ".." stay inside. Magic links of procfs, which lead anywhere, are
// refused. More RESOLVE_* bits may be given.
func (t *tree) open(name string, flags int, resolve uint64) (int, error) {
	root, err := t.fd()
	if err != nil {
		return -1, err
	}
	how := unix.OpenHow{
		Flags:   uint64(unix.O_PATH | unix.O_CLOEXEC | flags),
		Resolve: unix.RESOLVE_IN_ROOT | unix.RESOLVE_NO_MAGICLINKS | resolve,
	}
	for try := 0; ; try++ {
		fd, err := unix.Openat2(root, name, &how)
		if err == nil {
			return fd, nil
		}
		// EAGAIN: a rename somewhere while ".." was resolved (openat2(2)).
		if err != unix.EINTR && (err != unix.EAGAIN || try > 64) {
			return -1, fmt.Errorf("openat2: %w", err)
		}
	}
}

// openOrMake is open for a mount point. What is missing is made on the way,
// directories and at the end a directory or an empty file, where dangling
// links point as well: /etc/resolv.conf is such a link on many a host.
func (t *tree) openOrMake(name string, dir bool, resolve uint64) (int, error) {
	fd, err := t.open(name, 0, resolve)
	if !errors.Is(err, unix.ENOENT) {
		return fd, err
	}
	at, todo := "/", strings.Split(name, "/")
	for links := 0; len(todo) > 0; {
		part := todo[0]
		todo = todo[1:]
		target, err := t.step(at, part, dir || strings.Join(todo, "") != "", resolve)
		switch {
		case err != nil:
			return -1, err
		case target == "":
			at = path.Join(at, part)
			continue
		case links == maxLinks:
			return -1, unix.ELOOP
		case target[0] == '/':
			at = "/"
		}
		links++
		todo = append(strings.Split(target, "/"), todo...)
	}
	return t.open(at, 0, resolve)
}

// step makes one component of a path if it is missing, and returns the target
// if it is a symbolic link.
func (t *tree) step(at, part string, dir bool, resolve uint64) (target string, err error) {
	if part == "" || part == "." || part == ".." {
		return "", nil
	}
	fd, err := t.open(path.Join(at, part), unix.O_NOFOLLOW, resolve)
	if errors.Is(err, unix.ENOENT) {
		return "", t.make(at, part, dir)
	}
	if err != nil {
		return "", err
	}
	defer unix.Close(fd)
	link := make([]byte, unix.PathMax)
	n, err := unix.Readlinkat(fd, "", link)
	if err != nil { // ENOENT: no link (readlink(2), empty pathname)
		return "", nil
	}
	return string(link[:n]), nil
}

// make makes a directory or an empty file. That it exists by now is no error:
// whoever made it could have done so before.
func (t *tree) make(at, part string, dir bool) error {
	parent, err := t.open(at, unix.O_DIRECTORY, 0)
	if err != nil {
		return err
	}
	defer unix.Close(parent)
	what := "mkdirat"
	if dir {
		err = unix.Mkdirat(parent, part, 0o755)
	} else {
		what = "mknodat"
		err = unix.Mknodat(parent, part, unix.S_IFREG|0o644, 0)
	}
	if err != nil && err != unix.EEXIST {
		return fmt.Errorf("%s %s: %w", what, path.Join(at, part), err)
	}
	return nil
}

// in opens the directory that holds a device node or link, and keeps it for the
// next one. It must not be reached by a symbolic link: a root directory whose
// /dev leads into a volume would have nodes made there, on the host.
func (t *tree) in(dir string) (int, error) {
	if t.devfd != 0 && t.dev == dir {
		return t.devfd, nil
	}
	fd, err := t.openOrMake(dir, true, unix.RESOLVE_NO_SYMLINKS)
	if err != nil {
		return -1, err
	}
	t.forget()
	t.dev, t.devfd = dir, fd
	return fd, nil
}

// forget drops the directory kept by in, which a new mount may have covered.
func (t *tree) forget() {
	if t.devfd != 0 {
		unix.Close(t.devfd)
		t.dev, t.devfd = "", 0
	}
}

// attach puts a detached mount on the directory or file dest. The destination
// is checked after it was resolved, when nothing can change it any more.
func (t *tree) attach(from int, dest string, dir bool, resolve uint64) error {
	to, err := t.openPoint(dest, dir, resolve)
	if err != nil {
		return err
	}
	defer unix.Close(to)
	if err := guardProc(from, to, dest); err != nil {
		return err
	}
	t.forget()
	err = attach(from, to)
	if errors.Is(err, unix.EINVAL) {
		return sameKind(from, to, err)
	}
	if err != nil {
		return err
	}
	return t.keep(dest, from)
}

// sameKind tells the usual reason of an EINVAL of move_mount: only a directory
// can be mounted on a directory, and only a file on a file.
func sameKind(from, to int, err error) error {
	source, err1 := isDir(from)
	dest, err2 := isDir(to)
	switch {
	case err1 != nil || err2 != nil || source == dest:
		return err
	case source:
		return fmt.Errorf("move_mount: the source is a directory, the destination is not: %w", unix.ENOTDIR)
	}
	return fmt.Errorf("move_mount: the destination is a directory, the source is not: %w", unix.EISDIR)
}

// guardProc holds the rule of procFiles against links in the root directory,
// and keeps everything but a procfs off /proc (CVE-2019-19921).
func guardProc(from, to int, dest string) error {
	onProc, err := isProc(to)
	if err != nil {
		return err
	}
	if dest == "/proc" {
		real, err := isProc(from)
		if err == nil && !real {
			err = fmt.Errorf("only a procfs may be mounted on /proc: %w", unix.EPERM)
		}
		return err
	}
	if onProc && !onProcFile(dest) {
		return fmt.Errorf("destination %w: %w", errUnderProc, unix.EPERM)
	}
	return nil
}

func isProc(fd int) (bool, error) {
	var st unix.Statfs_t
	if err := unix.Fstatfs(fd, &st); err != nil {
		return false, fmt.Errorf("fstatfs: %w", err)
	}
	return st.Type == unix.PROC_SUPER_MAGIC, nil
}
