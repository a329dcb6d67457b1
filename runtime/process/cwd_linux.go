package process

import (
	"errors"
	"path"
	"strings"

	"golang.org/x/sys/unix"

	"mini/namespaces/calls"
)

// workdir is shared by the two attempts to enter the working directory.
type workdir struct {
	path    string
	make    bool      // if it is missing
	entered calls.Ref // by root: 1, or 0 if it may not

	where calls.Memory // for the name of where we are
	of    *calls.List
}

// enterAsRoot comes before the change of user: a user may be started in a
// directory that only root can enter.
type enterAsRoot struct {
	note
	dir *workdir
}

func (o enterAsRoot) Do() error { return doAndExplain(o) }

// Calls lets EACCES pass: the directory is not root's, as on NFS, the user tries.
func (o enterAsRoot) Calls(l *calls.List) {
	if o.dir.make {
		o.dir.provide(l)
	}
	entered := l.Space(8)
	open, change := o.dir.enter(l)
	l.Store(entered.Arg(), calls.N(1))
	open.SkipTo(unix.EACCES)
	change.SkipTo(unix.EACCES)
	l.Close(open.Arg())
	o.dir.entered = l.Load(entered.Arg())
}

func (o enterAsRoot) words() Words { return Words{Dir: o.dir.path} }

func (o enterAsRoot) String() string { return "chdir " + o.dir.path }
func (o enterAsRoot) Shell() string {
	dir := quote(o.dir.path)
	if !o.dir.make {
		return "cd " + dir
	}
	return "[ -d " + dir + " ] || mkdir -p " + dir + "\ncd " + dir
}

// enterAsUser is the second attempt, for a directory that root was kept out of.
type enterAsUser struct {
	note
	dir *workdir
}

func (o enterAsUser) Do() error { return doAndExplain(o) }

func (o enterAsUser) Calls(l *calls.List) {
	not := l.Unless(o.dir.entered, -1, 0)
	open, _ := o.dir.enter(l)
	l.Close(open.Arg())
	not.Here()
}

func (o enterAsUser) words() Words { return Words{Dir: o.dir.path} }

func (o enterAsUser) String() string {
	return "chdir " + o.dir.path + " as the user, if root could not"
}

// enter does not follow the magic links of /proc, which can lead out of the
// container (CVE-2024-21626).
func (w *workdir) enter(l *calls.List) (open, change calls.Ref) {
	open = openDir(l, w.path)
	change = l.Call(dirWord, unix.SYS_FCHDIR, open.Arg())
	w.inside(l)
	return open, change
}

// inside believes the kernel alone that we are in the root: getcwd(2) puts
// "(unreachable)" in front of a path that does not begin there.
func (w *workdir) inside(l *calls.List) {
	if w.of != l {
		w.where, w.of = l.Space(unix.PathMax), l
	}
	l.Call(insideWord, unix.SYS_GETCWD, w.where.Arg(), calls.N(unix.PathMax))
	l.Check(insideWord, w.where.Arg(), 0xff, '/', unix.ENOENT)
}

func openDir(l *calls.List, dir string) calls.Ref {
	how := unix.OpenHow{Flags: unix.O_PATH | unix.O_DIRECTORY | unix.O_CLOEXEC, Resolve: unix.RESOLVE_NO_MAGICLINKS}
	return l.Call(dirWord, unix.SYS_OPENAT2, calls.CWD, l.Text(dir), calls.Struct(l, &how).Arg(), calls.N(unix.SizeofOpenHow))
}

// errOutside is a working directory that cannot be reached from the root.
var errOutside = errors.New("working directory is outside the container's root")

// provide makes the directories of the path if it is missing, those that are
// there included: EEXIST. A component in the way is reported by the attempt to
// enter.
func (w *workdir) provide(l *calls.List) {
	dir := strings.TrimRight(w.path, "/")
	if dir == "" {
		return
	}
	there := openDir(l, w.path).Skip(0, 0)
	l.Close(there.Arg())
	not := l.UnlessErrno(there, unix.ENOENT)
	makeDirs(l, dir)
	not.Here()
}

func makeDirs(l *calls.List, dir string) {
	if dir == "/" {
		return
	}
	parent, name := path.Dir(dir), path.Base(dir)
	makeDirs(l, parent)
	open := openDir(l, parent)
	l.Call("mkdir "+dir, unix.SYS_MKDIRAT, open.Arg(), l.Text(name), calls.N(0o755)).Skip(unix.EEXIST, 0)
	l.Close(open.Arg())
}
