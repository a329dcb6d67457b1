package rootfs

import (
	"errors"
	"fmt"
	"path"

	"golang.org/x/sys/unix"

	"mini/namespaces/calls"
)

// tree is the new root directory, in init: a cell that enterRoot fills. Every
// path in the container is resolved from its descriptor and cannot leave it.
type tree struct {
	root  *slot     // nil: not there yet
	dev   string    // the directory kept open while nodes are made in it; "": none
	devfd calls.Arg // its descriptor

	kernel map[string]calls.Arg // mounts of kernelDirs: see keep
}

var errNoRoot = errors.New("the new root was never attached")

func (t *tree) fd(l *calls.List) calls.Arg {
	if t.root == nil {
		l.Fail(errNoRoot)
		return calls.N(-1)
	}
	return t.root.fd(l, "")
}

// rooted is a walk of the tree. Links and ".." stay inside, as if the container were
// running. Magic links of procfs, which lead anywhere, are refused. More
// RESOLVE_* bits may be given.
func (t *tree) rooted(l *calls.List, resolve uint64) walk {
	return walk{l, t.fd(l), unix.RESOLVE_IN_ROOT | resolve}
}

// busy are the errnos by which openat2 asks to be called again.
var busy = []unix.Errno{unix.EAGAIN, unix.EINTR}

// orWalk has a walk do what the call r could not: what do returns is its result.
func orWalk(r calls.Ref, do func() (int, error), errnos ...unix.Errno) {
	for _, errno := range errnos {
		r.Else(errno, func(unix.Errno) error {
			fd, err := do()
			r.Set(fd)
			return err
		})
	}
}

// point is what a mount is to be put on, or nodes into.
type point struct {
	name    string
	dir     bool      // a directory; else what from is
	from    calls.Arg // what is to be mounted
	resolve uint64
}

// directory tells now what is to be made if the point is missing.
func (p point) directory(l *calls.List) (bool, error) {
	if p.dir {
		return true, nil
	}
	return isDir(l.Beside(), p.from)
}

// openOrMake opens a point. If it is missing in a directory that is there, it is
// made there and then; all else that may be missing is left to a walk.
func (t *tree) openOrMake(l *calls.List, p point) calls.Arg {
	w := t.rooted(l, p.resolve)
	byWalk := func() (int, error) { return w.make1(p) }
	fd := l.Space(8)
	first := l.Openat2(w.from, p.name, how(0, w.resolve))
	orWalk(first, byWalk, busy...)
	l.Store(fd.Arg(), first.Arg())
	there := l.Jump()
	first.SkipTo(unix.ENOENT)
	parent := l.Openat2(w.from, path.Dir(p.name), how(unix.O_DIRECTORY, w.resolve))
	p.make(l, parent.Arg())
	l.Close(parent.Arg())
	parent.SkipTo(0)
	second := l.Openat2(w.from, p.name, how(0, w.resolve))
	orWalk(second, byWalk, append(busy[:2:2], unix.ENOENT)...)
	l.Store(fd.Arg(), second.Arg())
	there.Here()
	return l.Load(fd.Arg()).Arg()
}

// make1 is openOrMake, call by call.
func (w walk) make1(p point) (int, error) {
	dir, err := p.directory(w.list)
	if err != nil {
		return -1, err
	}
	return w.openOrMake(p.name, dir)
}

// make makes the point in parent. Whether that has worked is seen when it is opened.
func (p point) make(l *calls.List, parent calls.Arg) {
	name := path.Base(p.name)
	if p.dir {
		l.Mkdirat(parent, name, 0o755).Skip(0, 0)
		return
	}
	stat, _ := l.Fstat(p.from)
	ofType(l, stat, unix.S_IFDIR, notSo).Skip(notSo, 1)
	l.Mkdirat(parent, name, 0o755).Skip(0, 1)
	l.Mknodat(parent, name, unix.S_IFREG|0o644, 0).Skip(0, 0) // EEXIST after mkdirat
}

// in opens the directory that holds a device node or link, and keeps it for the
// next one. It must not be reached by a symbolic link: a root directory whose
// /dev leads into a volume would have nodes made there, on the host.
func (t *tree) in(l *calls.List, dir string) calls.Arg {
	if t.dev != dir {
		t.forget(l)
		t.devfd = t.openOrMake(l, point{name: dir, dir: true, resolve: unix.RESOLVE_NO_SYMLINKS})
		t.dev = dir
	}
	return t.devfd
}

// forget drops the directory kept by in, which a new mount may have covered.
func (t *tree) forget(l *calls.List) {
	if t.dev != "" {
		l.Close(t.devfd)
		t.dev = ""
	}
}

// attach puts a detached mount on the directory or file that p is. That is
// checked after it was resolved, when nothing can change it any more.
func (t *tree) attach(l *calls.List, p point) {
	to := t.openPoint(l, p)
	guardProc(l, to, p)
	t.forget(l)
	attach(l, p.from, to).Else(unix.EINVAL, func(errno unix.Errno) error { return sameKind(l, p.from, to, errno) })
	t.keep(l, p)
	l.Close(to)
}

// sameKind tells the usual reason of an EINVAL of move_mount: only a directory
// can be mounted on a directory, and only a file on a file.
func sameKind(l *calls.List, from, to calls.Arg, err error) error {
	source, err1 := isDir(l.Beside(), from)
	dest, err2 := isDir(l.Beside(), to)
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
func guardProc(l *calls.List, to calls.Arg, p point) {
	switch {
	case p.name == "/proc":
		ofProc(l, p.from, unix.EPERM).Else(0, func(unix.Errno) error {
			return fmt.Errorf("only a procfs may be mounted on /proc: %w", unix.EPERM)
		})
	case !onProcFile(p.name):
		ofProc(l, to, notSo).Skip(notSo, 1)
		refuse(l, fmt.Errorf("destination %w: %w", errUnderProc, unix.EPERM))
	}
}
